/** The same contract over HttpFS, which says less of why it does not do something. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealHdfs } from '../../../../testkit/src/hdfs/real-hdfs.ts';
import { RealHttpFs } from '../../../../testkit/src/hdfs/real-httpfs.ts';
import { storeContract } from '../../component/testing/store-contract.ts';
import { WebHdfsClient } from './webhdfs-client.ts';
import { WebHdfsStore } from './webhdfs-store.ts';

let hdfs: RealHdfs;
let httpfs: RealHttpFs;
let folders = 0;
beforeAll(async () => {
  hdfs = await RealHdfs.start();
  httpfs = await RealHttpFs.start(hdfs);
}, 300_000);
afterAll(async () => {
  await httpfs?.[Symbol.asyncDispose]();
  await hdfs?.[Symbol.asyncDispose]();
});

for (const way of ['append', 'stream'] as const) {
  storeContract({ describe, it }, `HttpFS, ${way}`, {
    create: async () => {
      const folder = `/contract ${++folders}`;
      await hdfs.makeFolder(folder, 'mill');
      const client = new WebHdfsClient({
        servers: [new URL(`http://127.0.0.1:${httpfs.port}`)],
        ...{ user: 'hdfs', proxyUser: 'mill', callTimeoutMs: 20_000 },
      });
      return {
        store: new WebHdfsStore({ client, url: `webhdfs://httpfs${folder}`, folder, way }),
        read: async (name) => (await hdfs.read(`${folder}/${name}`))?.toString() ?? null,
        fail: {
          denied: async () => {
            await hdfs.ask('PUT', folder, 'op=SETPERMISSION&permission=555');
          },
        },
        heal: async () => {
          await hdfs.ask('PUT', folder, 'op=SETPERMISSION&permission=755');
        },
      };
    },
  });
}

it('a small file is read, JSON too, and one that is larger than it may be is not', async () => {
  await hdfs.makeFolder('/read', 'mill');
  const options = {
    servers: [new URL(`http://127.0.0.1:${httpfs.port}`)],
    user: 'hdfs',
    callTimeoutMs: 20_000,
  };
  const client = new WebHdfsClient({ ...options, mostReadBytes: 1000 });
  const store = new WebHdfsStore({ client, url: 'webhdfs://httpfs/read', folder: '/read', way: 'stream' });
  for (const [name, text] of [
    ['text', 'ü'],
    ['json', '{"Location":"http://127.0.0.1:1/webhdfs/v1/x"}'],
    ['large', 'x'.repeat(1001)],
  ] as const) {
    const file = await store.create(name);
    await file.write([Buffer.from(text)]);
    await file.close();
    const read = client.read(`can't read ${name}`, `/read/${name}`);
    if (name === 'large') await expect(read).rejects.toThrow(/^can't read large: .*more than 1000 bytes/);
    else expect((await read).toString()).toBe(text);
  }
  await expect(client.read("can't read it", '/read/none')).rejects.toMatchObject({ kind: 'absent' });
  await store.close();
});
