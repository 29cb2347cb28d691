/**
 * A sound configuration, one fault made in it at random, and the finding that must tell of it: at its line and column,
 * with what to do, in `check` and in the agent that runs alike. Every component that there is takes part.
 */
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { testIo } from '../../../../testkit/src/process/test-io.ts';
import { run } from '../../cli/check.ts';
import type { ComponentDefinition } from '../../component/kinds.ts';
import { componentEntries } from '../../components/index.ts';
import { type Option, plainSpec } from '../../config/options.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { Agent } from '../agent.ts';

/** Values for what a component cannot be without. */
const needed: Readonly<Record<string, string>> = {
  bind: '127.0.0.1',
  port: '4444',
  command: 'tail -F /var/log/x',
  filegroups: 'f1',
  'filegroups.f1': '/var/log/.*log',
  'kafka.bootstrap.servers': 'k:9092',
  'kafka.topics': 'in',
  'sink.directory': '/tmp',
  regex: '(found)',
  searchPattern: 'found',
  withName: 'found',
  ports: '10001 10002',
  serializers: 's1',
  'serializers.s1.name': 'found',
  spoolDir: '/nowhere/spool',
  dataDirs: '/nowhere/data',
  endpoint: 'http://localhost:1/',
  defaultRollback: 'false',
  'hdfs.path': 'file:///tmp/collected',
  hostname: 'localhost',
  hostNames: 'localhost:9200',
  client: 'rest',
  url: 'postgresql://collector@localhost/logs',
  table: 'collected',
  's3.path': 's3://collected/events',
  stream: 'collected',
  'rest.url': 'http://localhost:8080',
  columnFamily: 'cf',
  countEvents: 'false',
};
/** Where one component's is another than that of others. */
const neededBy: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  redis: { url: 'redis://localhost' },
};

const prefixes = {
  source: 'a1.sources.r1',
  channel: 'a1.channels.c1',
  sink: 'a1.sinks.k1',
  interceptor: 'a1.sources.r1.interceptors.i1',
} as const;
type Kind = keyof typeof prefixes;

interface Line {
  readonly key: string;
  readonly value: string;
}

function linesOf(definition: ComponentDefinition, prefix: string): Line[] {
  const lines = [{ key: `${prefix}.type`, value: definition.type ?? definition.classNames[0]! }];
  for (const [key, value] of Object.entries(needed)) {
    const isOption =
      Object.hasOwn(plainSpec(definition.options), key) &&
      (key !== 'kafka.topics' || definition.kind === 'source');
    const isBelowOne = Object.values(definition.options).some(
      (option) => option.kind === 'map' && option.prefix !== undefined && key.startsWith(`${option.prefix}.`),
    );
    if (isOption || isBelowOne) {
      const own = neededBy[definition.type ?? '']?.[key];
      lines.push({ key: `${prefix}.${key}`, value: own ?? value });
    }
  }
  return lines;
}

/** Agent a1 with that component in its place. */
function soundLines(definition: ComponentDefinition): Line[] {
  const prefix = prefixes[definition.kind as Kind];
  const rest: Line[] = [
    { key: 'a1.sources', value: 'r1' },
    { key: 'a1.channels', value: 'c1' },
    { key: 'a1.sinks', value: 'k1' },
    { key: 'a1.sources.r1.channels', value: 'c1' },
    { key: 'a1.sinks.k1.channel', value: 'c1' },
    { key: 'a1.sources.r1.type', value: 'seq' },
    { key: 'a1.channels.c1.type', value: 'memory' },
    { key: 'a1.channels.c1.capacity', value: '5000' },
    { key: 'a1.channels.c1.transactionCapacity', value: '5000' },
    { key: 'a1.sinks.k1.type', value: 'null' },
  ];
  const others = rest.filter(({ key }) => !key.startsWith(`${prefix}.`) || /\.channels?$/.test(key));
  const list = definition.kind === 'interceptor' ? [{ key: 'a1.sources.r1.interceptors', value: 'i1' }] : [];
  // Only a source's type must give way to the component's own; an interceptor stands beside one.
  return [...others, ...list, ...linesOf(definition, prefix)];
}

/** The fault: which line it is in (added where the sound file has none), and what must be said of it. */
interface FaultCase {
  readonly name: string;
  readonly lines: Line[];
  readonly at: number;
  readonly part: 'key' | 'value';
  readonly codes: readonly string[];
  /** Part of the remedy. */
  readonly remedy?: string | undefined;
}

/** Whether the option is what stands below its name. */
const isBelow = ({ kind }: Option): boolean => kind === 'map' || kind === 'properties';

