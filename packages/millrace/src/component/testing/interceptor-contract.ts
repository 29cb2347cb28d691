import assert from 'node:assert/strict';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { EventBatch } from '../../records/event-batch.ts';
import type { InterceptorDefinition } from '../define.ts';
import type { Interceptor } from '../interceptor.ts';
import { contextFor, type TestContext } from './context.ts';
import { batchOf, type TestApi } from './test-api.ts';

/** An interceptor with what it was made with. */
export interface InterceptorFixture {
  readonly interceptor: Interceptor;
  readonly context: TestContext;
  /** Waits where it answers a promise. */
  run(batch: EventBatch): Promise<EventBatch | null>;
}

/** An interceptor of properties as a file has them. Throws when they would have it dropped. */
export function interceptorFor(
  definition: InterceptorDefinition,
  ...properties: Parameters<typeof contextFor> extends [unknown, ...infer Rest] ? Rest : never
): InterceptorFixture {
  const context = contextFor(definition, ...properties);
  const interceptor = definition.create(context);
  const { signal } = new AbortController();
  return { interceptor, context, run: async (batch) => await interceptor.intercept(batch, { signal }) };
}

export interface InterceptorContractSetup {
  /** Makes an interceptor that does something to some of the events of `events`; not started. */
  create(): InterceptorFixture;
  /** Bodies of events, some of which it works on. */
  readonly bodies: readonly string[];
}

/** Everything of a batch that can be seen. */
function seen(batch: EventBatch | null): unknown {
  if (batch === null) return null;
  return [...batch].map((event) => ({
    body: event.body.toString('latin1'),
    key: event.key?.toString('latin1'),
    timestamp: event.timestamp,
    headers: [...event.headers()].sort(),
  }));
}

/** The same events as batches come: with headers of their own, shared ones, shown from metadata, and as a slice. */
function shapesOf(bodies: readonly string[]): Map<string, EventBatch> {
  const own = new BatchBuilder(() => 1_700_000_000_000);
  for (const [i, body] of bodies.entries()) own.add(body, i % 2 === 0 ? [['own', `v${i}`]] : [], `k${i}`);
  const withHeaders = own.build();
  const shared = new Map([['shared', 's']]);
  const around = batchOf('before', ...bodies, 'after');
  return new Map([
    ['bodies alone', batchOf(...bodies)],
    ['headers of their own', withHeaders],
    ['shared headers', withHeaders.withSharedHeaders(shared)],
    [
      'headers from metadata',
      withHeaders.withSharedHeaders(shared).withOrigin({
        baseOffset: 7,
        offsetHeader: 'offset',
        timestampHeader: 'timestamp',
        keyHeader: 'key',
      }),
    ],
    ['a slice', around.slice(1, 1 + bodies.length)],
  ]);
}

/** Tests an interceptor against the contract in `interceptor.ts`. */
export function interceptorContract(test: TestApi, name: string, setup: InterceptorContractSetup): void {
  const use = async (body: (fixture: InterceptorFixture) => Promise<void>): Promise<void> => {
    const fixture = setup.create();
    await fixture.interceptor.start?.(new AbortController().signal);
    try {
      await body(fixture);
    } finally {
      await fixture.interceptor.close?.();
    }
  };

  test.describe(`interceptor contract: ${name}`, () => {
    test.it('leaves the batch that it is given as it was', () =>
      use(async ({ run }) => {
        for (const [shape, batch] of shapesOf(setup.bodies)) {
          const before = JSON.stringify(seen(batch));
          await run(batch);
          assert.equal(JSON.stringify(seen(batch)), before, shape);
        }
      }),
    );

    test.it('answers whole batches: what is left can be read, counted and cut', () =>
      use(async ({ run }) => {
        for (const [shape, batch] of shapesOf(setup.bodies)) {
          const left = await run(batch);
          if (left === null) continue;
          assert.equal([...left].length, left.count, shape);
          const whole = seen(left) as unknown[];
          for (let i = 0; i < left.count; i++)
            assert.deepEqual(seen(left.slice(i, i + 1)), [whole[i]], shape);
          for (const event of left) {
            for (const [header, value] of event.headers()) assert.equal(event.header(header), value, shape);
          }
        }
      }),
    );

    test.it('treats an event alike in whatever company it comes', () =>
      use(async ({ run }) => {
        for (const [shape, batch] of shapesOf(setup.bodies)) {
          const together = (seen(await run(batch)) ?? []) as { body: string }[];
          const apart: unknown[] = [];
          for (let i = 0; i < batch.count; i++) {
            apart.push(...((seen(await run(batch.slice(i, i + 1))) ?? []) as unknown[]));
          }
          const bodies = (events: unknown[]) => events.map((event) => (event as { body: string }).body);
          assert.deepEqual(bodies(apart), bodies(together), shape);
        }
      }),
    );

    test.it('makes nothing of nothing', () =>
      use(async ({ run }) => {
        const left = await run(
          new EventBatch({ records: Buffer.alloc(0), index: new Uint32Array(1), baseTimestamp: 0 }),
        );
        assert.equal(left?.count ?? 0, 0);
      }),
    );

    test.it('takes any bytes for a body', () =>
      use(async ({ run, context }) => {
        const builder = new BatchBuilder();
        const bodies = [Buffer.alloc(0), Buffer.from([0xff, 0xfe, 0, 0x80, 0xc3]), Buffer.alloc(70_000, 'x')];
        for (const body of bodies) builder.add(body);
        const left = await run(builder.build());
        // Nothing vanishes without a word but what it is there to drop.
        assert.ok((left?.count ?? 0) + context.refused.events.length <= bodies.length);
      }),
    );

    test.it('may be closed twice, and without a start', async () => {
      const { interceptor } = setup.create();
      await interceptor.close?.();
      await interceptor.close?.();
    });
  });
}
