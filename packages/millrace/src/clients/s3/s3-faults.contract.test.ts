import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { chanceOf } from '../../../../testkit/src/oracle/seed.ts';
import { FaultFront, type StoreFaultKind } from '../../../../testkit/src/s3/fault-front.ts';
import { credentials, ObjectStore } from '../../../../testkit/src/s3/object-store.ts';
import { S3Store, type S3StoreOptions } from './s3-store.ts';

let minio: ObjectStore;
let front: FaultFront;
beforeAll(async () => {
  minio = await ObjectStore.start('minio');
  front = await FaultFront.start(minio.port);
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await minio[Symbol.asyncDispose]();
});
afterEach(() => {
  front.faultOf = () => null;
  vi.useRealTimers();
});

let made = 0;

async function storeThrough(options: Partial<S3StoreOptions> = {}) {
  const bucket = `faults-${++made}`;
  await minio.makeBucket(bucket);
  const notes: string[] = [];
  const store = new S3Store({
    ...{ bucket, prefix: '', endpoint: front.endpoint, pathStyle: true, credentials },
    partBytes: 5 * 1024 * 1024,
    onNote: (text) => notes.push(text),
    ...options,
  });
  const write = async (name: string, bytes: Buffer) => {
    const file = await store.create(name);
    try {
      await file.write([bytes]);
      await file.close();
    } catch (error) {
      await file.abandon();
      throw error;
    }
  };
  return { bucket, store, notes, write };
}

/** The first so many requests of a kind meet the fault. */
function faultOn(fault: StoreFaultKind, of: (method: string, url: string) => boolean, times = 1): void {
  let left = times;
  front.faultOf = ({ method = '', url = '' }) => (of(method, url) && left-- > 0 ? fault : null);
}

const sizes = [
  ['small', 1000],
  ['in parts', 12 * 1024 * 1024],
] as const;

describe.each(sizes)('a file, %s', (_, sizeBytes) => {
  const bytes = Buffer.alloc(sizeBytes, 'line of text\n');

  it.each(['cut', 'lose', 'SlowDown'] as const)('arrives once where an upload meets: %s', async (fault) => {
    const { bucket, store, write } = await storeThrough();
    faultOn(fault, (method) => method === 'PUT');
    await write('a', bytes);
    expect((await minio.read(bucket, 'a'))?.equals(bytes)).toBe(true);
    await store.close();
    expect(await minio.uploads(bucket)).toEqual([]);
  });

  it('is its own where the answer to its end was lost, and nobody else’s', async () => {
    const { bucket, store, write } = await storeThrough();
    const isEnd = (method: string, url: string) =>
      sizeBytes > 5 * 1024 * 1024 ? method === 'POST' && url.includes('uploadId=') : method === 'PUT';
    faultOn('lose', isEnd);
    await write('a', bytes);
    await expect(write('a', bytes)).rejects.toMatchObject({ kind: 'exists' });
    expect(await minio.keys(bucket)).toEqual(['a']);
    await store.close();
  });

  it('is not there where it may not be written, which is told in one line', async () => {
    const { bucket, store, write } = await storeThrough();
    faultOn('AccessDenied', (method) => method === 'PUT', Number.POSITIVE_INFINITY);
    await expect(write('a', bytes)).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(/^can't write .*s3:\/\/faults-\d+\/a: AccessDenied: drawn \(403\)$/),
      remedy: expect.stringContaining('s3:PutObject'),
    });
    front.faultOf = () => null;
    await write('a', bytes);
    expect((await minio.read(bucket, 'a'))?.length).toBe(sizeBytes);
    await store.close();
  });
});

/** Bytes that stand nowhere else: of which file, and where in it. */
function fillWith(file: number, from: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += 8) {
    bytes.writeUInt32LE(file, at);
    bytes.writeUInt32LE(from + at, at + 4);
  }
}

