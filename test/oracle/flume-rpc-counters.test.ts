/**
 * The same calls to the same agent, as a real Flume 1.11 and as Millrace: RPC source → channel → RPC sink. Both count
 * them alike, and what the sink says that it sent is what the next source says that it got.
 */
import { expect, test } from 'vitest';
import type { SinkDefinition, SourceDefinition } from '../../packages/millrace/src/component/define.ts';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import { avroSink } from '../../packages/millrace/src/components/rpc/avro-sink.ts';
import { avroSource } from '../../packages/millrace/src/components/rpc/avro-source.ts';
import { thriftSink } from '../../packages/millrace/src/components/rpc/thrift-sink.ts';
import { thriftSource } from '../../packages/millrace/src/components/rpc/thrift-source.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { both, runAgent, type Who } from '../../packages/testkit/src/flume/both-agents.ts';
import { Endings, startRpcSink, startRpcSource } from '../../packages/testkit/src/flume/rpc-agents.ts';
import type { RpcKind } from '../../packages/testkit/src/oracle/chains.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const definitions: Readonly<Record<RpcKind, { sink: SinkDefinition; source: SourceDefinition }>> = {
  avro: { sink: avroSink, source: avroSource },
  thrift: { sink: thriftSink, source: thriftSource },
};
/** Events of each call. */
const calls = [1, 2, 7, 100, 33, 1, 64, 5];
const events = calls.reduce((sum, count) => sum + count, 0);

/** Equal on both sides, whenever a sink looks into its channel. */
const counted = [
  'SOURCE.r1 EventReceivedCount',
  'SOURCE.r1 EventAcceptedCount',
  'SOURCE.r1 AppendReceivedCount',
  'SOURCE.r1 AppendAcceptedCount',
  'SOURCE.r1 AppendBatchReceivedCount',
  'SOURCE.r1 AppendBatchAcceptedCount',
  'SOURCE.r1 EventReadFail',
  'SOURCE.r1 ChannelWriteFail',
  'SOURCE.r1 GenericProcessingFail',
  'CHANNEL.c1 EventPutAttemptCount',
  'CHANNEL.c1 EventPutSuccessCount',
  'CHANNEL.c1 EventTakeSuccessCount',
  'CHANNEL.c1 ChannelSize',
  'CHANNEL.c1 ChannelCapacity',
  'SINK.k1 EventDrainAttemptCount',
  'SINK.k1 EventDrainSuccessCount',
  'SINK.k1 ConnectionCreatedCount',
  'SINK.k1 ConnectionFailedCount',
  'SINK.k1 ConnectionClosedCount',
  'SINK.k1 EventWriteFail',
  'SINK.k1 ChannelReadFail',
];
/** How many events a take finds is chance. */
const batches = ['SINK.k1 BatchCompleteCount', 'SINK.k1 BatchUnderflowCount'];

function conf(kind: RpcKind, port: number, next: number): string {
  return [
    ...['a1.sources = r1', 'a1.channels = c1', 'a1.sinks = k1'],
    ...[`type = ${kind}`, 'bind = 127.0.0.1', `port = ${port}`, 'channels = c1'].map(
      (line) => `a1.sources.r1.${line}`,
    ),
    ...['a1.channels.c1.type = memory', 'a1.channels.c1.capacity = 1000'],
    ...[`type = ${kind}`, 'hostname = 127.0.0.1', `port = ${next}`, 'channel = c1', 'batch-size = 20'].map(
      (line) => `a1.sinks.k1.${line}`,
    ),
    '',
  ].join('\n');
}

async function run(kind: RpcKind, who: Who) {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(tempDir('millrace-counters-'));
  const endings = new Endings();
  stack.defer(() => endings.all());
  const { sink, source } = definitions[kind];
  const next = await startRpcSource(source, endings);
  const port = await lastingPort();
  const send = async (counter: (name: string) => Promise<number>) => {
    // Flume's Thrift source serves before it sets its counters to 0.
    await waitFor('the source to start', async () => (await counter('SOURCE.r1 StartTime')) > 0);
    const { sink: sender } = await startRpcSink(sink, endings, port);
    for (const count of calls) {
      const builder = new BatchBuilder();
      for (let i = 0; i < count; i++) builder.add(`event ${i}`, [['n', String(i)]]);
      await sender.deliver(deliveryOf([builder.build()]), { signal: new AbortController().signal });
    }
  };
  const ran = await runAgent({
    ...{ who, conf: conf(kind, port, next.port), dir: dir.path, meanwhile: send },
    drains: new Map([['k1', events]]),
    counters: [...counted, ...batches],
  });
  const [complete = 0, underflow = 0] = batches.map((name) => ran.counter(name));
  expect(complete * 20, who).toBeLessThanOrEqual(events);
  expect(complete + underflow, who).toBeGreaterThanOrEqual(Math.ceil(events / 20));
  // What is full or not goes out as one call, of one event, too.
  expect(next.counter, who).toMatchObject({
    ...{ eventReceived: events, eventAccepted: events, appendReceived: 0, appendAccepted: 0 },
    ...{ appendBatchReceived: complete + underflow, appendBatchAccepted: complete + underflow },
    ...{ eventReadFail: 0, channelWriteFail: 0, genericProcessingFail: 0 },
  });
  return Object.fromEntries(counted.map((name) => [name, ran.counter(name)]));
}

test.each(['avro', 'thrift'] as const)('%s: both count the same calls alike', async (kind) => {
  const [flumes, ours] = [await run(kind, both[0]!), await run(kind, both[1]!)];
  expect(flumes['SOURCE.r1 EventAcceptedCount']).toBe(events);
  expect(ours).toEqual(flumes);
});
