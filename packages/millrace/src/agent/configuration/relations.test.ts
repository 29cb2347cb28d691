/** What components of one agent, and of several, mean for one another: drawn, and what must not be told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { soundAgent } from '../../../../testkit/src/flume/finding-cases/finding-case.ts';
import { componentEntries } from '../../components/index.ts';
import type { FindingCode } from '../../config/finding-codes.ts';
import { plainSpec } from '../../config/options.ts';
import { parsePropertiesText } from '../../config/properties.ts';
import { modelOf } from './load-config.ts';

const codesOf = async (lines: string): Promise<FindingCode[]> =>
  (await modelOf(parsePropertiesText(soundAgent + lines, 'f.conf'), { env: {} })).diagnostics.map(
    ({ code }) => code as FindingCode,
  );

const source = (name: string, lines: readonly string[]): string =>
  [...lines, 'channels = c1'].map((line) => `a1.sources.${name}.${line}\n`).join('');

describe('ports', () => {
  const hosts = ['0.0.0.0', '127.0.0.1', 'localhost', '10.0.0.1', '::'];
  const service = fc.record({
    kind: fc.constantFrom('netcat', 'syslogtcp', 'multiport_syslogtcp', 'netcatudp', 'syslogudp'),
    host: fc.constantFrom(...hosts),
    port: fc.constantFrom(0, 5140, 5141),
  });
  const textOf = (name: string, { kind, host, port }: { kind: string; host: string; port: number }) =>
    source(name, [
      `type = ${kind}`,
      `${kind.startsWith('netcat') ? 'bind' : 'host'} = ${host}`,
      kind === 'multiport_syslogtcp'
        ? `ports = 700${name.at(-1)} ${port === 0 ? 1 : port}`
        : `port = ${port}`,
    ]);
  const everywhere = new Set(['0.0.0.0', '::']);
  const address = (host: string) => (host === 'localhost' ? '127.0.0.1' : host);

  it('are told exactly where two sources meet', async () => {
    await fc.assert(
      fc.asyncProperty(service, service, async (a, b) => {
        const meets =
          a.kind.endsWith('udp') === b.kind.endsWith('udp') &&
          a.port === b.port &&
          a.port !== 0 &&
          (everywhere.has(a.host) || everywhere.has(b.host) || address(a.host) === address(b.host));
        // Port 1 stands for 0 where a list of ports has no such thing.
        const bothOne = a.port === 0 && b.port === 0 && a.kind === b.kind && a.kind === 'multiport_syslogtcp';
        fc.pre(!bothOne);
        const codes = await codesOf(`a1.sources = r2 r3\n${textOf('r2', a)}${textOf('r3', b)}`);
        expect(codes.includes('same-port')).toBe(meets);
      }),
      { numRuns: 200 },
    );
  });

  it('of two agents are nobody’s business: they may run on two machines', async () => {
    const agent = (name: string) =>
      soundAgent.replaceAll('a1.', `${name}.`) +
      ['type = netcat', 'bind = 0.0.0.0', 'port = 5140']
        .map((line) => `${name}.sources.r1.${line}\n`)
        .join('');
    expect(await codesOf(agent('a2') + agent('a3'))).not.toContain('same-port');
  });

  it('and files of their own are declared by every source and channel that has some', async () => {
    const undeclared: string[] = [];
    for (const entry of componentEntries) {
      if (entry.kind !== 'source' && entry.kind !== 'channel') continue;
      const options = plainSpec((await entry.load()).options);
      for (const name of ['port', 'ports', 'positionFile', 'checkpointDir', 'dataDirs', 'spoolDir']) {
        const option = options[name];
        if (option !== undefined && option.ignored === undefined && option.exclusive === undefined)
          undeclared.push(
            `${entry.type ?? entry.classNames[0]}: ${name} has to say what is exclusive in its spec`,
          );
      }
    }
    expect(undeclared).toEqual([]);
  });
});

describe('places', () => {
  it('are told exactly where one is the other or lies in it', async () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 3 })
      .map((parts) => `/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(path, path, path, path, async (...paths) => {
        const [one, two, three, four] = paths;
        const within = (a: string, b: string) => a === b || a.startsWith(`${b}/`);
        const meets = paths.some((a, i) => paths.some((b, j) => i !== j && within(a, b)));
        const codes = await codesOf(`a1.channels = c1 c2
a1.channels.c1.type = file
a1.channels.c1.checkpointDir = ${one}
a1.channels.c1.dataDirs = ${two}
a1.channels.c2.type = file
a1.channels.c2.checkpointDir = ${three}
a1.channels.c2.dataDirs = ${four}
a1.sinks = k1 k2
a1.sinks.k2.type = null
a1.sinks.k2.channel = c2
a1.sources.r1.channels = c1 c2
`);
        expect(codes.includes('same-place')).toBe(meets);
      }),
      { numRuns: 150 },
    );
  });
});

describe('headers', () => {
  const hdfs = 'a1.sinks.k1.type = hdfs\na1.sinks.k1.hdfs.path = file:///logs/%Y\n';
  const interceptor = (lines: readonly string[]): string =>
    ['interceptors = i1', ...lines.map((line) => `interceptors.i1.${line}`)]
      .map((line) => `a1.sources.r1.${line}\n`)
      .join('');

  it.each([
    ['a timestamp interceptor', interceptor(['type = timestamp']), false],
    ['one of another name', interceptor(['type = timestamp', 'headerName = time']), true],
    ['a static header', interceptor(['type = static', 'key = timestamp', 'value = 1']), false],
    [
      'a regular expression that may find it',
      interceptor([
        'type = regex_extractor',
        'regex = (.*)',
        'serializers = s',
        'serializers.s.name = timestamp',
      ]),
      false,
    ],
    ['the time of this machine', 'a1.sinks.k1.hdfs.useLocalTimeStamp = true\n', false],
    ['no escape', 'a1.sinks.k1.hdfs.path = file:///logs\n', false],
    [
      'an escape in the name of the file',
      'a1.sinks.k1.hdfs.path = file:///logs\na1.sinks.k1.hdfs.filePrefix = a%H\n',
      true,
    ],
    [
      'a source whose senders may set it',
      'a1.sources.r1.type = syslogtcp\na1.sources.r1.port = 5140\n',
      false,
    ],
    [
      'a Kafka source, which always has it',
      'a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource\na1.sources.r1.kafka.bootstrap.servers = a:1\na1.sources.r1.kafka.topics = t\na1.sources.r1.batchSize = 100\n',
      false,
    ],
  ])('%s', async (_, lines, told) => {
    expect((await codesOf(hdfs + lines)).includes('missing-header')).toBe(told);
  });
});

describe('streams', () => {
  const kafkaSource = (agent: string, topic: string) =>
    [
      'type = org.apache.flume.source.kafka.KafkaSource',
      'kafka.bootstrap.servers = k:1',
      `kafka.topics = ${topic}`,
      'setTopicHeader = false',
      'batchSize = 100',
    ]
      .map((line) => `${agent}.sources.r1.${line}\n`)
      .join('');
  const kafkaSink = (agent: string, topic: string) =>
    [
      'type = org.apache.flume.sink.kafka.KafkaSink',
      'kafka.bootstrap.servers = k:1',
      `kafka.topic = ${topic}`,
    ]
      .map((line) => `${agent}.sinks.k1.${line}\n`)
      .join('');

  it('lead round in a circle exactly where agents hand on to one another', async () => {
    const topic = fc.constantFrom('t1', 't2', 't3', 't4');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(topic, topic), { minLength: 1, maxLength: 4 }), async (hops) => {
        const text = hops.map(([from, to], i) => {
          const name = `b${i}`;
          return soundAgent.replaceAll('a1.', `${name}.`) + kafkaSource(name, from) + kafkaSink(name, to);
        });
        const after = (start: string): Set<string> => {
          const seen = new Set<string>();
          const go = (at: string): void => {
            for (const [from, to] of hops)
              if (from === at && !seen.has(to)) {
                seen.add(to);
                go(to);
              }
          };
          go(start);
          return seen;
        };
        const turns = hops.some(([from]) => after(from).has(from));
        const codes = await codesOf(text.join(''));
        expect(codes.some((code) => code === 'stream-loop' || code === 'topic-loop')).toBe(turns);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['its own port', 'localhost', 4141, '0.0.0.0', true],
    ['its own port by another name', '127.0.0.1', 4141, 'localhost', true],
    ['another port', 'localhost', 4142, '0.0.0.0', false],
    ['another machine', 'far', 4141, '0.0.0.0', false],
  ])('of an avro sink lead to the source of its agent: %s', async (_, hostname, port, bind, loops) => {
    for (const protocol of ['avro', 'thrift']) {
      const codes = await codesOf(`a1.sources.r1.type = ${protocol}
a1.sources.r1.bind = ${bind}
a1.sources.r1.port = 4141
a1.sinks.k1.type = ${protocol}
a1.sinks.k1.hostname = ${hostname}
a1.sinks.k1.port = ${port}
`);
      expect(codes.includes('topic-loop')).toBe(loops);
    }
  });

  it('that two channels share are no circle', async () => {
    const channel = (name: string) =>
      `a1.channels.${name}.type = org.apache.flume.channel.kafka.KafkaChannel\na1.channels.${name}.kafka.bootstrap.servers = k:1\n`;
    const codes =
      await codesOf(`a1.channels = c1 c2\n${channel('c1')}${channel('c2')}a1.sources.r1.channels = c1 c2
a1.sinks = k1 k2\na1.sinks.k2.type = null\na1.sinks.k2.channel = c2\n`);
    expect(codes.filter((code) => code !== 'duplicate-key')).toEqual([]);
  });
});

describe('names by offsets', () => {
  const s3 = (name: string, names: string) =>
    [`type = s3`, 'channel = c1', 's3.path = s3://collected/events', `s3.names = ${names}`]
      .map((line) => `a1.sinks.${name}.${line}\n`)
      .join('');
  const kafka = source('r1', [
    'type = org.apache.flume.source.kafka.KafkaSource',
    'kafka.bootstrap.servers = 127.0.0.1:9092',
    'kafka.topics = in',
  ]);

  it.each([
    ['missing-header', '', s3('k1', 'deterministic'), true],
    ['missing-header', '', s3('k1', 'counter'), false],
    ['missing-header', kafka, s3('k1', 'deterministic'), false],
    ['not-exactly-once', kafka, s3('k1', 'deterministic'), false],
    [
      'not-exactly-once',
      kafka,
      `a1.sinks = k1 k2\n${s3('k1', 'deterministic')}a1.sinks.k2.type = null\na1.sinks.k2.channel = c1\n`,
      true,
    ],
    [
      'not-exactly-once',
      kafka,
      `a1.sinks = k1 k2\n${s3('k1', 'deterministic')}${s3('k2', 'counter')}a1.sinkgroups = g1\na1.sinkgroups.g1.sinks = k1 k2\n`,
      false,
    ],
  ] as const)(
    '%s where events say not where they stood, or the sink is not alone: %#',
    async (code, from, to, isTold) => {
      expect((await codesOf(from + to)).includes(code)).toBe(isTold);
    },
  );
});