it('files that share memory have their own bytes each, whatever their uploads meet', async () => {
  const chance = chanceOf('memory of parts under faults');
  const { bucket, store } = await storeThrough();
  front.faultOf = ({ method }) =>
    method === 'PUT' && chance.bool(0.3) ? chance.pick(['cut', 'lose', 'SlowDown'] as const) : null;
  const pieceBytes = 640 * 1024;
  const whole: [name: string, file: number, sizeBytes: number][] = [];
  let givenUp = 0;
  const writeOne = async (file: number) => {
    const name = `f${file}`;
    const out = await store.create(name);
    const pieces = chance.int(4, 32);
    try {
      for (let n = 0; n < pieces; n++) {
        const room = out.room!(pieceBytes);
        const bytes = room?.subarray(0, pieceBytes) ?? Buffer.alloc(pieceBytes);
        fillWith(file, n * pieceBytes, bytes);
        if (room === null) await out.write([bytes]);
        else await out.wrote!(pieceBytes);
      }
      if (chance.bool(0.1)) throw new Error('not wanted any more');
      await out.close();
      whole.push([name, file, pieces * pieceBytes]);
    } catch {
      givenUp++;
      await out.abandon();
    }
  };
  let next = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (next < 24) await writeOne(next++);
    }),
  );
  expect(whole.length + givenUp).toBe(24);
  expect(whole.length).toBeGreaterThan(0);
  for (const [name, file, sizeBytes] of whole) {
    const expected = Buffer.alloc(sizeBytes);
    fillWith(file, 0, expected);
    expect([name, (await minio.read(bucket, name))?.equals(expected)]).toEqual([name, true]);
  }
  await store.close();
}, 120_000);

describe('what is put right by itself', () => {
  it.each([-3_600_000, 3_600_000])('the clock of this machine is wrong by %i ms', async (wrongMs) => {
    const { bucket, store, notes, write } = await storeThrough();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + wrongMs });
    await write('a', Buffer.from('x'));
    await write('b', Buffer.from('x'));
    vi.useRealTimers();
    expect(await minio.keys(bucket)).toEqual(['a', 'b']);
    expect(notes).toEqual([
      expect.stringMatching(
        wrongMs < 0
          ? /60\.0 minutes behind the store's.*corrected/
          : /60\.0 minutes ahead of the store's.*corrected/,
      ),
    ]);
    await store.close();
  });

  it('a credential that has expired is read again where it came from', async () => {
    await using dir = tempDir();
    const profile = (accessKeyId: string, secret: string) =>
      writeFile(
        dir.join('credentials'),
        `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secret}\n`,
      );
    await profile('old-key', 'old-secret');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', dir.join('credentials'));
    vi.stubEnv('AWS_CONFIG_FILE', dir.join('none'));
    try {
      const { credentials: _, ...place } = {
        ...{ bucket: `faults-${++made}`, prefix: '', endpoint: front.endpoint, pathStyle: true, credentials },
      };
      await minio.makeBucket(place.bucket);
      const notes: string[] = [];
      const store = new S3Store({ ...place, onNote: (text) => notes.push(text) });
      front.faultOf = ({ headers }) =>
        String(headers.authorization).includes('old-key') ? 'ExpiredToken' : null;
      const attempt = async () => {
        const file = await store.create('a');
        await file.write([Buffer.from('x')]);
        await file.close();
      };
      await expect(attempt()).rejects.toMatchObject({ kind: 'denied' });
      await profile(credentials.accessKeyId, credentials.secretAccessKey);
      await attempt();
      expect(await minio.keys(place.bucket)).toEqual(['a']);
      expect(notes[0]).toContain('expired');
      await store.close();
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('a store that was away takes what comes after, also of a file that was begun before', async () => {
    const { bucket, store, write } = await storeThrough({ endpoint: minio.endpoint });
    await write('before', Buffer.from('x'));
    const begun = await store.create('begun');
    await begun.write([Buffer.from('begun')]);
    await minio.stop();
    await expect(write('during', Buffer.from('x'))).rejects.toMatchObject({ kind: 'transient' });
    await expect(begun.close()).rejects.toMatchObject({ kind: 'transient' });
    await minio.restart();
    await begun.close();
    await write('after', Buffer.from('x'));
    expect(await minio.keys(bucket)).toEqual(['after', 'before', 'begun']);
    await store.close();
  });
});
