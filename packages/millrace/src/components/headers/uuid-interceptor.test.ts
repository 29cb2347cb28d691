import { expect, it } from 'vitest';
import { interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { uuidInterceptor } from './uuid-interceptor.ts';

async function idsOf(properties: Record<string, string | boolean>, header = 'id') {
  const builder = new BatchBuilder();
  builder.add('a');
  builder.add('b', [
    ['id', 'mine'],
    ['own', '1'],
  ]);
  builder.add('c');
  const made = await interceptorFor(uuidInterceptor, properties).run(builder.build());
  return [...made!].map((event) => event.headers().get(header));
}

const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it('gives each event without an id one of its own', async () => {
  const [a, b, c] = await idsOf({});
  expect([a, c]).toEqual([expect.stringMatching(version4), expect.stringMatching(version4)]);
  expect(a).not.toBe(c);
  expect(b).toBe('mine');
});

it('overwrites with preserveExisting = false, and puts the prefix before', async () => {
  const ids = await idsOf({ preserveExisting: false, prefix: 'web-' });
  expect(ids.map((id) => id!.slice(0, 4))).toEqual(['web-', 'web-', 'web-']);
  expect(ids[1]!.slice(4)).toMatch(version4);
});

it('sets the header that it is told', async () => {
  const ids = await idsOf({ headerName: 'eventId' }, 'eventId');
  expect(new Set(ids).size).toBe(3);
  expect(ids[1]).toMatch(version4);
});
