import { expect, it } from 'vitest';
import { JsonDrawn } from '../../../../testkit/src/tables/json-drawn.ts';
import { withChance } from '../../component/testing/chance.ts';
import { JsonTape, tapeFrom, tapeKind, tapeNext, tapeStep, tapeTo } from './json-tape.ts';

/** The value that a node of the tape tells. */
function valueAt(tape: JsonTape, node: number): unknown {
  const { nodes, bytes } = tape;
  const text = bytes.toString('utf8', nodes[node + tapeFrom], nodes[node + tapeTo]);
  const end = nodes[node + tapeNext]!;
  const inside: number[] = [];
  for (let at = node + tapeStep; at < end; at = nodes[at + tapeNext]!) inside.push(at);
  if (nodes[node] === tapeKind.array) return inside.map((each) => valueAt(tape, each));
  if (nodes[node] !== tapeKind.object) return JSON.parse(text);
  const members: [string, unknown][] = [];
  for (let i = 0; i < inside.length; i += 2)
    members.push([valueAt(tape, inside[i]!) as string, valueAt(tape, inside[i + 1]!)]);
  return Object.fromEntries(members);
}

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

it('reads what JSON.parse reads, and nothing else', () =>
  withChance(async (chance) => {
    const tape = new JsonTape();
    const drawn = new JsonDrawn(chance);
    for (let i = 0; i < 5000; i++) {
      let text = drawn.value(4);
      for (let changes = chance.int(0, 3); changes > 0; changes--) {
        const at = chance.int(0, text.length);
        const put = ['', '{', '}', ']', ',', '"', '\\', '0', '.', 'e', '-', ' ', '\u0001', 'u'][
          chance.int(0, 13)
        ]!;
        text = text.slice(0, at) + put + text.slice(at + chance.int(0, 1));
      }
      if (!text.isWellFormed() || /\\u[dD][89a-fA-F]/.test(text)) continue;
      const bytes = Buffer.from(`ab${text}c`);
      const fault = tape.read(bytes, 2, bytes.length - 1);
      const expected = parsed(text);
      expect({ text, isJson: fault === null }).toEqual({ text, isJson: expected !== null });
      if (expected !== null) expect(valueAt(tape, 0)).toEqual(expected.value);
    }
  }));

it.each([
  ['"\\ud83d\\ude00"', null],
  ['"\\uD83D\\uDE00"', null],
  ['"\\ud83d"', 'half'],
  ['"\\ude00"', 'half'],
  ['"\\ud83d\\ud83d"', 'half'],
  ['"\\ud83d\\u0041"', 'half'],
  ['"\\ud83dx"', 'half'],
  ['"\\udfff\\ud800"', 'half'],
])('takes pairs of surrogates, and no halves: %s', (text, fault) => {
  const found = new JsonTape().read(Buffer.from(text), 0, text.length);
  expect(found === null ? null : (/half/.exec(found)?.[0] ?? found)).toBe(fault);
});

it('takes no bytes that are no UTF-8', () => {
  const bytes = Buffer.from('22c32822', 'hex');
  expect(new JsonTape().read(bytes, 0, bytes.length)).toBe('it is no UTF-8');
});
