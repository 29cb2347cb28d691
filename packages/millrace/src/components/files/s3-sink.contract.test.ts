import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { certificates } from '../../../../testkit/src/net/certificates.ts';
import { credentialsInEnvironment, ObjectStore } from '../../../../testkit/src/s3/object-store.ts';
import { deliveryOf } from '../../component/delivery.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { errorText } from '../../runtime/errors.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { hdfsSink } from './hdfs-sink.ts';
import { s3Sink } from './s3-sink.ts';

let minio: ObjectStore;
let credentials: Disposable;
beforeAll(async () => {
  minio = await ObjectStore.start('minio');
  credentials = credentialsInEnvironment();
});
afterAll(async () => {
  credentials[Symbol.dispose]();
  await minio[Symbol.asyncDispose]();
});

let made = 0;

for (const [type, rollCount] of [
  ['s3', 0],
  ['s3', 4],
  ['hdfs', 4],
] as const) {
  sinkContract({ describe, it }, `${type} to an object store, ${rollCount} events a file`, {
    create: async () => {
      const dir = tempDir();
      const setting = `<property><name>fs.s3a.endpoint</name><value>${minio.endpoint}</value></property>`;
      writeFileSync(dir.join('core-site.xml'), `<configuration>${setting}</configuration>`);
      const bucket = `sink-${++made}`;
      await minio.makeBucket(bucket);
      const rolls = { [`${type}.rollInterval`]: 0, [`${type}.rollCount`]: rollCount };
      const own = { ...rolls, openFilesFolder: dir.join('open') };
      const sink =
        type === 's3'
          ? s3Sink.create(
              contextFor(
                s3Sink,
                { 's3.path': `s3://${bucket}/out/%{folder}`, 's3.endpoint': minio.endpoint, ...own },
                'x1',
                [textSerializer],
              ),
            )
          : hdfsSink.create(
              contextFor(
                hdfsSink,
                {
                  ...{ 'hdfs.path': `s3a://${bucket}/out/%{folder}`, 'hdfs.fileType': 'DataStream' },
                  ...{ 'hdfs.rollSize': 0, 'hdfs.confDir': dir.path, ...own },
                },
                'x1',
                [textSerializer],
              ),
            );
      const kept = new Map<string, string>();
      return {
        sink,
        delivered: async () => {
          const keys = (await minio.keys(bucket)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
          const texts = await Promise.all(
            keys.map(async (key) => (await minio.read(bucket, key))!.toString()),
          );
          return texts.join('').split('\n').slice(0, -1);
        },
        fail: async () => {
          for (const key of await minio.keys(bucket))
            kept.set(key, (await minio.read(bucket, key))!.toString());
          await minio.removeBucket(bucket);
        },
        heal: async () => {
          await minio.makeBucket(bucket);
          for (const [key, text] of kept) await minio.put(bucket, key, text);
        },
        refusable: () => {
          const builder = new BatchBuilder();
          builder.add(Buffer.from('bad'), new Map([['folder', '../up']]));
          return builder.build();
        },
        dispose: async () => dir[Symbol.dispose](),
      };
    },
  });
}

it('speaks TLS with a store whose certificate s3.truststore has, and with no other', async () => {
  await using secured = await ObjectStore.start('minio', { isTls: true });
  await secured.makeBucket('tls');
  for (const [truststore, pattern] of [
    [certificates.certificate, null],
    [undefined, /^can't (?:list|write) s3:\/\/tls\/[^\n]*(?:self.signed|certificate)[^\n]*$/],
  ] as const) {
    using dir = tempDir();
    const properties = {
      ...{ 's3.path': 's3://tls/out', 's3.endpoint': secured.endpoint, openFilesFolder: dir.join('open') },
      ...(truststore === undefined ? {} : { 's3.truststore': truststore }),
    };
    const sink = s3Sink.create(contextFor(s3Sink, properties, 'x1', [textSerializer]));
    await sink.start();
    const delivery = Promise.resolve(
      sink.deliver(deliveryOf([batchOf('a', 'b')]), { signal: new AbortController().signal }),
    );
    await sink.flush?.();
    const { pending = [], error } = (await delivery) ?? {};
    await sink.stop();
    expect(pending.length).toBe(pattern === null ? 0 : 2);
    if (pattern !== null) expect(errorText(error)).toMatch(pattern);
  }
  const [key, ...more] = await secured.keys('tls');
  expect(more).toEqual([]);
  expect((await secured.read('tls', key!))?.toString()).toBe('a\nb\n');
});
