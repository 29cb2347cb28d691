import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';

const root = resolve(import.meta.dirname, '../..');
const biome = resolve(root, 'node_modules/@biomejs/biome/bin/biome');

const bareTimers = [
  'setTimeout(() => {}, 5);',
  'export const timer = setInterval(() => {}, 5);',
  'const later = setTimeout;\nlater(() => {}, 5);',
  'globalThis.setTimeout(() => {}, 5);',
  'export const signal = AbortSignal.timeout(5);',
  "import { setTimeout as sleep } from 'node:timers/promises';\nawait sleep(5);",
  "import * as timers from 'node:timers';\ntimers.setTimeout(() => {}, 5);",
];
const rooms = [
  'agent',
  'broker',
  'cli',
  'clients/kafka',
  'log',
  'runtime',
  'process',
  'components/files',
  'components/taildir',
];

test('a bare timer is a fault in every room of the program; not in its tests, nor where timers are made', () => {
  using dir = tempDir();
  for (const file of ['biome.json', 'scripts/lib/no-bare-timers.grit'])
    cpSync(resolve(root, file), dir.join(file));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(dir.join(path)), { recursive: true });
    writeFileSync(dir.join(path), text);
  };
  const wanted: string[] = [];
  for (const room of rooms) {
    for (const [i, text] of bareTimers.entries()) {
      write(`packages/millrace/src/${room}/made-up-${i}.ts`, text);
      write(`packages/millrace/src/${room}/made-up-${i}.test.ts`, text);
      wanted.push(`packages/millrace/src/${room}/made-up-${i}.ts`);
    }
  }
  for (const name of ['timers', 'deadline']) {
    write(`packages/millrace/src/runtime/${name}.ts`, bareTimers.slice(0, 5).join('\n'));
  }
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false', '.'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: dir.path, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string } }[];
  };
  const rules = ['lint/style/noRestrictedGlobals', 'lint/style/noRestrictedImports', 'plugin'];
  const found = diagnostics.flatMap(({ category, location }) =>
    rules.includes(category) ? [location.path] : [],
  );
  expect([...new Set(found)].toSorted()).toEqual(wanted.toSorted());
});
