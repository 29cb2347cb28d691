/**
 * Agents to be run: sources of every kind with input for them, interceptors, selectors, channels, sinks and groups, with
 * drawn properties under which both programs come to rest within seconds.
 */
import type { Chance } from '../../oracle/seed.ts';
import { type Case, type Component, component, type Input, type Line, line } from './case.ts';
import { drawSource } from './draw-sources.ts';
import { drawStyle } from './flume-types.ts';

type Pairs = [string, string | number | boolean][];

const patterns = ['a', '\\d+', '^.{0,3}$', 'line|host', '[a-f]+(?:\\d)?', 'B', '\\s', 'x*y'];
const headerNames = ['a', 'b1', 'host', 'key', 'tmp_1', 'zz'];

function interceptor(chance: Chance): Pairs {
  const bool = () => chance.pick(['true', 'false', 'TRUE']);
  switch (chance.int(1, 8)) {
    case 1:
      return [
        ['type', 'timestamp'],
        ...pick(chance, [
          ['preserveExisting', bool()],
          ['headerName', 'ts'],
        ]),
      ];
    case 2:
      return [
        ['type', 'host'],
        ['hostHeader', chance.pick(headerNames)],
        ['preserveExisting', bool()],
      ];
    case 3:
      return [
        ['type', chance.pick(['static', 'STATIC', 'org.apache.flume.interceptor.StaticInterceptor$Builder'])],
        ...pick(chance, [
          ['key', chance.pick(headerNames)],
          ['value', chance.pick(['v', 'é', 'a value', '1'])],
          ['preserveExisting', bool()],
        ]),
      ];
    case 4:
      return [
        ['type', 'regex_filter'],
        ['regex', chance.pick(patterns)],
        ...pick(chance, [['excludeEvents', bool()]]),
      ];
    case 5:
    case 6:
      return [
        ['type', 'regex_extractor'],
        // A second group that takes no part would be a null header in Flume, at which its channels and sinks stumble.
        ['regex', `(${chance.pick(patterns)})(${chance.pick(patterns)}|)`],
        ['serializers', 's1 s2'],
        ['serializers.s1.name', chance.pick(headerNames)],
        ['serializers.s2.name', 'second'],
      ];
    case 7:
      return [
        ['type', 'search_replace'],
        ['searchPattern', chance.pick(patterns)],
        ...pick(chance, [['replaceString', chance.pick(['', '<$0>', 'é', '\\$'])]]),
      ];
    default:
      return [
        ['type', 'remove_header'],
        ...pick(chance, [
          ['withName', chance.pick(headerNames)],
          ['fromList', chance.pick(['a , zz', 'b1,key', 'tmp_1'])],
          ['matching', chance.pick(['tmp.*', '.', '[a-z]+\\d'])],
        ]),
      ];
  }
}

/** Each of them or not. */
function pick(chance: Chance, pairs: Pairs): Pairs {
  return pairs.filter(() => chance.bool());
}

function channel(chance: Chance, name: string, batch: number): Component {
  const folder = (what: string): string => `«dir»/${what}_${name}`;
  const most = Math.max(100, batch);
  const transaction = ['transactionCapacity', chance.pick([most, most + 50])] as const;
  const files: Pairs = [
    ['checkpointDir', folder('checkpoint')],
    ['dataDirs', chance.bool(0.3) ? `${folder('data')},${folder('more')}` : folder('data')],
    ['minimumRequiredSpace', 1_048_576],
    [...transaction],
  ];
  const kind = chance.int(1, 10);
  const listed = (type: string, pairs: Pairs) =>
    component('channels', name, [
      ['type', chance.pick([type, type, type.toUpperCase()])],
      ...pairs.map(([key, value]) => line(key, value, drawStyle(chance))),
    ]);
  if (kind <= 6)
    return listed('memory', [
      ['capacity', chance.pick([1000, 5000, '  2000'])],
      [...transaction],
      ...pick(chance, [
        ['byteCapacity', 800_000],
        ['byteCapacityBufferPercentage', 10],
      ]),
      ...(chance.bool(0.8) ? ([['keep-alive', chance.pick([0, 1])]] as Pairs) : []),
    ]);
  if (kind <= 8)
    return listed('file', [
      ...files,
      ['capacity', chance.pick([1000, 3000])],
      ...pick(chance, [
        ['checkpointInterval', 1000],
        ['keep-alive', 1],
        ['checkpointOnClose', 'false'],
      ]),
      ...(chance.bool(0.2)
        ? ([
            ['useDualCheckpoints', 'true'],
            ['backupCheckpointDir', folder('backup')],
          ] as Pairs)
        : []),
    ]);
  return listed('spillablememory', [
    ...files,
    ['memoryCapacity', chance.pick([most, 1000])],
    ['overflowCapacity', chance.pick([1000, 2000])],
    ...pick(chance, [
      ['overflowTimeout', 1],
      ['avgEventSize', 100],
    ]),
  ]);
}

