import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { fileChannelDefaults, keysInFile } from '../../../../testkit/src/flume/file-channel-options.ts';
import { drain } from '../../component/testing/channel-fixture.ts';
import { testSurroundings } from '../../component/testing/context.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { batchHeaderBytes, iterateBatches } from '../../records/batch-header.ts';
import { batchChecksum } from '../../records/checksum.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { FileChannel, fileChannel } from './channel.ts';

const canary = 'yellow-bird-in-the-shaft';
const key = () => randomBytes(32).toString('base64');

function writeKeys(dir: TempDir, keys: Readonly<Record<string, string>>): string {
  const lines = Object.entries(keys).map(([name, text], i) => `${name}${i % 2 === 0 ? ' ' : ' = '}${text}\n`);
  writeFileSync(dir.join('keys'), `# keys\n\n${lines.join('')}`);
  return dir.join('keys');
}

function channelIn(dir: TempDir, encryption: Map<string, string>, told: Diagnostic[] = [], more = {}) {
  const options = {
    ...fileChannelDefaults,
    ...{ checkpointDir: dir.join('checkpoint'), dataDirs: [dir.join('data')], encryption },
    ...more,
  };
  return new FileChannel({
    ...testSurroundings(),
    ...{ agent: 'a1', name: 'c1', options, log: silentLogger },
    report: (diagnostic) => told.push(diagnostic),
  });
}

/** Puts single events, each in a transaction of its own. */
async function put(channel: FileChannel, ...bodies: string[]): Promise<void> {
  for (const body of bodies) {
    const builder = new BatchBuilder();
    builder.add(body);
    const transaction = channel.begin();
    await transaction.put(builder.build());
    await transaction.commit();
  }
}

/** Every file below a folder that has these bytes. */
function filesWith(folder: string, bytes: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() && readFileSync(path).includes(bytes);
  });
}

const logFile = (dir: TempDir) => dir.join('data/events-0/00000000000000000000.log');

/** The bytes of the log with one batch changed; `honest`: with a right checksum, as somebody who means it would. */
function changeBatch(dir: TempDir, which: number, honest: boolean): void {
  const bytes = readFileSync(logFile(dir));
  const { at, header } = [...iterateBatches(bytes)][which]!;
  const end = at + header.batchLength + 12;
  bytes[end - 20]! ^= 1;
  if (honest) {
    const checksum = batchChecksum(
      bytes.subarray(at, at + batchHeaderBytes),
      0,
      bytes.subarray(at + batchHeaderBytes, end),
    );
    bytes.writeUInt32BE(checksum, at + 17);
  }
  writeFileSync(logFile(dir), bytes);
}

describe('an encrypted file channel', () => {
  it('leaves nothing of events, headers or progress on the disk in plain', async () => {
    for (const encrypts of [true, false]) {
      using dir = tempDir('millrace-encrypted-');
      const keys = writeKeys(dir, { k1: key() });
      const channel = channelIn(dir, encrypts ? keysInFile(keys, 'k1') : new Map());
      await channel.start();
      const builder = new BatchBuilder();
      builder.add(`${canary} body`, [['own', `${canary} header`]], `${canary} key`);
      const transaction = channel.begin();
      const shared = new Map([['shared', `${canary} shared`]]);
      await transaction.put(builder.build(shared), undefined, { key: canary, place: canary });
      builder.reset();
      builder.add('another');
      await transaction.put(builder.build());
      await transaction.commit();
      await channel.stop();
      expect(filesWith(dir.path, canary).length > 0, 'is found in plain').toBe(!encrypts);

      const again = channelIn(dir, encrypts ? keysInFile(keys, 'k1') : new Map());
      await again.start();
      expect(again.progress.placeOf(canary)).toBe(canary);
      const take = again.begin();
      const batch = await take.take(9);
      expect(Object.fromEntries(batch!.event(0).headers())).toEqual({
        own: `${canary} header`,
        shared: `${canary} shared`,
      });
      await take.commit();
      await again.stop();
      expect(filesWith(dir.path, canary).length > 0, 'is found in plain').toBe(!encrypts);
    }
  });

  it('reads what older keys wrote, in order, while the active one writes; and plain events of before', async () => {
    using dir = tempDir('millrace-encrypted-');
    // Long enough never to be in ciphertext by chance.
    const keys = { 'older-key': key(), 'newer-key': key() };
    const path = writeKeys(dir, keys);
    for (const [i, encryption] of [
      new Map(),
      keysInFile(path, 'older-key'),
      keysInFile(path, 'newer-key'),
    ].entries()) {
      const channel = channelIn(dir, encryption as Map<string, string>);
      await channel.start();
      await put(channel, `${i}a`, `${i}b`);
      await channel.stop();
    }
    const names = ['older-key', 'newer-key'].map(
      (name) => readFileSync(logFile(dir)).toString('latin1').split(name).length - 1,
    );
    expect(names).toEqual([2, 2]);
    const channel = channelIn(dir, keysInFile(path, 'newer-key'));
    await channel.start();
    expect(await drain(channel)).toEqual(['0a', '0b', '1a', '1b', '2a', '2b']);
    await channel.stop();
    // Nothing needs the older one any more.
    const last = channelIn(dir, keysInFile(writeKeys(dir, { 'newer-key': keys['newer-key'] }), 'newer-key'));
    await last.start();
    expect(last.eventCount).toBe(0);
    await last.stop();
  });

  it('does not start without a key that events need, or with another of its name, and has all once it is right', async () => {
    using dir = tempDir('millrace-encrypted-');
    const keys = { k1: key(), k2: key() };
    const first = channelIn(dir, keysInFile(writeKeys(dir, keys), 'k1'));
    await first.start();
    await put(first, 'a', 'b');
    await first.stop();
    const before = readFileSync(logFile(dir));
    for (const [given, activeKey, code] of [
      [{ k2: keys.k2 }, 'k2', 'KEY_MISSING'],
      [{ k1: key(), k2: keys.k2 }, 'k2', 'KEY_WRONG'],
      [{ k2: keys.k2 }, 'k1', 'KEY_MISSING'],
    ] as const) {
      const channel = channelIn(dir, keysInFile(writeKeys(dir, given), activeKey));
      await expect(channel.start()).rejects.toMatchObject({ code });
      await channel.stop();
    }
    const plain = channelIn(dir, new Map());
    await expect(plain.start()).rejects.toMatchObject({
      code: 'KEY_MISSING',
      message: expect.stringContaining('the events are encrypted, and no key is given'),
    });
    expect(readFileSync(logFile(dir))).toEqual(before);
    const channel = channelIn(dir, keysInFile(writeKeys(dir, keys), 'k2'));
    await channel.start();
    expect(await drain(channel)).toEqual(['a', 'b']);
    await channel.stop();
  });

  it('tells what somebody has changed from what is damaged; each is set aside, and all others come', async () => {
    for (const honest of [true, false]) {
      using dir = tempDir('millrace-encrypted-');
      const path = writeKeys(dir, { k1: key() });
      const first = channelIn(dir, keysInFile(path, 'k1'));
      await first.start();
      await put(first, 'a', 'b', 'c');
      await first.stop();
      for (const which of honest ? [1, 2] : [1]) changeBatch(dir, which, honest);
      const told: Diagnostic[] = [];
      const channel = channelIn(dir, keysInFile(path, 'k1'), told);
      await channel.start();
      expect(await drain(channel)).toEqual(honest ? ['a'] : ['a', 'c']);
      expect(await drain(channel)).toEqual([]);
      expect(channel.eventCount).toBe(0);
      const codes = told.map(({ code }) => code);
      expect(codes.filter((code) => code === 'channel-events-tampered')).toHaveLength(honest ? 2 : 0);
      expect(existsSync(dir.join('data/tampered-1.batch'))).toBe(honest);
      await put(channel, 'd');
      expect(await drain(channel)).toEqual(['d']);
      await channel.stop();
    }
  });
});

