import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { testIo } from '../../../testkit/src/process/test-io.ts';
import { run } from './explain.ts';
import { columnsOf } from './fit.ts';
import { run as main } from './main.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/explain.md'), 'utf8');
const block = (language: string): string => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)![1]!;
const conf = block('properties');

async function explain(text: string, more: readonly string[] = [], io: Parameters<typeof testIo>[0] = {}) {
  using dir = tempDir();
  const file = dir.join('flume.conf');
  writeFileSync(file, text);
  const test = testIo(io);
  const code = await run([file, ...more], test.io);
  return { code, stdout: test.stdout(), stderr: test.stderr().replaceAll(`${dir.path}/`, '') };
}

describe('millrace explain', () => {
  it('says what its page shows', async () => {
    const { code, stdout, stderr } = await explain(conf);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(block('text'));
  });

  it('fits every terminal, and shows the same words', async () => {
    const wide = (await explain(conf)).stdout.split(/\s+/).filter((word) => word !== '-');
    for (const columns of [30, 49, 50, 80, 200]) {
      const { stdout } = await explain(conf, [], { columns });
      expect(stdout.split(/\s+/).filter((word) => word !== '-')).toEqual(wide);
      // A word that is longer than the line has it for itself.
      const tooLong = stdout
        .split('\n')
        .filter((line) => columnsOf(line) > columns && /\S\s+\S/.test(line.replace('- ', '')));
      expect(tooLong).toEqual([]);
    }
  });

  it('has colours on a terminal alone', async () => {
    expect((await explain(conf, [], { color: true })).stdout).toContain('\u001b[1magent a1');
    expect((await explain(conf, [], { color: false })).stdout).not.toContain('\u001b');
  });

  it('is JSON of the same', async () => {
    const { stdout } = await explain(conf, ['--json']);
    const { agents } = JSON.parse(stdout);
    expect(agents).toMatchObject([
      {
        name: 'a1',
        runs: true,
        flows: [
          {
            source: { name: 'r1', type: 'TAILDIR' },
            channels: [{ name: 'c1', sinks: [{ name: 'k1', guarantee: 'may be lost' }] }],
          },
          {},
        ],
      },
    ]);
    expect(Object.keys(agents[0])).toEqual([
      'name',
      'runs',
      'flows',
      'groups',
      'losses',
      'doubles',
      'order',
      'limits',
    ]);
  });

  it('points to check where something is not as it was meant', async () => {
    const { code, stderr } = await explain(`${conf}a1.sinks.k1.flumeBatchsize = 5\n`);
    expect(code).toBe(0);
    expect(stderr).toContain('1 finding to mend\n  millrace check flume.conf tells them.');
  });

  it('shows nothing of what stands in the file as it stands: no control characters, no passwords', async () => {
    const { stdout: http } = await explain(
      `${conf}a1.sinks.k2.type = http\na1.sinks.k2.endpoint = http://me:hush@h/x?key=hush\na1.sinks.k2.rollback.2XX = false\n`,
    );
    expect(http).toContain('http://h/x');
    expect(http).not.toContain('hush');
    const { stdout } = await explain(
      `${conf}a1.sources.r2.command = echo \\u001b[31mred\na1.sinks.k1.kafka.producer.sasl.jaas.config = password="hush"\n`,
    );
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('\\u001b[31mred');
    expect(stdout).not.toContain('hush');
  });

  it.each([
    ['an agent that is not there', ['-n', 'a9'], 78],
    ['the one that is', ['-n', 'a1'], 0],
    ['an option that is none', ['--jsn'], 64],
  ])('ends by what there is: %s', async (_, more, expected) => {
    expect((await explain(conf, more)).code).toBe(expected);
  });

  it('ends with 78 for a file that is not there, and 64 without one', async () => {
    const { io } = testIo();
    expect(await run(['/no/such.conf'], io)).toBe(78);
    expect(await run([], io)).toBe(64);
  });

  it('is one of the commands, with examples', async () => {
    const { io, stdout } = testIo();
    expect(await main(['explain', '--help'], io)).toBe(0);
    expect(stdout()).toContain('millrace explain flume.conf');
  });
});
