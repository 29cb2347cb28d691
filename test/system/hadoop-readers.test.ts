/** What reads files that the hdfs sink wrote in HDFS: Hadoop's MapReduce, Hive by the statements of docs/hive.md, Spark. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import type { EventSerializer } from '../../packages/millrace/src/component/serializer.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { avroBodySerializer } from '../../packages/millrace/src/components/avro/body-serializer.ts';
import { avroEventSerializer } from '../../packages/millrace/src/components/avro/event-serializer.ts';
import { hdfsSink } from '../../packages/millrace/src/components/files/hdfs-sink.ts';
import { textSerializer } from '../../packages/millrace/src/components/text/text-serializer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';
import { containerContents } from '../../packages/testkit/src/files/avro-container.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealHdfs, superuser } from '../../packages/testkit/src/hdfs/real-hdfs.ts';
import { RealHive } from '../../packages/testkit/src/hive/real-hive.ts';
import { compileJava, javaCommand } from '../../packages/testkit/src/process/java.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { readBySpark } from '../../packages/testkit/src/tables/spark.ts';

// Each of them starts a JVM or two and takes a fraction of this; how long is not what is tested.
const timeoutMs = 500_000;
vi.setConfig({ testTimeout: 600_000 });
const heap = { jvmFlags: ['-Xmx400m'] };
const example = (...path: string[]) => join(import.meta.dirname, '../../examples', ...path);

let hdfs: RealHdfs;
beforeAll(async () => {
  hdfs = await RealHdfs.start();
  await hdfs.ask('PUT', '/', 'op=SETPERMISSION&permission=777');
});
afterAll(() => hdfs?.[Symbol.asyncDispose]());

/** Waits until sink k1 has delivered `count` events. */
async function delivered(agent: Agent, count: number): Promise<void> {
  const counter = () =>
    Number(agent.counters().find(({ name }) => name === 'k1')?.attributes.EventDrainSuccessCount);
  await waitFor(`${count} events delivered`, () => counter() === count, { timeoutMs });
}

it('a MapReduce job of Hadoop counts what the hdfs sink wrote', async () => {
  using dir = tempDir('millrace-mapreduce-');
  const levels = ['INFO all is well', 'WARN nearly full', 'INFO again', 'ERROR'];
  await using agent = await Agent.fromConfig({
    name: 'a1',
    sources: {
      r1: {
        ...{ type: 'spooldir', channels: ['c1'], spoolDir: dir.join('spool') },
        ...{ interceptors: { i1: { type: 'timestamp' } } },
      },
    },
    channels: { c1: { type: 'memory', capacity: 5000, transactionCapacity: 1000 } },
    sinks: {
      k1: {
        ...{ type: 'hdfs', channel: 'c1', 'hdfs.path': `${hdfs.url}/events`, 'hdfs.confDir': hdfs.confDir },
        ...{ 'hdfs.user': superuser, 'hdfs.rollInterval': 0, 'hdfs.rollSize': 0, 'hdfs.rollCount': 150 },
      },
    },
  });
  mkdirSync(dir.join('spool'));
  const text = Array.from({ length: 1000 }, (_, i) => `${levels[i % 4]}\n`).join('');
  writeFileSync(dir.join('spool/log'), text);
  await agent.start();
  await delivered(agent, 1000);
  await agent.stop();
  await compileJava('mapreduce', example('hadoop/CountLevels.java'), dir.path);
  const { command, args } = await javaCommand(
    ...(['mapreduce', 'CountLevels', [`${hdfs.url}/events`, dir.join('counted')]] as const),
    { ...heap, classes: dir.path },
  );
  await runToEnd(command, args, { cwd: dir.path, timeoutMs });
  const counted = readFileSync(dir.join('counted/part-r-00000'), 'utf8');
  expect(counted).toBe('ERROR\t250\nINFO\t500\nWARN\t250\n');
});

type Properties = Readonly<Record<string, string | number | boolean>>;

/** Events of two hours, a batch each. */
const hours = ['2026-11-29T07:59:59Z', '2026-11-29T08:00:00Z'];
function eventsOf(bodies: readonly string[]): EventBatch[] {
  return bodies.map((body, i) => {
    const builder = new BatchBuilder();
    builder.add(body, new Map([['timestamp', String(Date.parse(hours[i % 2]!))]]));
    return builder.build();
  });
}

