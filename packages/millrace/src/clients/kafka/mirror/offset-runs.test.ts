import { describe, expect, it } from 'vitest';
import { chanceOf } from '../../../../../testkit/src/oracle/seed.ts';
import { OffsetRuns } from './offset-runs.ts';

/** Records at drawn places of a source, and where each came to lie in the target; both with gaps. */
function drawn(count: number, chance = chanceOf('offset runs')) {
  const placed: { source: number; target: number }[] = [];
  const runs = new OffsetRuns([{ source: 0, target: 0, count: 0 }]);
  let [source, target] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (chance.bool(0.1)) source += chance.int(1, 5);
    if (chance.bool(0.1)) target += chance.int(1, 3);
    placed.push({ source, target });
    runs.add(source++, target++, 1);
  }
  return { placed, runs, chance };
}

/** The first record that whoever goes on there has not seen. */
const nextOf = (
  placed: readonly { source: number; target: number }[],
  side: 'source' | 'target',
  from: number,
) => placed.findIndex((each) => each[side] >= from);

describe('offset runs', () => {
  it('lead from every offset to the very next record', () => {
    const { placed, runs } = drawn(500);
    for (let offset = 0; offset <= placed.at(-1)!.source + 2; offset++) {
      expect(nextOf(placed, 'target', runs.translate(offset)!), `${offset}`).toBe(
        nextOf(placed, 'source', offset),
      );
    }
  });

  it('as text lead never behind a record, and exactly where that was asked for', () => {
    const { placed, runs, chance } = drawn(4000);
    const wanted = Array.from({ length: 5 }, () => placed[chance.int(0, placed.length - 1)]!.source);
    const text = runs.encode(1000, wanted);
    expect(text.length).toBeLessThanOrEqual(1000);
    const read = OffsetRuns.decode(text)!;
    for (const { source, target } of placed) expect(read.translate(source)).toBeLessThanOrEqual(target);
    for (const offset of wanted)
      expect(nextOf(placed, 'target', read.translate(offset)!)).toBe(nextOf(placed, 'source', offset));
    const end = placed.at(-1)!;
    expect(read.translate(end.source + 1)).toBe(end.target + 1);
  });

  it('as text lose nothing where there is room', () => {
    const { placed, runs } = drawn(300);
    const read = OffsetRuns.decode(runs.encode(100_000))!;
    for (const { source, target } of placed) expect(read.translate(source)).toBe(target);
  });

  it.each(['', 'a', '1,2', '1,2,3;', '{"a":1}', 'zzzzzzzzzzzzzzzz,1,1'])('are not read from %j', (text) => {
    expect(OffsetRuns.decode(text)).toBeNull();
  });
});
