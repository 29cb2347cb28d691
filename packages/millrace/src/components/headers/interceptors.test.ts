import { describe, expect, it } from 'vitest';
import type { InterceptorDefinition } from '../../component/define.ts';
import { interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { hostInterceptor } from './host-interceptor.ts';
import { staticInterceptor } from './static-interceptor.ts';
import { timestampInterceptor } from './timestamp-interceptor.ts';

async function intercept(
  definition: InterceptorDefinition,
  batch: EventBatch,
  properties: Record<string, string | boolean> = {},
): Promise<EventBatch> {
  return (await interceptorFor(definition, properties).run(batch))!;
}

const headersOf = (batch: EventBatch) => [...batch].map((event) => Object.fromEntries(event.headers()));

/** Two events: one with the header, one without. */
function mixed(name: string, value: string): EventBatch {
  const builder = new BatchBuilder();
  builder.add('a', [
    [name, value],
    ['own', '1'],
  ]);
  builder.add('b');
  return builder.build();
}

describe('interceptors that set one header', () => {
  it('touch only the shared headers where no event has its own', async () => {
    const batch = batchOf('a', 'b');
    const made = await intercept(staticInterceptor, batch, { key: 'dc', value: 'praha' });
    expect(made.records).toBe(batch.records);
    expect(made.hasRecordHeaders).toBe(false);
    expect(headersOf(made)).toEqual([{ dc: 'praha' }, { dc: 'praha' }]);
    expect(batch.sharedHeaders.size).toBe(0);
  });

  it('share one map among batches that shared one', async () => {
    const { run } = interceptorFor(staticInterceptor);
    const first = (await run(batchOf('a')))!;
    const second = (await run(batchOf('b')))!;
    expect(second.sharedHeaders).toBe(first.sharedHeaders);
  });

  it('E7 static: keeps an existing header unless told otherwise', async () => {
    expect(headersOf(await intercept(staticInterceptor, mixed('key', 'mine')))).toEqual([
      { key: 'mine', own: '1' },
      { key: 'value' },
    ]);
    expect(
      headersOf(
        await intercept(staticInterceptor, mixed('dc', 'old'), {
          key: 'dc',
          value: 'new',
          preserveExisting: false,
        }),
      ),
    ).toEqual([{ dc: 'new', own: '1' }, { dc: 'new' }]);
    const shared = batchOf('a').withSharedHeaders(new Map([['key', 'mine']]));
    expect(await intercept(staticInterceptor, shared)).toBe(shared);
  });

  it('E7 timestamp: overwrites, in ms; with preserveExisting it fills in', async () => {
    const before = Date.now();
    const [first, second] = headersOf(await intercept(timestampInterceptor, mixed('timestamp', '5')));
    expect(Number(first?.timestamp)).toBeGreaterThanOrEqual(before);
    expect(second?.timestamp).toBe(first?.timestamp);
    const kept = headersOf(
      await intercept(timestampInterceptor, mixed('evtime', '7'), {
        headerName: 'evtime',
        preserveExisting: true,
      }),
    );
    expect(kept[0]).toEqual({ evtime: '7', own: '1' });
    expect(Number(kept[1]?.evtime)).toBeGreaterThanOrEqual(before);
  });

  it('E7 host: address or name, overwriting', async () => {
    const [first, second] = headersOf(await intercept(hostInterceptor, mixed('host', 'old')));
    expect(first?.host).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(second?.host).toBe(first?.host);
    const [named] = headersOf(
      await intercept(hostInterceptor, batchOf('a'), { useIP: false, hostHeader: 'hh' }),
    );
    expect(named?.hh).toMatch(/\S/);
  });

  it('set headers that show a consumed record’s offset or key event by event', async () => {
    const batch = batchOf('a', 'b').withOrigin({
      baseOffset: 40,
      offsetHeader: 'offset',
      timestampHeader: 'timestamp',
    });
    expect(
      headersOf(
        await intercept(staticInterceptor, batch, { key: 'offset', value: 'x', preserveExisting: false }),
      ).map(({ offset }) => offset),
    ).toEqual(['x', 'x']);
    expect(
      headersOf(await intercept(staticInterceptor, batch, { key: 'offset' })).map(({ offset }) => offset),
    ).toEqual(['40', '41']);
    expect(await intercept(timestampInterceptor, batch, { preserveExisting: true })).toBe(batch);
  });
});
