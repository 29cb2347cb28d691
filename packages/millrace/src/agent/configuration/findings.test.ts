import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FindingCase, soundAgent } from '../../../../testkit/src/flume/finding-cases/finding-case.ts';
import { findingCases } from '../../../../testkit/src/flume/finding-cases.ts';
import { defineInterceptor } from '../../component/define.ts';
import { findingCodes } from '../../config/finding-codes.ts';
import { opt } from '../../config/options.ts';
import { parseProperties, parsePropertiesText } from '../../config/properties.ts';
import { modelOf } from './load-config.ts';

/** The text without its mark, and where the mark stood. */
function marked({ before = soundAgent, lines }: FindingCase): { text: string; line: number; column: number } {
  const text = before + lines;
  const at = text.indexOf('@');
  const above = text.slice(0, at).split('\n');
  return {
    text: text.slice(0, at) + text.slice(at + 1),
    line: above.length,
    column: above.at(-1)!.length + 1,
  };
}

const load = (text: string) => modelOf(parsePropertiesText(text, 'f.conf'), { env: {} });

it('the sound agent has nothing to tell', async () => {
  expect((await load(soundAgent)).diagnostics).toEqual([]);
});

describe.each(findingCases.map((each) => [each.code, each.lines, each] as const))(
  '%s: %s',
  (code, _, each) => {
    it('stands at its property, with what to do', async () => {
      const { text, line, column } = marked(each);
      const { diagnostics } = await load(text);
      const there = diagnostics.filter((found) => found.code === code && found.line === line);
      expect(there.map((found) => found.column)).toContain(column);
      const { remedy } = each;
      expect(there.map(({ suggestion }) => suggestion).join('\n')).toMatch(
        typeof remedy === 'string' ? new RegExp(remedy.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : remedy,
      );
    });
  },
);

it('every code of the table has a case, or is of the files themselves', () => {
  const elsewhere = [
    'unreadable-file',
    'not-utf8',
    'utf-16',
    'too-many',
    'no-agents',
    'no-such-agent',
    'bad-interceptor',
  ];
  const cased = new Set<string>(findingCases.map(({ code }) => code));
  expect(Object.keys(findingCodes).filter((code) => !cased.has(code))).toEqual(elsewhere);
});

it.each([
  ['not-utf8', Buffer.from('a1.sources = \xe9\n', 'latin1')],
  ['utf-16', Buffer.from('\ufeffa1.sources = x\n', 'utf16le')],
  ['too-many', Buffer.from('a.b = \\u\n'.repeat(2000))],
])('%s is told of a file', (code, bytes) => {
  expect(parseProperties(bytes, 'f').diagnostics.map((found) => found.code)).toContain(code);
});

it('bad-interceptor: stands at the list, beside what is wrong with the interceptor', async () => {
  const counting = defineInterceptor({
    type: 'counting',
    classNames: [],
    summary: 'For this test.',
    options: { every: opt.int({ doc: 'How often.', min: 1, default: 1 }) },
    create: () => ({ intercept: (batch) => batch }),
  });
  const { text, line, column } = marked({
    code: 'bad-interceptor',
    lines: `a1.sources.r1.interceptors = @i1
a1.sources.r1.interceptors.i1.type = counting
a1.sources.r1.interceptors.i1.every = 0`,
    remedy: 'mend the interceptor',
  });
  const { diagnostics } = await modelOf(parsePropertiesText(text, 'f.conf'), {
    env: {},
    components: [counting],
  });
  expect(diagnostics).toMatchObject([
    { code: 'bad-number', line: line + 2, column: 39, drops: 'a1.sources.r1.interceptors.i1' },
    { code: 'bad-interceptor', line, column, follows: 'a1.sources.r1.interceptors.i1' },
  ]);
});

describe('what is sound is left alone', () => {
  it.each([
    'a1.sources.r1.selector.type = multiplexing\na1.sources.r1.selector.header = key\na1.sources.r1.selector.mapping.value = c1\na1.sources.r1.selector.default = c1\na1.sources.r1.interceptors = i1\na1.sources.r1.interceptors.i1.type = static',
    'a1.sources.r1.selector.optional = c1',
    'a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel\na1.channels.c1.kafka.bootstrap.servers = [::1]:9092,h-1.x_y:9092\na1.sinks = k2\na1.sinks.k2.type = null\na1.sinks.k2.channel = c1',
  ])('%s', async (lines) => {
    const { diagnostics } = await load(soundAgent + lines);
    expect(diagnostics.filter(({ code }) => code !== 'duplicate-key' && code !== 'not-listed')).toEqual([]);
  });

  const loop = `a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r1.kafka.bootstrap.servers = a:1
a1.sources.r1.kafka.topics = in
a1.sources.r1.batchSize = 100
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.kafka.topic = out
`;
  it.each([
    ['another cluster', 'a1.sinks.k1.kafka.bootstrap.servers = b:1', false],
    ['the same', 'a1.sinks.k1.kafka.bootstrap.servers = b:1,A:1', true],
    [
      'no override',
      'a1.sinks.k1.kafka.bootstrap.servers = a:1\na1.sinks.k1.allowTopicOverride = false',
      false,
    ],
    ['no header', 'a1.sinks.k1.kafka.bootstrap.servers = a:1\na1.sources.r1.setTopicHeader = false', false],
    ['another header', 'a1.sinks.k1.kafka.bootstrap.servers = a:1\na1.sinks.k1.topicHeader = to', false],
    [
      'an interceptor that sets the header',
      'a1.sinks.k1.kafka.bootstrap.servers = a:1\na1.sources.r1.interceptors = i\na1.sources.r1.interceptors.i.type = static\na1.sources.r1.interceptors.i.key = topic\na1.sources.r1.interceptors.i.preserveExisting = false',
      false,
    ],
    [
      'an interceptor that keeps it',
      'a1.sinks.k1.kafka.bootstrap.servers = a:1\na1.sources.r1.interceptors = i\na1.sources.r1.interceptors.i.type = static\na1.sources.r1.interceptors.i.key = topic',
      true,
    ],
    [
      'a pattern that the topic matches',
      'a1.sinks.k1.kafka.bootstrap.servers = a:1\na1.sources.r1.setTopicHeader = false\na1.sources.r1.kafka.topics.regex = o.t',
      true,
    ],
  ])('a Kafka source and a Kafka sink: %s', async (_, lines, loops) => {
    const { diagnostics } = await load(soundAgent + loop + lines);
    expect(diagnostics.some(({ code }) => code === 'topic-loop')).toBe(loops);
  });
});

/** One letter left out, doubled, or changed for its neighbour. */
const slip = (word: string, at: number, kind: 'out' | 'double' | 'swap'): string => {
  const letters = [...word];
  if (kind === 'out') letters.splice(at, 1);
  else if (kind === 'double') letters.splice(at, 0, letters[at]!);
  else letters.splice(at, 2, ...letters.slice(at, at + 2).toReversed());
  return letters.join('');
};

it('a misspelt channel or channels is found, with its place and the word that was meant', async () => {
  const slips = fc.tuple(
    fc.constantFrom('sinks.k1.channel', 'sources.r1.channels'),
    fc.nat(5),
    fc.constantFrom('out', 'double', 'swap'),
  );
  await fc.assert(
    fc.asyncProperty(slips, async ([path, at, kind]) => {
      const [kindOf, name, key] = path.split('.') as [string, string, string];
      const wrong = slip(key, at, kind);
      if (wrong === key) return;
      const lines = ['a1.sources = r1', 'a1.channels = c1', 'a1.sinks = k1', 'a1.channels.c1.type = memory'];
      lines.push('a1.sources.r1.type = seq', 'a1.sinks.k1.type = null');
      for (const other of ['sinks.k1.channel', 'sources.r1.channels']) {
        lines.push(`a1.${other === path ? `${kindOf}.${name}.${wrong}` : other} = c1`);
      }
      const { diagnostics } = await load(lines.join('\n'));
      expect(diagnostics).toContainEqual(
        expect.objectContaining({
          code: 'no-channel',
          line: lines.findIndex((line) => line.includes(`.${wrong} `)) + 1,
          suggestion: `${wrong} is no property; write ${key} = c1`,
        }),
      );
    }),
  );
});
