import type { EventBatch } from '../../records/event-batch.ts';
import { readRecord } from '../../records/record.ts';

/** Events `from` to `to` (exclusive) of a batch come from one partition, in the order of their offsets. */
export interface PositionedRun {
  readonly from: number;
  readonly to: number;
  readonly topic: string;
  readonly partition: number;
  /** Of event `i` of the batch; never smaller than that of the event before it. */
  readonly offsetAt: (i: number) => number;
}

export interface UnknownRun {
  readonly from: number;
  readonly to: number;
  readonly fault: string;
}

/** What Kafka takes for a topic; nothing else may stand in a name. */
const legalTopic = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;
const legalNumber = /^\d{1,15}$/;
const none = 'it has no headers topic, partition and offset, nor does its channel tell where it stood';

/**
 * Where the events of a batch stood in Kafka: as the channel says that keeps them there, else by the headers that
 * KafkaSource sets. In runs of one partition whose offsets go up.
 */
export function* positionedRuns(batch: EventBatch): Iterable<PositionedRun | UnknownRun> {
  const { provenance, origin, sharedHeaders, count } = batch;
  const deltaAt = (i: number) => readRecord(batch.records, batch.index[i]!).offsetDelta;
  if (provenance?.log !== undefined && provenance.positionOf !== undefined) {
    const { log, positionOf } = provenance;
    yield { from: 0, to: count, ...log, offsetAt: (i) => positionOf(deltaAt(i)) };
    return;
  }
  const topic = sharedHeaders.get('topic') ?? '';
  const partition = sharedHeaders.get('partition') ?? '';
  // KafkaSource's own batches: the offset is shown from the record, and no record has headers that would hide these.
  if (origin?.offsetHeader === 'offset' && !batch.hasRecordHeaders && isLegal(topic, partition)) {
    const { baseOffset } = origin;
    const offsetAt = (i: number) => baseOffset + deltaAt(i);
    yield { from: 0, to: count, topic, partition: Number(partition), offsetAt };
    return;
  }
  yield* byHeaders(batch);
}

function* byHeaders(batch: EventBatch): Iterable<PositionedRun | UnknownRun> {
  const offsets = new Float64Array(batch.count);
  const offsetAt = (i: number) => offsets[i]!;
  let run: { from: number; topic: string; partition: number } | { from: number; fault: string } | null = null;
  const ended = (to: number) => ('fault' in run! ? { ...run, to } : { ...run!, to, offsetAt });
  for (let i = 0; i < batch.count; i++) {
    const event = batch.event(i);
    const topic = event.header('topic') ?? '';
    const partition = event.header('partition') ?? '';
    const offset = event.header('offset') ?? '';
    const isKnown = isLegal(topic, partition) && legalNumber.test(offset);
    offsets[i] = isKnown ? Number(offset) : -1;
    const goesOn =
      run !== null &&
      ('fault' in run
        ? !isKnown
        : isKnown &&
          run.topic === topic &&
          run.partition === Number(partition) &&
          offsets[i]! >= offsets[i - 1]!);
    if (goesOn) continue;
    if (run !== null) yield ended(i);
    run = isKnown ? { from: i, topic, partition: Number(partition) } : { from: i, fault: none };
  }
  if (run !== null) yield ended(batch.count);
}

function isLegal(topic: string, partition: string): boolean {
  return legalTopic.test(topic) && legalNumber.test(partition);
}
