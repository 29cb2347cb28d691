/**
 * Configurations to be built and not run: of any components that both programs have, with any of their properties, right
 * and wrong, and whatever else a file may have. What each program keeps of them is compared.
 */
import { certificates, keystorePassword } from '../../net/certificates.ts';
import type { Chance } from '../../oracle/seed.ts';
import { type Case, type Component, type Group, type Line, line } from './case.ts';
import { drawHostile } from './draw-values.ts';
import { type DrawnType, drawProperties, drawStyle, drawTypeName, typesOf } from './flume-types.ts';

/** Values with which a component is sound, by the property's name. */
const sound: Readonly<Record<string, string>> = {
  ...{ bind: '127.0.0.1', host: '127.0.0.1', hostname: '127.0.0.1' },
  ...{ port: '«port:any»', ports: '«port:any» «port:other»', command: 'true' },
  ...{ spoolDir: '«dir»/spool', filegroups: 'f1', 'filegroups.f1': '«dir»/tail/.*log' },
  ...{ positionFile: '«dir»/positions.json', 'sink.directory': '«dir»/roll' },
  ...{ 'hdfs.path': 'file://«dir»/hdfs', endpoint: 'http://127.0.0.1:9/' },
  ...{ 'kafka.bootstrap.servers': '127.0.0.1:9', 'kafka.topics': 't', 'kafka.topic': 't' },
  ...{ checkpointDir: '«dir»/checkpoint', dataDirs: '«dir»/data', backupCheckpointDir: '«dir»/backup' },
  ...{ regex: '(\\d+)(x)?', serializers: 's1', 'serializers.s1.name': 'one', searchPattern: 'a' },
};
/** Not required by the table, and without them a component would write outside of its folder. */
const always = ['positionFile', 'checkpointDir', 'dataDirs', 'filegroups.f1', 'kafka.topics'];
/** What names a file or the like: a drawn text there would say nothing. */
const apart = [
  ...Object.keys(sound).filter((name) => !/^(?:regex|serializers|searchPattern|port|host)$/.test(name)),
  ...['keystore', 'truststore', 'trackerDir'],
];
/** What a JVM would spend minutes on. */
const tooLarge = ({ type }: DrawnType, { value }: Line) => /Stress/.test(type) && Number(value) > 1e6;
const notHere = (name: string) => /kerberos|keytab|principal|zookeeper/i.test(name);

function soundLines(chance: Chance, type: DrawnType): Line[] {
  const names = type.properties.filter(({ required }) => required).map(({ name }) => name);
  const more = always.filter(
    (name) =>
      !names.includes(name) && (name in type.spec || type.properties.some((each) => each.name === name)),
  );
  const below = type.type === 'TAILDIR' ? ['filegroups.f1'] : [];
  const extra = type.type === 'regex_extractor' ? ['serializers.s1.name'] : [];
  return [...new Set([...names, ...more, ...below, ...extra])]
    .filter((name) => name in sound && (always.includes(name) || chance.bool(0.96)))
    .map((name) => line(name, sound[name]!, drawStyle(chance)));
}

const drawnLines = (chance: Chance, type: DrawnType, most = 2): Line[] =>
  drawProperties(chance, type, {
    most,
    not: [...apart, ...type.properties.map(({ name }) => name).filter(notHere)],
  }).filter((each) => !tooLarge(type, each));

/** What TLS asks for before anything else of it is read. */
const tls: Readonly<Record<string, string>> = {
  ...{ ssl: 'true', keystore: certificates.pkcs12, 'keystore-password': keystorePassword },
  ...{ 'keystore-type': 'PKCS12', truststore: certificates.pkcs12 },
};

/**
 * A hostile text for one of its texts, or two, with what such a text may hang on turned on: TLS, and some of its other
 * switches.
 */
function hostileLines(chance: Chance, { properties }: DrawnType): Line[] {
  const texts = properties.filter(
    ({ name, type, values }) =>
      type === 'text' && values === undefined && !apart.includes(name) && !notHere(name),
  );
  if (texts.length === 0) return [];
  const has = (name: string) => properties.some((each) => each.name === name);
  const switches = properties.filter(({ name, type }) => type === 'boolean' && !notHere(name));
  return [
    ...switches.filter(() => chance.bool(0.4)).map(({ name }) => line(name, 'true')),
    ...Object.entries(tls).flatMap(([name, value]) => (has(name) ? [line(name, value)] : [])),
    ...Array.from({ length: chance.int(1, 2) }, () =>
      line(chance.pick(texts).name, drawHostile(chance), drawStyle(chance)),
    ),
  ];
}

/** A component of the kind with its own properties; the same key drawn later wins, as in a file. */
function drawComponent(chance: Chance, group: Group, name: string, kind: string): Component {
  const type = chance.pick(typesOf(kind));
  const named = chance.bool(0.98) ? [line('type', drawTypeName(chance, type), drawStyle(chance))] : [];
  const hostile = chance.bool(0.2) ? hostileLines(chance, type) : [];
  const lines = [...named, ...soundLines(chance, type), ...drawnLines(chance, type), ...hostile];
  return { group, name, lines: lastOfEach(lines), listed: chance.bool(0.97) };
}

