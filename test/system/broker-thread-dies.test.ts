/** A fault in the broker's thread: it is started again at the same port, nothing is lost, and the end says so. */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const hook = pathToFileURL(
  new URL('../../packages/testkit/src/process/fault-in-thread.mjs', import.meta.url).pathname,
).href;

test.each([1, 2])(
  'the broker of a running job dies %i times: every line arrives once, the exit code is 0',
  async (deaths) => {
    await using dir = tempDir();
    const args = ['start', '--dir', 'data', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0'];
    const env = {
      NODE_OPTIONS: `--import ${hook}`,
      MILLRACE_FAULT_THREAD: 'broker',
      MILLRACE_FAULT_FILE: dir.join('fault'),
    };
    await using start = await startMillrace(args, { cwd: dir.path, env });
    await start.waitForLine(/^ready/);
    const arrived = () =>
      readdirSync(dir.join('data', 'destination'))
        .map((name) => readFileSync(dir.join('data', 'destination', name), 'utf8'))
        .join('')
        .split('\n')
        .filter((line) => line !== '')
        .toSorted();
    const wanted: string[] = [];
    for (let death = 0; death <= deaths; death++) {
      wanted.push(`line ${death}`);
      appendFileSync(dir.join('data', 'flume.log'), `line ${death}\n`);
      await waitFor(`line ${death} at the destination`, () => arrived().includes(`line ${death}`), {
        timeoutMs: 60_000,
      });
      if (death === deaths) break;
      writeFileSync(dir.join('fault'), '');
      await waitFor(
        `life ${death + 2} of the broker`,
        () => ((start.stdout + start.stderr).match(/broker runs again/g) ?? []).length > death,
        { timeoutMs: 60_000 },
      );
    }
    expect(arrived()).toEqual(wanted);
    expect(start.stdout + start.stderr).toContain('a fault made by the test');
    expect(await start.stop({ signal: 'SIGINT', graceMs: 60_000 })).toEqual({ code: 0, signal: null });
    expect(start.stdout + start.stderr).toMatch(/broker ended by itself (once|2 times)/);
    expect(start.stdout + start.stderr).not.toMatch(/is lost|are lost/);
  },
);
