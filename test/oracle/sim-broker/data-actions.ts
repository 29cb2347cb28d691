import { producedBatch } from '../../../packages/testkit/src/kafka/produced-batch.ts';
import { SimClient, SimServer } from '../../../packages/testkit/src/sim/sim-net.ts';
import { fetchRequest, judgeShown } from './judge.ts';
import { hourMs } from './names.ts';
import type { Grade, KnownTopic } from './promises.ts';
import type { BrokerWorld } from './world.ts';

/** Error codes that say: not now. */
const storageError = 56;

export interface Producer {
  readonly id: number;
  readonly topic: KnownTopic;
  readonly partition: number;
  nextSequence: number;
  /** Sent and not acknowledged: the only one there is. */
  open: {
    readonly bodies: string[];
    readonly timestamp: number;
    readonly sequence: number;
    inFlight: boolean;
  } | null;
}

export interface OpenFetch {
  readonly topic: KnownTopic;
  readonly partition: number;
  readonly offset: number;
}

export function drawPlace(
  world: BrokerWorld,
  random: () => number,
): { topic: KnownTopic; partition: number } | null {
  const usable = [...world.promises.topics.values()].filter(({ state }) => state !== 'gone');
  const topic = usable[Math.floor(random() * usable.length)];
  if (topic === undefined) return null;
  return { topic, partition: Math.floor(random() * topic.partitions) };
}

export function produce(world: BrokerWorld, random: () => number): void {
  const place = drawPlace(world, random);
  if (place === null) return;
  const { topic, partition } = place;
  const bodies = Array.from({ length: 1 + Math.floor(random() * 2) }, () => {
    return `${topic.name}${world.serial++} ${'x'.repeat(Math.floor(random() ** 3 * 900))}`;
  });
  const acks = random() < 0.6 ? -1 : random() < 0.7 ? 1 : 0;
  const timestamp = world.loop.nowMs - Math.floor(random() * 2 * hourMs);
  if (acks !== 0 && random() < 0.4) produceOnce(world, random, topic, partition, bodies, timestamp, acks);
  else sendBatch(world, random, { topic, partition, bodies, timestamp, acks, producer: null });
}

/** By an idempotent producer: one batch is open at a time, and is sent again until it is acknowledged. */
function produceOnce(
  world: BrokerWorld,
  random: () => number,
  topic: KnownTopic,
  partition: number,
  bodies: string[],
  timestamp: number,
  acks: number,
): void {
  let producer = world.producers.find((each) => each.topic === topic && each.partition === partition);
  if (producer === undefined) {
    producer = { id: 1000 + world.serial++, topic, partition, nextSequence: 0, open: null };
    world.producers.push(producer);
  }
  if (producer.open !== null) return;
  producer.open = { bodies, timestamp, sequence: producer.nextSequence, inFlight: false };
  sendBatch(world, random, { topic, partition, bodies, timestamp, acks, producer });
}

export function retry(world: BrokerWorld, random: () => number): void {
  const waiting = world.producers.filter(({ open }) => open !== null && !open.inFlight);
  const producer = waiting[Math.floor(random() * waiting.length)];
  if (producer === undefined) return;
  const { topic, partition } = producer;
  const { bodies, timestamp } = producer.open!;
  sendBatch(world, random, { topic, partition, bodies, timestamp, acks: -1, producer });
}

function sendBatch(
  world: BrokerWorld,
  random: () => number,
  what: {
    topic: KnownTopic;
    partition: number;
    bodies: string[];
    timestamp: number;
    acks: number;
    producer: Producer | null;
  },
): void {
  const { topic, partition, bodies, timestamp, acks, producer } = what;
  const short = bodies.map((body) => body.split(' ')[0]).join(',');
  world.detail(
    `${topic.name}-${partition} ${short} acks=${acks}${producer === null ? '' : ` of producer ${producer.id}`}`,
  );
  for (const body of bodies) topic.sent.add(body);
  const open = producer?.open ?? null;
  if (open !== null) open.inFlight = true;
  const seal =
    producer === null ? {} : { producerId: producer.id, producerEpoch: 0, baseSequence: open!.sequence };
  const grade: Grade = acks === -1 ? 'device' : 'cache';
  world.client(random).send(
    'produce',
    13,
    {
      acks,
      timeoutMs: 5000,
      topicData: [
        {
          topicId: topic.id,
          partitionData: [
            { index: partition, records: producedBatch(bodies, { timestampMs: timestamp, ...seal }) },
          ],
        },
      ],
    },
    world.hear(({ responses }) => {
      const { errorCode, baseOffset } = responses[0]!.partitionResponses[0]!;
      if (open !== null) open.inFlight = false;
      world.trace.push(`    ${short}: ${errorCode === 0 ? `at ${baseOffset}` : `error ${errorCode}`}`);
      if (errorCode === 0) {
        world.promises.acknowledged(topic, partition, baseOffset, bodies, timestamp, grade);
        if (producer?.open === open && producer !== null) {
          producer.open = null;
          producer.nextSequence += bodies.length;
        }
      } else if (errorCode !== storageError && producer !== null) {
        world.producers = world.producers.filter((each) => each !== producer);
      }
    }),
    acks !== 0,
  );
}

export function fetch(world: BrokerWorld, random: () => number): void {
  const place = drawPlace(world, random);
  if (place === null) return;
  const { topic, partition } = place;
  const offsets = [...topic.partition(partition).records.keys()];
  const offset = random() < 0.5 ? Math.max(-1, ...offsets) + 1 : Math.floor(random() * (offsets.length + 1));
  world.detail(`${topic.name}-${partition} from ${offset}`);
  const open: OpenFetch = { topic, partition, offset };
  world.fetches.add(open);
  // A connection of its own: what waits behind it in order would wait with it.
  const client = new SimClient(SimServer.current!);
  world.clients.push(client);
  client.send(
    'fetch',
    13,
    fetchRequest(topic.id, partition, offset, 30_000),
    world.hear((answer) => {
      world.fetches.delete(open);
      judgeShown(world, topic, partition, offset, answer);
    }),
  );
}
