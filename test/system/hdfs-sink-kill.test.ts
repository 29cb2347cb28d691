import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { hdfsSink } from '../../packages/millrace/src/components/files/hdfs-sink.ts';
import { textSerializer } from '../../packages/millrace/src/components/text/text-serializer.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';

const child = join(import.meta.dirname, '../../packages/testkit/src/flume/hdfs-sink-child.ts');

/** Lets a process write for a while, kills it with SIGKILL, and gives the numbers that it had called acknowledged. */
async function runAndKill(
  folder: string,
  mode: string,
  first: number,
  afterLines: number,
): Promise<number[]> {
  const life = spawn(process.execPath, [child, folder, mode, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(life, 'exit');
  const acknowledged: number[] = [];
  let lines = 0;
  for await (const line of createInterface({ input: life.stdout })) {
    const [, from, to] = line.split(' ').map(Number);
    for (let n = from!; n < to!; n++) acknowledged.push(n);
    if (++lines === afterLines) life.kill('SIGKILL');
  }
  await exited;
  expect(lines).toBeGreaterThanOrEqual(afterLines);
  return acknowledged;
}

/** Files by name; `isFinal`: none in use. */
async function filesOf(folder: string): Promise<{ name: string; text: string; isFinal: boolean }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    names.map(async (name) => ({
      name,
      text: await readFile(name, 'utf8'),
      isFinal: !name.endsWith('.tmp'),
    })),
  );
}

it.each(['append', 'stream'])(
  '%s: a kill loses nothing that is acknowledged, and leaves nothing behind',
  async (mode) => {
    using folder = tempDir('millrace-hdfs-kill-');
    const acknowledged = new Set<number>();
    for (let round = 0; round < 6; round++) {
      // As a channel does: what is not acknowledged comes again.
      let first = 0;
      while (acknowledged.has(first)) first++;
      for (const n of await runAndKill(folder.path, mode, first, 20 + 13 * round)) acknowledged.add(n);
      for (const { name, text, isFinal } of await filesOf(folder.join('out'))) {
        if (!isFinal) continue;
        if (mode === 'stream') expect(text, name).toMatch(/^(line \d+\n){25}$/);
        else expect(text, name).toMatch(/^(line \d+\n)+$/);
      }
    }
    expect((await filesOf(folder.join('out'))).filter(({ isFinal }) => !isFinal).length).toBeGreaterThan(0);
    const properties = { 'hdfs.path': `file://${folder.path}/out/%{bucket}`, 'hdfs.fileType': 'DataStream' };
    const sink = hdfsSink.create(
      contextFor(hdfsSink, { ...properties, writeMode: mode, openFilesFolder: folder.join('open') }, 'k1', [
        textSerializer,
      ]),
    );
    await sink.start();
    await sink.stop();
    const files = await filesOf(folder.join('out'));
    expect(files.filter(({ isFinal }) => !isFinal)).toEqual([]);
    const arrived = new Set(
      files.flatMap(({ text }) =>
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => Number(line.slice(5))),
      ),
    );
    expect([...acknowledged].filter((n) => !arrived.has(n))).toEqual([]);
  },
);
