/** The load balancing selector beside Flume's class. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { TestChannel } from '../../packages/millrace/src/component/testing/test-channel.ts';
import { loadBalancingSelector } from '../../packages/millrace/src/components/routing/load-balancing-selector.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { noteRealServer } from '../../packages/testkit/src/process/java.ts';
import { classPath, javaProgram } from '../../scripts/lib/test-needs.ts';

const program = resolve(import.meta.dirname, '../../packages/testkit/src/process/java/SelectChannels.java');

async function flumeChooses(policy: string, channels: number, events: number): Promise<string[]> {
  const args = ['-Dlog4j2.level=OFF', '-cp', await classPath('flume'), program, policy, channels, events];
  const printed = execFileSync(javaProgram(), args.map(String), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  noteRealServer('flume');
  return printed.split('\n').slice(0, -1);
}

/** The channel of each event, of batches of one to seven events. */
function millraceChooses(policy: string, count: number, events: number): string[] {
  const channels = Array.from({ length: count }, (_, i) => new TestChannel(`c${i}`));
  const selector = loadBalancingSelector.create({
    ...contextFor(loadBalancingSelector, { policy }),
    channels,
  });
  const chosen: string[] = [];
  for (let from = 0, size = 1; from < events; from += size, size = (size % 7) + 1) {
    const builder = new BatchBuilder();
    for (let i = from; i < Math.min(events, from + size); i++) builder.add(String(i));
    for (const { batch, required, optional } of selector.select(builder.build())) {
      expect([required.length, optional.length]).toEqual([1, 0]);
      for (const event of batch) chosen[Number(event.body.toString())] = required[0]!.name;
    }
  }
  return chosen;
}

it.each([
  ['round_robin', 3],
  ['ROUND_robin', 1],
])('chooses as Flume: %s of %d channels', async (policy, channels) => {
  expect(millraceChooses(policy, channels, 50)).toEqual(await flumeChooses(policy, channels, 50));
});

it('refuses what Flume refuses', async () => {
  expect(await flumeChooses('nosuch', 2, 1)).toEqual(['Invalid policy: nosuch']);
  expect(() => contextFor(loadBalancingSelector, { policy: 'nosuch' })).toThrow('is none of');
});

it('chooses at random as evenly as Flume', async () => {
  for (const chosen of [await flumeChooses('random', 4, 4000), millraceChooses('random', 4, 4000)]) {
    const counts = ['c0', 'c1', 'c2', 'c3'].map((name) => chosen.filter((each) => each === name).length);
    // Six times the standard deviation of a fair choice.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(165);
  }
});
