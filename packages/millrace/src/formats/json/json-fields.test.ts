import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFields, jsonKind, pointerTokens, unescapeJson } from './json-fields.ts';

const out = Buffer.alloc(1 << 20);

/** The values at the pointers, as texts of JSON; null: absent. */
function found(text: string | Buffer, ...pointers: string[]): (string | null)[] | string {
  const bytes = Buffer.from(text as string);
  const fields = new JsonFields(pointers.map((pointer) => pointerTokens(pointer)!));
  const fault = fields.read(bytes);
  if (fault !== null) return fault;
  return pointers.map((_, i) =>
    fields.kind[i] === jsonKind.absent ? null : bytes.toString('utf8', fields.from[i], fields.to[i]),
  );
}

/** As RFC 6901 has it. */
function valueAt(value: unknown, tokens: readonly string[]): unknown {
  let at = value;
  for (const token of tokens) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (Array.isArray(at) && !/^(0|[1-9]\d*)$/.test(token)) return undefined;
    if (!Object.hasOwn(at, token)) return undefined;
    at = (at as Record<string, unknown>)[token];
  }
  return at;
}

describe('fields of JSON', () => {
  it('keep their digits, and what is absent is not null', () => {
    expect(
      found(
        ' {"id": 123456789012345678901234567890.10 , "a" :{"b":[1,{"c":null}]},"x\\u0041":"\\n"}\n',
        ...['/id', '/a', '/a/b/1/c', '/a/b/01', '/xA', '/none', ''],
      ),
    ).toEqual([
      ...['123456789012345678901234567890.10', '{"b":[1,{"c":null}]}', 'null', null, '"\\n"', null],
      '{"id": 123456789012345678901234567890.10 , "a" :{"b":[1,{"c":null}]},"x\\u0041":"\\n"}',
    ]);
  });

  it('are the last of their name, with all that stands below', () => {
    expect(found('{"a":{"b":1},"a":{"c":2}}', '/a/b', '/a/c')).toEqual([null, '2']);
    expect(found('{"a":{"b":1},"a":3}', '/a/b', '/a')).toEqual([null, '3']);
  });

  it('are those that JSON.parse has, of drawn values and drawn pointers', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'b', '0', '1', '', 'é', 'a/b', '~'),
      fc.string({ unit: 'binary' }),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        ...[fc.constant(null), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true })],
        fc.string({ unit: 'binary' }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map(Object.fromEntries),
      ),
    }));
    fc.assert(
      fc.property(
        value,
        fc.array(fc.array(name, { maxLength: 3 }), { maxLength: 5 }),
        fc.boolean(),
        (drawn, paths, indented) => {
          const text = JSON.stringify(drawn, null, indented ? 1 : 0);
          const bytes = Buffer.from(text);
          const fields = new JsonFields(paths);
          expect(fields.read(bytes)).toBe(null);
          for (const [i, path] of paths.entries()) {
            const wanted = valueAt(JSON.parse(text), path);
            const got =
              fields.kind[i] === jsonKind.absent
                ? undefined
                : JSON.parse(bytes.toString('utf8', fields.from[i], fields.to[i]));
            expect(got).toEqual(wanted);
            if (fields.kind[i] !== jsonKind.string) continue;
            const length = unescapeJson(bytes, fields.from[i]!, fields.to[i]!, out);
            if (length === -1) expect((wanted as string).isWellFormed()).toBe(false);
            else expect(out.toString('utf8', 0, length)).toBe(wanted);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are of JSON exactly where JSON.parse takes it, also when it is cut or changed anywhere', () => {
    const pieces = fc.constantFrom(
      ...'{}[],:"\\ \n0123e+-.tfnu/',
      'true',
      'null',
      '\\u12',
      '"a":',
      '\u0001',
      '0x',
      '1e5',
    );
    const drawn = fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc.array(pieces, { maxLength: 12 }).map((list) => list.join('')),
      fc
        .tuple(fc.json({ maxDepth: 3 }), fc.nat(40), pieces)
        .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + 1)),
    );
    fc.assert(
      fc.property(drawn, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(new JsonFields([['a']]).read(Buffer.from(text)) === null).toBe(isJson);
      }),
      { numRuns: 3000 },
    );
  });

  it('end where nothing may be nested any deeper', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(found(nested(500), '')).toHaveLength(1);
    expect(found(nested(501), '')).toBe('it is no JSON at byte 500');
    expect(found(nested(1_000_000), '')).toBe('it is no JSON at byte 500');
  });

  it.each(['a', '/~', '/~2', '/a~'])('%j is no pointer', (pointer) => {
    expect(pointerTokens(pointer)).toBe(null);
  });

  it('pointers have escapes', () => {
    expect(pointerTokens('/a~1b/m~0n//')).toEqual(['a/b', 'm~n', '', '']);
  });
});
