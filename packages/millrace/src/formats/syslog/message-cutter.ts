/** Cuts a stream of syslog into its messages. */
export interface MessageCutter {
  /** The message that `next` has found: `bytes[from, to)`, good until the next call. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** It reached the limit before its end, and its rest is the next one. */
  readonly isCut: boolean;
  /** Bytes of a message whose end has not come, once `next` has said false. */
  readonly unfinishedBytes: number;
  /** More bytes; all messages of those before must have been asked for. */
  push(chunk: Buffer): void;
  /** Finds the next message; false: its end has not come. */
  next(): boolean;
}
