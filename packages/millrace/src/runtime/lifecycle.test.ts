import { expect, test } from 'vitest';
import { Lifecycle } from './lifecycle.ts';

class Thing extends Lifecycle {
  readonly calls: string[] = [];
  failOpen = false;
  protected async open(): Promise<void> {
    this.calls.push('open');
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failOpen) throw new Error('no');
    this.calls.push('opened');
  }
  protected async close(): Promise<void> {
    this.calls.push('close');
  }
}

test('start and stop are serialised, and each happens once', async () => {
  const thing = new Thing();
  await Promise.all([thing.start(), thing.start(), thing.stop(), thing.stop()]);
  expect(thing.calls).toEqual(['open', 'opened', 'close']);
  expect(thing.status).toBe('stopped');
});

test('a start that fails closes what it had opened, and may be tried again', async () => {
  const thing = new Thing();
  thing.failOpen = true;
  await expect(thing.start()).rejects.toThrow('no');
  expect(thing.status).toBe('failed');
  thing.failOpen = false;
  await thing.start();
  expect(thing.status).toBe('started');
  expect(thing.calls).toEqual(['open', 'close', 'open', 'opened']);
});

test('await using stops it', async () => {
  const thing = new Thing();
  {
    await using running = thing;
    await running.start();
  }
  expect(thing.status).toBe('stopped');
});

test('a stop of what never started closes nothing', async () => {
  const thing = new Thing();
  await thing.stop();
  expect(thing.calls).toEqual([]);
});