/** Delivers the bodies to the folder of HDFS and closes its files. */
async function written(
  folder: string,
  properties: Properties,
  bodies: readonly string[],
  partition?: string,
): Promise<void> {
  const sink = await opened(folder, properties, partition);
  const delivery = sink.deliver(deliveryOf(eventsOf(bodies)), { signal: new AbortController().signal });
  await sink.flush?.();
  expect((await delivery) ?? {}).toMatchObject({ refused: [], pending: [] });
  await sink.stop();
}

async function opened(folder: string, properties: Properties, partition = 'dt=%Y-%m-%d/hh=%H') {
  const open = tempDir('millrace-readers-');
  endings.push(() => open[Symbol.dispose]());
  const all = {
    ...{ 'hdfs.confDir': hdfs.confDir, 'hdfs.user': superuser, openFilesFolder: open.path },
    ...{ 'hdfs.rollInterval': 0, 'hdfs.rollSize': 0, 'hdfs.rollCount': 0, 'hdfs.timeZone': 'UTC' },
    ...properties,
    'hdfs.path': `${hdfs.url}${folder}/${partition}`,
  };
  const sink = hdfsSink.create(contextFor(hdfsSink, all, 'k1', [textSerializer, avroEventSerializer]));
  await sink.start();
  return sink;
}
const endings: (() => void)[] = [];
afterAll(() => {
  for (const end of endings) end();
});

const pageOf = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
const blocksOf = (language: string, page = pageOf('hive.md')) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text!);

