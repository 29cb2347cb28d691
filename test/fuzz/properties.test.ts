// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the look-ups under test are written like that.
/** Whatever a configuration file holds: it is read, every finding has a place in it, and nothing throws or hangs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../packages/millrace/src/agent/configuration/load-config.ts';
import { parseProperties, parsePropertiesText } from '../../packages/millrace/src/config/properties.ts';
import type { Property } from '../../packages/millrace/src/config/properties-model.ts';
import { substitute } from '../../packages/millrace/src/config/substitution.ts';
import { hostileProperties } from '../../packages/testkit/src/flume/hostile-properties.ts';

const runs = { numRuns: Number(process.env.MILLRACE_FUZZ_RUNS ?? 2000) };

const escaped = (text: string) =>
  text.replace(
    /[\\\t\n\r\f =:#!]/g,
    (char) => ({ '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' })[char] ?? `\\${char}`,
  );

function expectPlaces(properties: Iterable<Property>, text: string): void {
  const lines = text.split(/\r\n|\r|\n/);
  for (const { keyPlace, valuePlace } of properties) {
    for (const { line, column } of [keyPlace, valuePlace]) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
    }
  }
}

describe('properties', () => {
  it('any text is read, with places inside it', () => {
    fc.assert(
      fc.property(hostileProperties, (text) => {
        expectPlaces(parsePropertiesText(text, 'f').properties.values(), text);
      }),
      runs,
    );
  });

  it('any bytes are read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { properties, diagnostics } = parseProperties(bytes, 'f');
        for (const { key, value } of properties.values())
          expect(key.length + value.length).toBeLessThanOrEqual(300);
        for (const { line, column } of diagnostics) expect(line * column).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  it('what is written with escapes comes back, however it is spaced and broken', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const pairs = fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'grapheme', maxLength: 12 })), {
      selector: ([key]) => key,
    });
    const separator = fc.constantFrom('=', ' = ', ':', ' : ', '\t=\f', ' \\\n  = ', ' =\\\r\n\t');
    const end = fc.constantFrom('\n', '\r\n', '\r', '\n\n  \n', '\n# comment = \\\n', '\n   ! x\r\n');
    fc.assert(
      fc.property(pairs, separator, end, (entries, between, after) => {
        const text = entries
          .map(([key, value]) => `${escaped(key)}${between}${escaped(value)}${after}`)
          .join('');
        const { properties, diagnostics } = parsePropertiesText(text, 'f');
        expect([...properties.values()].map(({ key, value }) => [key, value])).toEqual(entries);
        expect(diagnostics).toEqual([]);
      }),
      runs,
    );
  });

  it('a changed byte in a good file changes at most what it touches, and never throws', () => {
    const good = Buffer.from(
      'a1.sources = r1\na1.sources.r1.type = seq\na1.channels = c1\na1.channels.c1.type = memory\n',
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(good);
        bytes[at] = byte;
        expect(parseProperties(bytes, 'f').properties.size).toBeGreaterThanOrEqual(2);
      }),
      runs,
    );
  });
});

describe('substitution', () => {
  it('ends, whatever refers to whatever', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '${k0}',
        '${k1}',
        '${k2}',
        '${env:A}',
        '${env:B:-x}',
        '${',
        '}',
        '$',
        '$$',
        ':-',
        '${date:yyyy}',
        '${sys:',
        '${env:${k1}}',
      ),
      fc.string({ maxLength: 3 }),
    );
    const values = fc.array(
      fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
      { minLength: 3, maxLength: 3 },
    );
    const place = { file: 'f', line: 1, column: 1 };
    fc.assert(
      fc.property(values, fc.string(), (texts, secret) => {
        const properties = new Map(
          texts.map((value, i) => [`k${i}`, { key: `k${i}`, value, keyPlace: place, valuePlace: place }]),
        );
        const context = { env: { A: secret, B: '${env:A}' }, systemProperties: new Map(), now: new Date(0) };
        const result = substitute(properties, context);
        for (const { value } of result.properties.values())
          expect(value.length).toBeLessThanOrEqual(2 * 1024 * 1024);
      }),
      runs,
    );
  });
});

describe('the model', () => {
  it('is made of any text, and is consistent in itself', async () => {
    const name = fc.constantFrom('r1', 'c1', 'k1', 'g1', 'x');
    const key = fc.oneof(
      fc.constantFrom('a1.sources', 'a1.channels', 'a1.sinks', 'a1.sinkgroups'),
      fc
        .tuple(
          fc.constantFrom('sources', 'channels', 'sinks', 'sinkgroups', 'sink'),
          name,
          fc.constantFrom(
            'type',
            'channel',
            'channels',
            'sinks',
            'processor.type',
            'processor.priority.k1',
            'interceptors',
            'interceptors.x.type',
            'selector.type',
            'selector.default',
            'batchSize',
            'capacity',
            'transactionCapacity',
            'command',
            'filegroups',
            'maxBackoffSleep',
          ),
        )
        .map(([group, component, option]) => `a1.${group}.${component}.${option}`),
    );
    const value = fc.constantFrom(
      'r1',
      'c1',
      'k1',
      'g1',
      'r1 x',
      'c1 x',
      'k1 x',
      'seq',
      'memory',
      'null',
      'logger',
      'exec',
      'TAILDIR',
      'failover',
      'load_balance',
      'multiplexing',
      'timestamp',
      'hdfs',
      '5',
      '500',
      '5x',
      '-1',
      '${x}',
      '',
      'true',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(key, value), { maxLength: 40 }), async (lines) => {
        const text = lines.map(([left, right]) => `${left} = ${right}`).join('\n');
        const model = await modelOf(parsePropertiesText(text, 'f'), { env: {} });
        for (const agent of model.agents) {
          const channels = new Set(agent.channels.map((channel) => channel.name));
          const sinks = new Set(agent.sinks.map((sink) => sink.name));
          for (const source of agent.sources) {
            expect(source.channels.length).toBeGreaterThan(0);
            for (const channel of source.channels) expect(channels).toContain(channel);
          }
          for (const sink of agent.sinks) expect(channels).toContain(sink.channel);
          const grouped = agent.groups.flatMap((group) => group.sinks);
          expect(new Set(grouped).size).toBe(grouped.length);
          for (const sink of grouped) expect(sinks).toContain(sink);
          for (const { status, reason } of agent.components) expect(reason === '').toBe(status === 'kept');
        }
        const lineCount = Math.max(1, lines.length);
        for (const { line } of model.diagnostics) expect(line).toBeLessThanOrEqual(lineCount);
      }),
      runs,
    );
  });
});
