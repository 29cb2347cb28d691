import { describe, it } from 'vitest';
import { ScriptedHttp } from '../../../../testkit/src/net/scripted-http.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { httpSink } from './sink.ts';

const ways = {
  status: 503,
  'a connection that ends': (response: { destroy(): void }) => response.destroy(),
} as const;

for (const [how, answer] of Object.entries(ways)) {
  sinkContract({ describe, it }, `http, failing by ${how}`, {
    create: async () => {
      const server = await ScriptedHttp.start();
      const acknowledged: string[] = [];
      server.play([], (response, { body }) => {
        acknowledged.push(body);
        response.writeHead(200).end();
      });
      const properties = { endpoint: server.url, 'rollback.2XX': false, 'backoff.2XX': false };
      return {
        sink: httpSink.create(contextFor(httpSink, properties)),
        delivered: async () => acknowledged,
        fail: async () => server.play([], answer),
        heal: async () =>
          server.play([], (response, { body }) => {
            acknowledged.push(body);
            response.writeHead(200).end();
          }),
        dispose: () => server[Symbol.asyncDispose](),
      };
    },
  });
}
