import { describe, expect, it } from 'vitest';
import { minBytes, parseMessage, parseVersions, stripComments } from './protocol-definitions.ts';

describe('definitions', () => {
  it('loses its comments, but not what looks like one in a text', () => {
    const json = '// head\n{ "a": "http://x \\" // y", // tail\n "b": 1 }';
    expect(JSON.parse(stripComments(json))).toEqual({ a: 'http://x " // y', b: 1 });
  });

  it('gives ranges of versions', () => {
    expect(parseVersions('3')).toEqual({ min: 3, max: 3 });
    expect(parseVersions('3-7')).toEqual({ min: 3, max: 7 });
    expect(parseVersions('2+')?.min).toBe(2);
    expect(parseVersions('none')).toBeNull();
    expect(() => parseVersions('3..7')).toThrow('3..7');
  });

  const message = (fields: object[], more: object = {}): string =>
    JSON.stringify({
      name: 'TestRequest',
      type: 'request',
      apiKey: 1,
      validVersions: '2-5',
      flexibleVersions: '4+',
      fields,
      ...more,
    });

  it('keeps a field within the versions of its message and its struct', () => {
    const parsed = parseMessage(
      message([
        { name: 'Gone', type: 'int8', versions: '0-1' },
        {
          name: 'Items',
          type: '[]Item',
          versions: '3+',
          fields: [{ name: 'A', type: 'int64', versions: '0+' }],
        },
      ]),
    )!;
    expect(parsed.fields.map((field) => [field.name, field.versions])).toEqual([
      ['items', { min: 3, max: 5 }],
    ]);
    expect(parsed.structs[0]!.versions).toEqual({ min: 3, max: 5 });
    expect(parsed.flexibleFrom).toBe(4);
  });

  it('puts a struct that several structs use before all of them', () => {
    const shared = { name: 'Shared', fields: [{ name: 'X', type: 'int8', versions: '0+' }] };
    const parsed = parseMessage(
      message(
        [
          {
            name: 'A',
            type: '[]Outer',
            versions: '4+',
            fields: [{ name: 'In', type: 'Shared', versions: '4+' }],
          },
          { name: 'B', type: 'Shared', versions: '2-3' },
        ],
        { commonStructs: [shared] },
      ),
    )!;
    expect(parsed.structs.map((struct) => struct.name)).toEqual(['Shared', 'Outer']);
    expect(parsed.structs[0]!.versions).toEqual({ min: 2, max: 5 });
  });

  it('knows the fewest bytes of an element', () => {
    const parsed = parseMessage(
      message([
        {
          name: 'Items',
          type: '[]Item',
          versions: '2+',
          fields: [
            { name: 'Id', type: 'int32', versions: '2+' },
            { name: 'Name', type: 'string', versions: '2+' },
            { name: 'Late', type: 'int64', versions: '5+' },
            { name: 'Tagged', type: 'uuid', versions: '4+', taggedVersions: '4+', tag: 0 },
          ],
        },
      ]),
    )!;
    // Version 4: four bytes, an empty compact string, no tags.
    expect(minBytes(parsed, 'Item', { min: 2, max: 5 })).toBe(6);
    expect(minBytes(parsed, 'Item', { min: 5, max: 5 })).toBe(14);
    expect(minBytes(parsed, 'uuid', { min: 2, max: 5 })).toBe(16);
  });

  it('stops at what it does not understand', () => {
    expect(() => parseMessage(message([{ name: 'A', type: 'int24', versions: '0+' }]))).toThrow(
      'TestRequest.A: unknown type int24',
    );
    expect(() => parseMessage(message([{ name: 'A', type: 'Missing', versions: '0+' }]))).toThrow(
      'struct Missing is not defined',
    );
    expect(() =>
      parseMessage(message([{ name: 'A', type: 'int8', versions: '2+', taggedVersions: '4+', tag: 0 }])),
    ).toThrow('tagged');
    expect(parseMessage(message([], { validVersions: 'none' }))).toBeNull();
  });
});
