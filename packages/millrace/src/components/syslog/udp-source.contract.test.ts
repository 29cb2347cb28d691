import { describe, it } from 'vitest';
import { freeDatagramPort, sendDatagrams } from '../../../../testkit/src/net/datagrams.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { syslogUdpSource } from './udp-source.ts';

sourceContract({ describe, it }, 'syslogudp', {
  rejected: 'again',
  create: async (channels) => {
    const port = await freeDatagramPort();
    const context = contextFor(syslogUdpSource, { host: '127.0.0.1', port });
    return {
      source: syslogUdpSource.create({ ...context, channels }),
      feed: async (bodies) => {
        await sendDatagrams(
          port,
          bodies.map((body) => `<13>Nov 22 10:11:12 h ${body}`),
        );
      },
    };
  },
});
