import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { javaRegex } from '../../java/regex.ts';
import { SyslogMessage } from './message.ts';
import { PatternParser } from './patterns.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const parser = new PatternParser(() => now);

function parse(text: string | Buffer) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const message = new SyslogMessage();
  // In the middle of other bytes, as in a chunk.
  const chunk = Buffer.concat([Buffer.from('<1>x\n'), bytes, Buffer.from('\rZ')]);
  parser.parse(chunk, 5, 5 + bytes.length, message);
  const part = (from: number, to: number): string => chunk.toString('utf8', from, to);
  return {
    priority: message.priority,
    understood: message.understood,
    version: part(message.versionFrom, message.versionTo),
    stamp: part(message.stampFrom, message.stampTo),
    ms: message.timestampMs,
    host: part(message.hostFrom, message.hostTo),
    body: part(message.bodyFrom, message.bodyTo),
  };
}

// Flume's two patterns (SyslogUtils), groups: priority, version, stamp, host, body.
const space = '[ \\t\\x0B\\f\\r]';
const digit = '[0-9]';
const iso = `(${digit}{4}-${digit}{2}-${digit}{2}T${digit}{2}:${digit}{2}:${digit}{2}(?:\\.${digit}{1,6})?(?:[+-]${digit}{2}:${digit}{2}|Z)?)`;
const patterns = [
  `<(${digit}{1,3})>(?:(${digit}?)${space}?)(?:${iso}|-)${space}(?:([A-Za-z0-9_][A-Za-z0-9_.@-]*)|-)${space}([^\\r\\u0085\\u2028\\u2029]*)`,
  `<(${digit}{1,3})>(?:(${digit})?${space}?)([A-Z][a-z][a-z]${space}{1,2}${digit}{1,2}${space}${digit}{2}:${digit}{2}:${digit}{2})${space}([A-Za-z0-9_][A-Za-z0-9_.@-]*)${space}([^\\r\\u0085\\u2028\\u2029]*)`,
].map((pattern) => javaRegex(pattern, { fullMatch: true }));

/** What the patterns themselves find, for comparison. */
function byPatterns(text: string) {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [, , version = '', stamp = '', host = '', body = ''] = match;
    return { understood: true, version, stamp, host, body };
  }
  return { understood: false, version: '', stamp: '', host: '', body: '' };
}

const anyOf = (...texts: string[]) => fc.constantFrom(...texts);
/** Messages near to what the patterns take, most of them a little broken. */
const drawn = fc
  .tuple(
    anyOf('<13>', '<0>', '<191>', '<999>', '<1234>', '<>', '<a>', '13>', '<13', ''),
    anyOf('', '1', '1 ', ' ', '12 ', '2\t', '  ', '1\r'),
    anyOf(
      '2026-11-22T10:11:12',
      '2026-11-22T10:11:12Z',
      '2026-11-22T10:11:12.123Z',
      '2026-11-22T10:11:12.1+02:00',
      '2026-11-22T10:11:12.1234567Z',
      '2026-11-22T10:11:12.',
      '2026-11-22 10:11:12',
      '2026-11-22T10:11:12+0200',
      '-',
      '--',
      'Nov 22 10:11:12',
      'Nov  2 10:11:12',
      'Nov   2 10:11:12',
      'Nov 222 10:11:12',
      'nov 22 10:11:12',
      'Xyz 22 10:11:12',
      'Nov\t22\t10:11:12',
      'Nov 22 10:11',
    ),
    anyOf(' ', '  ', '\t', '\r', '', '\u0085'),
    anyOf('host', 'a.b-c@d_1', '-', '--', '.host', '10.0.0.1', 'fe80::1', 'hôst', ''),
    anyOf(' ', '', '\f', '\x0b'),
    anyOf('su: failed', '', ' ', 'a\rb', 'é', 'x\u0085', 'x\u2028y', 'x\u2027y', '-', '\r'),
  )
  .map((parts) => parts.join(''));

