import { createServer } from 'node:net';
import { describe, it } from 'vitest';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import type { Source } from '../../component/source.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { thriftSink } from './thrift-sink.ts';
import { thriftSource } from './thrift-source.ts';

/** How the other agent fails: its channel is full; it is gone; connections end at once. */
const ways = ['a full channel', 'nobody there', 'connections that end'] as const;

for (const way of ways) {
  for (const inFlight of way === 'a full channel' ? [1, 4] : [1]) {
    sinkContract({ describe, it }, `thrift, ${inFlight} in flight, failing by ${way}`, {
      ordered: inFlight === 1,
      create: async () => {
        const puts = new TestPuts();
        const port = await freePort();
        const address = { bind: '127.0.0.1', port };
        let source: Source = thriftSource.create({ ...contextFor(thriftSource, address), channels: puts });
        await source.start();
        const closing = createServer((socket) => socket.destroy());
        const properties = { hostname: '127.0.0.1', port, 'max-in-flight': inFlight };
        return {
          sink: thriftSink.create(contextFor(thriftSink, properties)),
          delivered: async () => puts.taken,
          fail: async () => {
            if (way === 'a full channel') {
              puts.rejectNext = Number.POSITIVE_INFINITY;
              return;
            }
            await source.stop();
            if (way === 'connections that end')
              await new Promise<void>((resolve) => closing.listen(port, '127.0.0.1', resolve));
          },
          heal: async () => {
            puts.rejectNext = 0;
            if (way === 'a full channel') return;
            if (way === 'connections that end') await new Promise((resolve) => closing.close(resolve));
            source = thriftSource.create({ ...contextFor(thriftSource, address), channels: puts });
            await source.start();
          },
          dispose: async () => {
            await source.stop();
            closing.close();
          },
        };
      },
    });
  }
}
