import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { encodeBlock, encodeHeader } from '../../packages/millrace/src/formats/avro/container.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';

const child = join(import.meta.dirname, '../../packages/testkit/src/flume/spooldir-child.ts');
const batchSize = 5;

/** Lets a process read until it has put so many batches, and kills it; whether everything was read by then. */
async function runAndKill(dir: TempDir, deserializer: string, afterPuts: number): Promise<boolean> {
  const args = [child, dir.join('sp'), dir.join('out'), deserializer];
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(process_, 'exit');
  const isDone = (): boolean => readdirSync(dir.join('sp')).every((name) => /COMPLETED$|^\./.test(name));
  const looking = setInterval(() => isDone() && process_.kill('SIGKILL'), 50);
  let puts = 0;
  for await (const _ of createInterface({ input: process_.stdout })) {
    if (++puts === afterPuts) process_.kill('SIGKILL');
  }
  clearInterval(looking);
  await exited;
  return isDone();
}

const type = avro.Type.forSchema({ type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] });
const sync = Buffer.alloc(16, 9);

/** The bytes of a file with these numbers as events, and the bodies of those. */
const forms = {
  LINE: {
    file: (numbers: readonly number[]) => Buffer.from(numbers.map((n) => `event ${n}\n`).join('')),
    body: (n: number) => Buffer.from(`event ${n}`),
  },
  AVRO: {
    // Blocks of 17: a batch ends within one.
    file: (numbers: readonly number[]) => {
      const blocks: Buffer[] = [];
      for (let at = 0; at < numbers.length; at += 17) {
        const data = numbers.slice(at, at + 17).map((n) => type.toBuffer({ n }));
        blocks.push(encodeBlock(data.length, Buffer.concat(data), sync));
      }
      const schema = Buffer.from(JSON.stringify(type.schema()));
      return Buffer.concat([encodeHeader(new Map([['avro.schema', schema]]), sync), ...blocks]);
    },
    body: (n: number) => type.toBuffer({ n }),
  },
};

describe('a spooling source that is killed', () => {
  it.each(['LINE', 'AVRO'] as const)('loses nothing, and repeats a batch at most (%s)', async (name) => {
    const chance = chanceOf('spooldir-kill');
    using dir = tempDir('millrace-spool-kill-');
    const { file, body } = forms[name];
    const expected: string[] = [];
    mkdirSync(dir.join('sp'));
    for (let i = 0; i < 12; i++) {
      const numbers = Array.from({ length: chance.int(1, 90) }, (_, k) => i * 1000 + k);
      writeFileSync(dir.join('sp', `f${String(i).padStart(2, '0')}`), file(numbers));
      expected.push(...numbers.map((n) => body(n).toString('hex')));
    }
    let kills = 0;
    while (!(await runAndKill(dir, name, chance.int(1, 25)))) kills++;
    const got = readFileSync(dir.join('out'), 'utf8').trim().split('\n');
    const arrived = new Set(got);
    expect(expected.filter((hex) => !arrived.has(hex))).toEqual([]);
    expect(got.length - arrived.size).toBeLessThanOrEqual(batchSize * kills);
    // In order, but for what is repeated.
    const firsts = got.filter((hex, at) => got.indexOf(hex) === at);
    expect(firsts).toEqual(expected);
    expect(kills).toBeGreaterThan(1);
  });
});
