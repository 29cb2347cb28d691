import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'vitest';
import { freePorts } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { multiportSyslogTcpSource } from './multiport-source.ts';

sourceContract({ describe, it }, 'multiport_syslogtcp', {
  rejected: 'again',
  create: async (channels) => {
    const ports = await freePorts(2);
    const context = contextFor(multiportSyslogTcpSource, { host: '127.0.0.1', ports: ports.join(' ') });
    return {
      source: multiportSyslogTcpSource.create({ ...context, channels }),
      feed: async (bodies) => {
        const socket = connect(ports[1]!, '127.0.0.1');
        socket.resume();
        await once(socket, 'connect');
        socket.end(bodies.map((body) => `<13>Nov 22 10:11:12 h ${body}\n`).join(''));
        await once(socket, 'finish');
      },
    };
  },
});
