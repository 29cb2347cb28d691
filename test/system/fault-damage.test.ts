/** A file channel that finds its folder locked, damaged, or in parts gone: it starts, says what it did, loses only the damage. */
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { segmentFaults } from '../../packages/testkit/src/oracle/kafka.ts';
import { faultsOf } from '../../packages/testkit/src/oracle/lines.ts';
import { LiveChain } from '../../packages/testkit/src/oracle/live.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import { agentProgram, counterOf, monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const lines = 12_000;

/** A stopped agent whose channel holds all lines: its sink had no folder. */
async function filledChannel(): Promise<LiveChain> {
  const port = await lastingPort();
  const live = await LiveChain.start({
    prepare: (it) => rmSync(it.chain.output, { recursive: true }),
    program: { args: monitoringArgs(port) },
  });
  live.write('app.log', lines);
  await waitFor(
    'all lines in the channel',
    async () => (await counterOf(port, 'CHANNEL.c1', 'ChannelSize')) === lines,
  );
  await live.agent.stop();
  mkdirSync(live.chain.output);
  return live;
}

const dataDir = (live: LiveChain) => live.dir.join('a1-data', 'events-0');
const filesOf = (live: LiveChain, pattern: RegExp) =>
  readdirSync(dataDir(live))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(dataDir(live), name));

function overwrite(path: string, position: number, bytes: Buffer): void {
  writeSync(openSync(path, 'r+'), bytes, 0, bytes.length, position);
}

test('a folder in use by another process: told with its id, taken over when that one ends', async () => {
  await using live = await LiveChain.start();
  live.write('app.log', 100);
  await live.settle();
  await using second = agentProgram(live.chain.configFile, 'a1');
  await second.spawn();
  await second.process.waitForLine(new RegExp(`is in use by process ${live.agent.pid}`));
  expect(live.agent.running && second.running).toBe(true);
  live.write('app.log', 100);
  expect(await live.onceFaults()).toEqual([]);
  await live.agent.stop();
  live.write('app.log', 100);
  expect(faultsOf(await live.settle())).toEqual([]);
});

test('damaged bytes in a segment: told, set aside, everything else delivered', async () => {
  await using live = await filledChannel();
  const segments = filesOf(live, /^\d{20}\.log$/);
  expect(segments.length).toBeGreaterThan(2);
  const damaged = segments[1]!;
  const middle = Math.floor(statSync(damaged).size / 2);
  overwrite(damaged, middle, Buffer.alloc(64, 0xff));
  await live.agent.start();
  live.write('app.log', 10, 'fresh');
  await waitFor('the fresh lines', () => !live.verdict().missing.some((id) => id.startsWith('fresh')));
  const verdict = await live.settle(2_000);
  expect([verdict.foreign, verdict.disordered, verdict.doubles]).toEqual([[], [], 0]);
  // 64 bytes reach into two batches at most; a batch is a source's transaction of 100 lines.
  expect(verdict.missing.length).toBeGreaterThan(0);
  expect(verdict.missing.length).toBeLessThanOrEqual(200);
  expect(live.agent.output).toMatch(/set aside|damaged|corrupt/i);
  console.log(`64 bytes damaged: ${verdict.missing.length} of ${lines} lines lost`);
});

test('a last batch torn behind the back of a stopped agent: cut off and told, nothing else lost', async () => {
  await using live = await filledChannel();
  const last = filesOf(live, /^\d{20}\.log$/).at(-1)!;
  truncateSync(last, statSync(last).size - 30);
  await live.agent.start();
  live.write('app.log', 10, 'fresh');
  const verdict = await live.settle(3_000);
  // The channel had acknowledged this batch, so the source does not bring it again: that is what the damage covers.
  expect(verdict.missing.length).toBeLessThanOrEqual(100);
  expect([verdict.foreign, verdict.disordered, verdict.doubles]).toEqual([[], [], 0]);
  expect(live.agent.output).toMatch(/cut off/);
});

test.each([
  ['truncated', (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2))],
  [
    'filled with other bytes',
    (path: string) => overwrite(path, 0, Buffer.alloc(Math.max(1, statSync(path).size), 7)),
  ],
  ['missing', (path: string) => rmSync(path)],
] as const)('indexes %s: made again, nothing lost', async (_, harm) => {
  await using live = await filledChannel();
  const indexes = filesOf(live, /\.(time)?index$/);
  expect(indexes.length).toBeGreaterThan(0);
  for (const index of indexes) harm(index);
  await live.agent.start();
  live.write('app.log', 10, 'fresh');
  expect(await live.onceFaults()).toEqual([]);
  await live.agent.stop();
  expect((await segmentFaults([live.dir.join('a1-data')])).faults).toEqual([]);
});

test.each(['missing', 'damaged'] as const)(
  'a checkpoint that is %s: events come again rather than not at all',
  async (how) => {
    await using live = await filledChannel();
    const folder = live.dir.join('a1-checkpoint');
    if (how === 'missing') rmSync(folder, { recursive: true });
    else {
      for (const name of readdirSync(folder).filter((it) => it === 'consumed'))
        overwrite(join(folder, name), 0, Buffer.alloc(readFileSync(join(folder, name)).length, 0xab));
    }
    await live.agent.start();
    live.write('app.log', 10, 'fresh');
    expect(await live.onceFaults()).toEqual([]); // nothing was consumed yet: so even once
  },
);

test("the log's own checkpoint missing: everything is read again, nothing lost", async () => {
  await using live = await filledChannel();
  for (const path of filesOf(live, /checkpoint/)) rmSync(path);
  await live.agent.start();
  live.write('app.log', 10, 'fresh');
  expect(await live.onceFaults()).toEqual([]);
});
