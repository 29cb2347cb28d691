import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyBatch } from '../../../testkit/src/fuzz/any-batch.ts';
import { HeaderColumn } from './header-column.ts';

test('says of every event what its view says, in whatever order they are asked', () => {
  fc.assert(
    fc.property(
      anyBatch,
      fc.constantFrom('host', 'h', 'key', 'offset', 'timestamp', 'flume', 'x', 'næw', 'nobody'),
      fc.array(fc.nat(90)),
      (batch, name, order) => {
        const column = new HeaderColumn(batch, name);
        const asked = [
          ...Array.from({ length: batch.count }, (_, i) => i),
          ...order.map((i) => i % batch.count),
        ];
        for (const i of asked) expect([i, column.at(i)]).toEqual([i, batch.event(i).header(name)]);
      },
    ),
  );
});
