/** Events as a KafkaSource reads them, whose bodies are their offsets. */
import { BatchBuilder } from '../../../millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../../millrace/src/records/event-batch.ts';

/** Events of a partition from offset `first` on. */
export function eventsFrom(first: number, count: number, partition = 0): EventBatch {
  const builder = new BatchBuilder();
  for (let id = first; id < first + count; id++) builder.add(`${id}`);
  return builder
    .build(
      new Map([
        ['topic', 'load'],
        ['partition', String(partition)],
      ]),
    )
    .withOrigin({ baseOffset: first, offsetHeader: 'offset' });
}
