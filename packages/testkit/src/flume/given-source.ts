import type { SourceDefinition } from '../../../millrace/src/component/define.ts';
import { defineSource } from '../../../millrace/src/component/define.ts';
import type { EventBatch } from '../../../millrace/src/records/event-batch.ts';

/** A source of type `given`: one put for each batch, and then nothing more. */
export function givenSource(batches: readonly EventBatch[]): SourceDefinition {
  return defineSource({
    type: 'given',
    classNames: [],
    summary: 'What it is given.',
    options: {},
    create: ({ channels }) => {
      let next = 0;
      return {
        start: async () => {},
        stop: async () => {},
        process: async (signal) => {
          const batch = batches[next];
          if (batch === undefined) return 'backoff';
          await channels.put(batch, { signal });
          next++;
          return 'ready';
        },
      };
    },
  });
}

/** The list in pieces of `most`. */
export function cutEvery<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, i) =>
    list.slice(i * most, (i + 1) * most),
  );
}
