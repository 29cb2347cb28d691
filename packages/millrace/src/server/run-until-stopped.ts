import { errorText, MillraceError } from '../runtime/errors.ts';
import type { MillraceProcess } from './process.ts';

const signals = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof signals;

/** Where the messages of a stop go. */
interface Messages {
  readonly stderr: NodeJS.WritableStream;
}

/**
 * Runs until SIGINT or SIGTERM, then drains and stops; a second signal ends the process at once. Returns the exit
 * code: 0 after Ctrl-C when everything was drained (that is how a person ends it), 130 when something was not; 143 after
 * SIGTERM, as Flume's JVM gives.
 */
export async function runUntilStopped(process_: MillraceProcess, { stderr }: Messages): Promise<number> {
  const stopped = Promise.withResolvers<Signal>();
  let seen = false;
  for (const signal of Object.keys(signals) as Signal[]) {
    process.on(signal, () => {
      if (seen) process.exit(signals[signal]);
      seen = true;
      stopped.resolve(signal);
    });
  }

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
