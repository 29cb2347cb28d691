import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { PlayedGateway, rowsIn } from '../../../../testkit/src/hbase/played-gateway.ts';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { type DeliveryOutcome, deliveryOf, partOf } from '../../component/delivery.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';
import { CellSet } from './cell-set.ts';
import { regexClass } from './options.ts';
import { hbase2Sink } from './sink.ts';

type Properties = Record<string, string | number | boolean>;
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const { signal } = new AbortController();

const contextOf = (properties: Properties) =>
  contextFor(hbase2Sink, {
    ...{ 'rest.url': 'http://h:8080', table: 't', columnFamily: 'cf' },
    ...properties,
  });
const notesOf = (properties: Properties) =>
  hbase2Sink.notes!(contextOf(properties).options as never).map(({ message }) => message);
const promisesOf = (properties: Properties) => hbase2Sink.promises!(contextOf(properties).options as never);

async function started(properties: Properties = {}, gateway?: PlayedGateway) {
  const played = gateway ?? (await PlayedGateway.start());
  if (gateway === undefined) endings.push(() => played[Symbol.asyncDispose]());
  const context = contextOf({ 'rest.url': played.http.url, countEvents: false, ...properties });
  const sink = hbase2Sink.create(context);
  endings.push(() => sink.stop());
  await sink.start();
  const deliver = async (...batches: EventBatch[]): Promise<DeliveryOutcome> =>
    (await sink.deliver(deliveryOf(batches), { signal })) ?? {};
  return { gateway: played, sink, context, deliver };
}

const keysOf = (gateway: PlayedGateway) => [...gateway.rows.keys()];

/** Events of a partition from offset `first` on. */
function eventsFrom(first: number, count: number): EventBatch {
  const builder = new BatchBuilder();
  for (let id = first; id < first + count; id++) builder.add(`${id}`);
  const shared = new Map([
    ['topic', 'load'],
    ['partition', '3'],
  ]);
  return builder.build(shared).withOrigin({ baseOffset: first, offsetHeader: 'offset' });
}

describe('options of the hbase2 sink', () => {
  it.each<[properties: Properties, message: RegExp]>([
    [{ 'rest.url': ' ' }, /rest\.url: it is not set: HBase is reached over its REST gateway/],
    [{ 'rest.url': 'h:8080' }, /rest\.url: one of them is no URL/],
    [{ 'rest.url': 'http://u:p@h:8080' }, /would show in logs/],
    [{ columnFamily: 'a:b' }, /columnFamily: it is no name/],
    [{ serializer: 'org.apache.flume.sink.hbase.SimpleHbaseEventSerializer' }, /is not there/],
    [{ password: 'x' }, /password: it is of no user/],
    [
      { 'serializer.incrementRow': '' },
      /serializer\.incrementRow: events can't be counted in a row without a key/,
    ],
    [{ serializer: regexClass, 'serializer.regex': '(' }, /serializer\.regex/],
    [{ serializer: regexClass, 'serializer.charset': 'x-none' }, /serializer\.charset/],
    [{ serializer: regexClass, 'serializer.rowKeyIndex': 1 }, /rowKeyIndex must be less than num columns 1/],
    [
      { serializer: regexClass, 'serializer.rowKeyIndex': 1, 'serializer.colNames': 'a,b' },
      /Column at 1 must be ROW_KEY and is b/,
    ],
  ])('are refused: %j', (properties, message) => {
    expect(() => contextOf(properties)).toThrow(message);
  });

  it('are refused where the row of the count has a key that is too long', () => {
    const properties = { 'serializer.incrementRow': 'x'.repeat(32_768) };
    expect(() => contextOf(properties)).toThrow(
      /serializer\.incrementRow: it has 32768 bytes, and HBase takes 32767/,
    );
  });

  it('say what to start where rest.url is not there', () => {
    const { options } = contextOf({});
    const [finding] = hbase2Sink.validate!({ ...options, 'rest.url': undefined } as never);
    expect(finding).toMatchObject({
      code: 'missing',
      suggestion: expect.stringContaining('hbase rest start'),
    });
  });

  it('that mean nothing over REST are told', () => {
    expect(notesOf({ enableWal: true, countEvents: false })).toEqual([]);
    expect(notesOf({ enableWal: false, countEvents: false })).toEqual([
      expect.stringContaining('the write-ahead log all the same'),
    ]);
    expect(notesOf({})).toEqual([expect.stringContaining('by a request of its own')]);
    expect(notesOf({ 'serializer.suffix': 'timestamp', countEvents: false })).toEqual([
      expect.stringContaining('the same millisecond'),
    ]);
    expect(notesOf({ serializer: regexClass, 'serializer.suffix': 'nano' })).toEqual([
      expect.stringContaining('serializer.suffix: with RegexHBase2EventSerializer'),
    ]);
    expect(notesOf({ serializer: regexClass, 'serializer.regex': '(a)|(?:b)(?<n>c)' })).toEqual([
      expect.stringContaining('there are 1 columns, and serializer.regex has 2 groups'),
    ]);
    const keyAlone = {
      serializer: regexClass,
      'serializer.rowKeyIndex': 0,
      'serializer.colNames': 'ROW_KEY',
    };
    expect(notesOf(keyAlone)).toEqual([expect.stringContaining('no column but the key: every event')]);
    expect(notesOf({ ...keyAlone, 'serializer.depositHeaders': true })).toEqual([]);
    expect(notesOf({ username: 'u', password: 'p', countEvents: false })).toEqual([
      expect.stringContaining('in plain'),
    ]);
  });

  it('promise what rows and counts are', () => {
    expect(promisesOf({}).exactlyOnce).toBe(false);
    expect(promisesOf({ rowKey: 'offset' }).doubles).toEqual([expect.stringContaining('counted again')]);
    expect(promisesOf({ rowKey: 'offset', countEvents: false }).exactlyOnce).toBe(true);
    const keyed = { serializer: regexClass, 'serializer.rowKeyIndex': 0, 'serializer.colNames': 'ROW_KEY' };
    expect(promisesOf(keyed).exactlyOnce).toBe(true);
  });
});

