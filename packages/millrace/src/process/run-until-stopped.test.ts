import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('./run-until-stopped.ts', import.meta.url));
/** A process whose drain takes longer than one signal lasts; it says when it began and when it was done. */
const program = `
  const { runUntilStopped } = await import(${JSON.stringify(module)});
  const drained = Promise.withResolvers();
  const fake = {
    failure: new Promise(() => {}), start: async () => {},
    stop: () => { console.log('draining'); setTimeout(() => drained.resolve([]), 600); return drained.promise; },
  };
  const alive = setInterval(() => {}, 1000);
  const view = { started: () => console.log('ready'), stopping() {}, told() {}, shown() {} };
  const code = await runUntilStopped(fake, { drainMs: 5000, lost: 3, view });
  console.log('drained');
  clearInterval(alive);
  process.exitCode = code;
`;

async function run(steer: (kill: () => void, said: string) => void): Promise<{ code: number; out: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    steer(() => child.kill('SIGINT'), text);
  });
  const [code] = await once(child, 'close');
  return { code: code as number, out };
}

test('one Ctrl-C that arrives twice, from the terminal and from npx, is one: everything is drained', async () => {
  const { code, out } = await run((kill, said) => {
    if (said.includes('ready')) kill();
    if (said.includes('draining')) kill();
  });
  expect(out).toContain('drained');
  expect(code).toBe(0);
});

test('a second Ctrl-C, later, ends at once', async () => {
  const { code, out } = await run((kill, said) => {
    if (said.includes('ready')) kill();
    if (said.includes('draining')) setTimeout(kill, 450);
  });
  expect(out).not.toContain('drained');
  expect(code).toBe(130);
});
