import { errorText, MillraceError } from '../runtime/errors.ts';
import type { MillraceProcess } from './process.ts';

const signals = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof signals;

/** npx, `timeout` and process managers pass on what the terminal sent to everybody: within this time it is one signal. */
const sameSignalMs = 400;

/** Where the messages of a stop go. */
interface Messages {
  readonly stderr: NodeJS.WritableStream;
}

/**
 * Starts a process and runs it until SIGINT or SIGTERM, then drains and stops it; a second signal ends it at once. A
 * signal during the start is heard, too: what has started is drained. `ready` is called when everything is up. Returns
 * the exit code: 0 after Ctrl-C when everything was drained (that is how a person ends it), 130 when something was
 * not; 143 after SIGTERM, as Flume's JVM gives.
 */
export async function runUntilStopped(
  process_: MillraceProcess,
  { stderr }: Messages,
  ready: () => void = () => {},
): Promise<number> {
  const stopped = Promise.withResolvers<Signal>();
  let seen: { readonly signal: Signal; readonly atMs: number } | null = null;
  for (const signal of Object.keys(signals) as Signal[]) {
    process.on(signal, () => {
      const atMs = performance.now();
      if (seen !== null) {
        if (signal === seen.signal && atMs - seen.atMs < sameSignalMs) return;
        process.exit(signals[signal]);
      }
      seen = { signal, atMs };
      stopped.resolve(signal);
    });
  }
  await process_.start();
  if (seen === null) ready();

  const end = await Promise.race([stopped.promise, process_.failure]);
  if (end instanceof MillraceError) {
    stderr.write(`${end.message}\n`);
    await process_.stop().catch((error: unknown) => stderr.write(`${errorText(error)}\n`));
    return 70;
  }
  stderr.write(
    end === 'SIGINT' ? '\nstopping: draining what is in hand (Ctrl-C again ends at once)\n' : 'stopping\n',
  );
  await process_.stop();
  for (const summary of process_.summaries) stderr.write(`${summary}\n`);
  return end === 'SIGINT' && process_.summaries.length === 0 ? 0 : signals[end];
}
