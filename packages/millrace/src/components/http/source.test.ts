import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { defineHttpHandler } from '../../component/define.ts';
import { BadHttpRequest, type HttpHandler } from '../../component/http-handler.ts';
import { contextFor } from '../../component/testing/context.ts';
import { RecordedEvents } from '../../component/testing/recorded-events.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { jsonHttpHandler } from './json-http-handler.ts';
import { httpSource } from './source.ts';

const sources: { stop(options: { deadline: Deadline }): Promise<void> }[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop({ deadline: Deadline.in(0) });
});

const json = 'org.apache.flume.source.http.JSONHandler';
const own = 'com.acme.Handler';

/** A source on a free port; `events`: a handler of the test's own. */
async function listening(
  properties: Record<string, string | number> = {},
  events?: HttpHandler['events'],
  recorded = new RecordedEvents(),
) {
  const handler = defineHttpHandler({
    classNames: [own],
    summary: '',
    example: '',
    options: {},
    create: () => ({ events: events! }),
  });
  const context = contextFor(
    httpSource,
    { bind: '127.0.0.1', port: 0, handler: events === undefined ? json : own, ...properties },
    'x1',
    [jsonHttpHandler, handler],
  );
  const source = httpSource.create({ ...context, channels: recorded });
  await source.start();
  sources.push(source);
  const port = Number(/:(\d+)$/.exec(context.log.lines.join('\n'))![1]);
  const ask = async (body: string | Buffer, method = 'POST', type = 'application/json') => {
    const answer = await fetch(`http://127.0.0.1:${port}/a?b`, {
      method,
      headers: { 'Content-Type': type },
      ...(method === 'GET' ? {} : { body: new Uint8Array(Buffer.from(body)) }),
    });
    const page = await answer.text();
    return `${answer.status} ${/<th>MESSAGE:<\/th><td>(.*?)<\/td>/s.exec(page)?.[1] ?? page}`.trim();
  };
  return { source, ask, recorded, events: recorded.events, puts: recorded.puts, context };
}

it('answers with 200 once all events of a request are in the channels, in one put', async () => {
  const { source, ask, events, puts } = await listening();
  puts.holdUp();
  const asked = ask('[{"headers":{"a":"1","n":5.0},"body":"one"},{"body":"two"},{}]');
  await waitFor('the put', () => puts.open === 1);
  expect(events).toEqual([]);
  puts.resume();
  expect(await asked).toBe('200');
  expect(events).toEqual([
    { headers: { a: '1', n: '5.0' }, body: 'one' },
    { headers: {}, body: 'two' },
    { headers: {}, body: '' },
  ]);
  expect(await ask('[]')).toBe('200');
  expect(source.counter).toMatchObject({
    eventReceived: 3,
    eventAccepted: 3,
    appendBatchReceived: 2,
    appendBatchAccepted: 2,
    eventReadFail: 0,
  });
});

describe('what is answered where it can’t be taken', () => {
  it('503 while the channels are full; the same may be sent again', async () => {
    const { source, ask, events, puts } = await listening();
    puts.rejectNext = 1;
    expect(await ask('[{"body":"x"}]')).toBe(
      '503 Error appending event to channel. Channel might be full.channel c1 is full',
    );
    expect(await ask('[{"body":"x"}]')).toBe('200');
    expect(events).toHaveLength(1);
    expect(source.counter).toMatchObject({ channelWriteFail: 1, eventReceived: 2, eventAccepted: 1 });
  });

  it('503 where the channels will never take so many', async () => {
    const recorded = new RecordedEvents();
    recorded.put = () => Promise.reject(new MillraceError('TRANSACTION_TOO_BIG', 'too many'));
    const { ask } = await listening({}, undefined, recorded);
    expect(await ask('[{}]')).toBe('503 Error appending event to channel. Channel might be full.too many');
  });

  it('500 where an interceptor fails', async () => {
    const recorded = new RecordedEvents();
    recorded.put = () => Promise.reject(new TypeError('<no> good'));
    const { source, ask } = await listening({}, undefined, recorded);
    expect(await ask('[{}]')).toBe('500 Unexpected error while appending event to channel. &lt;no&gt; good');
    expect(source.counter).toMatchObject({ channelWriteFail: 0, genericProcessingFail: 1 });
  });

  it('400 for what is no JSON, 500 for what Flume can’t handle; both counted', async () => {
    const { source, ask, events } = await listening();
    expect(await ask('[{"body":"x"},')).toBe('400 Bad request from client. Request has invalid JSON Syntax.');
    expect(await ask('[{"headers":{"a":"1","a":"2"}}]')).toMatch(/^400/);
    expect(await ask('[{"body":"x"},null]')).toMatch(/^500 Deserializer threw unexpected exception\. /);
    expect(await ask('[]', 'POST', 'text/plain;charset=ISO-8859-1')).toBe(
      '500 Deserializer threw unexpected exception. JSON handler supports UTF-8, UTF-16 and UTF-32 only.',
    );
    expect(events).toEqual([]);
    expect(source.counter).toMatchObject({ eventReadFail: 4, eventReceived: 0, appendBatchReceived: 0 });
  });

  it('405, 403 and 501 for other methods', async () => {
    const { ask } = await listening();
    const statuses = [];
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'GET'])
      statuses.push((await ask('[]', method)).slice(0, 3));
    expect(statuses).toEqual(['405', '405', '403', '501', '500']);
  });

  it('413 over maxRequestBytes; a body that is compressed is not unpacked', async () => {
    const { ask } = await listening({ maxRequestBytes: 20 });
    expect(await ask(`[{"body":"${'x'.repeat(20)}"}]`)).toMatch(/^413/);
    expect(await ask(Buffer.from('1f8b0800', 'hex'))).toMatch(/^400/);
  });
});

