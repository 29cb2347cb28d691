/** The same contract over HttpFS, which says less of why it does not do something. */
import { afterAll, beforeAll, describe, it } from 'vitest';
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
