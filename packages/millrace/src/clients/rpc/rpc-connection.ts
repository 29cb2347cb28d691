import type { EventBatch } from '../../records/event-batch.ts';

/** One connection to a peer to which events are appended by calls: what the clients of Avro and Thrift have in common. */
export interface RpcConnection {
  /**
   * Appends all the events by one call; resolves once the peer has said that it has them. A call may be begun while
   * others are under way: the peer serves and answers them in their order. Rejects with `DELIVERY_FAILED` where the peer
   * refused them, `TIMEOUT` or `CONNECTION_FAILED` where nobody knows; whatever it was, they are to be sent again.
   */
  append(events: readonly EventBatch[], signal?: AbortSignal): Promise<void>;
  /** Why it can't be used any more; null: it can. */
  readonly fault: Error | null;
  /** Ends it; calls under way reject. */
  close(): void;
}

/** Connects; rejects with `CONNECTION_FAILED` or `TIMEOUT`. */
export type RpcConnector = (signal?: AbortSignal) => Promise<RpcConnection>;
