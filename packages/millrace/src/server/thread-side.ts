import { flushCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { errorCodes, errorText, explainFileError, MillraceError } from '../runtime/errors.ts';
import type { Failure, FromThread, Metric, ToThread } from './threads.ts';

/** What a worker thread serves: made by `start`, asked and stopped by the main thread. */
export interface ThreadService {
  readonly info: Readonly<Record<string, unknown>>;
  metrics(): readonly Metric[];
  /** Whether everything in it is up. */
  ready(): boolean;
  /** Drains for at most `drainMs` and stops; says in a sentence what could not be drained, or nothing. */
  stop(drainMs: number): Promise<string>;
}

/** The whole life of a worker thread: starts its service, answers the main thread, ends. */
export async function serveThread(start: () => Promise<ThreadService>): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs in a worker thread');
  const say = (message: FromThread): void => port.postMessage(message);
  let service: ThreadService;
  try {
    service = await start();
  } catch (error) {
    say({ kind: 'failed', failure: toFailure(error) });
    return;
  }
  port.on('message', async (message: ToThread) => {
    if (message.kind === 'metrics') {
      say({ kind: 'metrics', id: message.id, metrics: service.metrics(), ready: service.ready() });
      return;
    }
    const summary = await service.stop(message.drainMs).catch((error: unknown) => errorText(error));
    say({ kind: 'stopped', summary });
    port.close();
  });
  say({ kind: 'ready', info: service.info });
  setTimeout(flushCompileCache, 2000).unref(); // also for a process that is killed later
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
