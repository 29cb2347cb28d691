/** Whole agents in front of a broker that refuses events, and of one that is not there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Agent, type AgentOptions } from '../../packages/millrace/src/agent/agent.ts';
import type {
  AgentInput,
  SinkGroupInput,
} from '../../packages/millrace/src/agent/configuration/typed-config.ts';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Consumer } from '../../packages/millrace/src/clients/kafka/consumer/consumer.ts';
import { defineSource } from '../../packages/millrace/src/component/define.ts';
import type { ProcessStatus } from '../../packages/millrace/src/component/source.ts';
import { recordingLogger } from '../../packages/millrace/src/component/testing/context.ts';
import { batchOf, numbered } from '../../packages/millrace/src/component/testing/test-api.ts';
import { pause } from '../../packages/millrace/src/runtime/timers.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

let broker: Broker;
let client: KafkaClient;
let topics = 0;

beforeAll(async () => {
  broker = await Broker.start({ groupInitialRebalanceDelayMs: 0 });
  client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
});
afterAll(async () => {
  await client.close();
  await broker.stop();
});

async function newTopic(configs: Record<string, string> = {}): Promise<string> {
  const topic = `topic-${++topics}`;
  await broker.createTopic(topic, { partitions: 1, configs });
  return topic;
}

async function endOf(topic: string): Promise<number> {
  const [end] = await new Admin(client).listOffsets([{ topic, partition: 0 }], 'latest');
  return end?.offset ?? 0;
}

/** The bodies of all records that are in the topic now, in their order. */
async function bodiesIn(topic: string): Promise<string[]> {
  const end = await endOf(topic);
  await using consumer = new Consumer(client, {
    groupId: `reads-${topic}`,
    topics: [topic],
    autoOffsetReset: 'earliest',
  });
  const bodies: string[] = [];
  while (bodies.length < end) {
    for (const { batch } of await consumer.poll(500)) {
      for (const event of batch) bodies.push(event.body.toString());
    }
  }
  return bodies;
}

async function started(input: AgentInput, options: AgentOptions): Promise<Agent> {
  const agent = await Agent.fromConfig(input, options);
  await agent.start();
  return agent;
}

const kafkaSink = 'org.apache.flume.sink.kafka.KafkaSink';
const counterOf = (agent: Agent, name: string, attribute: string) =>
  Number(agent.counters().find((one) => one.kind === 'sink' && one.name === name)?.attributes[attribute]);

const groups: readonly [string, NonNullable<SinkGroupInput['processor']>][] = [
  ['failover', { type: 'failover', 'priority.dead': 10, 'priority.live': 5, maxpenalty: 500 }],
  ['load_balance in turn', { type: 'load_balance', selector: 'round_robin' }],
  [
    'load_balance with back-off',
    { type: 'load_balance', selector: 'random', backoff: true, 'selector.maxTimeOut': 500 },
  ],
];

describe.each(groups)('two Kafka sinks, the broker of one is not there: %s', (_, processor) => {
  it('the dead one never counts as alive, and every event arrives once, in order', async () => {
    const topic = await newTopic();
    const log = recordingLogger();
    // Events keep coming until the dead sink has been looked at again and again.
    const failures = () =>
      log.lines.filter((line) => /Sink (dead failed|failed to consume.*\bdead:)/.test(line)).length;
    const least = { events: 20_000, failures: 3 };
    let sent = 0;
    const feed = defineSource({
      type: 'feed',
      classNames: [],
      summary: 'Numbers.',
      options: {},
      create: ({ channels }) => ({
        start: async () => {},
        stop: async () => {},
        process: async (): Promise<ProcessStatus> => {
          if (sent >= least.events) {
            if (failures() >= least.failures) return 'backoff';
            await pause(20);
          }
          await channels.put(batchOf(...numbered('', 100, sent)));
          sent += 100;
          return 'ready';
        },
      }),
    });
    const sink = (bootstrap: string) => ({
      type: kafkaSink,
      channel: 'c1',
      flumeBatchSize: 100,
      kafka: {
        topic,
        'bootstrap.servers': bootstrap,
        producer: { acks: 'all', 'max.block.ms': 300, 'request.timeout.ms': 300, 'delivery.timeout.ms': 600 },
      },
    });
    const dead = `127.0.0.1:${await freePort()}`;
    const agent = await started(
      {
        name: 'a1',
        sources: { r1: { type: 'feed', channels: ['c1'] } },
        channels: { c1: { type: 'memory', capacity: 5000, transactionCapacity: 1000 } },
        sinks: { dead: sink(dead), live: sink(broker.bootstrapServers) },
        sinkgroups: { g1: { sinks: ['dead', 'live'], processor } },
      },
      { log, components: [feed] },
    );
    await waitFor('looks at the dead sink', () => failures() >= least.failures && sent >= least.events, {
      timeoutMs: 40_000,
    });
    await agent.stop();
    expect(await bodiesIn(topic)).toEqual(numbered('', sent));
    expect(log.lines.filter((line) => line.includes('dead was recovered'))).toEqual([]);
    expect(agent.outcome).toEqual([{ channel: 'c1', delivered: sent, refused: 0, held: 0, lost: 0 }]);
  });
});