const serializers = ['TEXT', 'HEADER_AND_TEXT', 'header_and_text', 'avro_event', 'AVRO_EVENT'];

function serializerLines(chance: Chance, key: string): Pairs {
  const name = chance.pick(serializers);
  const own: Pairs = /avro/i.test(name)
    ? [
        [`${key}.compressionCodec`, chance.pick(['null', 'deflate'])],
        [`${key}.syncIntervalBytes`, 4096],
      ]
    : [[`${key}.appendNewline`, 'true']];
  return [[key, name], ...pick(chance, own)];
}

function rollSink(chance: Chance, name: string, channelName: string): Component {
  return component('sinks', name, [
    ['type', chance.pick(['file_roll', 'FILE_ROLL', 'org.apache.flume.sink.RollingFileSink'])],
    ['channel', `«${channelName}»`],
    ['sink.directory', `«dir»/roll_${name}`],
    ['sink.rollInterval', 0],
    ...(chance.bool(0.85) ? serializerLines(chance, 'sink.serializer') : []),
    ...pick(chance, [
      ['sink.batchSize', chance.pick([1, 2, 7, 100])],
      ['sink.pathManager', chance.pick(['default', 'rolltime', 'DEFAULT'])],
      ['sink.pathManager.prefix', 'pre-'],
      ['sink.pathManager.extension', 'log'],
    ]),
  ]);
}

function hdfsSink(chance: Chance, name: string, channelName: string): Component {
  const path = chance.pick(['', '/s/%{nothing}', '/%{Severity}-x', '/%{basename}']);
  const type = chance.pick(['DataStream', 'datastream', 'CompressedStream', 'SequenceFile']);
  return component('sinks', name, [
    ['type', chance.pick(['hdfs', 'HDFS'])],
    ['channel', `«${channelName}»`],
    ['hdfs.path', `file://«dir»/hdfs_${name}${path}`],
    ['hdfs.fileType', type],
    ...(type === 'CompressedStream'
      ? ([['hdfs.codeC', chance.pick(['gzip', 'GZIP', 'deflate'])]] as Pairs)
      : []),
    ['hdfs.rollInterval', 0],
    ['hdfs.rollSize', chance.pick([0, 0, 40])],
    ['hdfs.rollCount', chance.pick([0, 1, 3, 10])],
    ['hdfs.writeFormat', chance.pick(['Text', 'Writable'])],
    ...(chance.bool(0.6) && type !== 'SequenceFile' ? serializerLines(chance, 'serializer') : []),
    ...pick(chance, [
      ['hdfs.filePrefix', chance.pick(['ev-%{Facility}', 'p'])],
      ['hdfs.fileSuffix', '.log'],
      ['hdfs.inUsePrefix', '_'],
      ['hdfs.inUseSuffix', chance.pick(['.tmp', '.open'])],
      ['hdfs.batchSize', chance.pick([1, 5, 100])],
      ['hdfs.callTimeout', 60000],
    ]),
  ]);
}

/** A sink that sends to a source of the same agent, with a channel and a sink of its own behind that. */
function secondTier(chance: Chance, name: string, channelName: string): Component[] {
  const protocol = chance.pick(['avro', 'avro', 'thrift']);
  const port = `«port:t${name}»`;
  const packed = protocol === 'avro' && chance.bool(0.4);
  const binary = protocol === 'thrift' && chance.bool(0.4);
  const shared: Pairs = [
    ...(packed ? ([['compression-type', 'deflate']] as Pairs) : []),
    ...(binary ? ([['protocol', 'binary']] as Pairs) : []),
  ];
  return [
    component('sinks', name, [
      ['type', protocol],
      ['channel', `«${channelName}»`],
      ['hostname', '127.0.0.1'],
      ['port', port],
      ...shared,
      ...pick(chance, [
        ['batch-size', chance.pick([1, 3, 100])],
        ['connect-timeout', 5000],
      ]),
    ]),
    component('sources', `t${name}`, [
      ['type', protocol],
      ['bind', '127.0.0.1'],
      ['port', port],
      ['channels', `«ct${name}»`],
      ...shared,
    ]),
    component('channels', `ct${name}`, [
      ['type', 'memory'],
      ['capacity', 2000],
      ['keep-alive', 0],
    ]),
    rollSink(chance, `kt${name}`, `ct${name}`),
  ];
}

