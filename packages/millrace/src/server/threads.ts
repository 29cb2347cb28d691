/** What the main thread and the threads of agents and broker say to one another: small messages, never events. */

/** The counters of one component at one moment, as text under Flume's attribute names. */
export interface Metric {
  readonly agent: string;
  readonly kind: 'SOURCE' | 'CHANNEL' | 'SINK';
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export type ToThread =
  | { readonly kind: 'metrics'; readonly id: number }
  /** Drain for at most `drainMs`, then stop. */
  | { readonly kind: 'stop'; readonly drainMs: number };

export type FromThread =
  | { readonly kind: 'ready'; readonly info: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'metrics';
      readonly id: number;
      readonly metrics: readonly Metric[];
      readonly ready: boolean;
    }
  | { readonly kind: 'stopped'; readonly summary: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** An error, as it crosses threads. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, unknown>>;
}
