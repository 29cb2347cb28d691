import type { KafkaErrorName } from '../../../../millrace/src/protocol/error-codes.ts';
import {
  assignOffsets,
  type BatchHeader,
  readBatchHeader,
} from '../../../../millrace/src/records/batch-header.ts';
import { openBatch } from '../../../../millrace/src/records/open-batch.ts';

interface ProducerState {
  epoch: number;
  nextSequence: number;
}

interface StoredBatch {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly bytes: Buffer;
}

/** One partition of a fake cluster: a log in memory, with Kafka's check of sequences. */
export class FakePartition {
  /** -1: none. */
  leader: number;
  leaderEpoch = 0;
  startOffset = 0;
  endOffset = 0;
  /** The bodies of all records that were ever appended. */
  readonly bodies: string[] = [];
  readonly producers = new Map<number, ProducerState>();
  readonly #batches: StoredBatch[] = [];

  constructor(leader: number) {
    this.leader = leader;
  }

  moveTo(leader: number): void {
    if (leader === this.leader) return;
    this.leader = leader;
    this.leaderEpoch++;
  }

  /** Appends as Kafka does: a repeated sequence is not appended again, a gap is an error. */
  append(records: Buffer): { error: KafkaErrorName; baseOffset: number } {
    const header = readBatchHeader(records, 0);
    const error = this.#checkSequence(header);
    if (error !== 'NONE') return { error, baseOffset: -1 };
    const baseOffset = this.endOffset;
    const bytes = Buffer.from(records);
    assignOffsets(bytes, 0, baseOffset, this.leaderEpoch);
    for (const event of openBatch(records, 0, { verifyCrc: true })) this.bodies.push(event.body.toString());
    this.endOffset += header.recordCount;
    this.#batches.push({ baseOffset, nextOffset: this.endOffset, bytes });
    return { error: 'NONE', baseOffset };
  }

  #checkSequence(header: BatchHeader): KafkaErrorName {
    if (header.producerId < 0) return 'NONE';
    const known = this.producers.get(header.producerId);
    // Without state any sequence is taken, as Kafka's ProducerAppendInfo does.
    const state = known ?? { epoch: header.producerEpoch, nextSequence: header.baseSequence };
    if (header.producerEpoch < state.epoch) return 'INVALID_PRODUCER_EPOCH';
    if (header.producerEpoch > state.epoch)
      Object.assign(state, { epoch: header.producerEpoch, nextSequence: 0 });
    if (header.baseSequence < state.nextSequence) return 'DUPLICATE_SEQUENCE_NUMBER';
    if (header.baseSequence > state.nextSequence) return 'OUT_OF_ORDER_SEQUENCE_NUMBER';
    state.nextSequence += header.recordCount;
    this.producers.set(header.producerId, state);
    return 'NONE';
  }

  /** As when an unclean election takes records back; whole batches only. */
  truncateTo(offset: number): void {
    while ((this.#batches.at(-1)?.nextOffset ?? 0) > offset) this.#batches.pop();
    this.endOffset = offset;
  }

  /** Whole batches from the one that holds `offset` on, of about `maxBytes`, at least one. */
  read(offset: number, maxBytes: number): Buffer {
    const found: Buffer[] = [];
    let bytes = 0;
    for (const batch of this.#batches) {
      if (batch.nextOffset <= offset || batch.baseOffset < this.startOffset) continue;
      if (found.length > 0 && bytes + batch.bytes.length > maxBytes) break;
      found.push(batch.bytes);
      bytes += batch.bytes.length;
      if (bytes >= maxBytes) break;
    }
    return Buffer.concat(found);
  }
}
