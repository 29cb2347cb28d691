import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { run } from './flume-ng.ts';

it.each([['-d'], ['--dryrun'], ['-dryrun']])('%s shows what would run, and runs nothing', async (flag) => {
  using dir = tempDir();
  mkdirSync(dir.join('conf'));
  writeFileSync(
    dir.join('conf', 'flume-env.sh'),
    'JAVA_OPTS="-Xmx1g -Dfrom.env=1 -Dboth=2"\nexport TZ=UTC\n',
  );
  // The file is not there: an agent that ran would say so.
  const argv = [
    'agent',
    flag,
    '-n',
    'a1',
    '-c',
    dir.join('conf'),
    '-f',
    dir.join('none.conf'),
    '-Dboth=3',
    'word',
  ];
  const { code, stdout, stderr } = await runCli(run, argv);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `millrace agent -n a1 -f ${dir.join('none.conf')} -Dfrom.env=… -Dboth=…\n`,
  });
  expect(stderr).toContain('flume-env.sh:2: TZ has no effect');
  expect(stderr).toContain('ignored, as in Flume: word');
});

it('modules of --plugins, and of the folders of --plugins-path with those one below, are plugins', async () => {
  using dir = tempDir();
  mkdirSync(dir.join('plugins.d', 'own', 'lib'), { recursive: true });
  const path = `${dir.join('plugins.d')}:${dir.join('gone')}`;
  const argv = ['agent', '-d', '-n', 'a1', '-f', 'x.conf', '--plugins', 'own.ts', '--plugins-path', path];
  const { stdout, stderr } = await runCli(run, argv);
  const folders = [dir.join('plugins.d'), dir.join('plugins.d', 'own')].map((each) => `--plugins ${each}`);
  expect(stdout).toMatch(/--plugins \S*own\.ts /);
  expect(stdout).toContain(folders.join(' '));
  expect(stderr).toContain(`nothing is loaded of --plugins-path ${dir.join('gone')}`);
});
