import { flushCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type { StopOptions } from '../component/lifetime.ts';
import { Deadline } from '../runtime/deadline.ts';
import { errorCodes, errorText, explainFileError, MillraceError } from '../runtime/errors.ts';
import { after } from '../runtime/timers.ts';
import type { Failure, FromThread, ThreadEnd, ThreadState, ToThread } from './threads.ts';
import { nothingEnded } from './threads.ts';

/** What a worker thread serves: made by `start`, asked and stopped by the main thread. */
export interface ThreadService {
  readonly info: Readonly<Record<string, unknown>>;
  state(): ThreadState;
  /** Reads the configuration again, where there is one; tells what came of it. */
  reload?(): Promise<void>;
  /** Opens the log anew. */
  reopen(): void;
  /** Drains and stops, done or not by the deadline; tells what became of what it held. */
  stop(options: StopOptions): Promise<ThreadEnd>;
}

export interface ThreadStart {
  /** Aborts when the start is no longer wanted. */
  readonly signal: AbortSignal;
  /** Tells whoever sits at the terminal. */
  tell(text: string): void;
  /** Lines went to the terminal. */
  shown(): void;
}

/** Code that is compiled later than this is compiled again at the next start. */
const cacheAfterMs = 2000;

/** The whole life of a worker thread: starts its service, answers the main thread, ends. */
export async function serveThread(start: (context: ThreadStart) => Promise<ThreadService>): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs in a worker thread');
  const say = (message: FromThread): void => port.postMessage(message);
  const abort = new AbortController();
  const starting = start({
    signal: abort.signal,
    tell: (text) => say({ kind: 'told', text }),
    shown: () => say({ kind: 'shown' }),
  });
  let service: ThreadService | null = null;
  port.on('message', async (message: ToThread) => {
    switch (message.kind) {
      case 'stop': {
        const deadline = Deadline.in(message.leftMs);
        abort.abort();
        say({ kind: 'stopped', end: await endOf(starting, deadline) });
        port.close();
        break;
      }
      case 'state':
        if (service !== null) say({ kind: 'state', id: message.id, state: service.state() });
        break;
      case 'reload':
        await service?.reload?.().catch((error: unknown) => say({ kind: 'told', text: errorText(error) }));
        break;
      case 'reopen':
        service?.reopen();
        break;
    }
  });
  try {
    service = await starting;
  } catch (error) {
    say({ kind: 'failed', failure: toFailure(error) });
    if (!abort.signal.aborted) port.close();
    return;
  }
  say({ kind: 'ready', info: service.info });
  after(cacheAfterMs, flushCompileCache, { background: true }); // also for a process that is killed later
}

/** Stops what has started, or has not yet. */
async function endOf(starting: Promise<ThreadService>, deadline: Deadline): Promise<ThreadEnd> {
  let service: ThreadService;
  try {
    service = await starting;
  } catch {
    return nothingEnded; // the failed start is told already
  }
  try {
    return await service.stop({ deadline });
  } catch (error) {
    return { ...nothingEnded, problems: [errorText(error)], known: false };
  }
}

function toFailure(thrown: unknown): Failure {
  const error = explainFileError(thrown);
  if (error instanceof MillraceError) {
    const { code, message, remedy, details } = error;
    return { code, message, remedy, details: JSON.parse(JSON.stringify(details)) as Record<string, unknown> };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    code: 'INTERNAL',
    message: errorText(error),
    remedy: errorCodes.INTERNAL.remedy,
    details: { stack },
  };
}