describe('a CellSet', () => {
  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_152])('has a value of %i bytes', (bytes) => {
    const set = new CellSet();
    const column = Buffer.from('cf:c');
    set.add(Buffer.from('a'), [{ column, value: Buffer.alloc(bytes, 'x') }]);
    set.add(Buffer.alloc(bytes % 32_768, 'k'), [
      { column, value: Buffer.from('1') },
      { column, value: Buffer.from('2') },
    ]);
    set.add(Buffer.from('b'), [{ column, value: Buffer.from('3') }]);
    const rows = rowsIn(set.part([0, 1, 2]));
    expect(rows.map(({ key }) => key.length)).toEqual([1, bytes % 32_768, 1]);
    expect(rows[0]!.cells[0]![1].length).toBe(bytes);
    expect(rowsIn(set.part([1, 2]))).toEqual(rows.slice(1));
    expect(rowsIn(set.part([0, 2]))).toEqual([rows[0], rows[2]]);
  });
});

describe('keys of rows', () => {
  it.each([
    ['uuid', /^p[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/],
    ['what is that', /^p[\da-f]{8}-/],
    ['random', /^p-?\d{1,19}$/],
    ['timestamp', /^p1\d{12}$/],
    ['nano', /^p\d+$/],
  ])('are made up with suffix = %s', async (suffix, pattern) => {
    const { gateway, deliver } = await started({ 'serializer.rowPrefix': 'p', 'serializer.suffix': suffix });
    await deliver(batchOf('a', 'b', 'c'));
    for (const key of keysOf(gateway)) expect(key).toMatch(pattern);
    if (suffix !== 'timestamp') expect(keysOf(gateway)).toHaveLength(3);
  });

  it('are made up of time, chance and a number by the regex serializer', async () => {
    const { gateway, deliver } = await started({ serializer: regexClass });
    await deliver(batchOf('a', 'b'));
    const parts = keysOf(gateway).map((key) => /^\d{13}-([A-Za-z\d]{10})-(\d+)$/.exec(key)!);
    expect(parts[0]![1]).toBe(parts[1]![1]);
    expect(Number(parts[1]![2])).toBe(Number(parts[0]![2]) + 1);
  });

  it('are those of offsets, in their order, and the same after a restart', async () => {
    const properties = { rowKey: 'offset', 'serializer.rowPrefix': 'p/' };
    const { gateway, deliver } = await started(properties);
    await deliver(eventsFrom(8, 3));
    expect(keysOf(gateway)).toEqual(['8', '9', '10'].map((offset) => `p/load:3:${offset.padStart(19, '0')}`));
    const again = await started(properties, gateway);
    await again.deliver(eventsFrom(9, 3));
    expect(gateway.rows.size).toBe(4);
    expect(again.context.log.lines).toEqual([]);
    await again.deliver(batchOf('a'));
    await again.deliver(batchOf('b'));
    expect(again.context.log.lines.filter((line) => line.includes('come from no topic'))).toHaveLength(1);
    expect(gateway.rows.size).toBe(6);
  });
});

describe('a delivery that comes again', () => {
  it('writes over the rows that it has written, and counts nothing twice', async () => {
    for (const coalesceIncrements of [false, true]) {
      const { gateway, sink } = await started({ countEvents: true, coalesceIncrements });
      const batch = batchOf(...Array.from({ length: 9 }, (_, i) => `e${i}`));
      gateway.losesAnswers = true;
      let left = deliveryOf([batch]);
      const again = async () => {
        const { pending = [] } = (await sink.deliver(left, { signal })) ?? {};
        left = partOf(left, pending);
      };
      await again();
      gateway.losesAnswers = false;
      // The region server takes no counts for now, but for some.
      gateway.verdict = ([row]) =>
        row!.key === 'incRow' && gateway.increments >= 4
          ? { status: 503, says: 'java.io.IOException' }
          : null;
      await again();
      expect(gateway.rows.size).toBe(9);
      const putsBefore = gateway.puts.length;
      gateway.verdict = () => null;
      await again();
      expect(left.events).toBe(0);
      expect(gateway.puts.length).toBe(putsBefore);
      expect(gateway.rows.size).toBe(9);
      expect(gateway.counters.get('incRow cf:iCol')).toBe(9);
      expect(gateway.increments).toBe(coalesceIncrements ? 1 : 9);
    }
  });

  it('has its keys also with another sink of the same table, as after a reload or in a group', async () => {
    const { gateway, sink } = await started({ countEvents: true, coalesceIncrements: true });
    const delivery = deliveryOf([batchOf('a', 'b')]);
    gateway.losesAnswers = true;
    expect(await sink.deliver(delivery, { signal })).toMatchObject({ pending: [0, 1] });
    gateway.losesAnswers = false;
    // What has not the same rows knows nothing of them.
    const other = await started({ 'serializer.rowPrefix': 'other' }, gateway);
    await other.sink.deliver(delivery, { signal });
    expect(gateway.rows.size).toBe(4);
    const next = await started({ countEvents: true, coalesceIncrements: true }, gateway);
    expect(await next.sink.deliver(delivery, { signal })).toMatchObject({ pending: [] });
    expect([gateway.rows.size, gateway.counters.get('incRow cf:iCol')]).toEqual([4, 2]);
  });

  it('takes two events of the same bytes for two', async () => {
    const { gateway, sink } = await started();
    const batch = batchOf('a', 'b');
    const delivery = deliveryOf([batch, batch]);
    gateway.verdict = () => ({ status: 503, says: 'java.io.IOException' });
    for (let tries = 0; tries < 3; tries++) await sink.deliver(delivery, { signal });
    gateway.verdict = () => null;
    await sink.deliver(delivery, { signal });
    expect(gateway.rows.size).toBe(4);
    await sink.deliver(delivery, { signal });
    expect(gateway.rows.size).toBe(8);
  });

  it('counts no event that was refused', async () => {
    const { gateway, deliver } = await started({ countEvents: true, coalesceIncrements: true });
    gateway.verdict = (rows) =>
      rows.some(({ cells }) => cells[0]![1] === 'bad')
        ? { status: 503, says: 'org.apache.hadoop.hbase.constraint.ConstraintException: no' }
        : null;
    const { refused } = await deliver(batchOf('a', 'bad', 'b', 'bad', 'bad'));
    expect(refused).toEqual(
      [1, 3, 4].map((index) => ({ index, reason: 'status 503: ConstraintException: no' })),
    );
    expect(gateway.counters.get('incRow cf:iCol')).toBe(2);
  });
});

describe('gateways', () => {
  it('are asked one after the other where one is away', async () => {
    const gateway = await PlayedGateway.start();
    endings.push(() => gateway[Symbol.asyncDispose]());
    const url = `http://127.0.0.1:${await freePort()}, ${gateway.http.url}`;
    const { deliver, context } = await started({ 'rest.url': url }, gateway);
    await deliver(batchOf('a'));
    expect(gateway.rows.size).toBe(1);
    expect(context.log.lines).toEqual([]);
  });

  it('that do not answer are left for the next one, which gets the same rows', async () => {
    const [stuck, gateway] = [await PlayedGateway.start(), await PlayedGateway.start()];
    for (const each of [stuck, gateway]) endings.push(() => each[Symbol.asyncDispose]());
    const url = `${stuck.http.url}, ${gateway.http.url}`;
    const { sink } = await started({ 'rest.url': url, requestTimeout: 100, connectTimeout: 100 }, gateway);
    const delivery = deliveryOf([batchOf('a')]);
    stuck.http.play([], () => {});
    const { pending, error } = (await sink.deliver(delivery, { signal }))!;
    expect([pending, errorText(error)]).toEqual([[0], expect.stringContaining(`${stuck.http.url}`)]);
    expect(await sink.deliver(delivery, { signal })).toMatchObject({ pending: [] });
    expect(gateway.rows.size).toBe(1);
  });

  it('that are away at the start are looked for when there are events', async () => {
    const port = await freePort();
    const { deliver, context } = await started({ 'rest.url': `http://127.0.0.1:${port}` });
    expect(context.log.lines).toEqual([expect.stringMatching(/ECONNREFUSED.*asked again when there are/)]);
    expect(context.state.waits()).toMatchObject([{ kind: 'fault' }]);
    await expect(deliver(batchOf('a'))).rejects.toThrow(/sink x1: http:\/\/127.*ECONNREFUSED/);
  });

  it('get a user with a password, or the name alone', async () => {
    const { gateway, deliver } = await started({ username: 'mé', password: 'hunter2' });
    await deliver(batchOf('a'));
    const login = Buffer.from('mé:hunter2').toString('base64');
    for (const { headers, path } of gateway.http.seen)
      expect([headers.authorization, path.includes('user.name')]).toEqual([`Basic ${login}`, false]);
    const named = await started({ username: 'a&b', countEvents: true });
    await named.deliver(batchOf('a'));
    expect(named.gateway.http.seen.map(({ path }) => path)).toEqual([
      '/t/schema?user.name=a%26b',
      '/t/rows?user.name=a%26b',
      '/t/rows?check=increment&user.name=a%26b',
    ]);
    expect(named.gateway.http.seen[0]!.headers.authorization).toBeUndefined();
  });

  it('are spoken to over TLS, if they are those that are trusted', async () => {
    const pem = readFileSync(certificates.pem);
    const gateway = await PlayedGateway.start({ tls: { key: pem, cert: pem, passphrase: keystorePassword } });
    endings.push(() => gateway[Symbol.asyncDispose]());
    const { deliver } = await started({ truststore: certificates.certificate }, gateway);
    await deliver(batchOf('a'));
    expect(gateway.rows.size).toBe(1);
    const other = await started({}, gateway);
    await expect(other.deliver(batchOf('b'))).rejects.toThrow(/certificate/);
    expect(gateway.rows.size).toBe(1);
  });

  it('that refuse who asks are told with what to do, and no secret', async () => {
    const { gateway, sink } = await started({ username: 'u', password: 'hunter2' });
    for (const [status, remedy] of [
      [401, 'set username and password'],
      [403, 'needs the right to write to t'],
      [404, 'is rest.url that of a REST gateway?'],
      [405, 'no REST gateway'],
    ] as const) {
      gateway.http.play([], status);
      const outcome = await sink.deliver(deliveryOf([batchOf('a')]), { signal });
      expect(outcome).toMatchObject({ pending: [0], refused: [] });
      expect(errorText(outcome!.error)).toContain(remedy);
      expect(errorText(outcome!.error)).not.toContain('hunter2');
    }
  });
});

it('a request that is too large goes in parts, and an event that is so alone is set aside', async () => {
  const { gateway, deliver } = await started();
  gateway.verdict = (rows) =>
    rows.reduce((bytes, { cells }) => bytes + cells[0]![1].length, 0) > 100
      ? { status: 413, says: 'too large' }
      : null;
  const bodies = ['a'.repeat(60), 'b'.repeat(60), 'c'.repeat(101), 'd'.repeat(60), 'e'.repeat(40)];
  const { refused, pending } = await deliver(batchOf(...bodies));
  expect(pending).toEqual([]);
  expect(refused).toEqual([{ index: 2, reason: expect.stringContaining('status 413') }]);
  const written = gateway.puts.flat().map(({ cells }) => cells[0]![1]);
  expect(written).toEqual(bodies.filter((_, i) => i !== 2));
});

it('hostile headers are columns like others', async () => {
  const { gateway, deliver } = await started({
    serializer: regexClass,
    'serializer.depositHeaders': true,
  });
  const hostile = [
    '',
    ':',
    'cf:x',
    '__proto__',
    'constructor',
    '\u0000',
    '../../x',
    'ü\n"',
    'x'.repeat(70_000),
  ];
  const builder = new BatchBuilder();
  builder.add(
    'body',
    hostile.map((name) => [name, `${name}!`] as const),
  );
  await deliver(builder.build());
  const [row] = [...gateway.rows.values()];
  expect(row!.cells).toEqual([['cf:payload', 'body'], ...hostile.map((name) => [`cf:${name}`, `${name}!`])]);
});
