/** What becomes of a command whose reader goes away. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { binPath } from '../../packages/testkit/src/process/millrace.ts';
import { ManagedProcess, runToEnd } from '../../packages/testkit/src/process/processes.ts';

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');
const command = (bin: 'millrace' | 'flume-ng', args: readonly string[]) =>
  `'${process.execPath}' ${quoted([binPath(bin), ...args])}`;

const helps = ['start', 'agent', 'broker', 'check', 'version', 'kafka-topics', 'kafka-console-producer'];
test.each([
  ...[...helps, 'kafka-console-consumer', 'kafka-consumer-groups'].map((name) => [
    'millrace',
    name,
    '--help',
  ]),
  ['millrace', '--help'],
  ['millrace', 'version'],
  ['flume-ng', 'help'],
  ['flume-ng', 'agent', '--help'],
] as ['millrace' | 'flume-ng', ...string[]][])(
  '%s %s %s | a reader that is gone: silent, 141',
  async (bin, ...args) => {
    // The reader ends long before Node has started, so that the first write finds nobody.
    const script = `${command(bin, args)} | true; echo "code \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await runToEnd('bash', ['-c', script]);
    expect({ stdout, stderr }).toEqual({ stdout: 'code 141\n', stderr: '' });
  },
);

test('output that the device refuses is told, with the exit code for what is not to be had', async () => {
  const { stdout, stderr } = await runToEnd('bash', [
    '-c',
    `${command('millrace', ['--help'])} > /dev/full; echo $?`,
  ]);
  expect(stdout).toBe('69\n');
  expect(stderr).toMatch(/^millrace: cannot write to standard output: ENOSPC.*\n$/);
});

describe('a server', () => {
  test('goes on when standard output and standard error are closed, and keeps its exit code', async () => {
    await using dir = tempDir();
    const port = await freePort();
    const conf = dir.join('a.conf');
    const lines = [
      'sources = r',
      'channels = c',
      'sinks = k',
      'sources.r.type = netcat',
      'sources.r.bind = 127.0.0.1',
    ];
    const rest = [
      `sources.r.port = ${port}`,
      'sources.r.channels = c',
      'channels.c.type = memory',
      'sinks.k.type = null',
    ];
    const text = [...lines, ...rest, 'sinks.k.channel = c'].map((line) => `a.${line}\n`).join('');
    writeFileSync(conf, text);
    const args = ['agent', '-n', 'a', '-f', conf];
    const script = `exec ${command('millrace', args)} > >(true) 2> >(true)`;
    await using agent = await ManagedProcess.spawn('bash', ['-c', script]);
    await expect.poll(() => answers(port), { timeout: 30_000 }).toBe('OK\n');
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
  });
});

async function answers(port: number): Promise<string> {
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; echo hello >&3; head -1 <&3`;
  return (await runToEnd('bash', ['-c', script], { anyExit: true })).stdout;
}
