import { describe, expect, it } from 'vitest';
import { historiesOr, playMany } from '../../packages/testkit/src/sim/history.ts';
import { brokerHistories } from './sim-broker/histories.ts';

describe('a broker on a disk that ends its syncs in any order, fails, and forgets what was not synced', () => {
  it('keeps what it acknowledged, whatever happens beside it', async () => {
    const { firstSeed, count } = historiesOr(4000);
    const failure = await playMany(brokerHistories(), firstSeed, count);
    expect(failure?.report ?? null).toBe(null);
  });
});
