/** A file of JSON to Parquet files: the agent beside DuckDB's COPY of the same file. */
import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { pythonSetDir } from '../../scripts/lib/python-sets.ts';
import { measureAgent } from '../lib/agent-run.ts';
import type { Measurement } from '../lib/measurement.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';

const run = promisify(execFile);

const bodyOf = (id: number): string =>
  `{"id":${id},"time":"2026-01-02T03:04:05.678Z","level":"info","host":"web-${id % 17}.example.com",` +
  `"message":"GET /index.html?page=${id} HTTP/1.1","status":${200 + (id % 5)},"bytes":${(id * 7919) % 100_000},` +
  `"seconds":${(id % 1000) / 1000},"user":{"id":${(id * 31) % 5000},"groups":["a","g${id % 7}"]}}`;

interface Input {
  readonly events: number;
  readonly bytes: number;
  readonly path: string;
}

function makeInput(dir: string, events: number): Input {
  const text = Array.from({ length: events }, (_, id) => `${bodyOf(id)}\n`).join('');
  const path = join(dir, 'events.json');
  writeFileSync(path, text);
  return { events, bytes: text.length - events, path };
}

/** Runs a script that has `duckdb` and prints JSON. */
async function duckdb<T>(script: string): Promise<T> {
  const env = { ...process.env, PYTHONPATH: await pythonSetDir('tables') };
  const { stdout } = await run(
    'python3',
    [
      '-c',
      `import json, duckdb, time, resource\ndb = duckdb.connect()\ndb.execute('set enable_progress_bar = false')\n${script}`,
    ],
    { env },
  );
  return JSON.parse(stdout) as T;
}

/** All values, by sums that no order of rows changes. */
async function checkFiles(files: string, { events }: Input): Promise<void> {
  const sums =
    'count(*), sum(id)::varchar, sum(bytes)::varchar, sum(round(seconds * 1000))::varchar, sum(user.id)::varchar, sum(length(message) + len(user.groups))::varchar';
  const found = await duckdb<unknown[]>(
    `print(json.dumps(db.execute("select ${sums} from read_parquet('${files}')").fetchall()[0]))`,
  );
  const wanted = [0n, 0n, 0n, 0n, 0n];
  for (let id = 0; id < events; id++) {
    const { bytes, seconds, user, message } = JSON.parse(bodyOf(id));
    const values = [id, bytes, Math.round(seconds * 1000), user.id, message.length + 2];
    for (let i = 0; i < 5; i++) wanted[i]! += BigInt(values[i]);
  }
  const asked = [events, ...wanted].map(Number).join(' ');
  if (found.map(Number).join(' ') !== asked)
    throw new Misconfigured(`${files} has ${found}, the input ${asked}`);
}

async function measureDuckdb(input: Input): Promise<Measurement> {
  using dir = tempDir('millrace-bench-');
  const out = dir.join('out.parquet');
  const { seconds, cpuSeconds, peakKiB } = await duckdb<{
    seconds: number;
    cpuSeconds: number;
    peakKiB: number;
  }>(`
began = time.time()
db.execute("copy (select * from read_json('${input.path}', format='newline_delimited')) to '${out}' (format parquet, compression zstd)")
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({'seconds': time.time() - began, 'cpuSeconds': used.ru_utime + used.ru_stime, 'peakKiB': used.ru_maxrss}))
`);
  await checkFiles(out, input);
  const { events, bytes } = input;
  return {
    ...{ events, bytes, eventsPerSecond: events / seconds, wholeSeconds: seconds, readyAfterMs: null },
    processes: { duckdb: { cpuSeconds, readyRssBytes: null, peakRssBytes: peakKiB * 1024 } },
  };
}

const conf = (input: Input, dir: string): string => `
a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sources.r1.type = TAILDIR
a1.sources.r1.channels = c1
a1.sources.r1.filegroups = f1
a1.sources.r1.filegroups.f1 = ${input.path}
a1.sources.r1.positionFile = ${join(dir, 'positions.json')}
a1.sources.r1.batchSize = 10000
a1.channels.c1.type = memory
a1.channels.c1.capacity = 1000000
a1.channels.c1.transactionCapacity = 10000
a1.channels.c1.byteCapacity = 400000000
a1.sinks.k1.type = hdfs
a1.sinks.k1.channel = c1
a1.sinks.k1.hdfs.path = file://${join(dir, 'out')}
a1.sinks.k1.hdfs.fileType = parquet
a1.sinks.k1.hdfs.rollInterval = 0
a1.sinks.k1.hdfs.rollSize = 0
a1.sinks.k1.hdfs.rollCount = ${rollCount}
a1.sinks.k1.hdfs.idleTimeout = 1
a1.sinks.k1.hdfs.batchSize = 10000
a1.sinks.k1.openFilesFolder = ${join(dir, 'open')}
`;
const rollCount = 100_000;

const measureMillrace = (input: Input): Promise<Measurement> =>
  measureAgent({
    ...{ name: 'millrace', program: 'millrace', events: input.events },
    bodyBytes: input.bytes / input.events,
    conf: (dir) => conf(input, dir),
    // All files but the last are of one size; what the first look finds is only begun.
    count: ({ dir }) => {
      const names = listed(join(dir, 'out'));
      const whole = names.filter((name) => name.endsWith('.parquet')).length;
      return names.length === 0 ? 0 : Math.min(input.events, Math.max(1, whole * rollCount));
    },
    check: (dir) => checkFiles(join(dir, 'out', '*.parquet'), input),
  });

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // before the first file
  }
}

const contenders = {
  duckdb: { what: '`COPY` of `read_json` to one file, zstd, all cores', measure: measureDuckdb },
  millrace: {
    what: `TAILDIR, memory channel, sink hdfs with \`file://\` and \`fileType = parquet\`, files of ${rollCount.toLocaleString('en')} events, synced`,
    measure: measureMillrace,
  },
} as const;
type Name = keyof typeof contenders;

export const fileToParquet: RowSpec = {
  name: 'file-to-parquet',
  title: 'File of JSON to Parquet',
  method:
    'Each contender makes Parquet files with zstd of the same lines of JSON (240 bytes, an object and a list within). The rate of DuckDB is over its whole run, that of the agent from its first file to its last, which the second of its idle time ends. CPU is of the whole life. DuckDB reads the files back: counts and sums of all columns are those of the input.',
  baseline: 'duckdb',
  onDemand: true,
  contenderNames: Object.keys(contenders),
  async open({ events, contenders: names }): Promise<Row> {
    const dir: TempDir = tempDir('millrace-bench-parquet-');
    const input = makeInput(dir.path, events);
    return {
      contenders: names.map((name): Contender => {
        const { what, measure } = contenders[name as Name];
        return { name, what, measure: () => measure(input) };
      }),
      [Symbol.asyncDispose]: async () => {
        dir[Symbol.dispose]();
      },
    };
  },
};
