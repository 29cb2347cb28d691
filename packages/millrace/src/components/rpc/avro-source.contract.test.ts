import { describe, it } from 'vitest';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { connectAvro } from '../../clients/avro-rpc/avro-connection.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { avroSource } from './avro-source.ts';

sourceContract({ describe, it }, 'avro', {
  rejected: 'told',
  create: async (channels) => {
    const port = await freePort();
    const context = contextFor(avroSource, { bind: '127.0.0.1', port });
    return {
      source: avroSource.create({ ...context, channels }),
      feed: async (bodies) => {
        const connection = await connectAvro({
          host: '127.0.0.1',
          port,
          connectTimeoutMs: 10_000,
          requestTimeoutMs: 10_000,
        });
        try {
          await connection.append([batchOf(...bodies)]);
        } finally {
          connection.close();
        }
      },
    };
  },
});
