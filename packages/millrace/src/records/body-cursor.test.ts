import { describe, expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { BodyCursor } from './body-cursor.ts';

describe('the body cursor', () => {
  it('finds the same bodies as the views, past keys, headers, timestamps and absent values', () => {
    const builder = new BatchBuilder();
    builder.add('first', [['h', 'v']], 'key', 1_000_000);
    builder.add('', [], null, 3_000_000_000_000);
    builder.add(null, [], '', 0);
    builder.add('x'.repeat(300));
    for (const batch of [builder.build()].flatMap((all) => [all, all.slice(1, 4), all.slice(2, 2)])) {
      const cursor = new BodyCursor(batch);
      const bodies: string[] = [];
      while (cursor.next()) bodies.push(batch.records.toString('latin1', cursor.from, cursor.to));
      expect(bodies).toEqual([...batch].map((event) => event.body.toString('latin1')));
      expect(cursor.next()).toBe(false);
    }
  });
});
