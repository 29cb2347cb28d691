import type { EventBatch } from '../../records/event-batch.ts';
import type { ChannelProcessor, PutOptions } from '../source.ts';
import { TestPuts } from './driven-source.ts';

/** An event as a test compares it: the body as Latin-1, a character a byte. */
export interface RecordedEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a source under test puts, with headers and bodies; `puts` decides what becomes of it. */
export class RecordedEvents implements ChannelProcessor {
  readonly puts: TestPuts;
  readonly events: RecordedEvent[] = [];

  constructor(puts = new TestPuts()) {
    this.puts = puts;
  }

  get transactionCapacity(): number {
    return this.puts.transactionCapacity;
  }

  async put(batch: EventBatch, options?: PutOptions): Promise<void> {
    await this.puts.put(batch, options);
    for (let i = 0; i < batch.count; i++) {
      const { body } = batch.event(i);
      this.events.push({
        headers: Object.fromEntries(batch.event(i).headers()),
        body: body.toString('latin1'),
      });
    }
  }
}
