import { afterAll, beforeAll, describe, it } from 'vitest';
import { RealHdfs } from '../../../../testkit/src/hdfs/real-hdfs.ts';
import { storeContract } from '../../component/testing/store-contract.ts';
import { WebHdfsClient } from './webhdfs-client.ts';
import { WebHdfsStore } from './webhdfs-store.ts';

let hdfs: RealHdfs;
let folders = 0;
beforeAll(async () => {
  hdfs = await RealHdfs.start();
}, 300_000);
afterAll(async () => {
  await hdfs?.[Symbol.asyncDispose]();
});

for (const way of ['append', 'stream'] as const) {
  storeContract({ describe, it }, `HDFS, ${way}`, {
    create: async () => {
      const folder = `/contract ${++folders}`;
      await hdfs.makeFolder(folder, 'mill');
      const client = new WebHdfsClient({
        servers: [new URL(`http://127.0.0.1:${hdfs.httpPort}`)],
        user: 'mill',
        callTimeoutMs: 20_000,
      });
      return {
        store: new WebHdfsStore({ client, url: `${hdfs.url}${folder}`, folder, way }),
        read: async (name) => (await hdfs.read(`${folder}/${name}`))?.toString() ?? null,
        fail: {
          full: async () => {
            await hdfs.ask('PUT', folder, 'op=SETQUOTA&namespacequota=2');
          },
          denied: async () => {
            await hdfs.ask('PUT', folder, 'op=SETPERMISSION&permission=555');
          },
          ...(way === 'stream' ? {} : { transient: () => hdfs.safeMode(true) }),
        },
        heal: async () => {
          await hdfs.ask('PUT', folder, 'op=SETPERMISSION&permission=755');
          await hdfs.ask('PUT', folder, 'op=SETQUOTA&namespacequota=1000000');
          if (way === 'append') await hdfs.safeMode(false);
        },
      };
    },
  });
}
