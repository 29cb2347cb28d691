/** Archives as gzip itself makes them, under a source with the machine's files. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TailFolder } from '../../../../testkit/src/taildir/running-source.ts';

let folder: TailFolder;
beforeEach(() => {
  folder = new TailFolder();
});
afterEach(() => folder.remove());

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

it('a generation that gzip compresses after a kill goes on where it was; one that was read is not read again', async () => {
  const log = folder.log('app.log');
  writeFileSync(log, text(numbered('read', 3000)));
  const first = await folder.tail({ readCompressed: true }).start();
  await first.until(() => first.bodies.length === 3000);
  await first.kill();
  appendFileSync(log, text(numbered('late', 40_000)));
  renameSync(log, folder.log('app.log.1'));
  execFileSync('gzip', ['-9', folder.log('app.log.1')]);
  writeFileSync(log, 'new\n');
  const second = await folder.tail({ readCompressed: true }).start();
  await second.until(() => second.bodies.length >= 40_001);
  renameSync(folder.log('app.log.1.gz'), folder.log('app.log.2.gz'));
  renameSync(log, folder.log('app.log.1'));
  writeFileSync(log, 'newer\n');
  await second.until(() => second.bodies.includes('newer'));
  execFileSync('gzip', [folder.log('app.log.1')]);
  await second.settled();
  await second.stop();
  const third = await folder.tail({ readCompressed: true }).start();
  await third.settled();
  expect(third.bodies).toEqual([]);
  expect(second.bodies.toSorted()).toEqual([...numbered('late', 40_000), 'new', 'newer'].toSorted());
});
