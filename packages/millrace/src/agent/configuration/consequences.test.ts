/** Findings that only follow from others: drawn agents, some components of which have a fault of their own. */
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { fuzzRuns } from '../../../../testkit/src/fuzz/fuzz-runs.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import { parsePropertiesText } from '../../config/properties.ts';
import { formatDiagnostic } from '../../runtime/diagnostics.ts';
import { Agent } from '../agent.ts';
import { modelOf } from './load-config.ts';

const diagnosticsOf = async (text: string) =>
  (await modelOf(parsePropertiesText(text, 'f.conf'), { env: {} })).diagnostics;

/** Faults of one component, each one finding, by the type that is written. */
const faults = {
  channel: ['nosuch', 'unheard'],
  source: ['nosuch', 'jms'],
  sink: ['nosuch', 'hbase'],
} as const;

const fault = fc.option(fc.nat(1), { freq: 3 });
const drawing = fc.record({
  channels: fc.array(fault, { minLength: 1, maxLength: 3 }),
  sources: fc.array(fc.record({ fault, optional: fc.boolean(), mapped: fc.boolean() }), {
    minLength: 1,
    maxLength: 2,
  }),
  /** Sinks of each channel beyond the first. */
  more: fc.array(fc.nat(2), { maxLength: 3 }),
  sinkFaults: fc.array(fault, { minLength: 6, maxLength: 6 }),
  group: fc.constantFrom(null, 'failover', 'load_balance'),
  interceptor: fault,
});
type Drawn = typeof drawing extends fc.Arbitrary<infer T> ? T : never;

/** The text of the agent, and how many of its components have a fault of their own. */
function textOf({ channels, sources, more, sinkFaults, group, interceptor }: Drawn, isSound: boolean) {
  let count = 0;
  const typeOf = (kind: keyof typeof faults, wrong: number | null, right: string): string => {
    if (wrong === null || isSound) return right;
    count++;
    return faults[kind][wrong]!;
  };
  const names = channels.map((_, i) => `c${i}`);
  const sinks = [...names, ...more.map((at) => names[at % names.length]!)];
  const lines = [`channels = ${names.join(' ')}`, `sources = ${sources.map((_, i) => `r${i}`).join(' ')}`];
  lines.push(`sinks = ${sinks.map((_, i) => `k${i}`).join(' ')}`);
  for (const [i, wrong] of channels.entries()) {
    lines.push(`channels.c${i}.type = ${typeOf('channel', wrong, 'memory')}`);
  }
  for (const [i, { fault: wrong, optional, mapped }] of sources.entries()) {
    lines.push(`sources.r${i}.type = ${typeOf('source', wrong, 'seq')}`);
    lines.push(`sources.r${i}.channels = ${names.join(' ')}`);
    const parts = [...(mapped ? ['s'] : []), ...(i === 0 && interceptor !== null ? ['i'] : [])];
    if (parts.length > 0) lines.push(`sources.r${i}.interceptors = ${parts.join(' ')}`);
    if (mapped) {
      lines.push(`sources.r${i}.selector.type = multiplexing`, `sources.r${i}.selector.header = h`);
      lines.push(`sources.r${i}.selector.mapping.a = ${names.at(-1)}`);
      lines.push(`sources.r${i}.selector.default = ${names[0]}`);
      lines.push(`sources.r${i}.interceptors.s.type = static`, `sources.r${i}.interceptors.s.key = h`);
    } else if (optional && names.length > 1) {
      lines.push(`sources.r${i}.selector.optional = ${names.at(-1)}`);
    }
  }
  for (const [i, channel] of sinks.entries()) {
    lines.push(`sinks.k${i}.type = ${typeOf('sink', sinkFaults[i % 6]!, 'null')}`);
    lines.push(`sinks.k${i}.channel = ${channel}`);
  }
  // Sinks of one channel, so that the group itself is sound.
  const members = sinks.flatMap((channel, i) => (channel === 'c0' ? [`k${i}`] : []));
  if (group !== null && members.length > 1) {
    lines.push('sinkgroups = g', `sinkgroups.g.sinks = ${members.join(' ')}`);
    lines.push(`sinkgroups.g.processor.type = ${group}`);
  }
  if (interceptor !== null) {
    lines.push('sources.r0.interceptors.i.type = timestamp');
  }
  return { text: lines.map((line) => `a1.${line}\n`).join(''), count };
}

it('each fault is told once, and what follows from it stands behind it and says so', async () => {
  await fc.assert(
    fc.asyncProperty(drawing, async (drawn) => {
      expect((await diagnosticsOf(textOf(drawn, true).text)).map(formatDiagnostic)).toEqual([]);
      const { text, count } = textOf(drawn, false);
      const diagnostics = await diagnosticsOf(text);
      const roots = diagnostics.filter(({ follows }) => follows === undefined);
      expect(roots.map(formatDiagnostic)).toHaveLength(count);
      const told = new Set<string>();
      for (const [i, { follows, drops, suggestion }] of diagnostics.entries()) {
        if (follows !== undefined) {
          expect(i).toBeGreaterThan(0);
          expect(told, `${follows} is told before`).toContain(follows);
          expect(suggestion).toContain(`it follows from ${follows.split('.')[1]!.slice(0, -1)} `);
        }
        if (drops !== undefined) told.add(drops);
      }
    }),
    fuzzRuns(150),
  );
});

it('a run tells the same findings in the same order', async () => {
  await using dir = tempDir();
  const text = `a1.sources = r1
a1.channels = c1 c2
a1.sinks = k1 k2
a1.channels.c1.type = memory
a1.channels.c2.type = memoryy
a1.sources.r1.type = seqq
a1.sources.r1.channels = c1 c2
a1.sinks.k1.type = nul
a1.sinks.k1.channel = c1
a1.sinks.k2.type = null
a1.sinks.k2.channel = c2
`;
  const file = dir.join('f.conf');
  writeFileSync(file, text);
  const log = recordingLogger();
  await using agent = await Agent.fromFile(file, 'a1', { log, reloadIntervalMs: 0 });
  await agent.start();
  const told = log.lines.filter((line) => line.includes('f.conf:'));
  const { diagnostics } = await modelOf(parsePropertiesText(text, file), { env: {} });
  expect(told.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(diagnostics.map(formatDiagnostic));
  expect(told.filter((line) => line.includes('it follows from'))).toHaveLength(2);
});

it('a name that is misspelt is told, though the other channel is dropped', async () => {
  const [cause, ...others] = await diagnosticsOf(`a1.sources = r1
a1.channels = c1 c2
a1.sinks = k2
a1.channels.c1.type =
a1.channels.c2.type = memory
a1.sources.r1.type = seq
a1.sources.r1.channels = c1 c9
a1.sinks.k2.type = null
a1.sinks.k2.channel = c2
`);
  expect(cause).toMatchObject({ code: 'not-configured', drops: 'a1.channels.c1' });
  const source = others.find(({ code }) => code === 'unknown-channel');
  expect(source?.follows).toBeUndefined();
  expect(source?.suggestion).toBe('the channels are: c2');
});

it('interceptors: the source that goes with one follows from it', async () => {
  const diagnostics = await diagnosticsOf(`a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = memory
a1.sources.r1.type = seq
a1.sources.r1.channels = c1
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = static
a1.sources.r1.interceptors.i1.preserveExisting = x
a1.sinks.k1.type = null
a1.sinks.k1.channel = c1
`);
  expect(diagnostics.every(({ code, follows }) => code !== 'bad-interceptor' || follows !== undefined)).toBe(
    true,
  );
});