describe('what encryption is told by', () => {
  const store = {
    keyProvider: 'jceksfile',
    cipherProvider: 'AesCtrNoPadding',
    activeKey: 'Key-0',
    'keyProvider.keyStoreFile': '/s',
    'keyProvider.keyStorePasswordFile': '/p',
    'keyProvider.keys': 'key-0 key-1',
  };
  const problems = (given: Readonly<Record<string, string>>) =>
    [fileChannel.validate, fileChannel.notes].flatMap((found) =>
      (found?.({ ...fileChannelDefaults, encryption: new Map(Object.entries(given)) }) ?? []).map(
        ({ key, message }) => `${key}: ${message}`,
      ),
    );

  it.each<[Readonly<Record<string, string>>, string]>([
    [
      { cipherProvider: '' },
      'encryption.keyProvider: Encryption configuration problem: cipherProvider is missing',
    ],
    [{ activeKey: '' }, 'encryption.keyProvider: Encryption configuration problem: activeKey is missing'],
    [
      { keyProvider: '', activeKey: '' },
      'encryption.cipherProvider: Encryption configuration problem: cipherProvider is present while key provider name is not.',
    ],
    [{ 'keyProvider.keyStoreFile': '' }, 'encryption.keyProvider: KeyStore file not specified'],
    [
      { 'keyProvider.keyStorePasswordFile': '' },
      'encryption.keyProvider: KeyStore password  file not specified',
    ],
    [
      { 'keyProvider.keys': ' ' },
      'encryption.keyProvider: Keys available to KeyStore was not specified or empty',
    ],
    [
      { cipherProvider: 'AESCBC' },
      'encryption.cipherProvider: encryption.cipherProvider: AESCBC is not known',
    ],
    [
      { keyProvider: 'org.example.Keys' },
      'encryption.keyProvider: encryption.keyProvider: org.example.Keys is not known; a class is not loaded',
    ],
    [{ keyProvider: 'KEYFILE' }, 'encryption.keyProvider: encryption.keyProvider.keyFile is missing'],
    [
      { 'keyProvider.keystoreFile': '/x' },
      'encryption.keyProvider.keystoreFile: encryption.keyProvider.keystoreFile is none of its properties',
    ],
  ])('%o', (change, problem) => {
    expect(problems(store)).toEqual([]);
    expect(problems({ ...store, ...change })).toEqual([problem]);
  });

  it.each<[string, string]>([
    ['k1 !!', 'line 1 is not a name and a key in base64'],
    ['k1 AAAA', 'the key k1 has 3 bytes, and 16 are the least'],
    ['nothing', 'line 1 is not a name'],
  ])('a file of keys with %s', async (text, problem) => {
    using dir = tempDir('millrace-encrypted-');
    writeFileSync(dir.join('keys'), text);
    const channel = channelIn(dir, keysInFile(dir.join('keys'), 'k1'));
    await expect(channel.start()).rejects.toThrow(problem);
    await expect(channel.start()).rejects.not.toThrow(text);
    await channel.stop();
  });
});