describe("Flume's patterns", () => {
  it('find in bytes what the regular expressions find in text', () => {
    let understood = 0;
    fc.assert(
      fc.property(drawn, (text) => {
        const { ms, priority, ...found } = parse(text);
        const expected = byPatterns(text);
        if (expected.understood) understood++;
        if (found.understood || expected.understood) expect(found, text).toEqual(expected);
        if (expected.understood) expect(priority).toBe(Number(/^<(\d+)>/.exec(text)![1]));
      }),
      { seed: 7, numRuns: 20_000 },
    );
    expect(understood).toBeGreaterThan(200);
  });

  it('take any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        anyOf('', '<13>', '<13>1 2026-11-22T'),
        (bytes, start) => {
          parse(Buffer.concat([Buffer.from(start), bytes]));
        },
      ),
      { seed: 3, numRuns: 5000 },
    );
  });

  it('know the priority of what they do not understand, and none where it is broken', () => {
    expect(
      ['<16>plain', '<1234>x', '<>x', 'x', '<13', '<', '<-1>x', ''].map((t) => parse(t).priority),
    ).toEqual([16, -1, -1, -1, 13, -1, -1, -1]);
  });
});

describe('times', () => {
  const iso8601 = (stamp: string): number => parse(`<13>1 ${stamp} h b`).ms;

  it('with an offset are what they say', () => {
    expect(iso8601('2026-11-22T10:11:12.123Z')).toBe(1795342272123);
    expect(iso8601('2026-11-22T10:11:12+02:00')).toBe(1795335072000);
    expect(iso8601('2026-11-22T10:11:12.5-01:30')).toBe(1795342272500 + 90 * 60_000);
    expect(iso8601('2026-11-22T10:11:12.123999Z')).toBe(1795342272123);
    expect(iso8601('0099-01-01T00:00:00Z')).toBe(new Date('0099-01-01T00:00:00Z').getTime());
  });

  it('without one are of this machine, and parts too large run over', () => {
    expect(iso8601('2026-11-22T10:11:12')).toBe(new Date(2026, 10, 22, 10, 11, 12).getTime());
    expect(iso8601('2026-13-32T25:61:61Z')).toBe(Date.UTC(2026, 12, 32, 25, 61, 61));
  });

  it('without a year are between eleven months ago and a month ahead', () => {
    const dated = (stamp: string, at: number) => {
      const message = new SyslogMessage();
      const bytes = Buffer.from(`<13>${stamp} h b`);
      new PatternParser(() => at).parse(bytes, 0, bytes.length, message);
      return message.timestampMs;
    };
    const local = (...parts: [number, number, number, number, number, number]) =>
      new Date(...parts).getTime();
    const at = local(2026, 0, 10, 12, 0, 0);
    expect(dated('Jan 10 11:00:00', at)).toBe(local(2026, 0, 10, 11, 0, 0));
    expect(dated('Feb  9 11:00:00', at)).toBe(local(2026, 1, 9, 11, 0, 0));
    expect(dated('Feb 11 11:00:00', at)).toBe(local(2025, 1, 11, 11, 0, 0));
    expect(dated('Dec 31 23:59:59', at)).toBe(local(2025, 11, 31, 23, 59, 59));
    const december = local(2026, 11, 31, 12, 0, 0);
    expect(dated('Jan  1 00:00:00', december)).toBe(local(2027, 0, 1, 0, 0, 0));
    expect(dated('Feb  1 00:00:00', december)).toBe(local(2026, 1, 1, 0, 0, 0));
    expect(dated('Xyz 22 10:11:12', at)).toBeNaN();
  });

  it('without a year are read anew when the year may have changed', () => {
    let at = new Date(2026, 0, 1, 0, 0, 0).getTime();
    const moving = new PatternParser(() => at);
    const bytes = Buffer.from('<13>Feb  1 00:00:00 h b');
    const message = new SyslogMessage();
    const read = () => {
      moving.parse(bytes, 0, bytes.length, message);
      return new Date(message.timestampMs).getFullYear();
    };
    expect(read()).toBe(2026);
    at = new Date(2027, 0, 2, 0, 0, 0).getTime();
    expect(read()).toBe(2027);
  });
});
