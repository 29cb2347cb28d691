import { ZERO_UUID } from '../../../packages/millrace/src/protocol/uuid.ts';
import { drawPlace } from './data-actions.ts';
import { hourMs, internalName, keptName, names } from './names.ts';
import type { BrokerWorld } from './world.ts';

export function createTopic(world: BrokerWorld, random: () => number): void {
  const name = names[Math.floor(random() * names.length)]!;
  const numPartitions = 1 + Math.floor(random() * 2);
  world.detail(`${name}×${numPartitions}`);
  world.client(random).send(
    'createTopics',
    7,
    {
      topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 5000,
    },
    world.hear(({ topics }) => {
      const [answer] = topics;
      if (answer!.errorCode === 0) world.promises.saw(answer!.topicId, name, numPartitions);
    }),
  );
}

/** What every client does first; a topic comes to be by it. */
export function askForTopic(world: BrokerWorld, random: () => number): void {
  askFor(world, random, random() < 0.3 ? keptName : names[Math.floor(random() * names.length)]!);
}

export function askFor(world: BrokerWorld, random: () => number, name: string): void {
  world.detail(name);
  world.client(random).send(
    'metadata',
    12,
    { topics: [{ name }], allowAutoTopicCreation: true },
    world.hear(({ topics }) => {
      for (const { errorCode, topicId, partitions } of topics) {
        if (errorCode === 0) world.promises.saw(topicId, name, partitions.length);
      }
    }),
  );
}

export function growTopic(world: BrokerWorld, random: () => number): void {
  const name = names[Math.floor(random() * names.length)]!;
  const count = 2 + Math.floor(random() * 3);
  world.detail(`${name}×${count}`);
  const before = world.promises.live().filter((topic) => topic.name === name);
  world.client(random).send(
    'createPartitions',
    3,
    { topics: [{ name, count, assignments: null }], timeoutMs: 5000, validateOnly: false },
    world.hear(({ results }) => {
      // Only where it is sure which topic of that name was meant.
      const after = world.promises.live().filter((topic) => topic.name === name);
      if (results[0]!.errorCode !== 0 || before.length !== 1 || after.length !== 1 || after[0] !== before[0])
        return;
      after[0]!.partitions = Math.max(after[0]!.partitions, count);
    }),
  );
}

export function deleteTopic(world: BrokerWorld, random: () => number): void {
  const known = [...world.promises.topics.values()].filter(
    ({ state, name }) => state !== 'gone' && name !== keptName,
  );
  const byId = random() < 0.4 && known.length > 0;
  const topic = byId ? known[Math.floor(random() * known.length)]! : null;
  const name = topic === null ? names[Math.floor(random() * names.length)]! : null;
  world.detail(topic === null ? name! : `${topic.name} by id`);
  const pending = world.promises.deleteSent(name, topic?.id ?? null);
  world.client(random).send(
    'deleteTopics',
    6,
    { topics: [{ name, topicId: topic?.id ?? ZERO_UUID }], timeoutMs: 5000 },
    world.hear(({ responses }) => {
      const { errorCode, topicId } = responses[0]!;
      const isNothing = errorCode === 3 || errorCode === 100;
      world.promises.deleteAnswered(pending, errorCode === 0 ? topicId : isNothing ? null : undefined);
    }),
  );
}

/** Clients that name the internal topic: by mistake, or to do harm. */
export function nameInternal(world: BrokerWorld, random: () => number): void {
  const client = world.client(random);
  const which = random();
  if (which < 0.3)
    client.send('metadata', 12, { topics: [{ name: internalName }], allowAutoTopicCreation: true });
  else if (which < 0.6) {
    client.send('createTopics', 7, {
      topics: [{ name: internalName, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 5000,
    });
  } else
    client.send('deleteTopics', 6, {
      topics: [{ name: internalName, topicId: ZERO_UUID }],
      timeoutMs: 5000,
    });
}

export function configureTopic(world: BrokerWorld, random: () => number): void {
  const live = world.promises.live().filter(({ name }) => name !== keptName);
  const topic = live[Math.floor(random() * live.length)];
  if (topic === undefined) return;
  const retentionMs = random() < 0.5 ? hourMs : 7 * 24 * hourMs;
  topic.retentionMs = Math.min(topic.retentionMs, retentionMs);
  world.detail(`${topic.name} retention.ms=${retentionMs}`);
  world.client(random).send('incrementalAlterConfigs', 1, {
    resources: [
      {
        resourceType: 2,
        resourceName: topic.name,
        configs: [{ name: 'retention.ms', configOperation: 0, value: String(retentionMs) }],
      },
    ],
    validateOnly: false,
  });
}

export function deleteRecords(world: BrokerWorld, random: () => number): void {
  const place = drawPlace(world, random);
  if (place === null) return;
  const { topic, partition } = place;
  const offset = Math.floor(random() * 6);
  // By name: whichever topic has it by then is meant.
  for (const each of world.promises.topics.values()) {
    if (each.name !== topic.name) continue;
    const known = each.partition(partition);
    known.trimmedTo = Math.max(known.trimmedTo, offset);
  }
  world.detail(`${topic.name}-${partition} ${offset}`);
  world.client(random).send('deleteRecords', 2, {
    topics: [{ name: topic.name, partitions: [{ partitionIndex: partition, offset }] }],
    timeoutMs: 5000,
  });
}