type Pick = <T>(values: readonly T[]) => T;

const faults: Readonly<Record<string, (definition: ComponentDefinition, pick: Pick) => FaultCase | null>> = {
  'a misspelt property': (definition, pick) => {
    const names = Object.entries(plainSpec(definition.options))
      .filter(([name, option]) => !isBelow(option) && name.length >= 6)
      .map(([name]) => name);
    if (names.length === 0) return null;
    const name = pick(names);
    const at = pick(Array.from({ length: name.length - 2 }, (_, i) => i + 1));
    const misspelt = pick([
      name.slice(0, at) + name.slice(at + 1),
      name.slice(0, at) + name[at + 1]! + name[at]! + name.slice(at + 2),
      `${name.slice(0, at)}x${name.slice(at)}`,
    ]);
    const isName = Object.entries(plainSpec(definition.options)).some(
      ([other, { oldNames = [] }]) => other === misspelt || oldNames.includes(misspelt),
    );
    const isInMap = Object.entries(plainSpec(definition.options)).some(
      ([prefix, option]) =>
        isBelow(option) &&
        misspelt.startsWith(`${(option.kind === 'map' ? option.prefix : undefined) ?? prefix}.`),
    );
    if (isName || isInMap || misspelt.includes('..') || misspelt.endsWith('.')) return null;
    const codes = ['unknown-key', 'misplaced-key'];
    return added(definition, misspelt, 'x', 'key', codes, 'did you mean');
  },
  'a property in another case': (definition, pick) => {
    const names = Object.keys(plainSpec(definition.options)).filter(
      (name) => name.toLowerCase() !== name && !isBelow(plainSpec(definition.options)[name]!),
    );
    if (names.length === 0) return null;
    const name = pick(names);
    return added(definition, name.toLowerCase(), 'x', 'key', ['unknown-key', 'misplaced-key'], name);
  },
  'a number that is none': (definition, pick) =>
    number(definition, pick, pick(['abc', '1.5', '0x10', '99999999999999999999'])),
  'a comment behind a number': (definition, pick) => {
    const fault = number(definition, pick, '5 # five');
    return fault === null ? null : { ...fault, remedy: 'line of its own' };
  },
  'a boolean that is none': (definition, pick) => {
    const name = optionOf(definition, pick, ({ kind }) => kind === 'boolean');
    return name === null
      ? null
      : added(definition, name, pick(['yes', '1', 'on']), 'value', ['bad-boolean'], 'true');
  },
  'a value that is none of a few': (definition, pick) => {
    const name = optionOf(definition, pick, ({ kind }) => kind === 'enum');
    return name === null
      ? null
      : added(definition, name, 'nosuch', 'value', ['bad-value', 'value-replaced'], 'one of');
  },
  'a property without effect': (definition, pick) => {
    const name = optionOf(definition, pick, ({ ignored, kind }) => ignored !== undefined && kind !== 'map');
    return name === null ? null : added(definition, name, '5', 'key', ['no-effect']);
  },
  'a misspelt type': (definition, pick) => {
    const lines = soundLines(definition);
    const at = lines.findIndex(({ key }) => key === `${prefixes[definition.kind as Kind]}.type`);
    const { key, value } = lines[at]!;
    if (value.length < 5) return null;
    const cut = pick(Array.from({ length: value.length - 2 }, (_, i) => i + 1));
    lines[at] = { key, value: value.slice(0, cut) + value.slice(cut + 1) };
    return { name: key, lines, at, part: 'value', codes: ['unknown-type'], remedy: 'did you mean' };
  },
  'a needed property that is missing': (definition, pick) => {
    const prefix = prefixes[definition.kind as Kind];
    const names = Object.entries(plainSpec(definition.options)).flatMap(([name, { required, kind }]) =>
      required === true && kind !== 'map' && kind !== 'properties' ? [name] : [],
    );
    if (names.length === 0) return null;
    const name = pick(names);
    const lines = soundLines(definition).filter(({ key }) => key !== `${prefix}.${name}`);
    const at = lines.findIndex(({ key }) => key === `${prefix}.type`);
    return { name, lines, at, part: 'key', codes: ['missing'], remedy: `add ${name}` };
  },
  'a channel that is not there': (definition, pick) => {
    const lines = soundLines(definition);
    const key = pick(['a1.sources.r1.channels', 'a1.sinks.k1.channel']);
    const at = lines.findIndex((line) => line.key === key);
    lines[at] = { key, value: 'c7' };
    return { name: key, lines, at, part: 'value', codes: ['unknown-channel'], remedy: 'channels are: c1' };
  },
};