function sinksOf(chance: Chance, channelName: string): Component[] {
  const name = channelName.replace('c', 'k');
  const kind = chance.int(1, 20);
  if (kind === 1)
    return [
      component('sinks', name, [
        ['type', 'null'],
        ['channel', `«${channelName}»`],
      ]),
    ];
  if (kind <= 4) return [hdfsSink(chance, name, channelName)];
  if (kind <= 6) return secondTier(chance, name, channelName);
  const first = rollSink(chance, name, channelName);
  if (kind > 9) return [first];
  // Which of the two gets an event is no promise: what both have is compared, so they write alike, a line each.
  const lines = first.lines.filter(({ key }) => !key.endsWith('appendNewline'));
  const one = { ...first, lines };
  const two = {
    ...one,
    name: `${name}b`,
    lines: lines.map((each) => ({ ...each, value: each.value.replace(`roll_${name}`, `roll_${name}b`) })),
  };
  if (kind === 7) return [one, two];
  const processor = chance.pick(['load_balance', 'failover', 'FAILOVER']);
  const dead: Line[] = two.lines.map((each) =>
    each.key === 'sink.directory' ? { ...each, value: '«dir»/missing/folder' } : each,
  );
  return [
    one,
    chance.bool(0.3) ? { ...two, lines: dead } : two,
    component('sinkgroups', `g${name}`, [
      ['sinks', `«${name}» «${name}b»`],
      ['processor.type', processor],
      ...pick(chance, [
        [`processor.priority.«${name}»`, 5],
        [`processor.priority.«${name}b»`, chance.pick([1, 10])],
        ['processor.backoff', 'true'],
        ['processor.selector', chance.pick(['round_robin', 'random'])],
      ]),
    ]),
  ];
}

function selector(chance: Chance, channels: readonly string[]): Pairs {
  const some = () =>
    chance.pick(channels.flatMap((each) => [`«${each}»`, channels.map((one) => `«${one}»`).join(' ')]));
  if (chance.bool(0.4)) return chance.bool() ? [['selector.type', 'replicating']] : [];
  return [
    ['selector.type', chance.pick(['multiplexing', 'MULTIPLEXING'])],
    ['selector.header', chance.pick(['a', 'host', 'key'])],
    ...pick(chance, [
      ['selector.mapping.1', some()],
      ['selector.mapping.v', some()],
      ['selector.mapping.127.0.0.1', some()],
      ['selector.default', some()],
      ['selector.optional.1', some()],
    ]),
  ];
}

export function drawRun(chance: Chance): Case {
  const channels = Array.from({ length: chance.pick([1, 1, 1, 2, 3]) }, (_, i) => `c${i + 1}`);
  const components: Component[] = [];
  const inputs: Input[] = [];
  const folders: string[] = [];
  for (let i = 1; i <= (chance.bool(0.85) ? 1 : 2); i++) {
    const drawn = drawSource(chance, `r${i}`);
    const names = Array.from({ length: chance.pick([0, 0, 1, 2, 3]) }, (_, n) => `i${n + 1}`);
    const interceptors: Pairs =
      names.length === 0
        ? []
        : [
            ['interceptors', names.join(' ')],
            ...names.flatMap((each) =>
              interceptor(chance).map(([key, value]): [string, string | number | boolean] => [
                `interceptors.${each}.${key}`,
                value,
              ]),
            ),
          ];
    const more: Pairs = [
      ['channels', channels.map((each) => `«${each}»`).join(' ')],
      ...(channels.length > 1 ? selector(chance, channels) : []),
      ...interceptors,
    ];
    const own = more.map(([key, value]) => line(key, value, drawStyle(chance)));
    components.push({ ...drawn.source, lines: [...drawn.source.lines, ...own] });
    inputs.push(...drawn.inputs);
    folders.push(...drawn.folders);
  }
  for (const name of channels) components.push(channel(chance, name, 100), ...sinksOf(chance, name));
  for (const { lines } of components)
    for (const { key, value } of lines)
      if (key === 'sink.directory' && !value.includes('missing')) folders.push(value.replace('«dir»/', ''));
  return { components, extra: chance.bool(0.1) ? ['; odd line', 'nodots = 1'] : [], folders, inputs };
}
