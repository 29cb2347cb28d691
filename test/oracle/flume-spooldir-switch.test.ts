/** A file that was begun by a real Flume 1.11 is gone on with by Millrace where it was, and the other way round. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { contextFor, recordingLogger } from '../../packages/millrace/src/component/testing/context.ts';
import { DrivenSource, TestPuts } from '../../packages/millrace/src/component/testing/driven-source.ts';
import { avroDeserializer } from '../../packages/millrace/src/components/avro/deserializer.ts';
import { spoolDirSource } from '../../packages/millrace/src/components/spooldir/source.ts';
import { encodeBlock, encodeHeader } from '../../packages/millrace/src/formats/avro/container.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { spoolConf } from '../../packages/testkit/src/flume/spool-cases.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

/** A folder with one file, and the configuration over it, written by `spoolConf`. */
function folderWith(dir: TempDir, bytes: Buffer, properties: Record<string, string>): string {
  return spoolConf(dir.path, [{ properties, files: [{ name: 'a', bytes, mtimeS: 1_000_000 }] }]);
}
const written = (dir: TempDir): string =>
  readdirSync(dir.join('n0/out'))
    .map((name) => readFileSync(dir.join('n0/out', name), 'latin1'))
    .join('');
const isFinished = (dir: TempDir): boolean => readdirSync(dir.join('n0/sp')).includes('a.COMPLETED');

async function flumeUntil(dir: TempDir, conf: string, isDone: (log: string) => boolean): Promise<void> {
  await using flume = await RealFlume.start({ conf, dir: dir.path });
  await waitFor('Flume', () => isDone(flume.process.stdout), { timeoutMs: 60_000 });
  await flume.stop();
}

async function millraceUntil(
  dir: TempDir,
  conf: string,
  more: string,
  isDone: (log: string) => boolean,
): Promise<void> {
  writeFileSync(
    dir.join('m.conf'),
    `${conf}a1.sources.n0.refusedFile = ${dir.join('refused.jsonl')}\n${more}`,
  );
  const log = recordingLogger();
  await using agent = await Agent.fromFile(dir.join('m.conf'), 'a1', { log, reloadIntervalMs: 0 });
  await agent.start();
  await waitFor('Millrace', () => isDone(log.lines.join('\n')));
}

const lines = Buffer.from('l1\nl2\nl3\nl4\nl5\nl6 \xff\nl7\nl8\nl9\n', 'latin1');
const properties = { batchSize: '2' };
const shown = (numbers: readonly number[]): string => numbers.map((n) => `{} l${n}\n`).join('');

const type = avro.Type.forSchema({ type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] });
const sync = Buffer.from('a sync marker 16');
const head = encodeHeader(new Map([['avro.schema', Buffer.from(JSON.stringify(type.schema()))]]), sync);
const block = (...numbers: number[]): Buffer =>
  encodeBlock(numbers.length, Buffer.concat(numbers.map((n) => type.toBuffer({ n }))), sync);
/** The numbers that a text of events holds: each body is one byte, a number twice. */
const numbersOf = (text: string): number[] =>
  text
    .split('{flume.avro.schema.hash=')
    .slice(1)
    .map((event) => event.charCodeAt(event.indexOf('} ') + 2) / 2);

describe('a switch', () => {
  it('from Flume to Millrace: LINE', async () => {
    using dir = tempDir('millrace-switch-');
    const conf = folderWith(dir, lines, properties);
    await flumeUntil(dir, conf, (log) => log.includes('FATAL') && written(dir).includes('l4'));
    expect(written(dir)).toBe(shown([1, 2, 3, 4]));
    await millraceUntil(dir, conf, '', () => isFinished(dir) && written(dir).includes('l9'));
    expect(written(dir)).toBe(shown([1, 2, 3, 4, 5, 7, 8, 9]));
    expect(readFileSync(dir.join('refused.jsonl'), 'utf8')).toContain('no UTF-8');
  });

  it('from Millrace to Flume: LINE', async () => {
    using dir = tempDir('millrace-switch-');
    const conf = folderWith(dir, lines, properties);
    const strict = 'a1.sources.n0.onFault = stop\n';
    await millraceUntil(dir, conf, strict, (log) => log.includes('FATAL') && written(dir).includes('l4'));
    expect(written(dir)).toBe(shown([1, 2, 3, 4]));
    const replacing = `${conf}a1.sources.n0.decodeErrorPolicy = REPLACE\n`;
    await flumeUntil(dir, replacing, () => isFinished(dir) && written(dir).includes('l9'));
    expect(written(dir)).toBe(`${shown([1, 2, 3, 4, 5])}{} l6 \xef\xbf\xbd\n${shown([7, 8, 9])}`);
  });

  it('from Flume to Millrace: AVRO, at a block that Flume stops at', async () => {
    using dir = tempDir('millrace-switch-');
    const damaged = block(7, 8, 9);
    damaged[damaged.length - 1]! ^= 1; // its sync marker
    const bytes = Buffer.concat([head, block(1, 2, 3), block(4, 5, 6), damaged, block(10, 11)]);
    const conf = folderWith(dir, bytes, { ...properties, deserializer: 'AVRO' });
    await flumeUntil(dir, conf, (log) => log.includes('FATAL') && numbersOf(written(dir)).includes(6));
    expect(numbersOf(written(dir))).toEqual([1, 2, 3, 4, 5, 6]);
    // The damage takes the marker that the next block is found by, so that one is set aside, too.
    await millraceUntil(dir, conf, '', () => isFinished(dir));
    const refused = readFileSync(dir.join('refused.jsonl'), 'utf8');
    expect(refused).toContain('no sync marker follows a block');
    expect(numbersOf(written(dir))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('from Millrace to Flume: AVRO, within a block, which Flume begins again', async () => {
    using dir = tempDir('millrace-switch-');
    const bytes = Buffer.concat([head, block(1, 2, 3), block(4, 5, 6), block(7, 8)]);
    const conf = folderWith(dir, bytes, { ...properties, deserializer: 'AVRO' });
    const source = { spoolDir: dir.join('n0/sp'), batchSize: 2, settleTime: 0, deserializer: 'AVRO' };
    const puts = new TestPuts();
    const put = puts.put.bind(puts);
    puts.put = async (batch, options) => {
      if (puts.taken.length >= 4) puts.rejectNext = 1;
      await put(batch, options);
    };
    const context = contextFor(spoolDirSource, source, 'n0', [avroDeserializer]);
    const driven = new DrivenSource(spoolDirSource.create({ ...context, channels: puts }));
    await driven.start();
    await waitFor('a rejection', () => puts.rejected > 0);
    await driven.stop();
    expect(puts.taken.map((body) => body.charCodeAt(0) / 2)).toEqual([1, 2, 3, 4]);
    await flumeUntil(dir, conf, () => isFinished(dir) && numbersOf(written(dir)).includes(8));
    expect(numbersOf(written(dir))).toEqual([4, 5, 6, 7, 8]);
  });
});
