import { errorText } from '../../../runtime/errors.ts';
import type { Logger } from '../../../runtime/logger.ts';
import { pause } from '../../../runtime/timers.ts';
import type { ConfigOrigin, ConfigText, OriginWatch } from './config-origin.ts';

/** A text that says by itself whether it is another than before. */
export interface PolledText {
  readonly name: string;
  /** What Flume's log says when it has changed. */
  readonly changedLine: string;
  /** Reads it. Throws `CONFIG_INVALID`. */
  read(signal: AbortSignal): Promise<Uint8Array>;
  /** The new bytes where it looks changed since the last read or look; null where it does not. Throws as `read`. */
  look(signal: AbortSignal): Promise<Uint8Array | null>;
  close?(): Promise<void>;
}

/** Texts that are looked at in a rhythm, as Flume does: all of them, then one call where any has changed. */
export class PolledTexts implements ConfigOrigin {
  readonly #texts: readonly PolledText[];
  readonly #intervalMs: number;
  readonly #log: Logger;
  readonly #held: Uint8Array[] = [];
  /** What the last look at a text failed with: the same is told once, not at each look. */
  readonly #troubles = new Map<PolledText, string>();

  constructor(texts: readonly PolledText[], intervalMs: number, log: Logger) {
    this.#texts = texts;
    this.#intervalMs = intervalMs;
    this.#log = log;
  }

  get names(): readonly string[] {
    return this.#texts.map(({ name }) => name);
  }

  texts(): readonly ConfigText[] {
    return this.#texts.map(({ name }, i) => ({ name, bytes: this.#held[i] ?? new Uint8Array() }));
  }

  open(signal?: AbortSignal): Promise<void> {
    return this.refresh(signal);
  }

  async refresh(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const read: Uint8Array[] = [];
    for (const text of this.#texts) read.push(await text.read(signal));
    this.#held.splice(0, this.#held.length, ...read);
  }

  watch(changed: (line: string) => Promise<void>): OriginWatch {
    const abort = new AbortController();
    const running = this.#run(changed, abort.signal);
    return {
      stop: () => {
        abort.abort();
        return running;
      },
    };
  }

  async close(): Promise<void> {
    for (const text of this.#texts) await text.close?.();
  }

  /** One look at every text; calls `changed` where there is something new. */
  async look(changed: (line: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    let line: string | null = null;
    if (this.#held.length < this.#texts.length) return this.#openLate(changed, signal);
    for (const [i, text] of this.#texts.entries()) {
      const bytes = await this.#lookAt(text, signal);
      if (bytes === null) continue;
      this.#held[i] = bytes;
      line = text.changedLine;
    }
    if (line !== null && !signal.aborted) await this.#call(changed, line);
  }

  /** What could not be read at the start is whole at once or not at all. */
  async #openLate(changed: (line: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await this.refresh(signal);
    } catch {
      return; // told at the start
    }
    const last = this.#texts.at(-1);
    if (last !== undefined && !signal.aborted) await this.#call(changed, last.changedLine);
  }

  async #call(changed: (line: string) => Promise<void>, line: string): Promise<void> {
    try {
      await changed(line);
    } catch (error) {
      this.#log.error(`Failed to load configuration data: ${errorText(error)}`, { error });
    }
  }

  async #lookAt(text: PolledText, signal: AbortSignal): Promise<Uint8Array | null> {
    try {
      const bytes = await text.look(signal);
      if (this.#troubles.delete(text)) this.#log.info(`${text.name} can be read again`);
      return bytes;
    } catch (error) {
      if (signal.aborted) return null;
      const trouble = errorText(error);
      if (this.#troubles.get(text) !== trouble)
        this.#log.error(`${trouble}; the configuration that runs goes on`);
      this.#troubles.set(text, trouble);
      return null;
    }
  }

  async #run(changed: (line: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#intervalMs, signal);
      if (signal.aborted) return;
      await this.look(changed, signal);
    }
  }
}
