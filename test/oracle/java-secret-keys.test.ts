/** Secret keys as Java's keytool keeps them: Flume's JCEKS store, converted by the command that the error names. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { drain, put } from '../../packages/millrace/src/component/testing/channel-fixture.ts';
import { testSurroundings } from '../../packages/millrace/src/component/testing/context.ts';
import { FileChannel } from '../../packages/millrace/src/components/file-channel/channel.ts';
import { pkcs12Secrets } from '../../packages/millrace/src/formats/pkcs12-secrets.ts';
import type { MillraceError } from '../../packages/millrace/src/runtime/errors.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { fileChannelDefaults } from '../../packages/testkit/src/flume/file-channel-options.ts';
import { javaProgram } from '../../scripts/lib/test-needs.ts';

function keytool(...args: string[]): void {
  execFileSync('keytool', args, { stdio: 'ignore' });
}

const password = 's3cret word';

function makeStore(
  path: string,
  type: string,
  keys: Readonly<Record<string, number>>,
  flags: string[] = [],
): void {
  for (const [alias, bits] of Object.entries(keys))
    keytool(
      ...['-genseckey', '-alias', alias, '-keyalg', 'AES', '-keysize', String(bits), '-storetype', type],
      ...['-keystore', path, '-storepass', password, '-keypass', password, ...flags],
    );
}

function channelIn(dir: TempDir, keyStoreFile: string, activeKey: string): FileChannel {
  const options = {
    ...fileChannelDefaults,
    ...{ checkpointDir: dir.join('checkpoint'), dataDirs: [dir.join('data')] },
    encryption: new Map([
      ...[['keyProvider', 'JCEKSFILE'] as const, ['cipherProvider', 'AESCTRNOPADDING'] as const],
      ...[['activeKey', activeKey] as const, ['keyProvider.keyStoreFile', keyStoreFile] as const],
      ...[['keyProvider.keyStorePasswordFile', dir.join('password')] as const],
      ...[['keyProvider.keys', 'key-0 key-1'] as const],
    ]),
  };
  return new FileChannel({
    ...testSurroundings(),
    ...{ agent: 'a1', name: 'c1', options, log: silentLogger, report: () => {} },
  });
}

it('converts a JCEKS store by the command of the error, and has the keys that Java has', async () => {
  using dir = tempDir('millrace-jceks-');
  const store = dir.join('keys.jceks');
  writeFileSync(dir.join('password'), `${password}\n`);
  makeStore(store, 'JCEKS', { 'Key-0': 128, 'key-1': 256 });
  const refused = channelIn(dir, store, 'Key-0');
  const error = await refused.start().then(
    () => null,
    (thrown: MillraceError) => thrown,
  );
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('JCEKS') });
  const [, command = ''] = /Convert it: (.*?); then/.exec(error!.remedy) ?? [];
  execFileSync('bash', ['-c', command], { stdio: 'ignore' });

  for (const [i, activeKey] of ['Key-0', 'key-1'].entries()) {
    const channel = channelIn(dir, `${store}.p12`, activeKey);
    await channel.start();
    await put(channel, `event ${i}`);
    await channel.stop();
  }
  const channel = channelIn(dir, `${store}.p12`, 'KEY-1');
  await channel.start();
  expect(await drain(channel)).toEqual(['event 0', 'event 1']);
  await channel.stop();

  const program = resolve(import.meta.dirname, '../../packages/testkit/src/process/java/KeyBytes.java');
  const printed = execFileSync(javaProgram(), [program, store, password], { encoding: 'utf8' });
  const ours = await pkcs12Secrets(readFileSync(`${store}.p12`), password);
  const lines = [...ours].map(([name, key]) => `${name} ${key.toString('hex')}`);
  expect(lines.sort()).toEqual(printed.trim().split('\n').sort());
});

it('reads stores of older Java, and says what is wrong with one', async () => {
  using dir = tempDir('millrace-p12-');
  const path = join(dir.path, 'old.p12');
  makeStore(path, 'PKCS12', { 'key-0': 192 }, ['-J-Dkeystore.pkcs12.legacy']);
  const bytes = readFileSync(path);
  expect((await pkcs12Secrets(bytes, password)).get('key-0')).toHaveLength(24);
  await expect(pkcs12Secrets(bytes, 'another')).rejects.toMatchObject({ kind: 'password' });
  await expect(pkcs12Secrets(bytes.subarray(0, 200), password)).rejects.toMatchObject({ kind: 'format' });
  for (let at = 0; at < bytes.length; at += 31) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 0x55;
    const secrets = await pkcs12Secrets(changed, password).catch(({ kind }) => kind);
    // Whatever is changed is found out, but for the store's version and such.
    if (secrets instanceof Map)
      expect([...secrets.values()].map((key) => key.length)).toEqual(secrets.size === 0 ? [] : [24]);
    else expect(['password', 'key-password', 'format']).toContain(secrets);
  }
});
