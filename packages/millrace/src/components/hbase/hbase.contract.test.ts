import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RealHbase } from '../../../../testkit/src/hbase/real-hbase.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { type DeliveryOutcome, deliveryOf, partOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';
import { regexClass } from './options.ts';
import { hbase2Sink } from './sink.ts';

/** Between what a cell of the gateway's client and one of the region servers may have. */
const mostCellBytes = 200_000;

let hbase: RealHbase;
beforeAll(async () => {
  hbase = await RealHbase.start({ settings: { 'hbase.server.keyvalue.maxsize': mostCellBytes } });
}, 300_000);
afterAll(() => hbase?.[Symbol.asyncDispose]());
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
let tables = 0;
const { signal } = new AbortController();
const longTest = { timeout: 300_000 };

type Properties = Record<string, string | number | boolean>;

async function started(properties: Properties = {}, table = `t${tables++}`) {
  if (!table.includes(':')) await hbase.createTable(table, 'cf');
  const context = contextFor(hbase2Sink, {
    ...{ 'rest.url': hbase.url, table, columnFamily: 'cf', countEvents: false, requestTimeout: 10_000 },
    ...properties,
  });
  const sink = hbase2Sink.create(context);
  endings.push(() => sink.stop());
  await sink.start();
  const deliver = async (...batches: EventBatch[]): Promise<DeliveryOutcome> =>
    (await sink.deliver(deliveryOf(batches), { signal })) ?? {};
  return { sink, table, context, deliver };
}

const bodiesIn = async (table: string, column = 'cf:pCol') =>
  (await hbase.rows(table)).flatMap(({ cells }) => cells.get(column)?.toString() ?? []);

describe('rows in a real HBase', () => {
  it('have the body, whatever bytes it is of, under a key of their own', async () => {
    const { table, deliver } = await started({ 'serializer.rowPrefix': 'ä-' });
    const builder = new BatchBuilder();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    builder.add(bytes, new Map([['left', 'out']]));
    builder.add('');
    builder.add('größe');
    await deliver(builder.build());
    const rows = await hbase.rows(table);
    expect(rows.map(({ cells }) => [...cells.keys()])).toEqual([['cf:pCol'], ['cf:pCol'], ['cf:pCol']]);
    expect(rows.map(({ cells }) => cells.get('cf:pCol')!.toString('latin1')).sort()).toEqual(
      ['', bytes.toString('latin1'), Buffer.from('größe').toString('latin1')].sort(),
    );
    for (const { key } of rows) expect(key).toMatch(/^ä-[\da-f]{8}-[\da-f-]{27}$/);
  });

  it('are those of groups, and of headers, in their charset', async () => {
    const { table, deliver } = await started({
      serializer: regexClass,
      'serializer.regex': '(\\w+) (\\w+)(?: (.*))?',
      'serializer.colNames': 'ROW_KEY,Ü,rest',
      'serializer.rowKeyIndex': 0,
      'serializer.depositHeaders': true,
      'serializer.charset': 'ISO-8859-1',
    });
    const builder = new BatchBuilder();
    builder.add('k1 a b\nc', [
      ['h:1', 'x'],
      ['', 'nameless'],
      ['Öx', 'ß'],
    ]);
    builder.add('k2 a');
    builder.add('none');
    const { refused } = await deliver(builder.build());
    expect(refused).toEqual([{ index: 2, reason: 'the body does not match serializer.regex' }]);
    const rows = await hbase.rows(table);
    const shown = rows.map(({ key, cells }) => [
      key,
      Object.fromEntries([...cells].map(([name, value]) => [name, value.toString('latin1')])),
    ]);
    const latin = (name: string) => Buffer.from(name, 'latin1').toString('utf8');
    expect(shown).toEqual([
      [
        'k1',
        { [latin('cf:Ü')]: 'a', 'cf:rest': 'b\nc', 'cf:h:1': 'x', 'cf:': 'nameless', [latin('cf:Öx')]: 'ß' },
      ],
      ['k2', { [latin('cf:Ü')]: 'a' }],
    ]);
  });

  it('of one key are one, the last of a batch', async () => {
    const { table, deliver } = await started({
      serializer: regexClass,
      'serializer.regex': '(\\w+) (\\w+)',
      'serializer.colNames': 'ROW_KEY,v',
      'serializer.rowKeyIndex': 0,
    });
    await deliver(batchOf('k 1', 'k 2', 'l 1', 'k 3'));
    expect(await bodiesIn(table, 'cf:v')).toEqual(['3', '1']);
  });

  it('go in beside those that HBase never takes', async () => {
    const { table, deliver } = await started({
      serializer: regexClass,
      'serializer.regex': '(\\w*) (\\w+)',
      'serializer.colNames': 'ROW_KEY,v',
      'serializer.rowKeyIndex': 0,
    });
    const large = (bytes: number) => 'v'.repeat(bytes);
    const bodies = ['a 1', ' 2', `${large(40_000)} 3`, 'b 4', `c ${large(mostCellBytes)}`, 'd 5'];
    bodies.push(`e ${large(11_000_000)}`, 'f 6');
    const { refused, pending } = await deliver(batchOf(...bodies));
    expect(pending).toEqual([]);
    expect(refused).toEqual([
      { index: 1, reason: 'the key of its row is empty' },
      { index: 2, reason: 'the key of its row has 40000 bytes, and HBase takes 32767' },
      { index: 4, reason: expect.stringMatching(/^status 503: DoNotRetryIOException: Cell.*size/) },
      { index: 6, reason: 'status 400: IllegalArgumentException: KeyValue size too large' },
    ]);
    expect(await bodiesIn(table, 'cf:v')).toEqual(['1', '4', '5', '6']);
  });

  it('lie in a table of a namespace, and are counted', async () => {
    await hbase.createNamespace('ns');
    await hbase.createTable('ns:t', 'cf');
    for (const coalesceIncrements of [false, true]) {
      const { deliver } = await started({ countEvents: true, coalesceIncrements }, 'ns:t');
      await deliver(batchOf('a', 'b', 'c'));
    }
    expect(await hbase.counterOf('ns:t', 'incRow', 'cf:iCol')).toBe(6);
    expect(await bodiesIn('ns:t')).toHaveLength(6);
  });
});

