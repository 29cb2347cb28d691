import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { SpillableChannel } from '../../packages/millrace/src/components/spillable/channel.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { spillableContext } from '../../packages/testkit/src/flume/spillable-channel.ts';

const child = join(import.meta.dirname, '../../packages/testkit/src/flume/spillable-child.ts');
const memoryCapacity = 200;

/** Numbers by what a process said of them before SIGKILL: in files, in memory, delivered. */
async function runAndKill(folder: string, first: number, afterLines: number) {
  const running = spawn(process.execPath, [child, folder, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: Record<string, number[]> = { f: [], m: [], d: [] };
  let lines = 0;
  const exited = once(running, 'exit');
  for await (const line of createInterface({ input: running.stdout })) {
    const [what, numbers = ''] = line.split(' ');
    said[what!]?.push(...numbers.split(',').map(Number));
    if (++lines === afterLines) running.kill('SIGKILL');
  }
  await exited;
  return { inFiles: said.f!, inMemory: said.m!, delivered: said.d! };
}

it('a kill takes what was in memory, at most as much as that holds, and nothing of what was in files', async () => {
  using folder = tempDir('millrace-spill-kill-');
  const arrived = new Set<number>();
  let [spilled, remembered] = [0, 0];
  const lives: Awaited<ReturnType<typeof runAndKill>>[] = [];
  for (let round = 0; round < 4; round++) {
    const life = await runAndKill(folder.path, round * 1_000_000, 300 + 97 * round);
    for (const number of life.delivered) arrived.add(number);
    spilled += life.inFiles.length;
    remembered += life.inMemory.length;
    lives.push(life);
  }
  console.log(`${spilled} events in files, ${remembered} in memory`);
  expect(Math.min(spilled, remembered)).toBeGreaterThan(200);
  const channel = new SpillableChannel(
    spillableContext({
      checkpointDir: folder.join('checkpoint'),
      dataDirs: folder.join('data'),
      overflowTimeout: 0,
    }),
  );
  await channel.start();
  expect(channel.volatileCount).toBe(0);
  const transaction = channel.begin();
  for (let batch = await transaction.take(1000); batch !== null; batch = await transaction.take(1000))
    for (const event of batch) arrived.add(Number(event.body.toString().split(' ')[0]));
  await transaction.commit();
  await channel.stop();
  for (const { inFiles, inMemory } of lives) {
    expect(inFiles.filter((number) => !arrived.has(number))).toEqual([]);
    expect(inMemory.filter((number) => !arrived.has(number)).length).toBeLessThanOrEqual(memoryCapacity);
  }
});