function optionOf(
  definition: ComponentDefinition,
  pick: Pick,
  wanted: (option: Option) => boolean,
): string | null {
  const names = Object.entries(plainSpec(definition.options)).flatMap(([name, option]) =>
    wanted(option) ? [name] : [],
  );
  return names.length === 0 ? null : pick(names);
}

function number(definition: ComponentDefinition, pick: Pick, value: string): FaultCase | null {
  const name = optionOf(
    definition,
    pick,
    ({ kind }) => kind === 'int' || kind === 'bytes' || kind === 'duration',
  );
  return name === null
    ? null
    : added(definition, name, value, 'value', ['bad-number', 'number-replaced'], 'whole number');
}

function added(
  definition: ComponentDefinition,
  name: string,
  value: string,
  part: FaultCase['part'],
  codes: readonly string[],
  remedy?: string,
): FaultCase {
  const key = `${prefixes[definition.kind as Kind]}.${name}`;
  const lines = [...soundLines(definition).filter((line) => line.key !== key), { key, value }];
  return { name, lines, at: lines.length - 1, part, codes, remedy };
}

/** The file, as people write them, and where the fault stands in it. */
function written(fault: FaultCase, pick: Pick): { text: string; line: number; column: number } {
  const order = fault.lines.map((line, i) => ({
    line,
    fault: i === fault.at,
    rank: pick([0, 1, 2, 3, 4, 5, 6, 7]),
  }));
  order.sort((a, b) => a.rank - b.rank);
  let text = '';
  let place = { line: 0, column: 0 };
  for (const { line, fault: isFault } of order) {
    text += pick(['', '', '# a comment\n', '\n', '   \n', '! another = one\n']);
    const indent = pick(['', '', '  ', '\t']);
    const between = pick([' = ', '=', ' : ', '\t', ' \\\n    ']);
    const value = indent + line.key + between;
    if (isFault) {
      const before = text + (fault.part === 'key' ? indent : value);
      const above = before.split('\n');
      place = { line: above.length, column: above.at(-1)!.length + 1 };
    }
    text += `${value}${line.value}\n`;
  }
  return { text, ...place };
}

const definitions = (await Promise.all(componentEntries.map((entry) => entry.load()))).filter(
  ({ kind }) => kind in prefixes,
);

async function checked(file: string): Promise<readonly Diagnostic[]> {
  const { io, stdout } = testIo();
  await run(['-f', file, '-n', 'a1', '--json'], io);
  return (JSON.parse(stdout()) as { diagnostics: Diagnostic[] }).diagnostics;
}

/** Kind of fault → how many were made. */
const made = new Map<string, number>();
afterAll(() => {
  for (const kind of Object.keys(faults)) expect(made.get(kind) ?? 0, kind).toBeGreaterThan(4);
});

const nameOf = ({ kind, type, classNames }: ComponentDefinition): string =>
  `${kind} ${type ?? classNames[0]}`;

describe.each(definitions.map((definition) => [nameOf(definition), definition] as const))(
  '%s',
  (_, definition) => {
    it('has nothing to tell while it is sound', async () => {
      using dir = tempDir();
      const file = dir.join('f.conf');
      writeFileSync(
        file,
        soundLines(definition)
          .map(({ key, value }) => `${key} = ${value}`)
          .join('\n'),
      );
      expect((await checked(file)).filter(({ severity }) => severity !== 'info')).toEqual([]);
    });

    it.each(Object.keys(faults))('%s', async (kind) => {
      using dir = tempDir();
      const file = dir.join('f.conf');
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.nat(1_000_000)), async (stream) => {
          const pick: Pick = (values) => values[stream.next().value! % values.length]!;
          const fault = faults[kind]!(definition, pick);
          if (fault === null) return;
          made.set(kind, (made.get(kind) ?? 0) + 1);
          const { text, line, column } = written(fault, pick);
          writeFileSync(file, text);
          const found = await checked(file);
          const there = found.filter((each) => fault.codes.includes(each.code) && each.line === line);
          expect(
            there.map((each) => each.column),
            `${text}\n${JSON.stringify(found, null, 1)}`,
          ).toContain(column);
          for (const { suggestion } of found) expect(suggestion).toMatch(/\S/);
          if (fault.remedy !== undefined) {
            expect(there.map(({ suggestion }) => suggestion).join('\n')).toContain(fault.remedy);
          }
          const agent = await Agent.fromFile(file, 'a1');
          expect(agent.diagnostics).toEqual(found);
        }),
        { numRuns: 10 },
      );
    });
  },
);
