import { describe, it } from 'vitest';
import { freeDatagramPort } from '../../../../testkit/src/net/datagrams.ts';
import { contextFor } from '../../component/testing/context.ts';
import {
  datagramSourceContract,
  mostDatagramBytes,
} from '../../component/testing/datagram-source-contract.ts';
import { netcatUdpSource } from './udp-source.ts';

datagramSourceContract({ describe, it }, 'netcatudp', {
  create: async (channels, { waitingBytes }) => {
    const port = await freeDatagramPort();
    const context = contextFor(netcatUdpSource, { bind: '127.0.0.1', port, maxWaitingBytes: waitingBytes });
    return { source: netcatUdpSource.create({ ...context, channels }), port, lines: context.log.lines };
  },
  datagram: (body) => Buffer.from(`${body}\n`),
  strange: [
    { what: 'nothing', bytes: Buffer.alloc(0), comes: [''] },
    { what: 'a newline', bytes: Buffer.from('\n'), comes: [''] },
    { what: 'no newline', bytes: Buffer.from('x'), comes: ['x'] },
    { what: 'two lines', bytes: Buffer.from('x\ny\n'), comes: ['x'] },
    { what: 'what is no UTF-8', bytes: Buffer.from([0xff, 0xc3, 0]), comes: ['\xff\xc3\0'] },
    {
      what: 'the largest',
      bytes: Buffer.alloc(mostDatagramBytes, 'x'),
      comes: ['x'.repeat(mostDatagramBytes)],
    },
  ],
});
