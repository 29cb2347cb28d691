import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'vitest';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { decodeAnswer } from '../../formats/thrift/flume-calls.ts';
import { FrameCutter } from '../../formats/thrift/frame.ts';
import { ThriftCalls } from '../../records/thrift-events.ts';
import { thriftSource } from './thrift-source.ts';

for (const protocol of ['binary', 'compact'] as const) {
  sourceContract({ describe, it }, `thrift, ${protocol}`, {
    rejected: 'told',
    create: async (channels) => {
      const port = await freePort();
      const context = contextFor(thriftSource, { bind: '127.0.0.1', port, protocol });
      return {
        source: thriftSource.create({ ...context, channels }),
        feed: async (bodies) => {
          const { frame } = new ThriftCalls([batchOf(...bodies)], { protocol }).next(1, bodies.length);
          const socket = connect(port, '127.0.0.1');
          try {
            await once(socket, 'connect');
            socket.write(frame!);
            const cutter = new FrameCutter();
            cutter.push((await once(socket, 'data'))[0] as Buffer);
            const answer = decodeAnswer(protocol, cutter.next()!, 1);
            if (!('status' in answer) || answer.status !== 'OK') throw new Error(JSON.stringify(answer));
          } finally {
            socket.destroy();
          }
        },
      };
    },
  });
}
