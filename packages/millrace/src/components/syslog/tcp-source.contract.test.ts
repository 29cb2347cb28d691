import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'vitest';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { syslogTcpSource } from './tcp-source.ts';

sourceContract({ describe, it }, 'syslogtcp', {
  rejected: 'again',
  create: async (channels) => {
    const port = await freePort();
    const context = contextFor(syslogTcpSource, { host: '127.0.0.1', port });
    return {
      source: syslogTcpSource.create({ ...context, channels }),
      feed: async (bodies) => {
        const socket = connect(port, '127.0.0.1');
        socket.resume();
        await once(socket, 'connect');
        socket.end(bodies.map((body) => `<13>Nov 22 10:11:12 h ${body}\n`).join(''));
        await once(socket, 'finish');
      },
    };
  },
});
