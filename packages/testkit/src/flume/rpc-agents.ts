/** Flume's RPC sources and sinks for tests, whatever protocol they speak: on a free port of loopback. */
import { createServer } from 'node:net';
import type { SinkDefinition, SourceDefinition } from '../../../millrace/src/component/define.ts';
import type { ChannelProcessor, Source } from '../../../millrace/src/component/source.ts';
import { contextFor } from '../../../millrace/src/component/testing/context.ts';
import { TestPuts } from '../../../millrace/src/component/testing/driven-source.ts';
import { sinkContract } from '../../../millrace/src/component/testing/sink-contract.ts';
import type { TestApi } from '../../../millrace/src/component/testing/test-api.ts';
import { freePort } from '../net/free-port.ts';

export type Properties = Record<string, string | number | boolean>;

/** What is to be ended after a test, the last one first. */
export class Endings {
  readonly #endings: (() => unknown)[] = [];

  push(end: () => unknown): void {
    this.#endings.push(end);
  }

  async all(): Promise<void> {
    for (const end of this.#endings.splice(0).reverse()) await end();
  }
}

export async function startRpcSource(
  definition: SourceDefinition,
  endings: Endings,
  properties: Properties = {},
  channels: ChannelProcessor = new TestPuts(),
) {
  const port = await freePort();
  const context = contextFor(definition, { bind: '127.0.0.1', port, ...properties });
  const source = definition.create({ ...context, channels });
  await source.start();
  endings.push(() => source.stop());
  return { source, port, lines: context.log.lines, counter: source.counter! };
}

export async function startRpcSink(
  definition: SinkDefinition,
  endings: Endings,
  port: number,
  properties: Properties = {},
) {
  const context = contextFor(definition, { hostname: '127.0.0.1', port, ...properties });
  const sink = definition.create(context);
  await sink.start();
  endings.push(() => sink.stop());
  return { sink, lines: context.log.lines, counter: sink.counter! };
}

/** How the other agent fails: its channel is full; it is gone; connections end at once. */
const ways = ['a full channel', 'nobody there', 'connections that end'] as const;

/** The sink's suite, with the source of the same protocol as its destination. */
export function rpcSinkContract(
  api: TestApi,
  name: string,
  sink: SinkDefinition,
  sourceDefinition: SourceDefinition,
): void {
  for (const way of ways) {
    for (const inFlight of way === 'a full channel' ? [1, 4] : [1]) {
      sinkContract(api, `${name}, ${inFlight} in flight, failing by ${way}`, {
        ordered: inFlight === 1,
        create: async () => {
          const puts = new TestPuts();
          const port = await freePort();
          const start = async (): Promise<Source> => {
            const context = contextFor(sourceDefinition, { bind: '127.0.0.1', port });
            const source = sourceDefinition.create({ ...context, channels: puts });
            await source.start();
            return source;
          };
          let source = await start();
          const closing = createServer((socket) => socket.destroy());
          const properties = { hostname: '127.0.0.1', port, 'max-in-flight': inFlight };
          return {
            sink: sink.create(contextFor(sink, properties)),
            delivered: async () => puts.taken,
            fail: async () => {
              if (way === 'a full channel') {
                puts.rejectNext = Number.POSITIVE_INFINITY;
                return;
              }
              await source.stop();
              if (way === 'connections that end')
                await new Promise<void>((resolve) => closing.listen(port, '127.0.0.1', resolve));
            },
            heal: async () => {
              puts.rejectNext = 0;
              if (way === 'a full channel') return;
              if (way === 'connections that end') await new Promise((resolve) => closing.close(resolve));
              source = await start();
            },
            dispose: async () => {
              await source.stop();
              closing.close();
            },
          };
        },
      });
    }
  }
}
