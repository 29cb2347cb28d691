/** A file of JSON to a table of PostgreSQL: the agent beside psql's \copy of the same rows. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { endedChildrenCpuSeconds } from '../../packages/testkit/src/process/process-figures.ts';
import { RealPostgres } from '../../packages/testkit/src/sql/real-postgres.ts';
import { measureAgent } from '../lib/agent-run.ts';
import type { Measurement } from '../lib/measurement.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';
import { ServerCost } from '../lib/server-cost.ts';

const bodyOf = (id: number): string =>
  `{"id":${id},"time":"2026-01-02T03:04:05.678Z","level":"info","host":"web-${id % 17}.example.com",` +
  `"message":"GET /index.html?page=${id} HTTP/1.1","status":200,"bytes":${(id * 7) % 10_000},"agent":"Mozilla/5.0"}`;

/** None of the bodies has anything that COPY escapes. */
class Input {
  readonly events: number;
  readonly bytes: number;
  readonly json: string;
  readonly rows: string;

  constructor(dir: string, events: number) {
    const bodies = Array.from({ length: events }, (_, id) => bodyOf(id));
    const json = `${bodies.join('\n')}\n`;
    this.events = events;
    this.bytes = json.length - events;
    this.json = join(dir, 'events.json');
    this.rows = join(dir, 'rows.txt');
    writeFileSync(this.json, json);
    writeFileSync(this.rows, bodies.map((body, id) => `${id}\t${body}\n`).join(''));
  }
}

/** The whole table, by a sum that no order changes; psql's is what the agent's has to be. */
const checksum = (table: string) =>
  `SELECT count(*) || ' ' || sum(id) || ' ' || sum(hashtextextended(body::text, 0)::numeric) FROM ${table}`;

async function freshTable(postgres: RealPostgres): Promise<void> {
  await postgres.rows('DROP TABLE IF EXISTS arrived');
  await postgres.rows('CREATE TABLE arrived (id bigint PRIMARY KEY, body jsonb)');
  await postgres.rows('CHECKPOINT');
}

async function checkTable(postgres: RealPostgres): Promise<void> {
  const [found, wanted] = [
    await postgres.value(checksum('arrived')),
    await postgres.value(checksum('wanted')),
  ];
  if (found !== wanted) throw new Misconfigured(`the table has ${found}, the input ${wanted}`);
}

async function measurePsql(postgres: RealPostgres, server: ServerCost, input: Input): Promise<Measurement> {
  await freshTable(postgres);
  server.mark();
  const childrenBefore = endedChildrenCpuSeconds();
  const began = performance.now();
  await postgres.script(`\\copy arrived FROM '${input.rows}'\n`);
  const seconds = (performance.now() - began) / 1000;
  const cpuSeconds = endedChildrenCpuSeconds() - childrenBefore;
  await sleep(200); // what served it ends behind it
  const cost = server.costSinceMark();
  await checkTable(postgres);
  const { events, bytes } = input;
  return {
    ...{ events, bytes, eventsPerSecond: events / seconds, wholeSeconds: seconds, readyAfterMs: null },
    processes: { psql: { cpuSeconds, readyRssBytes: null, peakRssBytes: null }, PostgreSQL: cost },
  };
}

const conf = (postgres: RealPostgres, input: Input, dir: string): string => `
a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sources.r1.type = TAILDIR
a1.sources.r1.channels = c1
a1.sources.r1.filegroups = f1
a1.sources.r1.filegroups.f1 = ${input.json}
a1.sources.r1.positionFile = ${join(dir, 'positions.json')}
a1.sources.r1.batchSize = 10000
a1.channels.c1.type = memory
a1.channels.c1.capacity = 200000
a1.channels.c1.transactionCapacity = 10000
a1.sinks.k1.type = sql
a1.sinks.k1.channel = c1
a1.sinks.k1.url = ${postgres.url()}
a1.sinks.k1.table = arrived
a1.sinks.k1.columns = id
a1.sinks.k1.columns.body = body
a1.sinks.k1.key = id
a1.sinks.k1.onConflict = ignore
a1.sinks.k1.batchSize = 10000
`;

async function measureMillrace(
  postgres: RealPostgres,
  server: ServerCost,
  input: Input,
): Promise<Measurement> {
  await freshTable(postgres);
  return await measureAgent({
    ...{ name: 'millrace', program: 'millrace', events: input.events },
    bodyBytes: input.bytes / input.events,
    conf: (dir) => conf(postgres, input, dir),
    count: ({ counter }) => counter('SINK.k1', 'EventDrainSuccessCount'),
    alongside: { PostgreSQL: server },
    check: () => checkTable(postgres),
  });
}

const contenders = {
  psql: { what: '`\\copy` of the rows as COPY reads them, one transaction', measure: measurePsql },
  millrace: {
    what: 'TAILDIR, memory channel, sink sql with a key: COPY, a transaction every 10,000 events',
    measure: measureMillrace,
  },
} as const;
type Name = keyof typeof contenders;

export const fileToPostgres: RowSpec = {
  name: 'file-to-postgres',
  title: 'File of JSON to a table of PostgreSQL',
  method:
    'Each contender brings the same rows (an id, which is the primary key, and a jsonb document of 200 bytes) into a fresh table of one PostgreSQL. The rate of psql is over its whole run, that of the agent from the first rows that its own counter has as stored to the last. The CPU of PostgreSQL is that of all its processes. Every table is compared by count and checksums.',
  baseline: 'psql',
  onDemand: true,
  contenderNames: Object.keys(contenders),
  async open({ events, contenders: names }): Promise<Row> {
    const dir: TempDir = tempDir('millrace-bench-postgres-');
    const postgres = await RealPostgres.start({
      settings: { max_wal_size: '4GB', shared_buffers: '256MB', fsync: 'on' },
    });
    const server = new ServerCost([postgres.pid]);
    const input = new Input(dir.path, events);
    await postgres.rows('CREATE TABLE wanted (id bigint PRIMARY KEY, body jsonb)');
    await postgres.script(`\\copy wanted FROM '${input.rows}'\n`);
    return {
      contenders: names.map((name): Contender => {
        const { what, measure } = contenders[name as Name];
        return { name, what, measure: () => measure(postgres, server, input) };
      }),
      [Symbol.asyncDispose]: async () => {
        await postgres[Symbol.asyncDispose]();
        dir[Symbol.dispose]();
      },
    };
  },
};