describe('events that the topic will never take, among others', () => {
  it.each(['memory', 'file'] as const)(
    'are set aside with source, place and position; all others arrive once: %s channel',
    async (type) => {
      await using dir = tempDir('millrace-refused-');
      const chance = chanceOf(`poison among events, ${type}`);
      const topic = await newTopic({ 'max.message.bytes': '1000000' });
      const count = 30_000;
      const poison = new Set(Array.from({ length: chance.int(1, 4) }, () => chance.int(0, count)));
      const lines = Array.from({ length: count }, (_, i) =>
        poison.has(i) ? `poison ${i} ${'P'.repeat(3_000_000)}` : `${i} ${'x'.repeat(chance.int(0, 300))}`,
      );
      const input = dir.join('app.log');
      writeFileSync(input, `${lines.join('\n')}\n`);
      const refusedFile = dir.join('refused.jsonl');
      const channels = {
        memory: { type, capacity: 20_000, transactionCapacity: 1000 },
        file: {
          ...{ type, checkpointDir: dir.join('checkpoint'), dataDirs: dir.join('data') },
          minimumRequiredSpace: 0,
        },
      };
      const agent = await started(
        {
          name: 'a1',
          sources: {
            r1: {
              ...{ type: 'TAILDIR', channels: ['c1'], positionFile: dir.join('position.json') },
              ...{ filegroups: ['f1'], 'filegroups.f1': input, batchSize: chance.int(50, 1000) },
            },
          },
          channels: { c1: channels[type] },
          sinks: {
            k1: {
              ...{ type: kafkaSink, channel: 'c1', flumeBatchSize: chance.int(50, 1000), refusedFile },
              kafka: {
                topic,
                'bootstrap.servers': broker.bootstrapServers,
                producer: { 'max.request.size': 20_000_000 },
              },
            },
          },
        },
        {},
      );
      const good = lines.filter((_, i) => !poison.has(i));
      await waitFor('all that the topic takes', async () => (await endOf(topic)) >= good.length, {
        timeoutMs: 40_000,
      });
      await waitFor('the rest', () => counterOf(agent, 'k1', 'EventRefusedCount') >= poison.size, {
        timeoutMs: 40_000,
      });
      await agent.stop();
      expect((await bodiesIn(topic)).sort()).toEqual(good.sort());
      const written = readFileSync(input);
      const told = readFileSync(refusedFile, 'utf8').trimEnd().split('\n');
      const refused = told.map((line) => JSON.parse(line));
      expect(refused.map(({ body }) => lines.indexOf(body)).sort((a, b) => a - b)).toEqual(
        [...poison].sort((a, b) => a - b),
      );
      for (const { source, place, position, body, reason, sink } of refused) {
        expect({ source, place, sink }).toEqual({ source: 'r1', place: input, sink: 'k1' });
        expect(written.subarray(position, position + body.length).toString() === body).toBe(true);
        expect(reason).toMatch(/1000000|max\.message\.bytes|too large/i);
      }
      expect(agent.outcome).toEqual([
        { channel: 'c1', delivered: good.length, refused: poison.size, held: 0, lost: 0 },
      ]);
    },
  );
});
