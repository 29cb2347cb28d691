import { createHash, randomUUID } from 'node:crypto';
import type { EventBatch, EventView } from '../records/event-batch.ts';
import { readRecord } from '../records/record.ts';

/**
 * What names an event for good, so that it is known again when it comes twice:
 *
 * - of a KafkaChannel: topic, partition and offset in that channel, which nobody who sends events has a say in;
 * - of a KafkaSource: its headers `topic`, `partition` and `offset`;
 * - of a file: the source, the file's path and a digest of the body, the place in the file. A path may stand for
 *   another file later, which then has other text at that place. Path and place are headers `file` and `byteoffset`
 *   where the event has them, else those that the source told;
 * - of anything else: a name that is made up. Its event is there, and comes again when a delivery is repeated.
 */
export class EventKey {
  stream = '';
  part = '';
  /** Digits. */
  position = '0';
  /** No event has had a name that was made up yet. */
  isKnown = true;

  read(batch: EventBatch, event: EventView, i: number): void {
    if (!this.readOffset(batch, event, i)) this.#readPlace(batch, event, i);
  }

  /** Whether the event stood in a topic; then the name is topic, partition and offset, else it stays as it was. */
  readOffset(batch: EventBatch, event: EventView, i: number): boolean {
    const { provenance } = batch;
    if (provenance?.log !== undefined && provenance.positionOf !== undefined) {
      this.stream = provenance.log.topic;
      this.part = String(provenance.log.partition);
      this.position = String(provenance.positionOf(offsetDelta(batch, i)));
      return true;
    }
    const topic = event.header('topic');
    const partition = event.header('partition');
    const offset = event.header('offset');
    if (topic === undefined || !isDigits(partition) || !isDigits(offset)) return false;
    this.stream = topic;
    this.part = partition;
    this.position = offset;
    return true;
  }

  #readPlace(batch: EventBatch, event: EventView, i: number): void {
    const { provenance } = batch;
    const file = event.header('file') ?? provenance?.place;
    const position = event.header('byteoffset') ?? provenance?.positionOf?.(offsetDelta(batch, i));
    this.stream = provenance?.source ?? '';
    if (file !== undefined && isDigits(String(position))) {
      this.part = `${file}#${digestOf(event.body)}`;
      this.position = String(position);
      return;
    }
    this.part = randomUUID();
    this.position = '0';
    this.isKnown = false;
  }
}

const offsetDelta = (batch: EventBatch, i: number) => readRecord(batch.records, batch.index[i]!).offsetDelta;

/** A position in a log or file: what a bigint of any database holds. */
const isDigits = (text: string | undefined): text is string => text !== undefined && /^\d{1,18}$/.test(text);

const digestOf = (body: Buffer) => createHash('sha256').update(body).digest('base64url').slice(0, 22);
