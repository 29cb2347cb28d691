/** The list of Flume's properties, held to the classes: each is configured, and what it asks for is written down. */
import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { componentEntries } from '../../packages/millrace/src/components/index.ts';
import { plainSpec } from '../../packages/millrace/src/config/options.ts';
import {
  type FlumeComponent,
  type FlumeProperty,
  flumeComponents,
} from '../../packages/testkit/src/flume/property-lists/index.ts';
import { noteRealServer } from '../../packages/testkit/src/process/java.ts';
import { classPath, javaProgram } from '../../scripts/lib/test-needs.ts';

interface Asked {
  readonly call: string;
  readonly key: string;
  readonly given: string | undefined;
}

/** Where a class wants more than any text. */
const samples: Readonly<Record<string, string>> = {
  port: '4141',
  ports: '4141',
  'hdfs.path': 'file:///tmp/x',
  'kafka.bootstrap.servers': 'localhost:1',
  'kafka.topics': 't',
  filegroups: 'f1',
  'filegroups.*': '/tmp/x.*',
  regex: '(x)',
  serializers: 's1',
  'serializers.*': 's1',
  endpoint: 'http://localhost:1/',
  searchPattern: 'x',
  'sink.directory': '/tmp',
  spoolDir: '/tmp',
};

const below: Readonly<Record<string, string>> = {
  'filegroups.*': 'filegroups.f1',
  'serializers.*': 'serializers.s1.name',
};

function givenTo({ properties }: FlumeComponent): string[] {
  return properties.flatMap(({ name, required }) => {
    const sample = samples[name];
    if (!required && sample === undefined) return [];
    return [below[name] ?? name, sample ?? 'x'];
  });
}

/** By class; asked once for all tests. */
let answers: Promise<Map<string, Asked[]>> | null = null;
function askedBy(components: readonly FlumeComponent[]): Promise<Map<string, Asked[]>> {
  answers ??= askFlume(components);
  return answers;
}

async function askFlume(components: readonly FlumeComponent[]): Promise<Map<string, Asked[]>> {
  const paths = [await classPath('flume'), await classPath('flume-http-sink'), await classPath('hadoop')];
  paths.push(await classPath('flume-hbase2-sink'), await classPath('hbase'));
  const program = resolve(import.meta.dirname, '../../packages/testkit/src/flume/java/RecordProperties.java');
  const input = components.flatMap((component) =>
    component.classes.map((name) => [name, ...givenTo(component)].join('\t')),
  );
  const output = execFileSync(javaProgram(), ['-cp', paths.join(delimiter), program], {
    input: `${input.join('\n')}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  noteRealServer('flume');
  const asked = new Map<string, Asked[]>();
  for (const line of output.split('\n')) {
    const [name = '', call, key, given] = line.split('\t');
    if (call === undefined || key === undefined) continue;
    asked.set(name, [...(asked.get(name) ?? []), { call, key, given }]);
  }
  return asked;
}

const listed = (component: FlumeComponent, key: string): FlumeProperty | undefined =>
  component.properties.find(({ name }) => name === key) ??
  component.properties.find(({ name }) => name.endsWith('.*') && key.startsWith(name.slice(0, -1))) ??
  // What stands below may be listed one by one.
  component.properties.find(({ name }) => key.endsWith('.*') && name.startsWith(key.slice(0, -1)));

/** Read by whoever builds a component. */
const common = new Set(['type', 'channels', 'channel', 'config', '']);
/** What is asked and not in the list as it is asked, with the reason. */
const apart = new Set([
  'channel memory: byteCapacity', // 80 % of the heap that happens to be
  'channel spillablememory: byteCapacity',
  'channel spillablememory: capacity', // asked by the file channel inside, which is told overflowCapacity
  'sink hdfs: hdfs.closeTries', // the guide's 0 and the code's 2147483647 are both "until it is closed"
  'processor load_balance: selector.*', // the list has the one that there is
]);
/** Listed, and asked only where other properties are set, or when the component starts. */
const notReached = new Set([
  'encryption.*',
  'ipFilterRules',
  'QueuedThreadPool.*',
  'HttpConfiguration.*',
  'SslContextFactory.*',
  'ServerConnector.*',
  'brokerList',
  'priority.*',
  'selector.maxTimeOut',
  'hdfs.roundValue',
  'hdfs.roundUnit',
  'hdfs.minBlockReplicas',
  'schemaType',
  'writeFormat.*',
  'serializer',
  'serializer.*',
]);
/** Their properties are read as a map, by the RPC client or by themselves, and not by one call each. */
const readAsMap = new Set(['sink avro', 'sink thrift']);

const tested = flumeComponents.filter(({ classes }) => classes[0] !== '');
const titleOf = ({ kind, type }: FlumeComponent): string => `${kind} ${type}`;

/** A default as the list writes it: the home folder as `~`, nothing for the empty text. */
const listedDefault = (given: string): string | undefined =>
  given.replace(homedir(), '~').replace(/^$/, '') || undefined;
const same = (a: string | undefined, b: string | undefined): boolean =>
  (a ?? '').toLowerCase() === (b ?? '').toLowerCase();

/** What is wrong in the list, of one call of a class. */
function differenceOf(property: FlumeProperty | undefined, { call, key, given }: Asked): string | null {
  if (property === undefined) return `${key} (${call} ${given}) is not listed`;
  if (property.unread) return call === 'any' ? null : `${key} is read`;
  if (property.name !== key || call === 'any') return null;
  // Some classes take a number as text and parse it themselves.
  if (property.type !== call && call !== 'text') return `${key} is ${property.type}, asked as ${call}`;
  if (given === undefined || same(listedDefault(given), property.default)) return null;
  return `${key} defaults to ${given}, not ${property.default}`;
}

it('has what the classes ask for, with type and default, and nothing else', async () => {
  const asked = await askedBy(tested);
  const differences: string[] = [];
  for (const component of tested) {
    const title = titleOf(component);
    const calls = component.classes
      .flatMap((each) => asked.get(each) ?? [])
      .filter(({ call, key }) => call !== 'batch' && !common.has(key) && !apart.has(`${title}: ${key}`));

    for (const one of calls) {
      const difference = differenceOf(listed(component, one.key), one);
      if (difference !== null) differences.push(`${title}: ${difference}`);
    }
    const keys = new Set(calls.map(({ key }) => key));
    for (const { name, unread } of component.properties) {
      const isBelow = [...keys].some((key) => key.endsWith('.*') && name.startsWith(key.slice(0, -1)));
      const isApart = notReached.has(name) || apart.has(`${title}: ${name}`) || readAsMap.has(title);
      if (unread || isBelow || keys.has(name) || isApart) continue;
      differences.push(`${title}: ${name} is never asked for`);
    }
  }
  expect(differences).toEqual([]);
});

it('knows the batches that Flume holds against the capacity of a channel', async () => {
  const asked = await askedBy(tested);
  const differences: string[] = [];
  for (const { kind, type, classes } of tested) {
    const batch = asked.get(classes[0]!)?.find(({ call }) => call === 'batch');
    const entry = componentEntries.find(
      (each) => each.kind === kind && (each.type === type || each.classNames.includes(type)),
    );
    if (entry === undefined) continue;
    const { batchSizeOption, options } = await entry.load();
    const option = batchSizeOption === undefined ? undefined : plainSpec(options)[batchSizeOption];
    const own = option === undefined ? undefined : String(option.default);
    if (batch?.key !== own) differences.push(`${kind} ${type}: ${batch?.key} in Flume, ${own} here`);
  }
  expect(differences).toEqual([]);
});
