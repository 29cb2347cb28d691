import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { BulkServer, type BulkServerOptions, type Verdict } from '../../../../testkit/src/net/bulk-server.ts';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { type Delivery, deliveryOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { dynamicClass } from './document.ts';
import { serverUrls, ttlMs } from './options.ts';
import { elasticsearchSink } from './sink.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function startServer(options: BulkServerOptions = {}): Promise<BulkServer> {
  const server = await BulkServer.start(options);
  endings.push(() => server[Symbol.asyncDispose]());
  return server;
}

async function startSink(hostNames: string, properties: Record<string, string | number> = {}) {
  const context = contextFor(elasticsearchSink, { hostNames, client: 'rest', ...properties });
  const sink = elasticsearchSink.create(context);
  await sink.start();
  endings.push(() => sink.stop());
  return { sink, lines: context.log.lines, counter: sink.counter! };
}

const never = new AbortController().signal;
const deliver = (sink: Sink, delivery: Delivery) => sink.deliver(delivery, { signal: never });
const messages = ({ stored }: BulkServer) => stored.map(({ source }) => source['@message']);

describe('elasticsearch sink', () => {
  it('knows of each document what became of it', async () => {
    const server = await startServer();
    const { sink, counter } = await startSink(server.http.url);
    const verdicts: Record<string, Verdict> = {
      bad: { status: 400, type: 'mapper_parsing_exception', reason: 'failed to parse\n field [x]' },
      busy: { status: 429, type: 'es_rejected_execution_exception', reason: 'queue' },
      broken: { status: 503, type: 'unavailable_shards_exception', reason: 'primary' },
      locked: { status: 403, type: 'security_exception', reason: 'no' },
      gone: { status: 404, type: 'index_not_found_exception', reason: 'no such index' },
    };
    server.verdict = ({ source }) => verdicts[String(source['@message'])] ?? 201;
    const outcome = await deliver(
      sink,
      deliveryOf([batchOf('a', 'bad', 'busy'), batchOf('broken', 'b', 'locked', 'gone')]),
    );
    expect(outcome).toMatchObject({
      refused: [
        { index: 1, reason: 'status 400: mapper_parsing_exception: failed to parse field [x]' },
        { index: 6, reason: 'status 404: index_not_found_exception: no such index' },
      ],
      pending: [2, 3, 5],
    });
    expect(String((outcome as { error: Error }).error)).toContain(
      'status 429: es_rejected_execution_exception: queue',
    );
    expect(messages(server)).toEqual(['a', 'b']);
    expect(counter.eventWriteFail).toBe(1);
  });

  it('tells nothing of documents as acknowledged when the answer does not fit the request', async () => {
    const server = await startServer();
    const { sink } = await startSink(server.http.url);
    await deliver(sink, deliveryOf([batchOf('first')]));
    for (const answer of [
      '{"errors":false,"items":[{"index":{"status":201}}]}',
      '{"errors":false}',
      '[]',
      '',
    ]) {
      server.http.play([], (response) => response.writeHead(200).end(answer));
      expect(await deliver(sink, deliveryOf([batchOf('a', 'b')]))).toMatchObject({ pending: [0, 1] });
    }
    // No status and nothing that says it is well.
    server.http.play([], (response) =>
      response.writeHead(200).end('{"items":[{"index":{}},{"index":{"ok":true}}]}'),
    );
    expect(await deliver(sink, deliveryOf([batchOf('a', 'b')]))).toMatchObject({ pending: [0], refused: [] });
  });

  it('halves what is too large for the server, and refuses the one document that is', async () => {
    const server = await startServer();
    const { sink } = await startSink(server.http.url);
    server.mostBytes = 500;
    const outcome = await deliver(sink, deliveryOf([batchOf('a'.repeat(100), 'x'.repeat(1000), 'b', 'c')]));
    expect(outcome).toMatchObject({
      refused: [{ index: 1, reason: expect.stringContaining('status 413: the document is too large') }],
      pending: [],
    });
    expect(messages(server)).toEqual(['a'.repeat(100), 'b', 'c']);
  });

  it('refuses an event of which no document can be made, and sends the others', async () => {
    const server = await startServer();
    const { sink } = await startSink(server.http.url);
    const builder = new BatchBuilder();
    builder.add('never', [['timestamp', 'soon']]);
    const outcome = await deliver(sink, deliveryOf([batchOf('a'), builder.build(), batchOf('b')]));
    expect(outcome).toMatchObject({
      refused: [{ index: 1, reason: 'header timestamp: "soon" is no time in milliseconds' }],
      pending: [],
    });
    expect(messages(server)).toEqual(['a', 'b']);
    expect(await deliver(sink, deliveryOf([refusable()]))).toMatchObject({
      refused: [{ index: 0 }],
    });
  });

  it.each<[version: BulkServerOptions['version'], target: Record<string, string>, told: RegExp[]]>([
    [{ number: '2.4.6' }, { _type: 'kind-x', _ttl: '432000000' }, [/Elasticsearch 2\.4\.6/]],
    [{ number: '6.8.23' }, { _type: 'kind-x' }, [/ttl is left out/]],
    [{ number: '7.17.28' }, {}, [/indexType is left out: Elasticsearch 7/, /ttl is left out/]],
    [{ number: '9.1.0' }, {}, [/indexType is left out/]],
    [{ number: '2.19.1', distribution: 'opensearch' }, {}, [/indexType is left out: opensearch 2\.19\.1/]],
    [null, {}, [/documents go to a server of an unknown version/, /indexType is left out/]],
  ])('leaves out what the server has not: %j', async (version, target, told) => {
    const server = await startServer({ version: version! });
    const properties = { indexType: 'kind-%{k}', ttl: '5', indexName: 'i', serializer: dynamicClass };
    const { sink, lines } = await startSink(server.http.url, properties);
    const builder = new BatchBuilder();
    builder.add('x', [
      ['k', 'x'],
      ['timestamp', '1546300800000'],
    ]);
    await deliver(sink, deliveryOf([builder.build()]));
    await deliver(sink, deliveryOf([batchOf('y')]));
    expect(server.stored[0]).toEqual({
      target: { _index: 'i-2019-01-01', ...target },
      source: { body: 'x', k: 'x', timestamp: '1546300800000' },
    });
    for (const pattern of told) expect(lines.filter((line) => pattern.test(line))).toHaveLength(1);
    expect(server.http.seen.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('asks a server again what it is that did not know the user yet', async () => {
    const server = await startServer({ version: { number: '6.8.23' } });
    const { sink } = await startSink(server.http.url, { indexType: 'kind' });
    server.status = 401;
    expect(await deliver(sink, deliveryOf([batchOf('a')]))).toMatchObject({ pending: [0] });
    server.status = null;
    await deliver(sink, deliveryOf([batchOf('a')]));
    expect(server.stored.map(({ target }) => target._type)).toEqual(['kind']);
  });

  it('goes on to the next server, from one that can not be had or is out of order', async () => {
    const [first, second] = [await startServer(), await startServer()];
    const nobody = `127.0.0.1:${await freePort()}`;
    const { sink, counter } = await startSink(`${nobody}, ${first.http.url},${second.http.url}`);
    for (const body of ['a', 'b', 'c', 'd']) await deliver(sink, deliveryOf([batchOf(body)]));
    expect(first.stored.length).toBeGreaterThan(0);
    expect([...messages(first), ...messages(second)].sort()).toEqual(['a', 'b', 'c', 'd']);
    first.status = 502;
    for (const body of ['e', 'f'])
      expect(await deliver(sink, deliveryOf([batchOf(body)]))).toMatchObject({ pending: [] });
    expect(messages(second)).toEqual(expect.arrayContaining(['e', 'f']));
    expect(counter.eventWriteFail).toBe(0);
  });

  it('asks again for what a server is, until it says so', async () => {
    const server = await startServer();
    const { sink } = await startSink(server.http.url);
    server.http.play([503], 503);
    await expect(deliver(sink, deliveryOf([batchOf('a')]))).rejects.toThrow(
      'does not say what it is: status 503',
    );
    server.serve();
    expect(await deliver(sink, deliveryOf([batchOf('a')]))).toMatchObject({ pending: [] });
  });

  it('speaks TLS to a server whose certificate is in the truststore, and to no other', async () => {
    const pem = readFileSync(certificates.pem);
    const server = await startServer({ tls: { key: pem, cert: pem, passphrase: keystorePassword } });
    const trusting = await startSink(server.http.url, { truststore: certificates.certificate });
    expect(await deliver(trusting.sink, deliveryOf([batchOf('a')]))).toMatchObject({ pending: [] });
    const { sink, counter } = await startSink(server.http.url);
    await expect(deliver(sink, deliveryOf([batchOf('b')]))).rejects.toMatchObject({
      code: 'DELIVERY_FAILED',
    });
    expect(counter.connectionFailed).toBe(1);
    expect(messages(server)).toEqual(['a']);
  });

  it('shows its certificate to a server that asks for one', async () => {
    const pem = readFileSync(certificates.pem);
    const asking = { requestCert: true, rejectUnauthorized: true, ca: pem };
    const server = await startServer({ tls: { key: pem, cert: pem, ...asking } });
    const truststore = certificates.certificate;
    const known = { truststore, keystore: certificates.pkcs12, 'keystore-password': keystorePassword };
    const { sink } = await startSink(server.http.url, known);
    expect(await deliver(sink, deliveryOf([batchOf('a')]))).toMatchObject({ pending: [] });
    const nobody = await startSink(server.http.url, { truststore });
    await expect(deliver(nobody.sink, deliveryOf([batchOf('b')]))).rejects.toMatchObject({
      code: 'DELIVERY_FAILED',
    });
    expect(messages(server)).toEqual(['a']);
  });

  it.each([
    [{ username: 'elastic', password: 'pä:ss' }, `Basic ${Buffer.from('elastic:pä:ss').toString('base64')}`],
    [{ apiKey: 'Zm9vOmJhcg==' }, 'ApiKey Zm9vOmJhcg=='],
  ])('says who it is, and shows it to nobody else: %#', async (properties, header) => {
    const server = await startServer();
    const { sink, lines } = await startSink(server.http.url, properties);
    server.status = 401;
    const outcome = await deliver(sink, deliveryOf([batchOf('a')]));
    expect(server.http.seen.map(({ headers }) => headers.authorization)).toEqual([header, header]);
    expect(outcome).toMatchObject({ pending: [0] });
    const shown = lines.join('\n') + String((outcome as { error: Error }).error);
    for (const secret of ['pä:ss', 'Zm9v', header.split(' ')[1]!]) expect(shown).not.toContain(secret);
  });
});

const refusable = () => {
  const builder = new BatchBuilder();
  builder.add('never', [['timestamp', 'never']]);
  return builder.build();
};

describe('options of the elasticsearch sink', () => {
  it.each([
    ['a:9200, b', ['http://a:9200/', 'http://b:9200/']],
    ['https://x.example.com', ['https://x.example.com/']],
    ['https://x:9243/base?q=1#f', ['https://x:9243/base/']],
    ['[::1]:9201,', ['http://[::1]:9201/']],
    ['h/path', ['http://h:9200/path/']],
    ['a b:9200', ['http://ab:9200/']],
    ['a:b', ['null']],
  ])('servers: %s', (written, urls) => {
    expect(serverUrls(written).map(String)).toEqual(urls);
  });

  it.each([
    ['5d', 432_000_000],
    ['5', 432_000_000],
    ['2w', 1_209_600_000],
    ['7ms', 7],
    ['3s', 3000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['5D', 0],
    ['5 d', 0],
    ['d', 0],
    ['0s', 0],
  ])('ttl %s', (written, ms) => {
    expect(ttlMs(written)).toBe(ms);
  });

  it.each<[properties: Record<string, string>, message: RegExp]>([
    [{ hostNames: ' , ' }, /Missing Param:hostNames/],
    [{ hostNames: 'a:b' }, /no host:port/],
    [{ hostNames: 'http://u:secret@a' }, /a user or password in a URL/],
    [{ ttl: '5x' }, /ttl must be greater than 0/],
    [{ serializer: 'com.example.Mine' }, /serializer: com\.example\.Mine is not there/],
    [{ indexNameBuilder: 'x' }, /indexNameBuilder: x is not there/],
    [{ indexName: 'a%[nowhere]' }, /the escape %\[nowhere\]/],
    [{ username: 'u' }, /password: username and password go together/],
    [{ apiKey: 'k', username: 'u', password: 'p' }, /apiKey: it stands in place/],
  ])('are refused: %j', (properties, message) => {
    expect(() => contextFor(elasticsearchSink, { hostNames: 'a', ...properties })).toThrow(message);
  });

  it('are told what to look at', () => {
    const { options } = contextFor(elasticsearchSink, { hostNames: 'a:9300', apiKey: 'k' });
    expect(elasticsearchSink.notes!(options).map(({ message }) => message)).toEqual([
      'client: the transport protocol is not spoken; HTTP is',
      expect.stringContaining('9300 is usually the port of the transport'),
      expect.stringContaining('in plain'),
    ]);
  });
});
