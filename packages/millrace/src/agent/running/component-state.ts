import type { LastFailure, StateBoard } from '../../component/state.ts';
import { errorText } from '../../runtime/errors.ts';
import { shownText, type WaitReport } from '../../runtime/wait.ts';
import type { Supervisor } from './supervisor.ts';

/** What one component of an agent does now, for a person who looks. */
export interface ComponentState {
  readonly kind: 'source' | 'channel' | 'sink' | 'interceptor' | 'sinkgroup';
  readonly name: string;
  /**
   * `starting`: its first start has not ended; `failing`: its start, or all it has tried lately, fails, or it waits for
   * a fault to be mended; it goes on trying. `dropped`: the configuration has it, and it does not run.
   */
  readonly state: 'starting' | 'started' | 'failing' | 'stopped' | 'dropped';
  /** Unix ms; absent where it is not known. */
  readonly since?: number;
  /** Why it is failing or dropped. */
  readonly lastError?: string;
  /** What it waits for, faults first; empty: it works, or has not said. */
  readonly waits: readonly WaitReport[];
  /** What went wrong last, also when it is mended; absent: nothing yet. */
  readonly lastFailure?: LastFailure;
}

/** What a supervised component does, as its supervisor and it itself say. */
export function stateOf(
  kind: ComponentState['kind'],
  name: string,
  { state, sinceMs, lastError }: Pick<Supervisor, 'state' | 'sinceMs' | 'lastError'>,
  board: StateBoard,
): ComponentState {
  // What has not started, or has ended, waits for nothing but that.
  const isUp = state === 'started';
  const waits = isUp ? board.waits() : [];
  const fault = isUp ? (board.failure ?? waits.find((wait) => wait.kind === 'fault') ?? null) : null;
  const why = lastError === null ? fault?.what : shownText(errorText(lastError));
  const { lastFailure } = board;
  return {
    kind,
    name,
    state: state === 'idle' ? 'starting' : fault === null ? state : 'failing',
    since: fault?.since ?? sinceMs,
    ...(why !== undefined && { lastError: why }),
    waits,
    ...(lastFailure !== null && { lastFailure }),
  };
}
