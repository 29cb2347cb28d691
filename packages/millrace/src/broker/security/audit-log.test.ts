import { expect, test } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { readFully, writeFully } from '../../runtime/files.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { type Link, lineFault, linkOf, noHash } from './audit-chain.ts';
import { AuditLog } from './audit-log.ts';

const path = '/audit/audit.log';
const opened = (files: FaultyFiles) => new AuditLog({ files, path, logger: silentLogger, now: () => 0 });

function text(files: FaultyFiles): string {
  const file = files.open(path, 'read');
  const bytes = Buffer.alloc(file.size());
  return bytes.subarray(0, readFully(file, bytes, 0)).toString('utf8');
}

/** What the lines say, their chain unbroken from its beginning on. */
function told(files: FaultyFiles): unknown[] {
  const all = text(files);
  expect(all.endsWith('\n')).toBe(true);
  let before: Link = { number: 0, hash: noHash };
  return all
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      expect(lineFault(line, before)).toBeNull();
      before = linkOf(line)!;
      const { event, principal, count } = JSON.parse(line) as Record<string, unknown>;
      return [event, principal ?? count];
    });
}

test('wherever its last line was cut, also within a character, the chain goes on behind the line before', async () => {
  const files = new FaultyFiles(1);
  const log = opened(files);
  log.note({ event: 'login', principal: 'first' });
  const firstBytes = Buffer.byteLength(text(files));
  log.note({ event: 'login', principal: 'zoë €' });
  await log.close();
  const whole = Buffer.from(text(files));
  for (let length = firstBytes; length < whole.length; length++) {
    const cut = files.open(path, 'write');
    cut.truncate(0);
    writeFully(cut, [whole.subarray(0, length)], 0);
    const again = opened(files);
    again.note({ event: 'login', principal: 'next' });
    await again.close();
    expect([length, told(files)]).toEqual([
      length,
      [
        ['login', 'first'],
        ['login', 'next'],
      ],
    ]);
  }
});

test.each([
  ['half a first line', '{"number":1,"time":"20'],
  ['the beginning of one', '{"num'],
  ['nothing', ''],
])('%s is the beginning of a chain', async (_, content) => {
  const files = new FaultyFiles(1);
  files.makeDir('/audit');
  writeFully(files.open(path, 'create'), [Buffer.from(content)], 0);
  const log = opened(files);
  log.note({ event: 'login', principal: 'first' });
  await log.close();
  expect(told(files)).toEqual([['login', 'first']]);
});

test.each([
  ['of one line without an end', '[{"name":"no log"}]'],
  ['whose last line has no end', 'a line\nand half a'],
  ['of one very long line', 'x'.repeat(300_000)],
])('a file of others, %s, is refused and left as it is', (_, content) => {
  const files = new FaultyFiles(1);
  files.makeDir('/audit');
  writeFully(files.open(path, 'create'), [Buffer.from(content)], 0);
  expect(() => opened(files)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  expect(text(files)).toBe(content);
});

test('events that a full disk did not take are told by their number once there is room', async () => {
  const files = new FaultyFiles(1);
  const log = opened(files);
  log.note({ event: 'login', principal: 'first' });
  files.faults.diskBytes = Buffer.byteLength(text(files)) + 50;
  for (const principal of ['second', 'third', 'fourth']) log.note({ event: 'login', principal });
  delete files.faults.diskBytes;
  log.note({ event: 'login', principal: 'fifth' });
  log.note({ event: 'login', principal: 'sixth' });
  await log.close();
  expect(told(files)).toEqual([
    ['login', 'first'],
    ['events-lost', 3],
    ['login', 'fifth'],
    ['login', 'sixth'],
  ]);
});
