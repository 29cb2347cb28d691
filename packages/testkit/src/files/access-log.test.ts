import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { accessLogLines, LineSummer, lineId, sumFiles, writeAccessLog } from './access-log.ts';
import { tempDir } from './temp-dir.ts';

test('the same seed writes the same lines, about 206 bytes long, each with its id', async () => {
  using dir = tempDir();
  const sum = await writeAccessLog(dir.join('a.log'), 12_000, 7);
  const again = await writeAccessLog(dir.join('b.log'), 12_000, 7);
  expect(again).toEqual(sum);
  expect(await sumFiles([dir.join('a.log')])).toEqual(sum);
  const lines = readFileSync(dir.join('a.log'), 'utf8').trimEnd().split('\n');
  expect(lines.map(lineId)).toEqual(Array.from({ length: 12_000 }, (_, id) => id));
  const mean = sum.bytes / sum.count + 1;
  expect(mean).toBeGreaterThan(196);
  expect(mean).toBeLessThan(216);
});

test('the sum does not depend on the order or on where chunks end, but on every byte and on doubles', () => {
  const next = accessLogLines(3);
  const lines = Array.from({ length: 50 }, () => next());
  const sumOf = (text: string, step: number) => {
    const summer = new LineSummer();
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += step) summer.add(bytes.subarray(at, at + step));
    return summer.sum();
  };
  const whole = sumOf(`${lines.join('\n')}\n`, 1e6);
  expect(whole.count).toBe(50);
  for (const step of [1, 3, 206, 207, 1000]) {
    expect(sumOf(`${lines.toReversed().join('\n')}\n`, step)).toEqual(whole);
  }
  expect(sumOf(lines.join('\n').replace('id=000000000007', 'id=000000000008'), 100)).not.toEqual(whole);
  expect(sumOf(`${lines.join('\n')}\n${lines[0]}\n`, 100)).not.toEqual(whole);
});
