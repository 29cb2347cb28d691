import assert from 'node:assert/strict';
import type { EventBatch } from '../../records/event-batch.ts';
import { BadHttpRequest, type HttpHandler, type HttpSourceRequest } from '../http-handler.ts';
import { withChance } from './chance.ts';
import type { RecordedEvent } from './recorded-events.ts';
import type { TestApi } from './test-api.ts';

export interface HttpHandlerCase {
  readonly what: string;
  /** What is not said: a POST to `/` without a content type. */
  readonly request: Partial<Omit<HttpSourceRequest, 'body'>>;
  readonly body: Buffer | string;
  /** Its events, bodies a character a byte; null: it has none. `bad`: the client's fault, 400; `fault`: another, 500. */
  readonly comes: readonly RecordedEvent[] | null | 'bad' | 'fault';
}

export interface HttpHandlerContractSetup {
  create(): HttpHandler;
  /** Requests of every kind; at least one that has events. */
  readonly cases: readonly HttpHandlerCase[];
}

/** What a request may make more of than it has: an event has a record's numbers around it, and a name more. */
const mostGrowth = 32;
const freeBytes = 1024;

/** Tests a handler against the contract in `http-handler.ts`. */
export function httpHandlerContract(test: TestApi, name: string, setup: HttpHandlerContractSetup): void {
  const { cases } = setup;
  const good = cases.filter(({ comes }) => typeof comes !== 'string');

  test.describe(`http handler contract: ${name}`, () => {
    for (const { what, request, body, comes } of cases) {
      test.it(what, async () => {
        assert.deepEqual(await outcome(setup.create(), request, body), comes);
      });
    }

    test.it('reads each request as if there had been none before, whatever that was', async () => {
      const handler = setup.create();
      for (const before of cases) {
        for (const each of cases) {
          await outcome(handler, before.request, before.body);
          assert.deepEqual(
            await outcome(handler, each.request, each.body),
            each.comes,
            `${each.what}, after ${before.what}`,
          );
        }
      }
    });

    test.it(
      'gives batches that stay as they are, whatever comes next and becomes of the request',
      async () => {
        const handler = setup.create();
        for (const first of good) {
          const asked = wholeRequest(first.request, first.body);
          const batch = await handler.events(asked);
          asked.body.fill('!');
          for (const next of cases) await outcome(handler, next.request, next.body);
          assert.deepEqual(seen(batch), first.comes, first.what);
        }
      },
    );

    test.it('takes any bytes: what it gives is whole, and what it throws is said on one line', () =>
      withChance(async (chance) => {
        const handler = setup.create();
        for (let round = 0; round < 300; round++) {
          const { request, body } = cases[chance.int(0, cases.length - 1)]!;
          const bytes = Buffer.from(body);
          // What is nearly right goes deeper than what is nothing at all.
          for (let i = chance.int(0, 4); i > 0 && bytes.length > 0; i--)
            bytes[chance.int(0, bytes.length - 1)] = chance.int(0, 255);
          const cut = bytes.subarray(0, chance.int(0, 3) === 0 ? chance.int(0, bytes.length) : bytes.length);
          await outcome(handler, { ...request, url: urls[chance.int(0, urls.length - 1)]! }, cut);
        }
        const { request, body, comes } = good[0]!;
        assert.deepEqual(await outcome(handler, request, body), comes);
      }),
    );

    test.it('makes no more of a request than so many times its bytes', async () => {
      const handler = setup.create();
      for (const { request, body } of good) {
        const asked = wholeRequest(request, body);
        const bytes = asked.body.length + asked.url.length + (asked.contentType?.length ?? 0);
        const batch = await handler.events(asked);
        assert.ok((batch?.sizeBytes ?? 0) <= bytes * mostGrowth + freeBytes);
      }
    });

    test.it('takes a body that was cut where it says so', async () => {
      const handler = setup.create();
      const { mostBodyBytes } = handler;
      if (mostBodyBytes === undefined) return;
      assert.ok(Number.isInteger(mostBodyBytes) && mostBodyBytes > 0);
      const batch = await handler.events({
        ...wholeRequest({}, Buffer.alloc(mostBodyBytes, 'x')),
        isCut: true,
      });
      assert.ok((batch?.count ?? 0) > 0);
    });
  });
}

const urls = ['/', '/?a=1&a=2&b', '/?%', '/?%ff%fe=%00', '//?&&==', '/#?a=1', '*', '/?a=1#b?c=2'];

/** A request as a handler gets it: a POST to `/` without headers, but for what is given. */
export function wholeRequest(request: HttpHandlerCase['request'], body: Buffer | string): HttpSourceRequest {
  return {
    method: 'POST',
    url: '/',
    headers: {},
    contentType: undefined,
    charset: undefined,
    isCut: false,
    ...request,
    // The handler may write in it.
    body: Buffer.from(body),
  };
}

function seen(batch: EventBatch | null): RecordedEvent[] | null {
  if (batch === null) return null;
  assert.ok(batch.count > 0, 'null, where there is no event');
  return [...batch].map((event) => ({
    headers: Object.fromEntries(event.headers()),
    body: event.body.toString('latin1'),
  }));
}

async function outcome(
  handler: HttpHandler,
  request: HttpHandlerCase['request'],
  body: Buffer | string,
): Promise<HttpHandlerCase['comes']> {
  let batch: EventBatch | null;
  try {
    batch = await handler.events(wholeRequest(request, body));
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.ok(!/[\r\n]/.test(error.message), `on one line: ${error.message}`);
    return error instanceof BadHttpRequest ? 'bad' : 'fault';
  }
  return seen(batch);
}
