import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FileStore } from '../../clients/file-store/file-store.ts';
import { StoreError, type StoreFault } from '../../clients/file-store/store-error.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { LeftFiles } from './left-files.ts';

const name = { inUse: 'd/a.7.gz.tmp', final: 'd/a.7.gz', n: 7 };

/** A store whose calls fail as drawn, in this order; what it did is in `calls`. */
function make(faults: (StoreFault | null)[], tries = Number.POSITIVE_INFINITY) {
  const calls: string[] = [];
  const answer = async (call: string) => {
    calls.push(call);
    const fault = faults.shift() ?? null;
    if (fault !== null) throw new StoreError(fault, `${call}: ${fault}`);
  };
  const store = {
    url: 'test:',
    rename: (from: string, to: string) => answer(`${from} > ${to}`),
    delete: (file: string) => answer(`- ${file}`),
  } as unknown as FileStore;
  const told: Diagnostic[] = [];
  const left = new LeftFiles({
    ...{ store, note: null, tries, retryMs: 180_000, label: 'sink k1' },
    report: (diagnostic) => told.push(diagnostic),
  });
  return { left, calls, told };
}

afterEach(() => vi.useRealTimers());

describe('a file with acknowledged events', () => {
  it('is renamed as often as it takes, and that is told', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { left, calls, told } = make(['transient', 'denied', null]);
    await left.rename(name, true);
    for (let i = 0; i < 4; i++) await vi.advanceTimersByTimeAsync(180_000);
    expect(calls).toEqual(Array(3).fill('d/a.7.gz.tmp > d/a.7.gz'));
    expect(told.map(({ code }) => code)).toEqual(['file-left', 'file-left']);
  });

  it('is left for the next start after so many tries, and at a stop', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { left, calls, told } = make(Array(9).fill('transient'), 2);
    await left.rename(name, true);
    await vi.advanceTimersByTimeAsync(900_000);
    expect(calls).toHaveLength(2);
    expect(told.at(-1)!.message).toContain('next start');
    const stopped = make(Array(9).fill('transient'));
    await stopped.left.rename(name, true);
    stopped.left.stop();
    await vi.advanceTimersByTimeAsync(900_000);
    expect(stopped.calls).toHaveLength(1);
  });

  it('takes the next number where its name is taken', async () => {
    const { left, calls } = make(['exists', 'exists', null]);
    await left.rename(name, true);
    expect(calls.at(-1)).toBe('d/a.7.gz.tmp > d/a.9.gz');
  });

  it('that is gone is told and forgotten', async () => {
    const { left, calls, told } = make(['absent']);
    await left.rename(name, true);
    expect(calls).toHaveLength(1);
    expect(told).toMatchObject([{ code: 'file-gone' }]);
  });
});

describe('a file without', () => {
  it('is removed when it can not be renamed, and that is the caller’s to know', async () => {
    const { left, calls } = make(['transient', null]);
    await expect(left.rename(name, false)).rejects.toMatchObject({ kind: 'transient' });
    expect(calls).toEqual(['d/a.7.gz.tmp > d/a.7.gz', '- d/a.7.gz.tmp']);
  });

  it('is removed as often as it takes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { left, calls } = make(['transient', null]);
    left.remove(name);
    await vi.advanceTimersByTimeAsync(180_000);
    expect(calls).toEqual(['- d/a.7.gz.tmp', '- d/a.7.gz.tmp']);
  });
});
