import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { testIo } from '../../../testkit/src/process/test-io.ts';
import { run } from './flume-ng.ts';
import { originOptions, originPlan } from './origin-options.ts';

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

const shown = async (...argv: string[]) => {
  const { code, stdout, stderr } = await runCli(run, ['agent', '-d', '-n', 'a1', ...argv]);
  return { code, stdout, stderr };
};

it('the configuration comes from ZooKeeper, else from URIs, else from files', async () => {
  const uris = ['-u', 'http://me:hunter2@h:1/a.conf?token=hunter2', '--conf-uri=classpath:b.conf'];
  const files = ['-f', '/a.conf'];
  expect((await shown(...files)).stdout).toBe('millrace agent -n a1 -f /a.conf\n');
  const byUri = await shown(...files, ...uris, '-user', 'me', '-pwd', 'hunter2', '-no-reload');
  expect(byUri.stdout).toBe(
    'millrace agent -n a1 -u http://h:1/a.conf -u classpath:b.conf --conf-user me --conf-password … --no-reload-conf\n',
  );
  expect((await shown(...files, ...uris, '-z', 'h1:2181,h2')).stdout).toBe(
    'millrace agent -n a1 -z h1:2181,h2 -p /flume\n',
  );
});

it.each([
  [['-f', 'a.conf'], 30],
  [['-u', 'file:/a.conf'], 30],
  [['-f', 'http'], 30],
  [['-u', 'file:/a.conf', '-u', 'HTTPS://h/a.conf'], 300],
  [['-f', 'a.conf', '-i', '0'], 30],
  [['-u', 'http://h/a.conf', '-i', '5'], 5],
])('%j is looked at every %i s', (words, seconds) => {
  const parsed = originOptions(new Command()).parse(words, { from: 'user' });
  const { io } = testIo();
  expect(originPlan(parsed.opts(), [], io)?.intervalMs).toBe(seconds * 1000);
});

it('https takes from Java’s properties, else from Flume’s variables, whom to trust and who one is', () => {
  const parsed = originOptions(new Command()).parse(['-u', 'https://h/a.conf'], { from: 'user' });
  const { io } = testIo({ env: { FLUME_SSL_TRUSTSTORE_PATH: '/e.p12', FLUME_SSL_KEYSTORE_PASSWORD: 'e' } });
  const properties = new Map([
    ['javax.net.ssl.trustStorePassword', 'p'],
    ['javax.net.ssl.keyStore', 'p.p12'],
  ]);
  expect(originPlan(parsed.opts(), [], io, properties)?.stores).toEqual({
    ...{ truststore: '/e.p12', truststorePassword: 'p' },
    ...{ keystore: resolve(io.cwd, 'p.p12'), keystorePassword: 'e' },
  });
  const file = originOptions(new Command()).parse(['-f', 'a.conf'], { from: 'user' });
  expect(originPlan(file.opts(), [], io, properties)?.stores).toBe(undefined);
});

it('flume.opts of the configuration folder presets what the command line does not give', async () => {
  using dir = tempDir();
  writeFileSync(
    dir.join('flume.opts'),
    'name = preset\nconf-file=/preset.conf\ni=7\nno-reload-conf = YES\ndryrun=true\n',
  );
  const preset = await runCli(run, ['agent', '-c', dir.path]);
  expect(preset.stdout).toBe('millrace agent -n preset -f /preset.conf --no-reload-conf\n');
  const given = await runCli(run, ['agent', '--conf', dir.path, '-na2', '-f/own.conf']);
  expect(given.stdout).toBe('millrace agent -n a2 -f /own.conf --no-reload-conf\n');

  writeFileSync(dir.join('flume.opts'), 'no-reload-conf = no\nverify-host=false\n');
  const unknown = await runCli(run, ['agent', '-c', dir.path, '-n', 'a1', '-f', '/a.conf']);
  expect(unknown).toMatchObject({ code: 64, stdout: '' });
  expect(unknown.stderr).toContain(`${dir.join('flume.opts')}: verify-host is no option of flume-ng agent`);
});

it('Java classes are told: a provider as in Flume, who then goes on; authorization is refused', async () => {
  const provider = await shown('-f', '/a.conf', '-prov', 'com.example.Provider');
  expect(provider.code).toBe(0);
  expect(provider.stderr).toContain('--conf-provider com.example.Provider is a Java class');
  const auth = await shown('-u', 'http://h/a.conf', '-a', 'com.example.Auth');
  expect(auth.code).toBe(64);
  expect(auth.stderr).toContain('Use --conf-user and --conf-password.');
});

it('a command that is none is told as by the script, with the help', async () => {
  const { code, stdout, stderr } = await runCli(run, ['agnt']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "Error: Unknown or unspecified command 'agnt'\n" });
  expect(stdout).toContain('commands:\n  help');
});
