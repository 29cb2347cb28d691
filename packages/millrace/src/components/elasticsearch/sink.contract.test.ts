import { describe, it } from 'vitest';
import { BulkServer } from '../../../../testkit/src/net/bulk-server.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { elasticsearchSink } from './sink.ts';

const overloaded = { status: 429, type: 'es_rejected_execution_exception', reason: 'busy' };
const ways: Readonly<Record<string, (server: BulkServer) => void>> = {
  'the status of the request': (server) => {
    server.status = 503;
  },
  'each document': (server) => {
    server.verdict = () => overloaded;
  },
  'an answer that is none': (server) => {
    server.http.play([], (response) => response.writeHead(200).end('<html>'));
  },
  'connections that end': (server) => {
    server.http.play([], (response) => response.destroy());
  },
};

for (const [how, fail] of Object.entries(ways)) {
  sinkContract({ describe, it }, `elasticsearch, failing by ${how}`, {
    create: async () => {
      const server = await BulkServer.start();
      const heal = () => {
        server.status = null;
        server.verdict = ({ source }) => (source['@message'] === 'bad' ? 400 : 201);
        server.serve();
      };
      heal();
      const properties = { hostNames: server.http.url, client: 'rest' };
      return {
        sink: elasticsearchSink.create(contextFor(elasticsearchSink, properties)),
        delivered: async () => server.stored.map(({ source }) => String(source['@message'])),
        fail: async () => fail(server),
        heal: async () => heal(),
        refusable: () => batchOf('bad'),
        dispose: () => server[Symbol.asyncDispose](),
      };
    },
  });
}
