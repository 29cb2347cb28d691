/**
 * What one Millrace process says of itself, as `GET /api/state` gives it: for a dashboard, and for whoever looks after
 * servers. Types alone, published as `millrace/api`; they only ever grow.
 */
import type { ComponentState } from '../agent/agent.ts';
import type { BrokerFigures } from '../broker/index.ts';

export type { ComponentState } from '../agent/agent.ts';
export type {
  ApiFigures,
  BrokerFigures,
  GroupFigures,
  LagFigures,
  NetworkFigures,
  PartitionFigures,
} from '../broker/index.ts';
export type { LastFailure } from '../component/state.ts';
export type { WaitKind, WaitReport } from '../runtime/wait.ts';

/** One component of one agent at one moment. */
export interface ComponentReport extends ComponentState {
  readonly agent: string;
  /** As the configuration has it; empty where that is not known. */
  readonly type: string;
  /** Its counters under Flume's names; empty: it has none. */
  readonly counters: Readonly<Record<string, string>>;
}

/** Something that is not as it should be. */
export interface NotReady {
  /** `agent a1, source r1`, `broker, topic test-0`. */
  readonly component: string;
  readonly reason: string;
  /** Unix ms; absent where it is not known. */
  readonly since?: number;
}

/** What `/readyz` answers: 200 when ready, else 503. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not: each component that is not up, fails, was dropped from the configuration, or would refuse events now. */
  readonly reasons: readonly NotReady[];
  /** What each component does and waits for, also of those that are well. */
  readonly components: readonly ComponentReport[];
}

/** What `/healthz` answers to who asks for JSON; else it is the text `ok`. */
export interface Health {
  readonly status: 'ok';
  readonly components: readonly ComponentReport[];
}

/** What `/api/state` answers. */
export interface ProcessState extends Readiness {
  /** Null: the process has no broker. */
  readonly broker: BrokerFigures | null;
}
