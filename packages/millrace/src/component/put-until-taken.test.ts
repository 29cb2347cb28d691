import { describe, expect, it } from 'vitest';
import { putUntilTaken } from './put-until-taken.ts';
import { batchOf } from './testing/test-api.ts';

/** Channels that reject so many puts; what they saw. */
function rejecting(times: number) {
  const seen: unknown[] = [];
  const put = async (batch: unknown): Promise<void> => {
    seen.push(batch);
    if (seen.length <= times) throw new Error(`full ${seen.length}`);
  };
  return { seen, put };
}

describe('a put until it is taken', () => {
  it('is the same batch again, after waits that double up to the most', async () => {
    const channels = rejecting(5);
    const batch = batchOf('a');
    const waits: number[] = [];
    const told: string[] = [];
    await putUntilTaken(channels, batch, {
      signal: new AbortController().signal,
      firstDelayMs: 100,
      mostDelayMs: 500,
      pause: async (ms) => void waits.push(ms),
      rejected: (error, delayMs) => told.push(`${(error as Error).message} ${delayMs}`),
    });
    expect(waits).toEqual([100, 200, 400, 500, 500]);
    expect(told).toEqual(['full 1 100', 'full 2 200', 'full 3 400', 'full 4 500', 'full 5 500']);
    expect(channels.seen).toEqual(Array(6).fill(batch));
    expect(channels.seen.every((each) => each === batch)).toBe(true);
  });

  it('ends with the error of its last try when it is to stop, before a wait or in it', async () => {
    for (const when of ['put', 'wait'] as const) {
      const stop = new AbortController();
      const channels = rejecting(99);
      const putting = putUntilTaken(
        {
          put: (batch) => {
            if (when === 'put' && channels.seen.length === 1) stop.abort();
            return channels.put(batch);
          },
        },
        batchOf('a'),
        {
          signal: new AbortController().signal,
          stop: stop.signal,
          pause: async () => {
            if (when === 'wait' && channels.seen.length === 2) stop.abort();
          },
        },
      );
      await expect(putting).rejects.toThrow('full 2');
      expect(channels.seen).toHaveLength(2);
    }
  });

  it('makes one more try when it is to stop in a wait, of a batch that some channels have', async () => {
    for (const times of [1, 2]) {
      const stop = new AbortController();
      const channels = rejecting(times);
      const putting = putUntilTaken({ ...channels, hasPart: () => true }, batchOf('a'), {
        signal: stop.signal,
        pause: async () => stop.abort(),
      });
      if (times === 1) await putting;
      else await expect(putting).rejects.toThrow('full 2');
      expect(channels.seen).toHaveLength(2);
    }
  });

  it('makes no other try where none is worth it', async () => {
    const channels = rejecting(99);
    const options = { signal: new AbortController().signal, isWorthAnother: () => false };
    await expect(putUntilTaken(channels, batchOf('a'), options)).rejects.toThrow('full 1');
  });
});
