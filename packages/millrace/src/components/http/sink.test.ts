import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { deliverAll } from '../../../../testkit/src/flume/drive-sink.ts';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { type ScriptedAnswer, ScriptedHttp } from '../../../../testkit/src/net/scripted-http.ts';
import { deliveryOf } from '../../component/delivery.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { TestChannel } from '../../component/testing/test-channel.ts';
import { httpSink } from './sink.ts';
import { appliesTo } from './status-rules.ts';

const never = new AbortController().signal;

async function make(properties: Record<string, string | number | boolean>, script: ScriptedAnswer[] = []) {
  const server = await ScriptedHttp.start(script);
  const context = contextFor(httpSink, { endpoint: `${server.url}/in?key=hunter2`, ...properties });
  const sink = httpSink.create(context);
  await sink.start();
  const deliver = async (body: string, signal = never) =>
    (await sink.deliver(deliveryOf([batchOf(body)]), { signal })) ?? {};
  return { server, sink, deliver, context };
}

afterEach(() => vi.useRealTimers());

describe('what a status means', () => {
  it.each([
    [{ '503': 'true', '5XX': 'false' }, false, 503, true],
    [{ '503': 'true', '5XX': 'false' }, true, 502, false],
    [{ '503': 'true', '5XX': 'false' }, true, 200, true],
    [{ '5XX': ' TRUE ' }, false, 599, true],
    [{ '5XX': 'yes' }, true, 500, false],
    [{ '5xx': 'true' }, false, 500, false],
    [{}, true, 200, true],
  ])('%o, else %s: %i', (byCode, otherwise, status, expected) => {
    expect(appliesTo({ byCode: new Map(Object.entries(byCode)), otherwise }, status)).toBe(expected);
  });
});

