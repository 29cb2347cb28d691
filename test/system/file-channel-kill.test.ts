import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { testSurroundings } from '../../packages/millrace/src/component/testing/context.ts';
import { FileChannel } from '../../packages/millrace/src/components/file-channel/channel.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { fileChannelDefaults, keysInFile } from '../../packages/testkit/src/flume/file-channel-options.ts';

const child = join(import.meta.dirname, '../../packages/testkit/src/flume/file-channel-child.ts');

interface Life {
  readonly promised: number[];
  readonly delivered: number[];
}

/** Lets a process run for a while on the channel, kills it with SIGKILL, and reads what it had said. */
async function runAndKill(
  folder: string,
  first: number,
  afterLines: number,
  keyFile?: string,
): Promise<Life> {
  const process_ = spawn(
    process.execPath,
    [child, folder, String(first), ...(keyFile === undefined ? [] : [keyFile])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const life: Life = { promised: [], delivered: [] };
  let lines = 0;
  const exited = once(process_, 'exit');
  for await (const line of createInterface({ input: process_.stdout })) {
    const [what, from = '', to = ''] = line.split(' ');
    if (what === 'p') for (let i = Number(from); i < Number(to); i++) life.promised.push(i);
    if (what === 'd') life.delivered.push(...from.split(',').map(Number));
    if (++lines === afterLines) process_.kill('SIGKILL');
  }
  await exited;
  return life;
}

it.each([
  ['as they are', false],
  ['encrypted, each life with another key', true],
])(
  'loses nothing when the process is killed, and brings again only what was being taken: %s',
  async (_, encrypts) => {
    using folder = tempDir('millrace-kill-');
    const keyFile = encrypts ? folder.join('keys') : undefined;
    if (keyFile !== undefined) {
      const keys = Array.from({ length: 7 }, (_, i) => `k${i} ${randomBytes(32).toString('base64')}\n`);
      writeFileSync(keyFile, keys.join(''));
    }
    const promised: number[] = [];
    const delivered: number[] = [];
    const rounds = 6;
    for (let round = 0; round < rounds; round++) {
      const life = await runAndKill(folder.path, round * 1_000_000, 150 + 97 * round, keyFile);
      expect(life.promised.length).toBeGreaterThan(0);
      promised.push(...life.promised);
      delivered.push(...life.delivered);
    }
    const options = {
      ...fileChannelDefaults,
      checkpointDir: folder.join('checkpoint'),
      dataDirs: [folder.join('data')],
      ...(keyFile === undefined ? {} : { encryption: keysInFile(keyFile, 'k6') }),
    };
    const channel = new FileChannel({
      ...testSurroundings(),
      ...{ agent: 'a1', name: 'c1', options, log: silentLogger, report: () => {} },
    });
    await channel.start();
    const transaction = channel.begin();
    for (let batch = await transaction.take(1000); batch !== null; batch = await transaction.take(1000)) {
      for (const event of batch) {
        const number = Number(event.body.toString().split(' ')[0]);
        delivered.push(number);
        expect(event.header('part')).toBe(number % 50 < 20 ? '1' : undefined);
      }
    }
    await transaction.commit();
    expect(channel.eventCount).toBe(0);
    await channel.stop();

    const arrived = new Set(delivered);
    expect(promised.filter((number) => !arrived.has(number))).toEqual([]);
    // A take that was open when the process ended may come twice, nothing else: at most 33 events a kill.
    expect(delivered.length - arrived.size).toBeLessThanOrEqual(33 * rounds);
  },
);
