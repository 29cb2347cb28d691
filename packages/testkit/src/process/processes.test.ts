import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cpuSeconds, endedChildrenCpuSeconds, memoryOf } from './process-figures.ts';
import { ManagedProcess, runToEnd } from './processes.ts';
import { waitFor } from './wait.ts';

const node = (script: string) => ['--input-type=module', '-e', script];
const processesUrl = new URL('./processes.ts', import.meta.url).href;

test('a line is found whether it came before or comes after the question', async () => {
  await using child = await ManagedProcess.spawn(
    process.execPath,
    node("console.log('one 1'); process.stdin.on('data', (text) => console.error('two ' + text))"),
    { stdin: 'pipe' },
  );
  expect((await child.waitForLine(/one (\d)/))[1]).toBe('1');
  expect((await child.waitForLine(/one (\d)/))[1]).toBe('1');
  const two = child.waitForLine(/two (\w+)/);
  child.stdin.write('words\n');
  expect((await two)[1]).toBe('words');
});

test('waiting for a line of a program that ends, and a failed run, show its output', async () => {
  await using child = await ManagedProcess.spawn(
    process.execPath,
    node("console.error('why'); process.exitCode = 3"),
  );
  await expect(child.waitForLine(/never/)).rejects.toThrow(/ended \(exit 3\)[\s\S]*why/);
  await expect(runToEnd('sh', ['-c', 'echo said; exit 4'])).rejects.toThrow(/exit 4[\s\S]*said/);
  expect((await runToEnd('sh', ['-c', 'cat; exit 4'], { anyExit: true, stdin: 'in' })).stdout).toBe('in');
  await expect(runToEnd('sleep', ['60'], { timeoutMs: 50 })).rejects.toThrow(/did not end within 50 ms/);
});

test('a process goes with its parent, even when the parent is killed', async () => {
  const parent = await ManagedProcess.spawn(
    process.execPath,
    node(`const { ManagedProcess } = await import(${JSON.stringify(processesUrl)});
      const child = await ManagedProcess.spawn('sleep', ['600']);
      console.log('child ' + child.pid);`),
  );
  const pid = Number((await parent.waitForLine(/child (\d+)/))[1]);
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  await parent.kill();
  await waitFor('the end of the child', () => !existsSync(`/proc/${pid}`));
});

test('CPU time and memory of a process are told, also after it has ended', async () => {
  await using child = await ManagedProcess.spawn(
    process.execPath,
    node("while (process.cpuUsage().user < 200_000); console.log('done'); setInterval(() => {}, 1000)"),
  );
  await child.waitForLine(/done/);
  expect(cpuSeconds(child.pid)).toBeGreaterThan(0.05);
  expect(memoryOf(child.pid)?.peakRssBytes).toBeGreaterThan(10e6);
  const before = endedChildrenCpuSeconds();
  await child.kill();
  expect(endedChildrenCpuSeconds() - before).toBeGreaterThan(0.05);
  expect(cpuSeconds(child.pid)).toBeNull();
  expect(memoryOf(child.pid)).toBeNull();
});
