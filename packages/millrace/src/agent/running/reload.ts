import { stat } from 'node:fs/promises';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/timers.ts';
import type { AgentModel, ComponentReport } from '../model.ts';

/**
 * Watches configuration files as Flume does: every interval their modification time is read, and one that is strictly
 * later than the latest seen calls `changed`. A file that is away for a moment is no change.
 */
export class FileWatch {
  readonly #files: readonly string[];
  readonly #intervalMs: number;
  readonly #changed: (file: string) => Promise<void>;
  readonly #log: Logger;
  readonly #abort = new AbortController();
  #seen = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(
    files: readonly string[],
    intervalMs: number,
    changed: (file: string) => Promise<void>,
    log: Logger,
  ) {
    this.#files = files;
    this.#intervalMs = intervalMs;
    this.#changed = changed;
    this.#log = log;
  }

  /** Begins to watch. `seen`: modification time (Unix ms) of what is running, from `latestChange` before it was read. */
  start(seen: number): void {
    this.#seen = seen;
    this.#running = this.#run(this.#abort.signal);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** Looks once; calls `changed` where there is something new. */
  async look(): Promise<void> {
    const { mtimeMs, file } = await latestChange(this.#files);
    if (mtimeMs <= this.#seen || file === null) return;
    this.#seen = mtimeMs;
    try {
      await this.#changed(file);
    } catch (error) {
      this.#log.error(`Failed to load configuration data: ${errorText(error)}`, { error });
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#intervalMs, signal);
      if (signal.aborted) return;
      await this.look();
    }
  }
}

/** The latest modification time of the files (Unix ms; 0 where there is none) and the file that has it. */
export async function latestChange(
  files: readonly string[],
): Promise<{ mtimeMs: number; file: string | null }> {
  let latest: { mtimeMs: number; file: string | null } = { mtimeMs: 0, file: null };
  for (const file of files) {
    const stats = await stat(file).catch(() => null);
    if (stats !== null && stats.mtimeMs > latest.mtimeMs) latest = { mtimeMs: stats.mtimeMs, file };
  }
  return latest;
}

/**
 * Why a new configuration must not replace the one that runs: it has no valid agent, or a component would be dropped
 * that was not dropped before. (Flume would stop what runs.) Empty: it may.
 */
export function reloadFaults(running: AgentModel, next: AgentModel): string[] {
  if (!next.valid) return running.valid ? [`agent ${next.name} would not be valid`] : [];
  const key = ({ kind, name }: ComponentReport) => `${kind} ${name}`;
  const before = new Set(running.components.filter(({ status }) => status === 'dropped').map(key));
  return next.components
    .filter((component) => component.status === 'dropped' && !before.has(key(component)))
    .map((component) => `${key(component)} would be dropped: ${component.reason}`);
}
