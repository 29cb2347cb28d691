/** What befalls a PostgreSQL while a sql sink writes to it: nothing is missing, nothing is there twice, each is told. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { sqlSink } from '../../packages/millrace/src/components/sql/sink.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';
import { errorText } from '../../packages/millrace/src/runtime/errors.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { tmpfs } from '../../packages/testkit/src/files/tmpfs.ts';
import { TcpProxy } from '../../packages/testkit/src/net/tcp-proxy.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { RealPostgres } from '../../packages/testkit/src/sql/real-postgres.ts';

let postgres: RealPostgres;
beforeAll(async () => {
  postgres = await RealPostgres.start({
    settings: { max_connections: 8, superuser_reserved_connections: 3 },
  });
  await postgres.rows('CREATE USER collector; GRANT ALL ON SCHEMA public TO collector');
});
afterAll(() => postgres[Symbol.asyncDispose]());
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

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

let tables = 0;

/** A sink under load, as a channel gives it: what is not acknowledged comes again, sometimes also what was. */
async function load(
  properties: Record<string, string | number> = {},
  { server = postgres, bodyOf = (id: number) => `{"id":${id}}`, isAwaited = true } = {},
) {
  const table = `load${tables++}`;
  const url = server.url().replace('millrace@', 'collector@');
  const context = contextFor(sqlSink, { url, table, columns: 'id', 'types.id': 'integer', ...properties });
  const sink = sqlSink.create(context);
  await sink.start();
  const errors: string[] = [];
  const waits: string[] = [];
  const refused: number[] = [];
  const signal = new AbortController().signal;
  let acknowledged = 0;
  let running = true;
  let batches = 0;
  const work = (async () => {
    while (running) {
      // As after a kill of the agent: a delivery comes again, and goes on behind what it had.
      const again = batches++ % 7 === 6 ? Math.min(acknowledged, 30) : 0;
      const first = acknowledged - again;
      const events = eventsFrom(first, 50, bodyOf);
      try {
        const outcome = (await sink.deliver(deliveryOf([events]), { signal })) ?? {};
        for (const { index } of outcome.refused ?? []) refused.push(first + index);
        acknowledged = first + 50;
      } catch (error) {
        errors.push(errorText(error));
        waits.push(...context.state.waits().map(({ kind, what }) => `${kind}: ${what}`));
        await sleep(30);
      }
      await sleep(2);
    }
  })();
  const stop = async () => {
    running = false;
    await work;
    await sink.stop();
  };
  endings.push(stop);
  const goesOn = async () => {
    const had = acknowledged;
    await waitFor('the sink to go on', () => acknowledged >= had + 300);
  };
  if (isAwaited) await goesOn();
  return { sink, table, errors, waits, refused, stop, goesOn, context, fed: () => acknowledged };
}

type Load = Awaited<ReturnType<typeof load>>;

async function expectEachOnce({ table, stop, fed, refused }: Load, server = postgres): Promise<void> {
  await stop();
  const ids = (await server.rows(`SELECT id FROM "${table}" ORDER BY id`)).map(Number);
  const bad = new Set(refused);
  expect(ids).toEqual([...Array(fed()).keys()].filter((id) => !bad.has(id)));
}

/** Every failure said what it was, on one line, and so did the state. */
function expectTold({ errors, waits }: Load, pattern: RegExp): void {
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.filter((error) => pattern.test(error))).not.toEqual([]);
  for (const error of errors)
    expect(error).toMatch(/^sink x1: PostgreSQL at 127\.0\.0\.1:\d+\/postgres: [^\n]+$/);
  expect(waits.filter((wait) => wait.startsWith('fault: PostgreSQL at ')).length).toBeGreaterThan(0);
}