export function lastOfEach(lines: readonly Line[]): Line[] {
  return [...new Map(lines.map((each) => [each.key, each])).values()];
}

const withLines = (component: Component, lines: readonly Line[]): Component => ({
  ...component,
  lines: lastOfEach([...component.lines, ...lines]),
});

/** Parts below a component: `selector.`, `processor.`, `interceptors.i1.`. */
function part(chance: Chance, kind: string, prefix: string, most = 2): Line[] {
  const type = chance.pick(typesOf(kind));
  const below = [line('type', drawTypeName(chance, type)), ...soundLines(chance, type)];
  const hostile = chance.bool(0.2) ? hostileLines(chance, type) : [];
  const all = [...below, ...drawnLines(chance, type, most), ...hostile];
  return all.map((each) => ({ ...each, key: prefix + each.key }));
}

function names(chance: Chance, all: readonly string[], most = all.length): string {
  const chosen = Array.from({ length: chance.int(1, most) }, () => chance.pick(all));
  const text = [...new Set(chosen)].map((name) => `«${name}»`);
  if (chance.bool(0.04)) text.push('nosuch');
  return text.join(chance.pick([' ', ' ', ' ', '  ', '\t', chance.bool(0.1) ? ',' : ' ']));
}

function source(chance: Chance, name: string, channels: readonly string[]): Component {
  const lines: Line[] = [];
  const chosen = names(chance, channels);
  if (chance.bool(0.97)) lines.push(line('channels', chosen, drawStyle(chance)));
  if (chance.bool(0.4)) {
    const interceptors = ['i1', 'i2'].slice(0, chance.int(1, 2));
    lines.push(line('interceptors', interceptors.join(' ')));
    for (const each of interceptors) lines.push(...part(chance, 'interceptor', `interceptors.${each}.`));
  }
  if (chance.bool(0.3)) {
    lines.push(
      ...part(chance, 'selector', 'selector.', 1).filter(({ key }) => !/default|optional$/.test(key)),
    );
    for (const key of ['default', 'optional', 'mapping.x', 'mapping.a.b', 'optional.x'])
      if (chance.bool(0.3)) lines.push(line(`selector.${key}`, names(chance, channels, 2)));
  }
  return withLines(drawComponent(chance, 'sources', name, 'source'), lines);
}

function sink(chance: Chance, name: string, channels: readonly string[]): Component {
  const channel = chance.bool(0.03) ? 'nosuch' : `«${chance.pick(channels)}»`;
  const made = drawComponent(chance, 'sinks', name, 'sink');
  const lines = chance.bool(0.97) ? [line('channel', channel, drawStyle(chance))] : [];
  const type = made.lines.find(({ key }) => key === 'type')?.value ?? '';
  const prefix = /roll/i.test(type) ? 'sink.serializer' : /hdfs/i.test(type) ? 'serializer' : null;
  if (prefix !== null && chance.bool(0.4)) {
    const drawn = part(chance, 'serializer', `${prefix}.`);
    lines.push(...drawn.map((each) => (each.key === `${prefix}.type` ? { ...each, key: prefix } : each)));
  }
  return withLines(made, lines);
}

function sinkGroup(chance: Chance, name: string, sinks: readonly string[]): Component {
  const lines = [line('sinks', names(chance, sinks))];
  if (chance.bool(0.95)) lines.push(...part(chance, 'processor', 'processor.'));
  for (const each of sinks)
    if (chance.bool(0.4))
      lines.push(line(`processor.priority.«${each}»`, chance.pick(['1', '5', '-3', '5', 'x', '2147483648'])));
  return { group: 'sinkgroups', name, lines: lastOfEach(lines), listed: chance.bool(0.95) };
}

const odd: readonly string[] = [
  '// text that is no comment',
  '; neither is this',
  'nodots = 5',
  'agent. = 3',
  'a1.bogus.x.y = 5',
  'a1.channel.«c1».capacity = 5',
  'a1.sinks.«k1» = 7',
  'a1.sources.«r1».batchSize =',
  'a1.sources.«r1».nosuch = 1',
  'agnet.sources = «r1»',
  'b1.sources = r\nb1.channels = c\nb1.sources.r.type = nosuch',
  'a1.sources.«r9».type = seq',
  'a1.channels.«c9».type = memory',
  '= value',
  'a1.=5',
  '.sources = r1',
  'a1.sources..type = seq',
  'a1.sources.«r1».\\u0074ype2 = x',
];

export function drawConfiguration(chance: Chance): Case {
  const some = (letter: string, most: number) =>
    Array.from({ length: chance.int(1, most) }, (_, i) => `${letter}${i + 1}`);
  const channels = some('c', 3);
  const sinks = some('k', 3);
  const components: Component[] = [
    ...channels.map((name) => drawComponent(chance, 'channels', name, 'channel')),
    ...some('r', 2).map((name) => source(chance, name, channels)),
    ...sinks.map((name) => sink(chance, name, channels)),
  ];
  if (chance.bool(0.4)) components.push(sinkGroup(chance, 'g1', sinks));
  if (chance.bool(0.1)) components.push(sinkGroup(chance, 'g2', sinks));
  const extra = odd.filter(() => chance.bool(0.04));
  return { components, extra, folders: ['spool', 'tail', 'roll'], inputs: [] };
}
