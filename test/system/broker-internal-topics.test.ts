/** What a client is answered that names an internal topic: by Apache Kafka, and by the embedded broker. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { kafkaErrorOf } from '../../packages/millrace/src/protocol/error-codes.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const offsets = '__consumer_offsets';
const transactions = '__transaction_state';
type Server = 'kafka' | 'millrace';

let kafka: RealKafka;
let broker: Broker;
const ports = {} as Record<Server, number>;

beforeAll(async () => {
  kafka = await RealKafka.start({ settings: { 'offsets.topic.num.partitions': 1 } });
  broker = await Broker.start();
  ports.kafka = Number(kafka.bootstrap.split(':').at(-1));
  ports.millrace = broker.port;
}, 120_000);
afterAll(async () => {
  await broker?.stop();
  await kafka?.[Symbol.asyncDispose]();
});

const name = (code: number) => kafkaErrorOf(code).name;
const asked = (topic: string, numPartitions: number) => ({
  name: topic,
  numPartitions,
  replicationFactor: 1,
  assignments: [],
  configs: [],
});

type Step = [what: string, ask: (client: WireClient) => Promise<string>];

/** One after the other, on both. */
const steps: Step[] = [
  [
    'CreateTopics that only asks',
    async (client) => {
      const request = { topics: [asked(transactions, 3)], timeoutMs: 10_000, validateOnly: true };
      return name((await client.request('createTopics', 7, request)).topics[0]!.errorCode);
    },
  ],
  [
    'Metadata that may create',
    async (client) => {
      const request = { topics: [{ name: offsets }], allowAutoTopicCreation: true };
      const first = (await client.request('metadata', 12, request)).topics[0]!;
      const later = await waitFor('the topic', async () => {
        const [topic] = (await client.request('metadata', 12, request)).topics;
        return topic!.errorCode === 0 ? topic : null;
      });
      return `${first.isInternal} ${later.isInternal}, ${later.partitions.length} partitions`;
    },
  ],
  [
    'CreateTopics of what is there',
    async (client) => {
      const request = { topics: [asked(offsets, 1)], timeoutMs: 10_000, validateOnly: false };
      return name((await client.request('createTopics', 7, request)).topics[0]!.errorCode);
    },
  ],
  [
    'Produce',
    async (client) => {
      const topicData = [{ name: offsets, partitionData: [{ index: 0, records: producedBatch(['x']) }] }];
      const { responses } = await client.request('produce', 9, { acks: 1, timeoutMs: 10_000, topicData });
      return name(responses[0]!.partitionResponses[0]!.errorCode);
    },
  ],
  [
    'DeleteRecords',
    async (client) => {
      const topics = [{ name: offsets, partitions: [{ partitionIndex: 0, offset: 0 }] }];
      const answer = await client.request('deleteRecords', 2, { topics, timeoutMs: 10_000 });
      return name(answer.topics[0]!.partitions[0]!.errorCode);
    },
  ],
  [
    'CreatePartitions to fewer',
    async (client) => {
      const topics = [{ name: offsets, count: 1, assignments: null }];
      const request = { topics, timeoutMs: 10_000, validateOnly: false };
      return name((await client.request('createPartitions', 3, request)).results[0]!.errorCode);
    },
  ],
  [
    'IncrementalAlterConfigs',
    async (client) => {
      const configs = [{ name: 'retention.ms', configOperation: 0, value: '3600000' }];
      const resources = [{ resourceType: 2, resourceName: offsets, configs }];
      const answer = await client.request('incrementalAlterConfigs', 1, { resources, validateOnly: false });
      return name(answer.responses[0]!.errorCode);
    },
  ],
  [
    'CreatePartitions',
    async (client) => {
      const topics = [{ name: offsets, count: 2, assignments: null }];
      const request = { topics, timeoutMs: 10_000, validateOnly: false };
      return name((await client.request('createPartitions', 3, request)).results[0]!.errorCode);
    },
  ],
  [
    'DeleteTopics',
    async (client) => {
      const request = { topicNames: [offsets], timeoutMs: 10_000 };
      return name((await client.request('deleteTopics', 5, request)).responses[0]!.errorCode);
    },
  ],
];

async function answers(server: Server): Promise<Record<string, string>> {
  using client = await WireClient.connect(ports[server]);
  const found: Record<string, string> = {};
  for (const [what, ask] of steps) found[what] = await ask(client);
  return found;
}

test('as Kafka answers, but for what docs/known-gaps.md says', { timeout: 120_000 }, async () => {
  const real = await answers('kafka');
  expect(real).toMatchObject({ CreatePartitions: 'NONE', DeleteTopics: 'NONE' });
  const differs = { CreatePartitions: 'INVALID_REQUEST', DeleteTopics: 'INVALID_REQUEST' };
  expect(await answers('millrace')).toEqual({ ...real, ...differs });
});
