/** The same folders given to Millrace and to a real Flume 1.11: the same events, headers and names of files. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { recordingLogger } from '../../packages/millrace/src/component/testing/context.ts';
import { encodeBlock, encodeHeader } from '../../packages/millrace/src/formats/avro/container.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import {
  drawAvro,
  drawLines,
  type SpoolCase,
  spoolConf,
  spoolResult,
} from '../../packages/testkit/src/flume/spool-cases.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

type Result = ReturnType<typeof spoolResult>;

/** Runs Millrace over its copy of the cases until nothing changes any more. */
async function byMillrace(dir: string, cases: readonly SpoolCase[], refusedFile: string): Promise<Result[]> {
  const conf = `${dir}/f.conf`;
  const refused = cases.map((_, i) => `a1.sources.n${i}.refusedFile = ${refusedFile}\n`).join('');
  writeFileSync(conf, spoolConf(dir, cases) + refused);
  await using agent = await Agent.fromFile(conf, 'a1', { log: recordingLogger(), reloadIntervalMs: 0 });
  await agent.start();
  return await settled(dir, cases);
}

async function byFlume(dir: string, cases: readonly SpoolCase[]): Promise<Result[]> {
  await using _flume = await RealFlume.start({ conf: spoolConf(dir, cases), dir });
  return await settled(dir, cases);
}

/** The results once they have been the same for a second and a half. */
async function settled(dir: string, cases: readonly SpoolCase[]): Promise<Result[]> {
  let last = '';
  let since = performance.now();
  return await waitFor(
    'the end',
    () => {
      const results = cases.map((_, i) => spoolResult(dir, i));
      const text = JSON.stringify(results);
      if (text !== last) since = performance.now();
      last = text;
      return performance.now() - since > 3000 ? results : null;
    },
    { timeoutMs: 120_000 },
  );
}

async function both(cases: readonly SpoolCase[]): Promise<{ millrace: Result[]; flume: Result[] }> {
  using dir = tempDir('millrace-spool-');
  using other = tempDir('millrace-spool-');
  const flume = await byFlume(other.path, cases);
  const millrace = await byMillrace(dir.path, cases, other.join('refused.jsonl'));
  return { millrace, flume };
}

describe('spooldir', () => {
  it('does with drawn folders what Flume does', async () => {
    const chance = chanceOf('spooldir');
    const cases = Array.from({ length: roundsOr(40) }, () =>
      chance.bool(0.7) ? drawLines(chance) : drawAvro(chance),
    );
    const { millrace, flume } = await both(cases);
    const differing = flume.flatMap((result, i) =>
      JSON.stringify(result) === JSON.stringify(millrace[i])
        ? []
        : [{ properties: cases[i]!.properties, flume: result, millrace: millrace[i] }],
    );
    expect(differing).toEqual([]);
    // A run that read nothing would prove nothing.
    expect(flume.reduce((sum, { events }) => sum + events.length, 0)).toBeGreaterThan(1000);
  });

  const file = (name: string, text: string | Buffer, mtimeS: number) => ({
    name,
    bytes: Buffer.from(text),
    mtimeS,
  });
  const noSync = Buffer.alloc(16);
  const containerOfStrings = Buffer.concat([
    encodeHeader(new Map([['avro.schema', Buffer.from('"string"')]]), noSync),
    encodeBlock(1, Buffer.from([2, 0x61]), noSync),
  ]);
  const differences: readonly {
    readonly what: string;
    readonly given: SpoolCase;
    readonly flume: Partial<Result>;
    readonly millrace: Partial<Result>;
  }[] = [
    {
      what: 'a pair of surrogates is not torn apart where a line is cut',
      given: { properties: { 'deserializer.maxLineLength': '2' }, files: [file('a', 'x😀y\n', 1)] },
      flume: { events: '{} x?\n{} ?y\n{} \n' },
      millrace: { events: `{} x\n{} ${Buffer.from('😀').toString('latin1')}\n{} y\n` },
    },
    {
      what: 'bytes that are no text keep their line back, and nothing else',
      given: {
        properties: {},
        files: [file('a', Buffer.from('good\n\xff\nrest\n', 'latin1'), 1), file('b', 'b\n', 2)],
      },
      flume: { events: '', files: ['sp/a', 'sp/b'] },
      millrace: { events: '{} good\n{} rest\n{} b\n', files: ['sp/a.COMPLETED', 'sp/b.COMPLETED'] },
    },
    {
      what: 'a name that was there before holds up no other file',
      given: {
        properties: {},
        files: [file('a.COMPLETED', 'old', 1), file('a', 'new', 1), file('b', 'b', 2)],
      },
      flume: { events: '{} new\n', files: ['sp/a', 'sp/a.COMPLETED', 'sp/b'] },
      millrace: { events: '{} new\n{} b\n', files: ['sp/a.1.COMPLETED', 'sp/a.COMPLETED', 'sp/b.COMPLETED'] },
    },
    {
      what: 'an empty file is an event in any order, not only the first one',
      given: { properties: { consumeOrder: 'random' }, files: [file('a', '', 1), file('b', '', 1)] },
      flume: { events: '{} \n' },
      millrace: { events: '{} \n{} \n' },
    },
    {
      what: 'a file that is no Avro holds up no other file',
      given: { properties: { deserializer: 'AVRO' }, files: [file('a', 'text', 1)] },
      flume: { events: '', files: ['sp/a'] },
      millrace: { events: '', files: ['sp/a'] },
    },
    {
      what: 'data of a container need not be records',
      given: { properties: { deserializer: 'AVRO' }, files: [file('a', containerOfStrings, 1)] },
      flume: { events: '', files: ['sp/a'] },
      millrace: {
        events: '{flume.avro.schema.hash=c70345637248018f} \u0002a\n',
        files: ['sp/a.COMPLETED'],
      },
    },
  ];

  it('differs where it says so, and as it says', async () => {
    const { millrace, flume } = await both(differences.map(({ given }) => given));
    for (const [i, { what, flume: flumes, millrace: ours }] of differences.entries()) {
      expect(flume[i], `Flume: ${what}`).toMatchObject(flumes);
      expect(millrace[i], what).toMatchObject(ours);
    }
  });
});
