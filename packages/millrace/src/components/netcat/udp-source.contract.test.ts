import { describe, it } from 'vitest';
import { freeDatagramPort, sendDatagrams } from '../../../../testkit/src/net/datagrams.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { netcatUdpSource } from './udp-source.ts';

sourceContract({ describe, it }, 'netcatudp', {
  rejected: 'again',
  create: async (channels) => {
    const port = await freeDatagramPort();
    const context = contextFor(netcatUdpSource, { bind: '127.0.0.1', port });
    return {
      source: netcatUdpSource.create({ ...context, channels }),
      feed: async (bodies) => {
        await sendDatagrams(
          port,
          bodies.map((body) => `${body}\n`),
        );
      },
    };
  },
});
