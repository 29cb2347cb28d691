import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noPartitions, type Partitions } from '../partitions.ts';
import type { AssignedMember } from './assignor.ts';
import { assignors } from './index.ts';

const member = (
  memberId: string,
  topicIds: readonly string[],
  before: Partitions = noPartitions,
): AssignedMember => ({
  ...{ memberId, instanceId: null, before },
  topicIds: new Set(topicIds),
});

const shown = (dealt: ReadonlyMap<string, Partitions>) =>
  Object.fromEntries(
    Array.from(dealt, ([id, topics]) => [
      id,
      Array.from(topics, ([topic, each]) => `${topic} ${[...each].sort((a, b) => a - b).join()}`)
        .sort()
        .join('; '),
    ]),
  );

describe('range', () => {
  const range = assignors.get('range')!;
  const counts = new Map([
    ['t', 5],
    ['u', 3],
  ]);

  test('gives runs, the longer ones to the first by name; static members come first', () => {
    const members = [member('m2', ['t', 'u']), member('m1', ['t', 'u']), member('m0', ['t'])];
    expect(shown(range(members, counts))).toEqual({ m0: 't 0,1', m1: 't 2,3; u 0,1', m2: 't 4; u 2' });
    const named = [member('a', ['u']), { ...member('z', ['u']), instanceId: 'i' }];
    expect(shown(range(named, counts))).toEqual({ z: 'u 0,1', a: 'u 2' });
  });

  test('has none for members that are too many', () => {
    const members = ['a', 'b', 'c', 'd'].map((id) => member(id, ['u']));
    expect(shown(range(members, counts))).toEqual({ a: 'u 0', b: 'u 1', c: 'u 2', d: '' });
  });
});

describe('uniform', () => {
  const uniform = assignors.get('uniform')!;
  const sizesOf = (dealt: ReadonlyMap<string, Partitions>) =>
    Array.from(dealt.values(), (topics) => [...topics.values()].reduce((sum, each) => sum + each.size, 0));

  test('leaves what there is where it is, as far as shares allow', () => {
    const counts = new Map([['t', 6]]);
    const all = new Map([['t', new Set([0, 1, 2, 3, 4, 5])]]);
    const dealt = uniform([member('a', ['t'], all), member('b', ['t'])], counts);
    expect(shown(dealt)).toEqual({ a: 't 0,1,2', b: 't 3,4,5' });
    const grown = uniform(
      ['a', 'b'].map((id) => member(id, ['t'], dealt.get(id)!)),
      new Map([['t', 8]]),
    );
    expect(shown(grown)).toEqual({ a: 't 0,1,2,6', b: 't 3,4,5,7' });
  });

  test('evens out between members that want different topics', () => {
    const counts = new Map([
      ['t', 6],
      ['u', 2],
    ]);
    const first = new Map([['t', new Set([0, 1, 2, 3, 4, 5])]]);
    const dealt = uniform([member('a', ['t'], first), member('b', ['t', 'u']), member('c', ['u'])], counts);
    expect(sizesOf(dealt)).toEqual([3, 3, 2]);
  });
});

const drawn = fc.record({
  counts: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
  members: fc.array(fc.array(fc.nat(3), { maxLength: 4 }), { minLength: 1, maxLength: 6 }),
  rounds: fc.array(fc.nat(5), { maxLength: 3 }),
});

test.each([...assignors])(
  '%s deals each partition once, to who wants it; again, and nothing moves',
  (name, assign) => {
    fc.assert(
      fc.property(drawn, ({ counts, members: wants, rounds }) => {
        const partitionCounts = new Map(counts.map((count, i) => [`t${i}`, count]));
        let members = wants.map((topics, i) =>
          member(
            `m${i}`,
            topics.map((t) => `t${t}`).filter((t) => partitionCounts.has(t)),
          ),
        );
        for (const round of [...rounds, -1, -1]) {
          const dealt = assign(members, partitionCounts);
          for (const [topic, count] of partitionCounts) {
            const wanted = members.filter(({ topicIds }) => topicIds.has(topic));
            const given = members.flatMap(({ memberId }) => [...(dealt.get(memberId)?.get(topic) ?? [])]);
            expect(given.sort((a, b) => a - b)).toEqual(
              wanted.length === 0 ? [] : Array.from({ length: count }, (_, i) => i),
            );
          }
          for (const { memberId, topicIds } of members)
            for (const topic of dealt.get(memberId)?.keys() ?? []) expect(topicIds).toContain(topic);
          if (
            round === -1 &&
            name === 'uniform' &&
            members.every(({ topicIds }) => topicIds.size === counts.length)
          ) {
            const sizes = members.map(({ memberId }) =>
              [...(dealt.get(memberId)?.values() ?? [])].reduce((sum, each) => sum + each.size, 0),
            );
            expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          }
          const before = shown(dealt);
          members = members.map((each) => ({ ...each, before: dealt.get(each.memberId) ?? noPartitions }));
          expect(shown(assign(members, partitionCounts))).toEqual(before);
          // Somebody goes.
          if (round >= 0 && members.length > 1)
            members = members.filter((_, i) => i !== round % members.length);
        }
      }),
      { numRuns: 300 },
    );
  },
);
