import { Deadline } from '../../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/timers.ts';
import type { Admin } from '../admin/admin.ts';
import type { TopicMetadata } from '../cluster-metadata.ts';
import { brokerErrorName } from '../kafka-errors.ts';

/** A topic of the source, and what it needs in the target. */
export interface TopicPlan {
  readonly topic: string;
  readonly partitions: number;
  /** Null: it is there. */
  readonly create: { readonly replicationFactor: number } | null;
  /** How many partitions the target has too few; 0: none. */
  readonly addPartitions: number;
  /** How many the target has more than the source. */
  readonly morePartitions: number;
  /** Settings that the source has set and the target has otherwise. */
  readonly settings: ReadonlyMap<string, string>;
  /** Settings of the source that are not taken over, and why. */
  readonly withheld: readonly { readonly name: string; readonly value: string; readonly reason: string }[];
  /** Why it is not mirrored; null: it is. */
  readonly refused: string | null;
}

/** Settings that say nothing in another cluster, or belong to its own affairs. */
const notTaken: ReadonlyMap<string, string> = new Map([
  ['leader.replication.throttled.replicas', 'it names brokers of the source'],
  ['follower.replication.throttled.replicas', 'it names brokers of the source'],
  ['min.insync.replicas', "it belongs to the target's own replication"],
  ['unclean.leader.election.enable', "it belongs to the target's own replication"],
  ['remote.storage.enable', "it belongs to the target's own storage"],
]);
const timestampType = 'message.timestamp.type';
const usualReplicas = 3;
const leadersMs = 60_000;
const leadersPauseMs = 100;

/** Whether a topic of that name is mirrored; null: all but internal ones are. */
export const isMirrored = (topic: string, topics: RegExp | null): boolean =>
  !topic.startsWith('__') && (topics === null || topics.test(topic));

/** What is to be made in the target; changes nothing. */
export async function planTopics(
  from: Admin,
  to: Admin,
  options: { readonly topics: RegExp | null; readonly replicationFactor: number | null },
  isDue: (topic: string) => boolean = () => true,
): Promise<TopicPlan[]> {
  const isWanted = (topic: string): boolean => isMirrored(topic, options.topics) && isDue(topic);
  const found = (await from.listTopics()).filter(({ topic, isInternal }) => !isInternal && isWanted(topic));
  const there = new Map((await to.listTopics()).map((each) => [each.topic, each]));
  const { brokers } = await to.client.metadata([]);
  const replicationFactor = options.replicationFactor ?? Math.min(usualReplicas, brokers.size);
  const plans: TopicPlan[] = [];
  for (const { topic, partitions } of found) {
    const existing = there.get(topic);
    const has = existing?.partitions.length ?? 0;
    const settings = new Map<string, string>();
    const withheld: TopicPlan['withheld'][number][] = [];
    const present = existing === undefined ? new Map() : await settingsOf(to, topic);
    for (const [name, value] of await from.topicConfigs(topic)) {
      const reason = reasonToWithhold(name, value);
      if (reason !== null) withheld.push({ name, value, reason });
      else if (present.get(name) !== value) settings.set(name, value);
    }
    plans.push({
      ...{ topic, settings, withheld, partitions: partitions.length },
      create: existing === undefined ? { replicationFactor } : null,
      addPartitions: existing === undefined ? 0 : Math.max(0, partitions.length - has),
      morePartitions: Math.max(0, has - partitions.length),
      refused:
        present.get(timestampType) === 'LogAppendTime'
          ? `the target has ${timestampType}=LogAppendTime, which would replace the source's times`
          : null,
    });
  }
  return plans;
}

function reasonToWithhold(name: string, value: string): string | null {
  if (name === timestampType && value === 'LogAppendTime')
    return "the target would replace the source's times; set it when the move is done";
  return notTaken.get(name) ?? null;
}

const settingsOf = async (admin: Admin, topic: string): Promise<Map<string, string>> =>
  new Map((await admin.topicSettings(topic)).map(({ name, value }) => [name, value]));

/** What the target did not take. */
export interface RefusedSetting {
  readonly topic: string;
  readonly name: string;
  readonly value: string;
  readonly reason: string;
}

/** Makes what a plan says. Settings that the target refuses are left out and told; all else that it refuses throws `KAFKA`. */
export async function makeTopic(to: Admin, plan: TopicPlan): Promise<RefusedSetting[]> {
  const { topic, partitions, create, addPartitions, settings } = plan;
  if (addPartitions > 0) await to.createPartitions(topic, partitions);
  if (create === null) return settings.size === 0 ? [] : await setOneByOne(to, topic, settings);
  const { replicationFactor } = create;
  try {
    await to.createTopics([{ topic, partitions, replicationFactor, configs: settings }]);
    return [];
  } catch (error) {
    if (brokerErrorName(error) !== 'INVALID_CONFIG') throw error;
  }
  await to.createTopics([{ topic, partitions, replicationFactor }]);
  return await setOneByOne(to, topic, settings);
}

async function setOneByOne(
  to: Admin,
  topic: string,
  settings: ReadonlyMap<string, string>,
): Promise<RefusedSetting[]> {
  const refused: RefusedSetting[] = [];
  for (const [name, value] of settings) {
    try {
      await to.alterTopicConfigs(topic, new Map([[name, value]]), []);
    } catch (error) {
      if (!(error instanceof MillraceError) || brokerErrorName(error) === '') throw error;
      refused.push({ topic, name, value, reason: errorText(error) });
    }
  }
  return refused;
}

/** Topics that were just made are led by nobody for a moment. As the target has them then, those that are not refused. */
export async function awaitLeaders(
  to: Admin,
  plans: readonly TopicPlan[],
  signal: AbortSignal,
): Promise<readonly TopicMetadata[]> {
  const wanted = plans.filter(({ refused }) => refused === null);
  const deadline = Deadline.in(leadersMs);
  for (;;) {
    if (wanted.length === 0) return [];
    const { topics } = await to.client.metadata(wanted.map(({ topic }) => topic));
    const isLed = wanted.every(({ topic, partitions }) => {
      const led = topics.get(topic)?.partitions.filter(({ leader }) => leader >= 0).length ?? 0;
      return led >= partitions;
    });
    if (isLed || deadline.passed || signal.aborted)
      return [...topics.values()].filter(({ errorCode }) => errorCode === 0);
    await pause(leadersPauseMs, signal);
  }
}