describe('under load', () => {
  it.each(['stop', 'kill'] as const)('the server is away for a while (%s)', async (how) => {
    const running = await load();
    await postgres[how]();
    await sleep(1000);
    await postgres.restart();
    await running.goesOn();
    expectTold(running, /no connection: .*ECONNREFUSED/);
    expect(running.context.state.waits()).toEqual([]);
    expect(running.sink.counter!.connectionFailed).toBeGreaterThan(0);
    await expectEachOnce(running);
  });

  it('its backend is ended, again and again', async () => {
    const running = await load();
    for (let round = 0; round < 5; round++) {
      await postgres.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace'",
      );
      await running.goesOn();
    }
    expectTold(running, /57P01|ended the connection|ended unexpectedly|terminated/);
    await expectEachOnce(running);
  });

  it('there are too many connections', async () => {
    const holders: Load[] = [];
    for (let i = 0; i < 5; i++) holders.push(await load());
    const running = await load({}, { isAwaited: false });
    await waitFor('a refused connection', () => running.errors.length > 2);
    await holders.pop()!.stop();
    await running.goesOn();
    expectTold(running, /no connection: 53300: .*(too many clients|remaining connection slots)/);
    await expectEachOnce(running);
  });

  it('a row is locked in its way, and its transaction is the victim', async () => {
    const running = await load({ requestTimeout: 500 });
    const { table } = running;
    await postgres.rows(`BEGIN; LOCK TABLE "${table}"; SELECT pg_sleep(1.5); COMMIT`);
    await running.goesOn();
    expectTold(running, /no answer within 500 ms/);
    await expectEachOnce(running);
  });

  it('its transactions fail for others that run beside them', async () => {
    // A trigger raises what the server does of two transactions that can't both be.
    const running = await load();
    await postgres.rows(
      `CREATE SEQUENCE tries; GRANT ALL ON SEQUENCE tries TO collector;
       CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n bigint := nextval('tries'); BEGIN
         IF n % 100 = 0 THEN RAISE SQLSTATE '40001' USING MESSAGE = 'could not serialize access'; END IF;
         IF n % 333 = 0 THEN RAISE SQLSTATE '40P01' USING MESSAGE = 'deadlock detected'; END IF;
         RETURN NEW; END $$;
       CREATE TRIGGER t BEFORE INSERT ON "${running.table}" FOR EACH ROW EXECUTE FUNCTION fail()`,
    );
    await running.goesOn();
    await postgres.rows(`DROP TRIGGER t ON "${running.table}"`);
    await running.goesOn();
    expectTold(running, /40001: could not serialize access/);
    expect(running.refused).toEqual([]);
    await expectEachOnce(running);
  });
});

describe('the table', () => {
  it('is dropped: it is made again, and the statement told', async () => {
    const running = await load();
    await postgres.rows(`DROP TABLE "${running.table}"`);
    const from = running.fed();
    await running.goesOn();
    expectTold(running, /42P01: relation ".*" does not exist/);
    await running.stop();
    const ids = (await postgres.rows(`SELECT id FROM "${running.table}" ORDER BY id`)).map(Number);
    // What was there went with the table, but for what was not acknowledged yet and what came again.
    expect(ids.at(0)).toBeLessThanOrEqual(from);
    expect(ids).toEqual([...Array(running.fed() - ids[0]!).keys()].map((i) => i + ids[0]!));
    const made = running.context.log.lines.filter((line) => line.includes('is made: CREATE TABLE'));
    expect(made.length).toBe(2);
  });

  it('loses a column, and gets it back', async () => {
    const running = await load();
    await postgres.rows(`ALTER TABLE "${running.table}" RENAME COLUMN id TO other`);
    await waitFor('a failure', () => running.errors.length > 2);
    await postgres.rows(`ALTER TABLE "${running.table}" RENAME COLUMN other TO id`);
    await running.goesOn();
    expectTold(
      running,
      /table "load\d+" has no column "id": add it, or take it out of columns; the events wait/,
    );
    await expectEachOnce(running);
  });

  it.each([
    // What fits the new type alone is not refused by the old one, and what is written otherwise there is made anew.
    ['integer', 'text', 'id::text', (id: number) => (id < 1500 ? `{"id":${id}}` : `{"id":"x${id}"}`)],
    ['text', 'jsonb', 'to_jsonb(id)', (id: number) => `{"id":"x${id}"}`],
  ] as const)('gets another type, %s to %s', async (before, after, using, bodyOf) => {
    const running = await load({ 'types.id': before }, { bodyOf });
    await postgres.rows(`ALTER TABLE "${running.table}" ALTER COLUMN id TYPE ${after} USING ${using}`);
    await waitFor('rows of the new type', () => running.fed() > 2000);
    await running.stop();
    expect(running.refused).toEqual([]);
    const ids = await postgres.rows(`SELECT id FROM "${running.table}" ORDER BY event_position`);
    const shown = (value: unknown) => (after === 'jsonb' ? JSON.stringify(value) : String(value));
    const fed = [...Array(running.fed()).keys()];
    expect(ids).toEqual(fed.map((id) => shown((JSON.parse(bodyOf(id)) as { id: unknown }).id)));
  });

  it('loses the unique index of its key: nothing is written that could come twice', async () => {
    const running = await load();
    await postgres.rows(`ALTER TABLE "${running.table}" DROP CONSTRAINT "${running.table}_pkey"`);
    // Found when the sink looks at the table, at the latest with its next connection.
    await postgres.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace'",
    );
    await waitFor('a failure', () => running.errors.some((error) => error.includes('has no unique index')));
    await postgres.rows(
      `DELETE FROM "${running.table}" a USING "${running.table}" b WHERE a.ctid < b.ctid AND a.event_position = b.event_position; ` +
        `CREATE UNIQUE INDEX ON "${running.table}" (event_position, event_part, event_source)`,
    );
    await running.goesOn();
    await expectEachOnce(running);
  });

  it('has no room left on its disk, and gets some', async () => {
    using dir = tempDir('millrace-postgres-full-');
    using _ = tmpfs(dir.path, 120);
    await using small = await RealPostgres.start({
      dataIn: dir.path,
      settings: { max_wal_size: '32MB', min_wal_size: '32MB', wal_recycle: 'off' },
    });
    await small.rows('CREATE USER collector; GRANT ALL ON SCHEMA public TO collector');
    const running = await load({ 'columns.body': 'body' }, { server: small });
    const ballast = dir.join('ballast');
    await writeFile(ballast, Buffer.alloc(300 * 1024 * 1024)).catch(() => {});
    await waitFor('a failure', () => running.errors.length > 2);
    await rm(ballast);
    if (!small.running) await small.restart();
    await running.goesOn();
    expectTold(running, /53100: could not extend file|No space left/);
    await expectEachOnce(running, small);
  });
});