describe('the JSON of events', () => {
  it('is UTF-8 where nothing else is said; bytes that are none become U+FFFD', async () => {
    const { ask, events } = await listening();
    await ask(
      Buffer.concat([
        Buffer.from('[{"headers":{"é":"à"},"body":"€'),
        Buffer.from([0xff]),
        Buffer.from('"}]'),
      ]),
      'POST',
      '',
    );
    expect(events).toEqual([{ headers: { é: 'à' }, body: Buffer.from('€\uFFFD').toString('latin1') }]);
  });

  it('has bodies in the charset of the request', async () => {
    const { ask, events } = await listening();
    const utf16 = (text: string) =>
      Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]);
    await ask(
      utf16('[{"body":"ué","headers":{"é":"1"}},{"body":""},{"body":"v"}]'),
      'POST',
      'text/json;charset="UTF-16"',
    );
    expect(events.map(({ body }) => Buffer.from(body, 'latin1').toString('hex'))).toEqual([
      'feff007500e9',
      '',
      'feff0076',
    ]);
    expect(events[0]!.headers).toEqual({ é: '1' });
  });

  it('leaves out a header that is null, and takes the last of what stands twice in an event', async () => {
    const { ask, events } = await listening();
    await ask('[{"headers":{"x":"y"},"body":"1","headers":{"a":null,"b":"2","a":"3","c":null},"body":true}]');
    expect(events).toEqual([{ headers: { a: '3', b: '2' }, body: 'true' }]);
  });

  it('may have thousands of headers in an event, each once', async () => {
    const { ask, events } = await listening();
    const names = Array.from({ length: 5000 }, (_, i) => `h${i}`);
    const text = (list: readonly string[]) =>
      `[{"headers":{${list.map((name) => `"${name}":"v"`).join(',')}}}]`;
    expect(await ask(text(names))).toBe('200');
    expect(Object.keys(events[0]!.headers)).toHaveLength(5000);
    expect(await ask(text([...names, 'h17']))).toMatch(/^400/);
    expect(await ask(text([...names, 'h4711']))).toMatch(/^400/);
  });
});

describe('a handler of one’s own', () => {
  it('is bound by its class, gets the request, and one at a time', async () => {
    let open = 0;
    let most = 0;
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { ask, source } = await listening({}, async ({ method, url, contentType, charset, body }) => {
      most = Math.max(most, ++open);
      await gate.promise;
      seen.push(`${method} ${url} ${contentType} ${charset} ${body}`);
      open--;
      return null;
    });
    const asked = Promise.all([1, 2, 3].map(() => ask('x', 'POST', 'text/plain; charset=utf-8')));
    await waitFor('all of them', () => source.counter!.openConnections === 3);
    // Their requests are here, too, by now; what has not begun waits for the first.
    await new Promise((resolve) => setTimeout(resolve, 100));
    gate.resolve();
    expect(await asked).toEqual(['200', '200', '200']);
    expect(seen[0]).toBe('POST /a?b text/plain; charset=utf-8 utf-8 x');
    expect(most).toBe(1);
  });

  it('says what is the client’s fault, and ends nothing by what it throws', async () => {
    let fault: Error = new BadHttpRequest('no token');
    const { ask } = await listening({}, () => {
      throw fault;
    });
    expect(await ask('x')).toBe('400 Bad request from client. no token');
    fault = new RangeError('oh');
    expect(await ask('x')).toBe('500 Deserializer threw unexpected exception. oh');
  });
});

describe('settings of Jetty', () => {
  it('have their effect where they mean something', async () => {
    const { ask } = await listening({ 'HttpConfiguration.requestHeaderSize': 100 });
    expect(await ask('[]')).toMatch(/^431/);
  });

  it('that are no numbers keep the source from being had', () => {
    const faults = (properties: Record<string, string>) => () =>
      contextFor(httpSource, { port: 1, handler: json, ...properties }, 'x1', [jsonHttpHandler]);
    expect(faults({ 'ServerConnector.idleTimeout': '3s' })).toThrow(/ServerConnector.idleTimeout: 3s/);
    expect(faults({ 'HttpConfiguration.requestHeaderSize': '0' })).toThrow(/requestHeaderSize: 0/);
    expect(faults({ 'ServerConnector.idleTimeout': ' -1 ' })).not.toThrow();
  });

  it('are told where they mean nothing', () => {
    const { options } = contextFor(
      httpSource,
      {
        port: 1,
        handler: json,
        'HttpConfiguration.sendServerVersion': 'false',
        'ServerConnector.idleTimeout': 1,
      },
      'x1',
      [jsonHttpHandler],
    );
    expect(httpSource.notes!(options).map(({ key }) => key)).toEqual(['HttpConfiguration.sendServerVersion']);
  });
});
