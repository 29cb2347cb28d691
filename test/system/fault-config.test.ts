/** Faulty configuration files as a person meets them: the place, what is wrong, what was probably meant. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { millraceCommand } from '../../packages/testkit/src/oracle/programs.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';

const good = [
  'a1.sources = r1',
  'a1.channels = c1',
  'a1.sinks = k1',
  'a1.sources.r1.type = seq',
  'a1.sources.r1.channels = c1',
  'a1.channels.c1.type = memory',
  'a1.sinks.k1.type = null',
  'a1.sinks.k1.channel = c1',
].join('\n');

const cases: readonly { name: string; file: string | Buffer; told: RegExp | null; args?: string[] }[] = [
  {
    name: 'an unknown type',
    file: good.replace('seq', 'seqq'),
    told: /^f\.conf:4:22: error: source r1 is dropped: unknown source type: seqq \(did you mean seq\?\) \[unknown-type\]$/m,
  },
  {
    name: 'an unknown key',
    file: `${good}\na1.channels.c1.capcity = 5`,
    told: /^f\.conf:9:1: warning: .* no property capcity.*did you mean capacity\?/m,
  },
  {
    name: 'a bad number',
    file: `${good}\na1.channels.c1.capacity = 5x`,
    told: /^f\.conf:9:27: warning: .*"5x" is not a whole number/m,
  },
  {
    name: 'a missing channel',
    file: good.replace('r1.channels = c1', 'r1.channels = c9'),
    told: /^f\.conf:5:26: error: source r1 is dropped: none of its channels is there: c9/m,
  },
  {
    name: 'two agents in one file, of which the other is broken',
    file: `${good}\n${good.replaceAll('a1', 'b1').replace('memory', 'memoryy')}`,
    args: ['-n', 'a1'],
    told: /^f\.conf:14:23: error: channel c1 is dropped: unknown channel type: memoryy/m,
  },
  {
    name: 'an agent that is not there',
    file: good,
    args: ['-n', 'a2'],
    told: /f\.conf: error: there is no agent a2.*did you mean a1\?/,
  },
  {
    name: 'lines that end in CRLF',
    file: `${good}\na1.channels.c1.capcity = 5\n`.replaceAll('\n', '\r\n'),
    told: /^f\.conf:9:1: warning: .*capcity/m,
  },
  { name: 'a byte order mark', file: `\ufeff${good}`, told: null },
  {
    name: 'Latin-1',
    file: Buffer.from(`${good}\n# caf\xe9\na1.channels.c1.capcity = 5`, 'latin1'),
    told: /^f\.conf:9:6: info: the file is not valid UTF-8; it is read as ISO-8859-1.*^f\.conf:10:1: warning/ms,
  },
];

test.each(cases)('$name', async ({ file, told, args = [] }) => {
  await using dir = tempDir('millrace-fault-');
  writeFileSync(dir.join('f.conf'), file);
  const [command, ...rest] = millraceCommand(['check', '-f', 'f.conf', ...args]);
  const { stdout, stderr } = await runToEnd(command!, rest, { cwd: dir.path, anyExit: true });
  const output = `${stdout}\n${stderr}`;
  if (told === null) expect(output).not.toMatch(/warning|error/);
  else expect(output).toMatch(told);
});
