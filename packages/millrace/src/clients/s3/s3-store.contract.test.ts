import { afterAll, describe, expect, it } from 'vitest';
import { credentials, ObjectStore, type ObjectStoreKind } from '../../../../testkit/src/s3/object-store.ts';
import { storeContract } from '../../component/testing/store-contract.ts';
import { S3Store, type S3StoreOptions } from './s3-store.ts';

const started = new Map<ObjectStoreKind, Promise<ObjectStore>>();
const storeOf = (kind: ObjectStoreKind) => {
  if (!started.has(kind)) started.set(kind, ObjectStore.start(kind));
  return started.get(kind)!;
};
afterAll(async () => {
  for (const store of started.values()) await (await store)[Symbol.asyncDispose]();
});

let made = 0;

/** A bucket of its own, and a store over a part of it. */
async function bucketOn(server: ObjectStore, options: Partial<S3StoreOptions> = {}) {
  const bucket = `bucket-${++made}`;
  await server.makeBucket(bucket);
  const notes: string[] = [];
  const store = new S3Store({
    ...{ bucket, prefix: 'a/b', endpoint: server.endpoint, pathStyle: true, credentials },
    onNote: (text) => notes.push(text),
    ...options,
  });
  return { bucket, store, notes, read: (name: string) => server.read(bucket, `a/b/${name}`) };
}

for (const kind of ['minio', 'moto'] as const) {
  storeContract({ describe, it }, kind, {
    create: async () => {
      const server = await storeOf(kind);
      const { bucket, store, read } = await bucketOn(server);
      return {
        store,
        read: async (name) => (await read(name))?.toString() ?? null,
        fail: { denied: () => server.removeBucket(bucket) },
        heal: async () => {
          await server.makeBucket(bucket);
          await server.put(bucket, 'a/b/before', 'x');
        },
      };
    },
  });

  describe(`S3, ${kind}`, () => {
    it('sends large files in parts of one size, and small ones whole', async () => {
      const server = await storeOf(kind);
      const { store, read, bucket } = await bucketOn(server, { partBytes: 5 * 1024 * 1024 });
      for (const sizeBytes of [5, 5 * 1024 * 1024, 12 * 1024 * 1024 + 7]) {
        const bytes = Buffer.alloc(sizeBytes, 'abcdefghij\n');
        const file = await store.create('large');
        for (let at = 0; at < sizeBytes; at += 1_000_003)
          await file.write([bytes.subarray(at, at + 1_000_003)]);
        await file.close();
        expect((await read('large'))?.equals(bytes)).toBe(true);
        expect(await server.uploads(bucket)).toEqual([]);
        await store.delete('large');
      }
      await store.close();
    });

    it('leaves no parts of a file that is abandoned, taken by another, or left by a killed process', async () => {
      const server = await storeOf(kind);
      const { store, read, bucket } = await bucketOn(server, { partBytes: 5 * 1024 * 1024 });
      const bytes = Buffer.alloc(11 * 1024 * 1024, 'x');
      const abandoned = await store.create('abandoned');
      await abandoned.write([bytes]);
      await abandoned.abandon();
      const late = await store.create('taken');
      await late.write([bytes]);
      const first = await store.create('taken');
      await first.write([Buffer.from('first')]);
      await first.close();
      await expect(late.close()).rejects.toMatchObject({ kind: 'exists' });
      await late.abandon();
      expect((await read('taken'))?.toString()).toBe('first');
      await server.leaveUpload(bucket, 'a/b/left');
      expect(await server.uploads(bucket)).toContain('a/b/left');
      await store.discard('left');
      await store.discard('left');
      await store.close();
      expect(await server.uploads(bucket)).toEqual([]);
    });
  });
}

describe('S3', () => {
  it('lists more than a page, and what begins as asked', async () => {
    const server = await storeOf('minio');
    const { store, bucket } = await bucketOn(server);
    const names = Array.from({ length: 1100 }, (_, i) => `d/${i % 2 === 0 ? 'even' : 'odd'}-${i}`);
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map((name) => server.put(bucket, `a/b/${name}`, 'x')));
    const listed = async (startingWith?: string) => {
      const found: string[] = [];
      for await (const { name } of store.list('d', startingWith === undefined ? {} : { startingWith }))
        found.push(name);
      return found.sort();
    };
    expect(await listed()).toEqual([...names].sort());
    expect(await listed('odd')).toEqual(names.filter((name) => name.includes('odd')).sort());
    await store.close();
  });
});

describe('S3, what is wrong is told in one line', () => {
  const attempt = async (options: Partial<S3StoreOptions>) => {
    const server = await storeOf('minio');
    const { store } = await bucketOn(server, options);
    const file = await store.create('a');
    await file.write([Buffer.from('x')]);
    const error = await file.close().catch((failure) => failure);
    await file.abandon();
    await store.close();
    return error;
  };

  it.each([
    [{ bucket: 'no-such-bucket' }, 'denied', 'NoSuchBucket'],
    [{ credentials: { ...credentials, secretAccessKey: 'wrong' } }, 'denied', 'SignatureDoesNotMatch'],
    [{ credentials: { ...credentials, accessKeyId: 'nobody' } }, 'denied', 'InvalidAccessKeyId'],
    [{ endpoint: 'http://127.0.0.1:9' }, 'transient', 'ECONNREFUSED'],
  ])('%o', async (options, kind, text) => {
    const error = await attempt(options);
    expect(error).toMatchObject({ kind });
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('\n');
    expect(JSON.stringify([error.message, error.remedy, String(error.cause)])).not.toContain(
      credentials.secretAccessKey,
    );
  });
});
