import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { ManagedProcess, runToEnd } from '../../packages/testkit/src/process/processes.ts';

const runChildUrl = new URL('./run-child.mjs', import.meta.url).href;

/** A launcher that runs `child` and leaves with its code. */
const launcher = (command: string, args: readonly string[], options: object) => [
  '--input-type=module',
  '-e',
  `import { runChild } from ${JSON.stringify(runChildUrl)};
   process.exitCode = await runChild(${JSON.stringify(command)}, ${JSON.stringify(args)}, ${JSON.stringify(options)});`,
];

test('two signals at the same moment are one; the child drains and its exit code comes through', async () => {
  using dir = tempDir();
  const child = join(dir.path, 'child.mjs');
  writeFileSync(
    child,
    `let count = 0;
     process.on('SIGINT', () => {
       count += 1;
       if (count === 1) setTimeout(() => { console.log('signals ' + count); process.exit(40 + count); }, 200);
     });
     setInterval(() => {}, 1000);
     console.log('ready');`,
  );
  const launched = await ManagedProcess.spawn(
    process.execPath,
    launcher(process.execPath, [child], { ownGroup: true }),
  );
  await launched.waitForLine(/ready/);
  launched.signal('SIGINT');
  launched.signal('SIGINT');
  expect(await launched.exited).toEqual({ code: 41, signal: null });
  expect(launched.stdout).toContain('signals 1');
});

test('a child ended by a signal gives 128 and its number, a missing program 127', async () => {
  using dir = tempDir();
  const child = join(dir.path, 'child.mjs');
  writeFileSync(child, "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);");
  const killed = await runToEnd(process.execPath, launcher(process.execPath, [child], {}), { anyExit: true });
  expect(killed.code).toBe(137);
  const missing = await runToEnd(process.execPath, launcher('/no/such/program', [], {}), { anyExit: true });
  expect(missing.code).toBe(127);
  expect(missing.stderr).toContain('/no/such/program');
});
