import { isatty } from 'node:tty';
import { Deadline } from '../runtime/deadline.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import type { Audience, MillraceProcess } from './process.ts';
import { stateLines } from './state-lines.ts';
import { closingSummary, lossOf } from './summary.ts';

const endings = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Ending = keyof typeof endings;

/** npx, `timeout` and process managers pass on what the terminal sent to everybody: within this time it is one signal. */
const sameSignalMs = 400;

/** What is shown of a run, and to whom. */
export interface RunView extends Audience {
  /** Everything is started; not called when the start was given up. */
  started(): void | Promise<void>;
  /** The stop begins: what lives on the terminal is put away. */
  stopping(): void;
}

export interface RunOptions {
  /** How long a stop may take, from the signal on: the one budget for all that is to be emptied and closed. */
  readonly drainMs: number;
  readonly view: RunView;
  /** The exit code after a SIGTERM that lost nothing; `flume-ng` gives 143, as Flume's JVM. Default 0. */
  readonly terminated?: number;
  /** The exit code where events that only memory held are lost. */
  readonly lost: number;
  /** Whether the end is told in figures. Default: yes. */
  readonly summary?: boolean;
}

/**
 * Starts a process and runs it until SIGINT or SIGTERM, then drains and stops it, within `drainMs`; a second signal
 * ends it at once (130, 143). A signal during the start is heard, too: what has started is drained. SIGHUP reads
 * configurations again and opens log files anew, but where it says that the terminal of the start is gone it ends the
 * process; SIGQUIT tells what every component does. Returns the exit code: 0 when nothing was lost.
 */
export async function runUntilStopped(process_: MillraceProcess, options: RunOptions): Promise<number> {
  const { view } = options;
  process_.audience = view;
  const stopped = Promise.withResolvers<Ending>();
  const forget = hearSignals(process_, view, stopped.resolve);
  try {
    // A failure of the start is thrown to the caller, who knows the command's name; a signal meanwhile gives it up.
    const starting = process_.start();
    const end = await Promise.race([starting.then(() => null), stopped.promise]);
    if (end !== null) {
      starting.catch(() => {});
      return await stop(process_, options, end);
    }
    await view.started();
    const reason = await Promise.race([stopped.promise, process_.failure]);
    if (!(reason instanceof MillraceError)) return await stop(process_, options, reason);
    view.stopping();
    view.told(reason.message);
    await process_.stop({ deadline: Deadline.in(options.drainMs) });
    return 70;
  } catch (error) {
    await process_.stop({ deadline: Deadline.in(options.drainMs) });
    throw error;
  } finally {
    forget();
  }
}

async function stop(process_: MillraceProcess, options: RunOptions, signal: Ending): Promise<number> {
  const { view, drainMs, terminated = 0 } = options;
  view.stopping();
  view.told(
    signal === 'SIGINT'
      ? 'stopping: draining what is in hand (Ctrl-C again ends at once)'
      : `stopping (${signal})`,
  );
  const ends = await process_.stop({ deadline: Deadline.in(drainMs) });
  const { isLost, sentences } = lossOf(ends);
  for (const sentence of sentences) view.told(sentence);
  if (options.summary !== false) for (const line of closingSummary(ends)) view.told(line);
  if (isLost) return options.lost;
  return signal === 'SIGTERM' ? terminated : 0;
}

/** Installs what each signal does; gives the way to take it back. */
function hearSignals(process_: MillraceProcess, view: RunView, end: (signal: Ending) => void): () => void {
  let seen: { readonly signal: Ending; readonly atMs: number } | null = null;
  const onEnding = (signal: Ending): void => {
    const atMs = performance.now();
    if (seen !== null) {
      if (signal === seen.signal && atMs - seen.atMs < sameSignalMs) return;
      process.exit(endings[signal]);
    }
    seen = { signal, atMs };
    end(signal);
  };
  const hadTerminal = isatty(0) || isatty(1) || isatty(2);
  const listeners: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGINT: () => onEnding('SIGINT'),
    SIGTERM: () => onEnding('SIGTERM'),
    SIGHUP: () => {
      // Node forgets that a signal was ignored at the start (nohup); but under nohup there is no terminal to lose.
      if (hadTerminal && !isatty(0) && !isatty(1) && !isatty(2)) onEnding('SIGHUP');
      else process_.reload();
    },
    SIGQUIT: () => void tellState(process_, view),
    // Node's own answers to these would be an open debugger port, and the end.
    SIGUSR1: () => view.told('SIGUSR1 does nothing here; SIGQUIT tells what every component does'),
    SIGUSR2: () => view.told('SIGUSR2 does nothing here; SIGQUIT tells what every component does'),
  };
  const entries = Object.entries(listeners) as [NodeJS.Signals, () => void][];
  for (const [signal, listener] of entries) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of entries) process.off(signal, listener);
  };
}

async function tellState(process_: MillraceProcess, view: RunView): Promise<void> {
  try {
    view.told(stateLines(await process_.state()).join('\n  '));
  } catch (error) {
    view.told(`state: not to be had: ${errorText(error)}`);
  }
}