it('Hive reads what the page says that it reads: text, SequenceFile, Avro and Parquet, by partitions', async () => {
  using dir = tempDir('millrace-hive-');
  using hive = new RealHive(hdfs.url, superuser);
  const lines = blocksOf('properties')[0]!.split('\n');
  const base: Properties = Object.fromEntries(
    lines.flatMap((line) => {
      const [, key, value] = /^a1\.sinks\.k1\.(\S+) = (.*)$/.exec(line) ?? [];
      return key === undefined || ['type', 'channel'].includes(key) ? [] : [[key, value!]];
    }),
  );
  expect(base['hdfs.inUsePrefix']).toBe('.');
  const [add, ...creates] = blocksOf('sql').toSorted((a, b) => a.indexOf('CREATE') - b.indexOf('CREATE'));
  expect(creates.map((text) => /(?:STORED AS|FORMAT) \w+/.exec(text)![0])).toEqual([
    ...['FORMAT SERDE', 'FORMAT DELIMITED', 'STORED AS SEQUENCEFILE', 'STORED AS AVRO', 'STORED AS PARQUET'],
  ]);
  const [json, separated, sequence, event, parquet] = creates;
  const schema = { type: 'record', name: 'access', fields: [] as unknown[] };
  schema.fields.push(
    { name: 'time', type: 'string' },
    { name: 'status', type: ['null', 'int'], default: null },
  );
  writeFileSync(dir.join('access.avsc'), JSON.stringify(schema));
  const bodies = ['{"time":"t1","status":200,"user":{"id":1,"name":"ü"}}', '{"time":"t2","user":{"id":2}}'];
  const flat = ['{"time":"t1","status":200}', '{"time":"t2"}'];
  const tables = [
    {
      name: 'json',
      create: json!,
      properties: base,
      bodies,
      cells: ['t1\t200\t{"id":1,"name":"ü"}', 't2\tNULL\t{"id":2,"name":null}'],
    },
    {
      name: 'json_gzip',
      create: json!,
      properties: { ...base, 'hdfs.fileType': 'CompressedStream', 'hdfs.codeC': 'gzip' },
      bodies,
      cells: ['t1\t200\t{"id":1,"name":"ü"}', 't2\tNULL\t{"id":2,"name":null}'],
    },
    {
      name: 'separated',
      create: separated!,
      properties: base,
      bodies: ['t1\t200\t/a b', 't2\t\t/ü'],
      cells: ['t1\t200\t/a b', 't2\tNULL\t/ü'],
    },
    {
      name: 'sequence',
      create: sequence!,
      properties: { ...base, 'hdfs.fileType': 'SequenceFile' },
      bodies: ['line 1', 'line ü'],
      cells: ['line 1', 'line ü'],
    },
    {
      name: 'event',
      create: event!,
      properties: { ...base, serializer: 'AVRO_EVENT', 'hdfs.fileSuffix': '.avro' },
      bodies: ['a', 'b'],
      cells: hours.map((hour, i) => `{"timestamp":"${Date.parse(hour)}"}\t${'ab'[i]}`),
    },
    {
      name: 'parquet',
      create: parquet!,
      properties: { ...base, 'hdfs.fileType': 'parquet', 'table.schemaFile': dir.join('access.avsc') },
      bodies: flat,
      cells: ['t1\t200', 't2\tNULL'],
    },
    {
      name: 'avro',
      create: parquet!.replace('PARQUET', 'AVRO'),
      properties: { ...base, 'hdfs.fileType': 'avro', 'table.schemaFile': dir.join('access.avsc') },
      bodies: flat,
      cells: ['t1\t200', 't2\tNULL'],
    },
  ];
  const folder = (name: string) => `/warehouse/access_${name}`;
  for (const { name, properties, bodies } of tables) await written(folder(name), properties, bodies);
  // What is still written does not show, whatever it holds.
  const sink = await opened(folder('json'), base);
  await sink.deliver(deliveryOf(eventsOf(['{"time":"open"}'])), { signal: new AbortController().signal });
  const open = (await hdfs.files(folder('json'))).filter(({ path }) => path.includes('/.'));
  expect(open.length).toBe(1);
  const called = (text: string, name: string) =>
    text
      .trim()
      .replace(/;$/, '')
      .replace(/\baccess\b(?!_)/, `access_${name}`)
      .replace("'/warehouse/access'", `'${folder(name)}'`);
  const statements = [
    ...tables.map(({ name, create }) => called(create, name)),
    called(add!, 'json'),
    ...tables.map(({ name }) => `MSCK REPAIR TABLE access_${name}`),
    ...tables.map(({ name }) => `SELECT * FROM access_${name}`),
    "SELECT `time` FROM access_parquet WHERE hh = '08'",
  ];
  // tables.md has another: columns that are made of events, and what fits into none.
  const made = { ...base, 'hdfs.fileType': 'parquet', 'table.sampleEvents': 1 };
  const rows = ['{"time":"t1","level":"INFO","status":200}', '{"time":"t2","status":500,"more":[1]}'];
  for (const [i, row] of rows.entries())
    await written(folder('made'), made, [rows[0]!, row].slice(1 - i), `day=${i}`);
  const [create, repair] = blocksOf('sql', pageOf('tables.md'))
    .find((text) => text.includes('MSCK'))!
    .split(';\n');
  statements.push(
    called(create!.replace('s3a://collected/access', '/warehouse/access'), 'made'),
    called(repair!, 'made'),
    'SELECT * FROM access_made',
  );
  const answers = await hive.run(statements);
  await sink.stop();
  const found = answers.slice(2 * tables.length + 1);
  for (const [i, { name, cells }] of tables.entries())
    expect([name, ...found[i]!.toSorted()]).toEqual([
      name,
      ...cells.map((cell, n) => `${cell}\t2026-11-29\t0${7 + n}`).toSorted(),
    ]);
  expect(found[tables.length]).toEqual(['t2']);
  expect(found.at(-1)!.toSorted()).toEqual([
    ...['t1\tINFO\t200\tNULL\t0', 't1\tINFO\t200\tNULL\t1', 't2\tNULL\t500\t{"more":[1]}\t1'],
  ]);
});

it('Avro data takes its schema from HDFS, by the option and by the header, over both schemes', async () => {
  using dir = tempDir('millrace-schema-');
  writeFileSync(dir.join('s.avsc'), '{"type":"string"}');
  await hdfs.dfs('-mkdir', '-p', '/schemas');
  await hdfs.dfs('-put', dir.join('s.avsc'), '/schemas/line of text.avsc');
  const serializerOf = (options: Properties) =>
    avroBodySerializer.create(
      contextFor(avroBodySerializer, { user: superuser, ...options }),
    ) as EventSerializer;
  const builder = new BatchBuilder();
  for (const word of ['a', 'bc']) builder.add(Buffer.from([2 * word.length, ...Buffer.from(word)]));
  const data = builder.build();
  const file = async (options: Properties, batch: EventBatch) => {
    const serializer = serializerOf(options);
    return Buffer.concat([serializer.begin(), await serializer.encode(batch), await serializer.end()]);
  };
  const path = '/schemas/line of text.avsc';
  for (const url of [`${hdfs.url}${path}`, `${hdfs.webUrl}${path}`, `hdfs://${path}`]) {
    const byOption = containerContents(await file({ schemaURL: url, confDir: hdfs.confDir }, data));
    expect(Object.fromEntries(byOption.metadata)['avro.schema']).toBe('{"type":"string"}');
    expect(byOption.counts).toEqual([2]);
  }
  const named = new BatchBuilder();
  named.add(Buffer.from([2, 0x61]), new Map([['flume.avro.schema.url', `${hdfs.webUrl}${path}`]]));
  expect(containerContents(await file({}, named.build())).counts).toEqual([1]);
  const missing = serializerOf({ schemaURL: `${hdfs.webUrl}/schemas/none` });
  await expect(Promise.resolve(missing.encode(data))).rejects.toThrow(
    /^no Avro schema can be had: can't read \/schemas\/none: [^\n]*FileNotFoundException/,
  );
});

