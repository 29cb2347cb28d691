import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificates } from '../../../../testkit/src/net/certificates.ts';
import { chanceOf } from '../../../../testkit/src/oracle/seed.ts';
import { RealClickHouse } from '../../../../testkit/src/sql/real-clickhouse.ts';
import { type DeliveryOutcome, deliveryOf, partOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';
import { sqlSink } from './sink.ts';

const { signal } = new AbortController();
let tables = 0;

/** Events of partition 0 from offset `first` on. */
function eventsFrom(first: number, count: number, bodyOf: (id: number) => string): EventBatch {
  const builder = new BatchBuilder();
  for (let id = first; id < first + count; id++) builder.add(bodyOf(id));
  return builder
    .build(
      new Map([
        ['topic', 'load'],
        ['partition', '0'],
      ]),
    )
    .withOrigin({ baseOffset: first, offsetHeader: 'offset' });
}

describe.each(['server', 'engine'] as const)('ClickHouse, the %s', (kind) => {
  let clickhouse: RealClickHouse;
  beforeAll(async () => {
    clickhouse = await RealClickHouse.start(kind);
  });
  afterAll(() => clickhouse[Symbol.asyncDispose]());

  async function started(properties: Record<string, string | number>, run: (_: Running) => Promise<void>) {
    const table = `t${tables++}`;
    const context = contextFor(sqlSink, { url: clickhouse.url, table, ...properties });
    const sink = sqlSink.create(context);
    await sink.start();
    const deliver = async (batch: EventBatch): Promise<DeliveryOutcome> =>
      (await sink.deliver(deliveryOf([batch]), { signal })) ?? {};
    try {
      await run({ sink, table, context, deliver });
    } finally {
      await sink.stop();
    }
  }
  interface Running {
    readonly sink: Sink;
    readonly table: string;
    readonly context: ReturnType<typeof contextFor>;
    readonly deliver: (batch: EventBatch) => Promise<DeliveryOutcome>;
  }
  const why = (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      (error) => errorText(error),
    );

  const ways = {
    'a server that is away': { fail: () => clickhouse.kill(), heal: () => clickhouse.restart() },
    'a table of another kind': {
      fail: async (table: string) => {
        await clickhouse.run(`RENAME TABLE ${table} TO ${table}_kept`);
        await clickhouse.run(`CREATE TABLE ${table} (other Int64) ENGINE = Memory`);
      },
      heal: async (table: string) => {
        await clickhouse.run(`DROP TABLE ${table}`);
        await clickhouse.run(`RENAME TABLE ${table}_kept TO ${table}`);
      },
    },
  };
  // The engine's front is played: what it fails with says nothing.
  for (const [how, { fail, heal }] of Object.entries(kind === 'server' ? ways : {})) {
    sinkContract({ describe, it }, `sql, ClickHouse ${kind}, failing by ${how}`, {
      create: async () => {
        const table = `t${tables++}`;
        await clickhouse.run(
          `CREATE TABLE ${table} (line String, fine Nullable(Int64), at DateTime DEFAULT now()) ENGINE = MergeTree() ORDER BY tuple()`,
        );
        const properties = {
          url: clickhouse.url,
          table,
          key: 'none',
          'columns.line': 'body',
          'columns.fine': '%{n}',
        };
        const refusable = () => {
          const bad = new BatchBuilder();
          bad.add('bad at row 1', new Map([['n', 'many']]));
          return bad.build();
        };
        return {
          sink: sqlSink.create(contextFor(sqlSink, properties)),
          delivered: async () => (await clickhouse.rows(`SELECT line FROM ${table}`)).map(([line]) => line!),
          fail: () => fail(table),
          heal: () => heal(table),
          refusable,
        };
      },
      // Each delivery is a part of the table; they are read in any order.
      ordered: false,
    });
  }

  it('makes a table that tells rows apart by where their events stood', async () => {
    await started({ columns: 'n t', 'types.n': 'Int64' }, async ({ deliver, table, context }) => {
      const body = (id: number) => JSON.stringify({ n: id, t: 'a\t"\\\n\'é' });
      await deliver(eventsFrom(0, 5, body));
      await deliver(eventsFrom(0, 5, body));
      await deliver(eventsFrom(3, 4, body));
      const made = context.log.lines.filter((line) => line.includes('is made: CREATE TABLE'));
      expect(made.length).toBe(1);
      expect(
        await clickhouse.rows(`SELECT n, t, event_part, event_position FROM ${table} FINAL ORDER BY n`),
      ).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => [`${n}`, String.raw`a\t"\\\n\'é`, '0', `${n}`]));
      // The same insert is known by its token, where there is one; others become one by the merge.
      const count = Number((await clickhouse.rows(`SELECT count() FROM ${table}`))[0]![0]);
      if (kind === 'engine') expect(count).toBe(9);
      else expect(count).toBeGreaterThanOrEqual(7);
    });
  });

  it('refuses by their place exactly the rows that the types refuse', async () => {
    const chance = chanceOf(`ClickHouse ${kind}, refused rows`);
    const bad = ['"x"', '"at row 1"', '"(at row 2)"', '{"a":1}'];
    await started(
      { 'columns.n': '/n', 'columns.t': '/t', 'types.n': 'Int16', 'types.t': 'String' },
      async ({ deliver, table }) => {
        let first = 0;
        const good: number[] = [];
        for (let round = 0; round < 8; round++) {
          const count = chance.int(1, 30);
          const isBad = Array.from({ length: count }, () => chance.bool(0.2));
          const batch = eventsFrom(first, count, (id) => {
            const n = isBad[id - first] ? bad[chance.int(0, bad.length - 1)]! : String(id);
            return `{"n":${n},"t":"(at row ${chance.int(1, 9)})\\n\\nRow 1:\\n"}`;
          });
          const { refused = [] } = await deliver(batch);
          expect(refused.map(({ index }) => index)).toEqual(isBad.flatMap((is, i) => (is ? [i] : [])));
          for (const { reason } of refused) expect(reason).toMatch(/^Code: \d+/);
          for (let i = 0; i < count; i++) if (!isBad[i]) good.push(first + i);
          first += count;
        }
        const rows = await clickhouse.rows(`SELECT n FROM ${table} FINAL ORDER BY event_position`);
        expect(rows.map(([n]) => Number(n))).toEqual(good);
      },
    );
  });

  it('killed and restarted under load, has every id, and each once by FINAL', async () => {
    const chance = chanceOf(`ClickHouse ${kind}, kills`);
    await started({ columns: 'id', 'types.id': 'Int64' }, async ({ sink, table }) => {
      let first = 0;
      for (let round = 0; round < 8; round++) {
        const count = chance.int(1, 200);
        const death = round % 5 === 2 ? clickhouse.kill().then(() => clickhouse.restart()) : null;
        let left = deliveryOf([eventsFrom(first, count, (id) => `{"id":${id}}`)]);
        while (left.events > 0) {
          try {
            const outcome = (await sink.deliver(left, { signal })) ?? {};
            expect(outcome.refused ?? []).toEqual([]);
            left = partOf(left, outcome.pending ?? []);
          } catch (error) {
            expect(errorText(error)).toContain('ClickHouse at 127.0.0.1');
            await death;
          }
        }
        await death;
        first += count;
      }
      const [total] = await clickhouse.rows(
        `SELECT count(), uniqExact(id), min(id), max(id) FROM (SELECT id FROM ${table} FINAL)`,
      );
      expect(total).toEqual([`${first}`, `${first}`, '0', `${first - 1}`]);
    });
  });

  it('says what is wrong with the table, and goes on when it is mended', async () => {
    await started({ columns: 'id', 'types.id': 'Int64' }, async ({ deliver, table }) => {
      await clickhouse.run(
        `CREATE TABLE ${table} (event_source String, event_part String, event_position Int64, id Int64) ENGINE = MergeTree() ORDER BY id`,
      );
      const batch = eventsFrom(0, 3, (id) => `{"id":${id}}`);
      expect(await why(deliver(batch))).toContain('is a MergeTree, in which rows that come again stay twice');
      await clickhouse.run(`DROP TABLE ${table}`);
      await deliver(batch);
      await clickhouse.run(`ALTER TABLE ${table} DROP COLUMN id`);
      expect(await why(deliver(eventsFrom(3, 3, (id) => `{"id":${id}}`)))).toContain('has no column `id`');
      await clickhouse.run(`ALTER TABLE ${table} ADD COLUMN id String`);
      await deliver(eventsFrom(3, 3, (id) => `{"id":"x${id}"}`));
      await clickhouse.run(`DROP TABLE ${table}`);
      await deliver(batchOf('{"id":7}'));
      expect(await clickhouse.rows(`SELECT id FROM ${table}`)).toEqual([['7']]);
    });
  });

  if (kind === 'server')
    it('is spoken to over TLS, when its certificate is one that sslmode takes', async () => {
      const ca = certificates.certificate;
      for (const [host, parameters, pattern] of [
        ['127.0.0.1', `sslmode=verify-full&sslrootcert=${ca}`, /^none$/],
        ['127.0.0.2', `sslmode=verify-ca&sslrootcert=${ca}`, /^none$/],
        ['127.0.0.2', `sslmode=verify-full&sslrootcert=${ca}`, /127\.0\.0\.2 is not in the cert's list/],
        ['127.0.0.1', 'sslmode=verify-full', /self.signed|unable to verify|certificate/],
        ['127.0.0.1', 'sslmode=require', /^none$/],
        // What speaks plain HTTP there gets no events, and says no password.
        ['127.0.0.1', 'sslmode=disable', /ClickHouse at 127\.0\.0\.1/],
      ] as const) {
        const url = `clickhouse://collector@${host}:${clickhouse.tlsPort}/default?${parameters}`;
        const properties = { url, password: 'secret-pass', key: 'none', 'columns.line': 'body' };
        await started(properties, async ({ deliver, table }) => {
          const told = await why(deliver(batchOf('a', 'b')));
          expect(told).toMatch(pattern);
          expect(told).not.toContain('secret-pass');
          if (told !== 'none') return;
          expect(await clickhouse.rows(`SELECT line FROM ${table} ORDER BY line`)).toEqual([['a'], ['b']]);
        });
      }
    });

  if (kind === 'server')
    it('gives user and password, and shows no password', async () => {
      const url = clickhouse.url.replace('//', '//collector@');
      await started({ url, password: 'secret-pass' }, async ({ deliver }) => {
        expect(await why(deliver(batchOf('{}')))).toBe('none');
      });
      await started({ url, password: 'wrong-pass' }, async ({ deliver }) => {
        const told = await why(deliver(batchOf('{}')));
        expect(told).toMatch(/Code: 193|Wrong password|Authentication/);
        expect(told).not.toContain('wrong-pass');
      });
    });
});
