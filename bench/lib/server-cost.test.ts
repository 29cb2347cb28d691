import { expect, test } from 'vitest';
import { cpuSeconds } from '../../packages/testkit/src/process/process-figures.ts';
import { ServerCost } from './server-cost.ts';

/** Takes so much CPU of this process. */
function work(ms: number): void {
  const from = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(from);
    if (user + system > ms * 1000) return;
  }
}

test.runIf(process.platform === 'linux')(
  'what servers cost counts from the mark, all of them together',
  () => {
    const gone = 2 ** 22 + 1;
    const one = new ServerCost([process.pid, gone]);
    const two = new ServerCost([process.pid, process.pid]);
    work(200);
    // Looking costs, too: what has to be more is asked before and after what has to be less.
    const before = cpuSeconds(process.pid)!;
    two.mark();
    one.mark();
    work(200);
    const [single, double] = [one.costSinceMark(), two.costSinceMark()];
    // The kernel counts in steps of 10 ms.
    expect(single.cpuSeconds).toBeGreaterThanOrEqual(0.15);
    expect(single.cpuSeconds).toBeLessThanOrEqual(cpuSeconds(process.pid)! - before + 1e-6);
    expect(double.cpuSeconds).toBeGreaterThanOrEqual(2 * single.cpuSeconds - 1e-6);
    expect(double.peakRssBytes).toBeGreaterThan(1.5 * single.peakRssBytes!);
  },
);
