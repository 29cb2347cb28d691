import { errorText } from '../../runtime/errors.ts';
import type { Supervisor } from './supervisor.ts';

/** What one component of an agent does now, for a person who looks. */
export interface ComponentState {
  readonly kind: 'source' | 'channel' | 'sink' | 'interceptor' | 'sinkgroup';
  readonly name: string;
  /**
   * `starting`: its first start has not ended; `failing`: its start, or all it has tried lately, fails; it goes on
   * trying. `dropped`: the configuration has it, and it does not run.
   */
  readonly state: 'starting' | 'started' | 'failing' | 'stopped' | 'dropped';
  /** Unix ms; absent where it is not known. */
  readonly since?: number;
  /** Why it is failing or dropped. */
  readonly lastError?: string;
}

/** `workError`: what the component's work fails with, though it is up. */
export function stateOf(
  kind: ComponentState['kind'],
  name: string,
  { state, sinceMs, lastError }: Pick<Supervisor, 'state' | 'sinceMs' | 'lastError'>,
  workError: unknown,
): ComponentState {
  const error = lastError ?? workError;
  const shown = state === 'idle' ? 'starting' : state;
  return {
    kind,
    name,
    state: shown === 'started' && workError !== null ? 'failing' : shown,
    since: sinceMs,
    ...(error !== null && { lastError: errorText(error) }),
  };
}
