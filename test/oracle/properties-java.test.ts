/** Our reading of properties files against java.util.Properties itself. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePropertiesText } from '../../packages/millrace/src/config/properties.ts';
import { hostileProperties } from '../../packages/testkit/src/flume/hostile-properties.ts';
import { javaProgram } from '../../scripts/lib/test-needs.ts';

/** UTF-16, high byte first, as Java's `UTF_16BE`. */
function hex(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('hex');
}

it('reads what Java reads', () => {
  // A lone half of a surrogate pair does not survive the way to Java and back.
  const texts = fc.sample(hostileProperties, 20_000).filter((text) => text.isWellFormed());
  const program = resolve(import.meta.dirname, '../../packages/testkit/src/process/java/LoadProperties.java');
  const output = execFileSync(javaProgram(), [program], {
    input: texts.map((text) => `${hex(text)}\n`).join(''),
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  const answers = output.split('\n');
  let malformed = 0;
  for (const [i, text] of texts.entries()) {
    const { properties, diagnostics } = parsePropertiesText(text, 'f');
    const answer = answers[i]!.trim();
    const badEscape = diagnostics.some(({ code }) => code === 'bad-escape');
    expect(badEscape, JSON.stringify(text)).toBe(answer === 'malformed');
    if (badEscape) {
      malformed++;
      continue;
    }
    const ours = [...properties.values()].map(({ key, value }) => `${hex(key)}=${hex(value)}`).sort();
    expect(ours, JSON.stringify(text)).toEqual(answer === '' ? [] : answer.split(' ').sort());
  }
  expect(texts.length - malformed).toBeGreaterThan(2000);
});
