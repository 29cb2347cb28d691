import { describe, expect, it } from 'vitest';
import { historiesOr, playMany } from '../../packages/testkit/src/sim/history.ts';
import { logHistories } from '../../packages/testkit/src/sim/sim-log.ts';

describe('a log on a disk that ends its syncs in any order, fails, and forgets what was not synced', () => {
  it('keeps what it promised, whatever happens', async () => {
    const { firstSeed, count } = historiesOr(8000);
    const failure = await playMany(logHistories(), firstSeed, count);
    expect(failure?.report ?? null).toBe(null);
  });
});
