import { describe, expect, it } from 'vitest';
import type { FlushOptions, Sink } from '../../../component/sink.ts';
import { Deadline } from '../../../runtime/deadline.ts';
import { Flusher } from './flusher.ts';

/** A sink whose flushes end when they are told to, and what they were given. */
function make(isBusy = () => true) {
  const flushes: FlushOptions[] = [];
  const ends: (() => void)[] = [];
  const sink = {
    flush: (options: FlushOptions) => {
      flushes.push(options);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
  } as unknown as Sink;
  const end = async () => {
    ends.shift()!();
    await new Promise(setImmediate);
  };
  return { flusher: new Flusher(sink, isBusy), flushes, end };
}

describe('flushes that are asked for while one is under way', () => {
  it('become one, which is idle only where all of them are', async () => {
    const { flusher, flushes, end } = make();
    void flusher.flush({ idle: true });
    void flusher.flush({ idle: true });
    await end();
    expect(flushes.map(({ idle }) => idle)).toEqual([true, true]);
    void flusher.flush({ idle: true });
    void flusher.flush({});
    void flusher.flush({ idle: true });
    await end();
    expect(flushes.at(-1)!.idle ?? false).toBe(false);
    await end();
    expect(flushes).toHaveLength(3);
  });

  it('keep the deadline of a stop', async () => {
    const { flusher, flushes, end } = make();
    const deadline = Deadline.in(1000);
    void flusher.flush({});
    void flusher.flush({ deadline });
    void flusher.flush({ idle: true });
    await end();
    expect(flushes.at(-1)).toMatchObject({ deadline, idle: false });
    await end();
  });

  it('are forgotten when nothing is under way any more: the next one is as it is asked for', async () => {
    let isBusy = true;
    const { flusher, flushes, end } = make(() => isBusy);
    void flusher.flush({ idle: true });
    void flusher.flush({});
    isBusy = false;
    await end();
    expect(flushes).toHaveLength(1);
    isBusy = true;
    void flusher.flush({ idle: true });
    expect(flushes.at(-1)).toEqual({ idle: true });
    await end();
  });
});
