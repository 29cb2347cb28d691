import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLineGroups, type GroupsEnd, groupStarts, type LineGroupRule } from './line-groups.ts';

const options = { maxEvents: 1000, stripCarriageReturn: true, timestampMs: 0 };
const rule: LineGroupRule = { begins: (line) => line.startsWith('#'), maxLines: 100, maxBytes: 1_000_000 };

function eventsOf(text: string, end: GroupsEnd, more: Partial<LineGroupRule> = {}, maxEvents = 1000) {
  const chunk = Buffer.from(text);
  const { batch, consumed } = encodeLineGroups(chunk, 0, chunk.length, { ...rule, ...more }, end, {
    ...options,
    maxEvents,
  });
  return { events: batch === null ? [] : [...batch].map(({ body }) => body.toString()), consumed };
}

/** The rule, said in the plainest way: whole text, line by line. */
function model(text: string, { begins, maxLines, maxBytes }: LineGroupRule): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const events: string[][] = [];
  for (const line of lines) {
    const event = events.at(-1);
    const joined = event === undefined ? 0 : Buffer.byteLength([...event, line].join('\n'));
    const isNew =
      event === undefined ||
      event.length === maxLines ||
      joined > maxBytes ||
      begins(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (isNew) events.push([line]);
    else event.push(line);
  }
  return events.map((event) => {
    const body = event.join('\n');
    return body.endsWith('\r') ? body.slice(0, -1) : body;
  });
}

describe('lines that are one event', () => {
  it('are whole when the next one begins', () => {
    expect(eventsOf('#a\nb\n#c\n', 'more')).toEqual({ events: ['#a\nb'], consumed: 5 });
    expect(eventsOf('#a\nb\n', 'more')).toEqual({ events: [], consumed: 0 });
  });

  it('are whole without it where nothing comes', () => {
    expect(eventsOf('#a\nb\nhalf', 'lines')).toEqual({ events: ['#a\nb'], consumed: 5 });
    expect(eventsOf('#a\nb\nhalf', 'all')).toEqual({ events: ['#a\nb\nhalf'], consumed: 9 });
    expect(eventsOf('#a\nb\n#half', 'all')).toEqual({ events: ['#a\nb', '#half'], consumed: 10 });
    expect(eventsOf('half', 'lines')).toEqual({ events: [], consumed: 0 });
  });

  it('begin with any line where there is no event before', () => {
    expect(eventsOf('b\nc\n#a\n', 'more').events).toEqual(['b\nc']);
  });

  it('keep what is between them, and lose what ends the last', () => {
    expect(eventsOf('#a\r\n\r\nb\r\n#c\r\n', 'lines').events).toEqual(['#a\r\n\r\nb', '#c']);
  });

  it('are as many as may be, and as long', () => {
    expect(eventsOf('#a\nb\nc\nd\n', 'more', { maxLines: 2 })).toEqual({
      events: ['#a\nb', 'c\nd'],
      consumed: 9,
    });
    expect(eventsOf('#a\nbb\ncc\n', 'more', { maxBytes: 5 }).events).toEqual(['#a\nbb']);
    expect(eventsOf('#a\nhalf of a line', 'more', { maxBytes: 5 }).events).toEqual(['#a']);
    expect(eventsOf('longer\n#b\n', 'more', { maxBytes: 5 }).events).toEqual(['longer']);
  });

  it('are no more events than are asked for', () => {
    expect(eventsOf('#a\nb\n#c\n#d\n', 'all', {}, 2)).toEqual({ events: ['#a\nb', '#c'], consumed: 8 });
  });

  it('are looked at as UTF-8, also where the window of text ends', () => {
    const begins = (line: string) => /^é.*ü$/.test(line);
    const filler = 'x'.repeat(5000);
    const text = `é${filler}ü\n${filler}\n${filler}\né ü\n${filler}\n`;
    expect(eventsOf(text, 'all', { begins }).events).toEqual([
      `é${filler}ü\n${filler}\n${filler}`,
      `é ü\n${filler}`,
    ]);
  });

  it('are those of the model, however the text comes', () => {
    const line = fc.oneof(
      fc.constantFrom('#a', '#', '', 'b', '\r', '#x\r', ' at é', '#é\r', 'long '.repeat(10)),
      fc.string({ maxLength: 5 }).filter((text) => !text.includes('\n')),
    );
    const text = fc.tuple(fc.array(line), fc.boolean()).map(([lines, ended]) => {
      return lines.join('\n') + (ended ? '\n' : '');
    });
    const limits = fc.record({
      maxLines: fc.constantFrom(1, 2, 3, 100),
      maxBytes: fc.constantFrom(1, 10, 60, 1000),
    });
    fc.assert(
      fc.property(
        text,
        limits,
        fc.array(fc.nat(60)),
        fc.integer({ min: 1, max: 5 }),
        (all, own, cuts, most) => {
          const drawn = { ...rule, ...own };
          const bytes = Buffer.from(all);
          const ends = [
            ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
            bytes.length,
          ];
          const found: string[] = [];
          let at = 0;
          for (const [i, to] of ends.entries()) {
            const end = i === ends.length - 1 ? 'all' : 'more';
            for (;;) {
              const { batch, consumed } = encodeLineGroups(bytes, at, to, drawn, end, {
                ...options,
                maxEvents: most,
              });
              if (batch === null) break;
              const starts = groupStarts(batch, at, bytes);
              for (const [e, { body }] of [...batch].entries()) {
                const start = at + starts[e]!;
                expect(bytes.subarray(start, start + body.length).equals(body)).toBe(true);
                found.push(body.toString());
              }
              at += consumed;
            }
          }
          // The last line, without its newline, loses no `\r`: it may be the half of what ends it.
          const expected = model(all, drawn);
          if (all.endsWith('\r') && expected.length > 0) expected[expected.length - 1] += '\r';
          expect(found).toEqual(expected);
          expect(at).toBe(bytes.length);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