it('Spark reads Parquet and Avro with structs, lists, maps and each compression, by partitions', async () => {
  using dir = tempDir('millrace-spark-');
  const field = (name: string, type: unknown) => ({ name, type: ['null', type], default: null });
  const record = (name: string, fields: unknown[]) => ({ type: 'record', name, fields });
  const schema = record('access', [
    { name: 'id', type: 'long' },
    field('ok', 'boolean'),
    field('f', 'double'),
    field('small', 'float'),
    field('price', { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 }),
    field('day', { type: 'int', logicalType: 'date' }),
    field('at', { type: 'long', logicalType: 'timestamp-micros' }),
    field('level', { type: 'enum', name: 'level', symbols: ['INFO', 'WARN'] }),
    field('tags', { type: 'array', items: 'string' }),
    field('user', record('user', [field('name', 'string'), field('ids', { type: 'array', items: 'long' })])),
    field('items', { type: 'array', items: record('item', [field('n', 'int'), field('s', 'string')]) }),
    field('attributes', { type: 'map', values: 'string' }),
  ]);
  writeFileSync(dir.join('access.avsc'), JSON.stringify(schema));
  const full = {
    ...{
      id: 9007199254740993n,
      ok: true,
      f: 0.1,
      small: 1.5,
      price: 123.45,
      level: 'WARN',
      tags: ['a', 'ü'],
    },
    ...{ day: '2026-11-29', at: '2026-11-29T07:00:00.250Z', user: { name: 'x', ids: [1, 2] } },
    ...{ items: [{ n: 1, s: 'p' }, { n: 2 }, {}], attributes: { k: 'v' } },
  };
  const text = JSON.stringify({ ...full, id: 0 }).replace('"id":0', `"id":${full.id}`);
  const empty = '{"id":2,"tags":[],"items":[],"attributes":{},"more":[1]}';
  const kinds = [
    ...(['zstd', 'snappy', 'gzip'] as const).map((codec) => ['parquet', codec] as const),
    ...(['zstandard', 'deflate'] as const).map((codec) => ['avro', codec] as const),
  ];
  for (const [format, codec] of kinds) {
    const properties = { 'hdfs.fileType': format, [`${format}.compression`]: codec };
    const own = { 'table.schemaFile': dir.join('access.avsc'), 'hdfs.inUsePrefix': '_' };
    await written(`/spark/${format}-${codec}`, { ...properties, ...own }, [text, empty]);
  }
  const asked = kinds.map(([format, codec]) => ({ format, path: `${hdfs.url}/spark/${format}-${codec}` }));
  const tables = await readBySpark(asked, superuser);
  const columns =
    'struct<id:bigint,ok:boolean,f:double,small:float,price:decimal(20,2),day:date,at:timestamp,level:string,' +
    'tags:array<string>,user:struct<name:string,ids:array<bigint>>,items:array<struct<n:int,s:string>>,' +
    'attributes:map<string,string>,_rest:string,dt:date,hh:int>';
  const partition = (hh: number) => ({ dt: '2026-11-29', hh });
  const rows = [
    { ...full, id: Number(full.id), ...partition(7) },
    { id: 2, tags: [], items: [], attributes: {}, _rest: '{"more":[1]}', ...partition(8) },
  ];
  for (const [i, [format, codec]] of kinds.entries()) {
    const table = tables[i]!;
    expect([format, codec, table.schema]).toEqual([format, codec, columns]);
    const found = table.rows.map((row) => JSON.parse(row) as { id: number });
    expect([format, codec, ...found.toSorted((a, b) => b.id - a.id)]).toEqual([format, codec, ...rows]);
    expect(table.rows.join()).toContain(`"id":${full.id}`);
  }
});
