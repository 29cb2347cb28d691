import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { JsonTape } from '../json/json-tape.ts';
import { JsonValue } from './json-value.ts';

function tapeOf(text: string): JsonTape {
  const tape = new JsonTape();
  const bytes = Buffer.from(text);
  expect(tape.read(bytes, 0, bytes.length)).toBe(null);
  return tape;
}

describe('a number of many digits', () => {
  const zeros = '0'.repeat(500);
  const value = new JsonValue();

  it.each([
    ['no double', `0.1${zeros}1`, false],
    ['a double, as only zeros follow', `0.1${zeros}`, true],
    ['a double, as only zeros are in front', `0.000001${zeros}`, true],
  ])('%s', (_what, text, isDouble) => {
    expect(value.double(tapeOf(text), 0)).toBe(isDouble);
  });

  it.each([
    [`0.1${zeros}1`, null],
    [`"0.1${zeros}1"`, null],
    [`"-1.25${zeros}"`, -125n],
  ])('a decimal or none: %.8s', (text, units) => {
    expect(value.decimal(tapeOf(text), 0, 38, 2)).toBe(units);
  });
});

/** How long a process of its own may take, ms: an expression that begins anew at each digit takes ten times as long. */
const hangMs = 60_000;

it('a number of 400 000 digits holds nobody up', { timeout: 2 * hangMs }, async () => {
  const script = `
    import { JsonTape } from '${import.meta.resolve('../json/json-tape.ts')}';
    import { JsonValue } from '${import.meta.resolve('./json-value.ts')}';
    const bytes = Buffer.from('0.1' + '0'.repeat(400_000) + '1');
    const tape = new JsonTape();
    tape.read(bytes, 0, bytes.length);
    console.log(new JsonValue().double(tape, 0));`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: hangMs });
  expect(stdout).toBe('false\n');
});