describe('a table or family that is not there', () => {
  it('keeps the sink from starting, and says how to make it', async () => {
    const fault = async (properties: Properties) =>
      started(properties, `t${tables++}`).then(() => 'none', errorText);
    expect(await fault({ table: 'nowhere' })).toMatch(
      /127\.0\.0\.1:\d+\/: the table nowhere is not there: .*create 'nowhere', 'cf' \(status 404: TableNotFound/,
    );
    expect(await fault({ columnFamily: 'other' })).toMatch(
      /has no column family other, but cf: .*alter 't\d+', 'other'/,
    );
  });

  it('while the sink runs has its events wait', async () => {
    const { table, deliver } = await started();
    await hbase.dropTable(table);
    const batch = batchOf('a', 'b');
    expect(await deliver(batch)).toMatchObject({ pending: [0, 1], refused: [] });
    await expect(deliver(batch)).rejects.toThrow(/is not there/);
    await hbase.createTable(table, 'cf');
    expect(await deliver(batch)).toMatchObject({ pending: [], refused: [] });
    expect((await bodiesIn(table)).sort()).toEqual(['a', 'b']);
  });
});

/** Delivers until all is acknowledged. */
async function insist(sink: Sink, batch: EventBatch, onFailure: () => void): Promise<void> {
  for (let left = deliveryOf([batch]); left.events > 0; ) {
    try {
      const { pending = [], refused = [], error } = (await sink.deliver(left, { signal })) ?? {};
      expect(refused).toEqual([]);
      if (pending.length === 0) return;
      expect(errorText(error)).toContain(`sink x1: ${hbase.url}`);
      left = partOf(left, pending);
    } catch (error) {
      expect(errorText(error)).toContain(`sink x1: ${hbase.url}`);
    }
    onFailure();
    await sleep(200);
  }
}

describe('under load', () => {
  it(
    'every event is there, each in one row, when gateway and region server are killed',
    longTest,
    async () => {
      const { sink, table } = await started({ connectTimeout: 1000, requestTimeout: 2000 });
      let areOver = false;
      let sent = 0;
      let failures = 0;
      const kills = (async () => {
        await waitFor('events to be acknowledged', () => sent > 1000);
        await Promise.all([hbase.killGateway(), hbase.killMaster()]);
        await waitFor('a delivery to fail', () => failures > 0);
        // The gateway is there first. What it holds it puts when it can, though nobody waits for it any longer.
        await Promise.all([hbase.startGateway(), hbase.startMaster()]);
        await hbase.waitUntilServing();
      })().finally(() => {
        areOver = true;
      });
      for (let rounds = 0; !areOver || rounds < 20; rounds++) {
        const ids = Array.from({ length: 50 }, () => String(sent++));
        await insist(sink, batchOf(...ids), () => failures++);
        await sleep(20);
      }
      await kills;
      expect(failures).toBeGreaterThan(1);
      const ids = (await bodiesIn(table)).map(Number).sort((a, b) => a - b);
      expect(ids).toEqual(Array.from({ length: sent }, (_, id) => id));
    },
  );
});
