import { describe, it } from 'vitest';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { jsonHttpHandler } from './json-http-handler.ts';
import { httpSource } from './source.ts';

sourceContract({ describe, it }, 'http', {
  rejected: 'told',
  create: async (channels) => {
    const port = await freePort();
    const context = contextFor(
      httpSource,
      { bind: '127.0.0.1', port, handler: 'org.apache.flume.source.http.JSONHandler' },
      'x1',
      [jsonHttpHandler],
    );
    return {
      source: httpSource.create({ ...context, channels }),
      feed: async (bodies) => {
        const answer = await fetch(`http://127.0.0.1:${port}/`, {
          method: 'POST',
          body: JSON.stringify(bodies.map((body) => ({ body }))),
        });
        if (answer.status !== 200) throw new Error(`answered with ${answer.status}: ${await answer.text()}`);
      },
    };
  },
});
