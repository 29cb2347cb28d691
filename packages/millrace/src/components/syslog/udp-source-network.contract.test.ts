import { describe, it } from 'vitest';
import { freeDatagramPort } from '../../../../testkit/src/net/datagrams.ts';
import { contextFor } from '../../component/testing/context.ts';
import {
  datagramSourceContract,
  mostDatagramBytes,
} from '../../component/testing/datagram-source-contract.ts';
import { syslogUdpSource } from './udp-source.ts';

const stamp = '<13>Nov 22 10:11:12 h ';

datagramSourceContract({ describe, it }, 'syslogudp', {
  create: async (channels, { waitingBytes }) => {
    const port = await freeDatagramPort();
    const context = contextFor(syslogUdpSource, { host: '127.0.0.1', port, maxWaitingBytes: waitingBytes });
    return { source: syslogUdpSource.create({ ...context, channels }), port, lines: context.log.lines };
  },
  datagram: (body) => Buffer.from(stamp + body),
  strange: [
    { what: 'nothing', bytes: Buffer.alloc(0), comes: [] },
    { what: 'newlines', bytes: Buffer.from('\n\n'), comes: [] },
    { what: 'an open bracket', bytes: Buffer.from('<'), comes: [] },
    { what: 'half a priority', bytes: Buffer.from('<1'), comes: ['<1'] },
    { what: 'no priority', bytes: Buffer.from('x'), comes: ['x'] },
    { what: 'two messages', bytes: Buffer.from(`${stamp}x\n${stamp}y`), comes: ['x'] },
    { what: 'what is no UTF-8', bytes: Buffer.from(`${stamp}\xff\xc3\0`, 'latin1'), comes: ['\xff\xc3\0'] },
    {
      what: 'a priority without end',
      bytes: Buffer.from(`<${'9'.repeat(500)}`),
      comes: [`<${'9'.repeat(500)}`],
    },
    {
      what: 'the largest',
      bytes: Buffer.concat([Buffer.from(stamp), Buffer.alloc(mostDatagramBytes - stamp.length, 'x')]),
      comes: ['x'.repeat(mostDatagramBytes - stamp.length)],
    },
  ],
});
