import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFault, type JsonToken, LenientJsonReader } from './lenient-json.ts';

/** A document as values; numbers are text. */
function read(text: string | Buffer): unknown {
  const reader = new LenientJsonReader(Buffer.from(text));
  const value = treeOf(reader, reader.next());
  reader.finish();
  return value;
}

const spanOf = ({ bytes, from, to }: LenientJsonReader): string => bytes.toString('utf8', from, to);

function treeOf(reader: LenientJsonReader, token: JsonToken): unknown {
  if (token === 'null') return null;
  if (token === 'boolean') return spanOf(reader) === 'true';
  if (token === 'text') return spanOf(reader);
  if (token === 'begin-array') {
    const values: unknown[] = [];
    for (let each = reader.next(); each !== 'end-array'; each = reader.next())
      values.push(treeOf(reader, each));
    return values;
  }
  const entries: [string, unknown][] = [];
  while (reader.next() === 'name') {
    const name = spanOf(reader);
    entries.push([name, treeOf(reader, reader.next())]);
  }
  return Object.fromEntries(entries);
}

function faultOf(text: string): string {
  try {
    read(text);
    return 'none';
  } catch (error) {
    if (error instanceof JsonFault) return error.kind;
    throw error;
  }
}

const asText = (value: unknown): unknown => {
  if (typeof value === 'number') return JSON.stringify(value);
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asText(each)]));
};

describe('JSON', () => {
  it('is read as it was written, with any blanks', () => {
    const unit = fc.oneof(
      fc.constantFrom('\\', '"', '/', '\n', '\u2028', '\0'),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit }),
        fc.boolean(),
        fc.constant(null),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(
          fc.string({ unit }).filter((name) => name !== '__proto__'),
          tie('tree'),
          { maxKeys: 4 },
        ),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom(0, 1, '\t'), (value, space) => {
        expect(read(JSON.stringify(value, null, space))).toEqual(asText(JSON.parse(JSON.stringify(value))));
      }),
      { numRuns: 500 },
    );
  });

  it('has text of any bytes, escaped in any way, at its end in one pass', () => {
    const text = `"${'x'.repeat(100_000)}",`.repeat(20);
    expect(read(`[${text}"\\u00e9\\ud834\\udd1e\\ud834\\t"]`)).toHaveLength(21);
    expect(read('["\\u00e9\\ud834\\udd1e\\ud834\\t"]')).toEqual(['é𝄞?\t']);
  });

  it('may be nested however deep', () => {
    const depth = 200_000;
    const reader = new LenientJsonReader(Buffer.from(`[{"a":${'['.repeat(depth)}${']'.repeat(depth)}},"x"]`));
    const tokens = [reader.next(), reader.next(), reader.next()];
    reader.skip(reader.next());
    expect([...tokens, reader.next(), reader.next()]).toEqual([
      'begin-array',
      'begin-object',
      'name',
      'end-object',
      'text',
    ]);
  });
});

describe('what Gson takes besides JSON', () => {
  const cases: [text: string, value: unknown][] = [
    ["['it\\'s', bare, 1.50, -0]", ["it's", 'bare', '1.50', '-0']],
    ['[TRUE, Null, truex]', [true, null, 'truex']],
    ['{a = 1; "b" => 2}', { a: '1', b: '2' }],
    ['[,]', [null, null]],
    ['[1,]', ['1', null]],
    ['/* c */ [ # line\n 1 // line\r, 2]', ['1', '2']],
    [")]}'\n[1]", ['1']],
    ['\uFEFF[1]', ['1']],
    ['["raw\nnewline"]', ['raw\nnewline']],
  ];
  for (const [text, value] of cases) it(JSON.stringify(text), () => expect(read(text)).toEqual(value));
});

describe('faults', () => {
  const cases: [text: string, kind: 'syntax' | 'other'][] = [
    ['', 'other'],
    [' \n', 'other'],
    ['# only', 'other'],
    ['/* open', 'syntax'],
    ['[', 'syntax'],
    ['["open', 'syntax'],
    ['["\\', 'syntax'],
    ['["\\x"]', 'syntax'],
    ['["\\u00', 'syntax'],
    ['["\\u00zz"]', 'other'],
    ['[1 2]', 'syntax'],
    ['{"a" 1}', 'syntax'],
    ['{"a":1,}', 'syntax'],
    ['[] x', 'syntax'],
    ['[] # c', 'syntax'],
    ['}', 'syntax'],
    ['[/]', 'syntax'],
  ];
  for (const [text, kind] of cases) it(JSON.stringify(text), () => expect(faultOf(text)).toBe(kind));

  it('end no program, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'[]{}:,;="\'\\u0a/*#\n '), { maxLength: 30 }), (chars) => {
        expect(['none', 'syntax', 'other']).toContain(faultOf(chars.join('')));
      }),
      { numRuns: 2000 },
    );
  });
});
