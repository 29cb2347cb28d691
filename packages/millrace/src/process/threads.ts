/** What the main thread and the threads of agents and broker say to one another: small messages, never events. */
import type { BrokerFigures } from '../broker/index.ts';
import type { ComponentReport, NotReady } from './api.ts';

export type { ComponentReport, NotReady } from './api.ts';

/** The counters of one component at one moment, as text under Flume's attribute names. */
export interface Metric {
  readonly agent: string;
  readonly kind: 'SOURCE' | 'CHANNEL' | 'SINK';
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A thread at one moment. */
export interface ThreadState {
  readonly metrics: readonly Metric[];
  /** Empty: all of it is up. */
  readonly notReady: readonly NotReady[];
  readonly broker: BrokerFigures | null;
  readonly components: readonly ComponentReport[];
}

/** What became of the events of one channel that was stopped. */
export interface ChannelEnd {
  readonly agent: string;
  readonly channel: string;
  /** Out of it since it started, without the refused. */
  readonly delivered: number;
  /** Out of it, and set aside for good. */
  readonly refused: number;
  /** Kept beyond the process. */
  readonly held: number;
  readonly lost: number;
}

/** What a thread says of its end. */
export interface ThreadEnd {
  /** The last counters. */
  readonly metrics: readonly Metric[];
  readonly channels: readonly ChannelEnd[];
  readonly broker: BrokerFigures | null;
  /** What went wrong on the way, a sentence each. */
  readonly problems: readonly string[];
  /** False where the thread had to be ended: what its channels held in memory is not known, and gone. */
  readonly known: boolean;
}

export const nothingEnded: ThreadEnd = { metrics: [], channels: [], broker: null, problems: [], known: true };

export type ToThread =
  | { readonly kind: 'state'; readonly id: number }
  /** Read the configuration again. */
  | { readonly kind: 'reload' }
  /** Open the log file anew: it was moved away. */
  | { readonly kind: 'reopen' }
  /** Stop within `leftMs` of the moment this arrives; Infinity: however long it takes. Also during a start. */
  | { readonly kind: 'stop'; readonly leftMs: number };

export type FromThread =
  | { readonly kind: 'ready'; readonly info: Readonly<Record<string, unknown>> }
  | { readonly kind: 'state'; readonly id: number; readonly state: ThreadState }
  /** A sentence for whoever sits at the terminal. */
  | { readonly kind: 'told'; readonly text: string }
  /** Lines went to the terminal: what was drawn there is gone. */
  | { readonly kind: 'shown' }
  | { readonly kind: 'stopped'; readonly end: ThreadEnd }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** An error, as it crosses threads. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, unknown>>;
}
