import type { EventBatch } from '../records/event-batch.ts';
import type { Channel } from './channel.ts';

/** What goes where: one part of a batch and the channels it goes to. */
export interface Route {
  readonly batch: EventBatch;
  readonly required: readonly Channel[];
  /** May fail without the source noticing; failures are logged. */
  readonly optional: readonly Channel[];
}

/** Decides which channels each event goes to. */
export interface ChannelSelector {
  /** Channels that each batch goes to, whole and required, whatever is in it. Absent: where it goes depends on the events. */
  readonly always?: readonly Channel[];
  /** Routes in the order they are to be committed. Each channel is in at most one as required and one as optional. */
  select(batch: EventBatch): readonly Route[];
}
