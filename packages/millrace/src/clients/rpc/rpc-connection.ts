import type { EventBatch } from '../../records/event-batch.ts';

/** What became of events that took several calls, by their places among all of them; those in neither list are there. */
export interface AppendOutcome {
  /** Never to be taken. */
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
  /** To be sent again. */
  readonly pending?: readonly number[];
  /** Why some are pending. */
  readonly error?: unknown;
}

/** One connection to a peer to which events are appended by calls: what the clients of Avro and Thrift have in common. */
export interface RpcConnection {
  /**
   * Appends all the events, by one call where one can take them; resolves once the peer has said that it has them, or
   * with what became of each. A call may be begun while others are under way: the peer serves and answers them in their
   * order. Rejects with `DELIVERY_FAILED` where the peer refused them, `TIMEOUT` or `CONNECTION_FAILED` where nobody
   * knows; whatever it was, they are to be sent again.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most have all of them taken, or reject.
  append(events: readonly EventBatch[], signal?: AbortSignal): Promise<AppendOutcome | void>;
  /** Why it can't be used any more; null: it can. */
  readonly fault: Error | null;
  /** Ends it; calls under way reject. */
  close(): void;
}

/** One whose peer has all the events of a call or none: what it resolves with needs no look. */
export interface WholeRpcConnection extends RpcConnection {
  append(events: readonly EventBatch[], signal?: AbortSignal): Promise<void>;
}

/** Connects; rejects with `CONNECTION_FAILED` or `TIMEOUT`. */
export type RpcConnector = (signal?: AbortSignal) => Promise<RpcConnection>;
export type WholeRpcConnector = (signal?: AbortSignal) => Promise<WholeRpcConnection>;
