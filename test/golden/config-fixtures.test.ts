/** Files as people have them, typos included, and what `millrace check` prints of each (`NAME.txt` beside it). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../packages/millrace/src/cli/check.ts';
import { testIo } from '../../packages/testkit/src/process/test-io.ts';

const dir = join(import.meta.dirname, 'fixtures');
const files = readdirSync(dir).filter((name) => name.endsWith('.conf'));

describe('millrace check', () => {
  it.each(files)('of %s', async (file) => {
    const { io, stdout, stderr } = testIo();
    const code = await run(['-f', join(dir, file)], io);
    const expected = readFileSync(join(dir, file.replace(/\.conf$/, '.txt')), 'utf8');
    expect(`${stdout().replaceAll(`${dir}/`, '')}exit ${code}\n`).toBe(expected);
    expect(stderr()).toBe('');
  });

  it('has an expectation for each', () => {
    expect(files.length).toBeGreaterThanOrEqual(6);
  });
});