describe('http', () => {
  it('sends the body alone, as Flume does', async () => {
    const { server, sink, deliver } = await make({
      defaultRollback: false,
      defaultBackoff: false,
      contentTypeHeader: 'a/b',
    });
    await deliver('event');
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        path: '/in?key=hunter2',
        body: 'event',
        headers: { 'content-type': 'a/b', accept: 'text/plain' },
      },
    ]);
    await sink.stop();
    await server[Symbol.asyncDispose]();
  });

  it('trusts who is in its truststore, and shows its certificate to who asks for one', async () => {
    const pem = readFileSync(certificates.pem);
    const asking = { key: pem, cert: pem, ca: pem, requestCert: true, rejectUnauthorized: true };
    await using server = await ScriptedHttp.start([], 200, asking);
    const truststore = certificates.certificate;
    const own = { keystore: certificates.pkcs12, 'keystore-password': keystorePassword };
    const outcomeOf = async (properties: Record<string, string>) => {
      const context = contextFor(httpSink, { endpoint: server.url, 'rollback.200': false, ...properties });
      const sink = httpSink.create(context);
      await sink.start();
      try {
        return await sink.deliver(deliveryOf([batchOf('event')]), { signal: never });
      } finally {
        await sink.stop();
      }
    };
    expect(await outcomeOf({ truststore, ...own })).toMatchObject({ pending: [] });
    for (const less of [{ truststore }, own, {}])
      expect(await outcomeOf(less)).toMatchObject({ pending: [0] });
    expect(server.seen).toHaveLength(1);
    const wrong = { ...own, truststore, 'keystore-password': 'wrong' };
    await expect(outcomeOf(wrong)).rejects.toThrow('keystore-password does not open it');
  });

  it('by default lets no event go, not even after 200, and counts none', async () => {
    const { server, sink, deliver } = await make({});
    expect(await deliver('event')).toMatchObject({ pending: [0] });
    expect(sink.counter).toMatchObject({ eventDrainAttempt: 1, eventDrainSuccess: 0, eventWriteFail: 0 });
    await sink.stop();
    await server[Symbol.asyncDispose]();
  });

  it('counts what is configured to count, also what is sent again', async () => {
    const { server, sink, deliver } = await make(
      { 'rollback.200': false, 'backoff.200': false, 'incrementMetrics.503': true },
      [503, 200],
    );
    expect(await deliver('event')).toMatchObject({ pending: [0] });
    expect(await deliver('event')).toMatchObject({ pending: [] });
    expect(sink.counter).toMatchObject({ eventDrainAttempt: 2, eventDrainSuccess: 1 });
    await sink.stop();
    await server[Symbol.asyncDispose]();
  });

  it('is not counted by its driver as well', async () => {
    const { server, sink } = await make(
      { defaultRollback: false, defaultBackoff: false, 'incrementMetrics.201': true },
      [200, 201],
    );
    const channel = new TestChannel();
    for (const body of ['a', 'b', '']) {
      const transaction = channel.begin();
      await transaction.put(batchOf(body));
      await transaction.commit();
    }
    await sink.stop();
    await deliverAll(sink, channel);
    expect(server.seen.map(({ body }) => body)).toEqual(['a', 'b']);
    expect(sink.counter).toMatchObject({ eventDrainAttempt: 2, eventDrainSuccess: 1 });
    await server[Symbol.asyncDispose]();
  });

  it('sends again at once where a status asks for no pause, until it is taken, and says meanwhile that it is in trouble', async () => {
    const troubles: unknown[] = [];
    const { server, sink, deliver } = await make({ 'rollback.200': false, 'backoff.503': false }, [
      ...[503, 503],
      (response) => {
        troubles.push(sink.trouble);
        response.writeHead(200).end();
      },
    ]);
    expect(await deliver('event')).toMatchObject({ pending: [] });
    expect(server.seen).toHaveLength(3);
    expect(String(troubles[0])).toContain('503');
    expect(sink.trouble).toBeNull();
    const ending = new AbortController();
    server.play(
      [
        503,
        (response) => {
          ending.abort();
          response.writeHead(503).end();
        },
      ],
      503,
    );
    expect(await deliver('event', ending.signal)).toMatchObject({ pending: [0] });
    await sink.stop();
    await server[Symbol.asyncDispose]();
  });

  it('pauses after an event that has arrived where a status asks for it, longer each time', async () => {
    const { server, sink, deliver } = await make(
      { defaultRollback: false, 'backoff.200': false },
      [500, 500, 200, 200],
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await deliver('a');
    for (const [i, seconds] of [1, 2].entries()) {
      const delivering = deliver('b');
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate); // a request would have come by now
      expect(server.seen).toHaveLength(i + 1);
      await vi.advanceTimersByTimeAsync(1);
      vi.useRealTimers();
      await delivering;
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    }
    vi.useRealTimers();
    await deliver('c');
    expect(server.seen).toHaveLength(4);
    await sink.stop();
    await server[Symbol.asyncDispose]();
  });

  it('never sends an empty event, which is gone', async () => {
    const { server, sink, deliver } = await make({});
    expect(await deliver('')).toMatchObject({ pending: [] });
    expect(server.seen).toEqual([]);
    expect(sink.counter).toMatchObject({ eventDrainAttempt: 0 });
    await sink.stop();
    await server[Symbol.asyncDispose]();
  });

  it('tells a failure without the secrets of its endpoint', async () => {
    const { server, sink, deliver } = await make({}, [(response) => response.destroy()]);
    const { error } = await deliver('event');
    expect(error).toMatchObject({ code: 'DELIVERY_FAILED' });
    expect(String(error)).not.toContain('hunter2');
    expect(sink.counter).toMatchObject({ eventDrainAttempt: 1, eventWriteFail: 1 });
    await sink.stop();
    await server[Symbol.asyncDispose]();
  });

  it.each([
    [{ endpoint: 'localhost:80' }, 'Endpoint URL invalid'],
    [{ endpoint: 'ftp://h/x' }, 'Endpoint URL invalid'],
    [{ endpoint: 'http://h/', connectTimeout: 0 }, 'connectTimeout'],
    [{ endpoint: 'http://h/', requestTimeout: -1 }, 'requestTimeout'],
  ])('refuses %o', (properties, why) => {
    expect(() => contextFor(httpSink, properties)).toThrow(why);
  });
});
