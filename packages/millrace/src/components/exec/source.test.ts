import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { execSource } from './source.ts';

/** Runs a module in a process that may have that many files open; gives what it prints, and its exit code. */
function runWithFiles(count: number, code: string): Promise<{ out: string; code: number }> {
  const script = `ulimit -n ${count}; exec "$0" --input-type=module-typescript -e "$1"`;
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', script, process.execPath, code], (error, out, err) => {
      resolve({ out: out + err, code: typeof error?.code === 'number' ? error.code : 0 });
    });
  });
}

const here = new URL('.', import.meta.url).href;

describe('a command that cannot be started', () => {
  it('for want of file handles is a failure of the source, and the lines come when there are some', async () => {
    const { out, code } = await runWithFiles(
      60,
      `
      import { closeSync, openSync } from 'node:fs';
      import { execSource } from '${here}source.ts';
      import { contextFor } from '${here}../../component/testing/context.ts';
      process.on('unhandledRejection', (error) => { console.log('unhandled', error); process.exit(70); });
      const context = contextFor(execSource, { command: 'echo line' });
      let put = () => {};
      const arrived = new Promise((resolve) => { put = resolve; });
      const channels = { put: async (batch) => put(batch.event(0).body.toString()) };
      const source = execSource.create({ ...context, channels });
      const held = [];
      try { for (;;) held.push(openSync('/dev/null')); } catch {}
      await source.start();
      while (context.failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      console.log('failed:', context.failures[0]);
      await source.stop();
      for (const handle of held) closeSync(handle);
      await source.start();
      console.log('arrived:', await arrived);
      await source.stop();
      `,
    );
    expect(out).toMatch(/failed: command of source x1: .*EMFILE/);
    expect(out).toContain('arrived: line');
    expect(code).toBe(0);
  });

  it('because there is none ends like one that fails', async () => {
    const context = contextFor(execSource, { command: '/no/such/program' });
    const source = execSource.create({ ...context, channels: { put: () => Promise.resolve() } } as never);
    await source.start();
    await source.stop();
    expect(context.failures).toEqual([]);
    expect(context.log.lines.join('\n')).toMatch(/error Failed while running command: .*ENOENT/);
  });
});

describe('events of several lines', () => {
  /** Bodies of what a shell writes, and how the batches were cut. */
  async function run(script: string, properties: Record<string, string | number>) {
    const context = contextFor(execSource, {
      ...{ command: script, shell: '/bin/sh -c', 'multiline.startPattern': '^\\S' },
      ...properties,
    });
    const bodies: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const channels = {
      put: async (batch: EventBatch) => {
        for (const event of batch) bodies.push(event.body.toString());
        if (bodies.at(-1)?.includes('last')) resolve();
      },
    };
    const source = execSource.create({ ...context, channels } as never);
    await source.start();
    await promise;
    await source.stop();
    return bodies;
  }

  it('go on when the next one begins, and when the command ends', async () => {
    const script = "printf 'a\\r\\n b\\n c\\nd\\n e'; sleep 0.2; printf ' f\\nlast\\n half'";
    expect(await run(script, {})).toEqual(['a\n b\n c', 'd\n e f', 'last\n half']);
  });

  it('go on when nothing comes for a while; a line without its end waits', async () => {
    const script = "printf 'a\\n b\\n half'; sleep 1; printf ' line\\n more\\nlast\\n'; sleep 100";
    const bodies = await run(script, { 'multiline.timeout': 50 });
    expect(bodies).toEqual(['a\n b', ' half line\n more', 'last']);
  });
});

it.each([
  [{ command: 'tail -F a | grep b' }, 1],
  [{ command: 'tail -F a | grep b', shell: '/bin/sh -c' }, 0],
  [{ command: 'tail -F a' }, 0],
  [{ command: 'tail -F a', 'multiline.timeout': 5, 'multiline.maxLines': 3 }, 2],
  [{ command: 'tail -F a', 'multiline.timeout': 5, 'multiline.startPattern': 'x' }, 0],
])('tells of what only a shell understands, and what has no effect: %j', (properties, count) => {
  expect(execSource.notes?.(contextFor(execSource, properties).options)).toHaveLength(count);
});
