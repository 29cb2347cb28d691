/** The Avro serializers beside Flume's own: the same events make the same files, which Avro's own Java reader reads. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { avroBodySerializer } from '../../packages/millrace/src/components/avro/body-serializer.ts';
import { avroEventSerializer } from '../../packages/millrace/src/components/avro/event-serializer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { containerContents } from '../../packages/testkit/src/files/avro-container.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { type DrawnEvent, drawEvent } from '../../packages/testkit/src/flume/drawn-interceptors.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { noteRealServer } from '../../packages/testkit/src/process/java.ts';
import { classPath, javaProgram } from '../../scripts/lib/test-needs.ts';

const hex = (text: string) => Buffer.from(text).toString('hex');
const pairs = (map: Iterable<readonly [string, string]>) =>
  [...map].map(([key, value]) => `\t${hex(key)}=${hex(value)}`).join('');

/** What the Java program answers, a line each. */
async function javaAnswers(lines: readonly string[]): Promise<string[]> {
  const program = resolve(
    import.meta.dirname,
    '../../packages/testkit/src/process/java/SerializeEvents.java',
  );
  // Kafka's set has zstandard whole: the classes and their native library of one version.
  const sets = await Promise.all((['kafka', 'flume', 'hadoop'] as const).map(classPath));
  const jars = sets.join(delimiter);
  const flags = ['-Dfile.encoding=UTF-8', '-Dlog4j2.level=OFF', '-cp', jars, program];
  const printed = execFileSync(javaProgram(), flags, {
    input: `${lines.join('\n')}\n`,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  noteRealServer('flume');
  return printed.split('\n').slice(0, -1);
}

interface DrawnFile {
  readonly type: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Batches, each followed by a flush. */
  readonly batches: readonly (readonly DrawnEvent[])[];
}

const literals = ['"string"', '"bytes"', '{"type":"map","values":"string"}'];
const bodySerializer = avroBodySerializer.classNames[0]!;

function drawFile(chance: Chance): DrawnFile {
  const isBody = chance.bool(0.3);
  const properties: Record<string, string> = {};
  if (chance.bool()) properties.syncIntervalBytes = String(chance.pick([32, 33, 100, 500, 4096]));
  if (chance.bool(0.7))
    properties.compressionCodec = chance.pick(['null', 'deflate', 'snappy', 'zstandard', 'nope']);
  const literal = chance.pick(literals);
  const batches = Array.from({ length: chance.int(1, 4) }, () =>
    Array.from({ length: chance.int(1, 30) }, () =>
      isBody ? drawDatum(chance, literal) : drawEvent(chance),
    ),
  );
  return { type: isBody ? bodySerializer : chance.pick(['AVRO_EVENT', 'avro_event']), properties, batches };
}

/** Avro's text and bytes look alike; a map of one entry is two of them between counts. */
function drawDatum(chance: Chance, literal: string): DrawnEvent {
  const text = () => {
    const bytes = Buffer.from('é'.repeat(chance.int(0, 20)));
    return Buffer.concat([Buffer.from([bytes.length * 2]), bytes]);
  };
  const body = literal.includes('map')
    ? Buffer.concat([Buffer.from([2]), text(), text(), Buffer.from([0])])
    : text();
  return { body, headers: new Map([['flume.avro.schema.literal', literal]]) };
}

async function ourFile({ type, properties, batches }: DrawnFile): Promise<Buffer> {
  const definition = type === bodySerializer ? avroBodySerializer : avroEventSerializer;
  const serializer = definition.create(contextFor(definition, properties));
  const parts = [serializer.begin()];
  for (const events of batches) {
    const builder = new BatchBuilder();
    for (const { body, headers } of events) builder.add(body, headers);
    parts.push(await serializer.encode(builder.build()), await serializer.flush!());
  }
  parts.push(await serializer.end());
  return Buffer.concat(parts);
}

it('make the files that Flume’s make', async () => {
  using dir = tempDir('millrace-avro-');
  const chance = chanceOf('avro serializers');
  const files = Array.from({ length: roundsOr(2) * 60 }, () => drawFile(chance));
  const lines: string[] = [];
  for (const [i, file] of files.entries()) {
    lines.push(
      `S\t${hex(dir.join(`theirs${i}`))}\t${hex(file.type)}${pairs(Object.entries(file.properties))}`,
    );
    for (const events of file.batches)
      lines.push(...events.map(({ body, headers }) => `E\t${body.toString('hex')}${pairs(headers)}`), 'F');
    lines.push('C');
    writeFileSync(dir.join(`ours${i}`), await ourFile(file));
    lines.push(`R\t${hex(dir.join(`ours${i}`))}`, `R\t${hex(dir.join(`theirs${i}`))}`);
  }
  const answers = await javaAnswers(lines);
  expect(answers).toHaveLength(files.length * 4);
  for (const [i, file] of files.entries()) {
    const name = `${i}: ${file.type} ${JSON.stringify(file.properties)}`;
    const [begun, ended, ours, theirs] = answers.slice(4 * i);
    expect([begun, ended], name).toEqual(['ok', 'ok']);
    expect(ours, name).toBe(theirs);
    expect(ours!.split('\t'), name).toHaveLength(1 + file.batches.flat().length);
    const mine = containerContents(readFileSync(dir.join(`ours${i}`)));
    const flumes = containerContents(readFileSync(dir.join(`theirs${i}`)));
    expect(mine.counts, name).toEqual(flumes.counts);
    expect(mine.data.equals(flumes.data), name).toBe(true);
    expect(mine.metadata, name).toEqual(flumes.metadata);
  }
});
