import { describe, expect, it } from 'vitest';
import { readRecord } from '../records/record.ts';
import { isPlain, LineReader, lineFormat } from './kafka-line-reader.ts';

const properties = (...pairs: [string, string][]): Map<string, string> => new Map(pairs);
const both = properties(['parse.key', 'true'], ['parse.headers', 'TRUE ']);

function read(text: string, given: ReadonlyMap<string, string>) {
  const { batch, fault } = new LineReader(lineFormat(given)).read(text);
  const records = [];
  for (let i = 0; batch !== null && i < batch.count; i++) {
    const record = readRecord(batch.records, batch.index[i]!);
    records.push([record.key?.toString() ?? null, record.value?.toString() ?? null, record.headers()]);
  }
  return { records, fault: fault?.message ?? null };
}

describe('LineReader', () => {
  it('takes headers, key and value in this order', () => {
    expect(read('h1:v1,h2:a:b\tk1\tv\t1\r\n', both)).toEqual({
      records: [
        [
          'k1',
          'v\t1',
          [
            ['h1', 'v1'],
            ['h2', 'a:b'],
          ],
        ],
      ],
      fault: null,
    });
  });

  it('stops at the first faulty line and keeps what came before', () => {
    expect(read('k\tv\nbad\nk\tv\n', properties(['parse.key', 'true']))).toEqual({
      records: [['k', 'v', []]],
      fault: "No key separator found on line number 2: 'bad'",
    });
    expect(read('bad\n', both).fault).toBe("No headers delimiter found on line number 1: 'bad'");
    expect(read('\tk\tv\n', both).fault).toBe("No header key separator found in pair '' on line number 1");
  });

  it('takes what it can with ignore.error', () => {
    const given = properties(...both, ['ignore.error', 'true']);
    expect(read('bad\nh\tk\tv\n', given)).toEqual({
      records: [
        [null, 'bad', []],
        ['k', 'v', [['h', '']]],
      ],
      fault: null,
    });
  });

  it('counts lines over several texts', () => {
    const reader = new LineReader(lineFormat(properties(['parse.key', 'true'])));
    reader.read('a\tb\nc\td\n');
    expect(reader.read('x\n').fault?.message).toContain('line number 3');
  });

  it('writes null for the marker', () => {
    const given = properties(...both, ['null.marker', 'NULL']);
    expect(read('NULL\tNULL\tNULL\n', given).records).toEqual([[null, null, []]]);
    expect(read('NULL:x\tk\tv\n', given).fault).toContain("can't be null");
  });

  it('takes separators of several letters, and a pattern between headers', () => {
    const given = properties(
      ...both,
      ['key.separator', '=>'],
      ['headers.delimiter', '||'],
      ['headers.separator', '[;,]'],
    );
    expect(read('a:1;b:2,c:3||k=>v\n', given).records).toEqual([
      [
        'k',
        'v',
        [
          ['a', '1'],
          ['b', '2'],
          ['c', '3'],
        ],
      ],
    ]);
  });
});

describe('lineFormat', () => {
  it('refuses two equal marks', () => {
    expect(() => lineFormat(properties(['headers.delimiter', ',']))).toThrow(
      'headers.delimiter and headers.separator may not be equal',
    );
    expect(() => lineFormat(properties(['null.marker', '\t']))).toThrow('key.separator and null.marker');
  });

  it('knows when there is nothing to parse', () => {
    expect(isPlain(lineFormat(properties(['key.separator', ':'])))).toBe(true);
    expect(isPlain(lineFormat(properties(['null.marker', 'x'])))).toBe(false);
  });
});