it('has each event once, two deliveries at a time, over connections that are cut in the middle of what they carry', async () => {
  const chance = chanceOf('COPY over connections that are cut');
  await using proxy = await TcpProxy.start({ targetPort: postgres.port });
  const table = `load${tables++}`;
  const url = postgres
    .url()
    .replace('millrace@', 'collector@')
    .replace(`:${postgres.port}/`, `:${proxy.port}/`);
  const context = contextFor(sqlSink, {
    url,
    table,
    columns: 'id, text',
    'types.id': 'integer',
    'types.text': 'text',
  });
  const sink = sqlSink.create(context);
  await sink.start();
  endings.push(() => sink.stop());
  const isBad = (id: number) => id % 997 === 5;
  const textOf = (id: number) => `${id}\t\\.\n\\N${'é'.repeat(id % 150)}`;
  const bodyOf = (id: number) => JSON.stringify({ id: isBad(id) ? `x${id}` : id, text: textOf(id) });
  const { signal } = new AbortController();
  const refused = new Set<number>();
  const errors: string[] = [];
  const waiting: { first: number; count: number }[] = [];
  let next = 0;
  for (let round = 0; round < 40; round++) {
    while (waiting.length < 2) {
      const again = chance.bool(0.2) ? Math.min(next, chance.int(1, 500)) : 0;
      const count = chance.pick([1, 300, 3000]);
      waiting.push({ first: next - again, count });
      next = Math.max(next, next - again + count);
    }
    if (chance.bool(0.7)) proxy.cutAfter(chance.int(1, 1_500_000));
    const outcomes = await Promise.allSettled(
      waiting.map(async ({ first, count }) => {
        const batches = [eventsFrom(first, count, bodyOf)];
        return (await sink.deliver(deliveryOf(batches), { signal })) ?? {};
      }),
    );
    const open = waiting.splice(0);
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') {
        errors.push(errorText(outcome.reason));
        waiting.push(open[i]!);
      } else for (const { index } of outcome.value.refused ?? []) refused.add(open[i]!.first + index);
    }
    if (outcomes[0]!.status === 'rejected') expect(outcomes[1]!.status).toBe('rejected');
  }
  for (const { first, count } of waiting) {
    const { refused: bad = [] } =
      (await sink.deliver(deliveryOf([eventsFrom(first, count, bodyOf)]), { signal })) ?? {};
    for (const { index } of bad) refused.add(first + index);
  }
  const ids = [...Array(next).keys()];
  expect([...refused].sort((a, b) => a - b)).toEqual(ids.filter(isBad));
  const rows = await postgres.rows(`SELECT id || ' ' || md5(text) FROM "${table}" ORDER BY id`);
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  expect(rows).toEqual(ids.filter((id) => !isBad(id)).map((id) => `${id} ${md5(textOf(id))}`));
  expect(errors.length).toBeGreaterThan(5);
});
