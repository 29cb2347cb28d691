import { Deadline } from '../../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { every, pause } from '../../../runtime/timers.ts';
import { Admin } from '../admin/admin.ts';
import type { KafkaClient } from '../client.ts';
import { Fetcher, fetcherOptions } from '../consumer/fetcher.ts';
import { keyOf, type TopicPartitionOffset } from '../options.ts';
import type { ProducerIdentity } from '../producer/partition-queue.ts';
import { requestProducerId } from '../producer/produce-request.ts';
import { copyGroupOffsets, type GroupCopy } from './group-offsets-copy.ts';
import { type CopyContext, IdenticalCopy } from './identical-copy.ts';
import { type PartitionPlan, planPartitions } from './partition-plan.ts';
import { progressGroup, readProgress, writeProgress } from './progress-group.ts';
import { retrying } from './retrying.ts';
import { makeTopic, planTopics, type RefusedSetting, type TopicPlan } from './topic-plan.ts';

export interface MirrorOptions {
  /** Whole names; null: all but internal ones. */
  readonly topics: RegExp | null;
  /** Of topics that are made; null: three, or as many as the target has brokers. */
  readonly replicationFactor: number | null;
  /** Goes on until the signal, instead of up to the ends that were found. */
  readonly follow: boolean;
  readonly groups: boolean;
  readonly signal: AbortSignal;
  readonly onPlan?: (plan: MirrorPlan) => void;
  readonly onProgress?: (progress: MirrorProgress) => void;
  readonly tell?: (line: string) => void;
}

export interface MirrorPlan {
  readonly topics: readonly TopicPlan[];
  readonly partitions: readonly PartitionPlan[];
}

export interface MirrorProgress {
  readonly records: number;
  readonly bytes: number;
  /** Offsets that the target has of those that are to be copied. */
  readonly done: number;
  readonly of: number;
}

export interface PartitionReport {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
  readonly bytes: number;
  /** The offset that the next record gets, in the source as in the target. */
  readonly next: number;
  readonly sourceEnd: number;
  readonly fillers: number;
  readonly missed: number;
  readonly failure: string | null;
  readonly remedy: string | null;
}

export interface MirrorReport {
  readonly topics: readonly TopicPlan[];
  readonly refusedSettings: readonly RefusedSetting[];
  readonly partitions: readonly PartitionReport[];
  readonly groups: readonly GroupCopy[];
}

const purpose = 'mirror';
const requestTimeoutMs = 30_000;
const maxWaitingBytes = 64 * 1024 * 1024;
const leadersMs = 60_000;
const leadersPauseMs = 100;
const progressEveryMs = 500;
const groupsEveryMs = 5000;
/** How long what is under way at a stop is waited for. */
const lastAnswersMs = 10_000;

/** Copies topics from one cluster to another, each record to the offset that it has. */
export class Mirror {
  readonly #from: Admin;
  readonly #to: Admin;
  readonly #options: MirrorOptions;
  readonly #copies = new Map<string, IdenticalCopy>();
  #fetcher: Fetcher | null = null;
  #plan: MirrorPlan | null = null;
  #isDue = false;
  readonly #done = Promise.withResolvers<void>();

  constructor(from: KafkaClient, to: KafkaClient, options: MirrorOptions) {
    this.#from = new Admin(from);
    this.#to = new Admin(to);
    this.#options = options;
  }

  /** What a run would do; changes nothing. */
  async plan(): Promise<MirrorPlan> {
    const { signal } = this.#options;
    const topics = await planTopics(this.#from, this.#to, this.#options);
    const partitions = topics.flatMap(({ topic, partitions: count }) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    );
    const isNew = new Set(topics.filter(({ create }) => create !== null).map(({ topic }) => topic));
    const has = new Map(topics.map((plan) => [plan.topic, plan.partitions - plan.addPartitions]));
    const isThere = (topic: string): boolean => !isNew.has(topic) && has.get(topic)! > 0;
    const plans = await planPartitions(this.#from.client, this.#to.client, partitions, isThere, signal);
    const refused = new Map(topics.map((plan) => [plan.topic, plan.refused]));
    return {
      topics,
      partitions: plans.map((plan) => ({ ...plan, refused: refused.get(plan.topic) ?? plan.refused })),
    };
  }

  /** What the groups would get; changes nothing. */
  async planGroups(plan: MirrorPlan): Promise<GroupCopy[]> {
    const ends = new Map(plan.partitions.map((each) => [keyOf(each), each.sourceEnd]));
    return await copyGroupOffsets(this.#from, this.#to, (at) => limited(at, ends.get(keyOf(at))), true);
  }

  /** Throws `KAFKA`, `KAFKA_CONNECTION`; what goes wrong with one partition stands in the report. */
  async run(): Promise<MirrorReport> {
    const { follow, groups: withGroups } = this.#options;
    const refusedSettings: RefusedSetting[] = [];
    const topics = await planTopics(this.#from, this.#to, this.#options);
    for (const each of topics) {
      if (each.refused === null) refusedSettings.push(...(await makeTopic(this.#to, each)));
    }
    await this.#awaitLeaders(topics);
    const plan = { ...(await this.plan()), topics };
    this.#options.onPlan?.(plan);
    const open = plan.partitions.filter(({ refused }) => refused === null);
    const group = progressGroup(this.#from.client.clusterId);
    const context = await this.#context(group, open);
    for (const each of open) this.#copies.set(keyOf(each), new IdenticalCopy(context, each));
    const progress = every(progressEveryMs, () => this.#tellProgress(plan));
    let groups: GroupCopy[] = [];
    try {
      const copying = this.#copy(plan);
      if (follow && withGroups) await this.#followGroups(copying);
      await copying;
      if (withGroups) groups = await this.#copyGroups();
      await writeProgress(this.#to, group, this.#positions(context.producer));
    } finally {
      progress.cancel();
    }
    this.#tellProgress(plan);
    return {
      topics: plan.topics,
      refusedSettings,
      groups,
      partitions: plan.partitions.map((each) => this.#report(each)),
    };
  }

  /** Topics that were just made are led by nobody for a moment. */
  async #awaitLeaders(topics: readonly TopicPlan[]): Promise<void> {
    const deadline = Deadline.in(leadersMs);
    const names = topics.filter(({ refused }) => refused === null).map(({ topic }) => topic);
    while (names.length > 0 && !this.#options.signal.aborted) {
      const { topics: found } = await this.#to.client.refreshTopics(names);
      const isLed = topics.every(({ topic, partitions, refused }) => {
        const led = found.get(topic)?.partitions.filter(({ leader }) => leader >= 0).length ?? 0;
        return refused !== null || led >= partitions;
      });
      if (isLed || deadline.passed) return;
      await pause(leadersPauseMs, this.#options.signal);
    }
  }

  async #context(group: string, open: readonly PartitionPlan[]): Promise<CopyContext> {
    const to = this.#to.client;
    const { signal } = this.#options;
    const known = await readProgress(this.#to, group);
    let producer = [...known.values()].find((each) => each.producer !== null)?.producer ?? null;
    const admin = this.#to;
    const remember = async (identity: ProducerIdentity): Promise<void> => {
      const positions = open.map(({ topic, partition, next }) => ({
        topic,
        partition,
        offset: next,
        producer: identity,
      }));
      await writeProgress(admin, group, positions);
    };
    const newProducer = async (): Promise<ProducerIdentity> => {
      const identity = await retrying(() => requestProducerId(to, requestTimeoutMs), signal);
      await remember(identity);
      return identity;
    };
    if (producer === null) producer = await newProducer();
    else await remember(producer);
    return {
      ...{ to, admin, producer, requestTimeoutMs, maxWaitingBytes, newProducer },
      signal,
      waitingBytes: 0,
      seek: ({ topic, partition }, offset) => this.#fetcher?.start([{ topic, partition, offset }]),
      changed: () => this.#changed(),
    };
  }

  /** Resolves when all is copied, or cannot be, or the signal came and nothing is under way any more. */
  async #copy(plan: MirrorPlan): Promise<void> {
    const { signal, follow } = this.#options;
    const from = this.#from.client;
    const reading = fetcherOptions(
      {
        ...{ fetchMaxBytes: 64 * 1024 * 1024, maxPartitionFetchBytes: 8 * 1024 * 1024 },
        ...{ readCommitted: true, requestTimeoutMs },
      },
      from.options.metadataMaxAgeMs,
    );
    const fetcher = new Fetcher(from, reading, purpose, () => this.#changed());
    this.#fetcher = fetcher;
    const onAbort = (): void => this.#changed();
    signal.addEventListener('abort', onAbort);
    try {
      const read = plan.partitions.filter(
        (each) => this.#copies.has(keyOf(each)) && (follow || each.next < each.sourceEnd),
      );
      fetcher.start(
        read.map(({ topic, partition, next, sourceStart }) => ({
          ...{ topic, partition },
          offset: Math.max(next, sourceStart),
        })),
      );
      for (const copy of this.#copies.values()) copy.start();
      this.#plan = plan;
      this.#changed();
      await this.#done.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      fetcher.close();
      from.disconnect(purpose);
    }
  }

  #changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      try {
        this.#step();
      } catch (error) {
        this.#done.reject(error);
      }
    });
  }

  #step(): void {
    const fetcher = this.#fetcher;
    const plan = this.#plan;
    if (fetcher === null || plan === null) return;
    if (this.#options.signal.aborted) {
      void this.#quiet().then(() => this.#done.resolve());
      return;
    }
    fetcher.drain((at, raw) => this.#copies.get(keyOf(at))?.offer(raw) ?? true);
    const lost = fetcher.lostPositions();
    for (const { topic, partition, offset } of lost) {
      fetcher.stop([{ topic, partition }]);
      this.#copies.get(keyOf({ topic, partition }))?.abandon(
        new MillraceError('KAFKA', `${topic}-${partition}: the source has no offset ${offset} any more`, {
          remedy: 'It deleted records, or the whole topic, while they were copied. Run the command again.',
        }),
      );
    }
    if (!this.#options.follow && plan.partitions.every((each) => this.#isDone(each, fetcher)))
      this.#done.resolve();
  }

  #isDone(plan: PartitionPlan, fetcher: Fetcher): boolean {
    const copy = this.#copies.get(keyOf(plan));
    if (copy === undefined || copy.failure !== null) return true;
    return copy.isIdle && Math.max(copy.position, fetcher.passed(plan)) >= plan.sourceEnd;
  }

  /** Until everything that was sent is answered. */
  async #quiet(): Promise<void> {
    const until = performance.now() + lastAnswersMs;
    while ([...this.#copies.values()].some(({ underWay }) => underWay > 0) && performance.now() < until)
      await pause(20);
  }

  async #followGroups(copying: Promise<void>): Promise<void> {
    const { signal, tell } = this.#options;
    const isOver = copying.then(
      () => true,
      () => true,
    );
    while (!signal.aborted) {
      if ((await Promise.race([isOver, pause(groupsEveryMs, signal)])) === true) return;
      await this.#copyGroups().catch((error: unknown) => tell?.(`group offsets: ${errorText(error)}`));
    }
  }

  async #copyGroups(): Promise<GroupCopy[]> {
    return await copyGroupOffsets(this.#from, this.#to, (at) =>
      limited(at, this.#copies.get(keyOf(at))?.position),
    );
  }

  #positions(producer: ProducerIdentity) {
    return [...this.#copies.values()].map(({ partition, position }) => ({
      ...partition,
      offset: position,
      producer,
    }));
  }

  #tellProgress(plan: MirrorPlan): void {
    let [records, bytes, done, of] = [0, 0, 0, 0];
    for (const each of plan.partitions) {
      const copy = this.#copies.get(keyOf(each));
      if (copy === undefined) continue;
      records += copy.records;
      bytes += copy.bytes;
      of += Math.max(0, each.sourceEnd - each.next);
      done += copy.position - each.next;
    }
    this.#options.onProgress?.({ records, bytes, done, of });
  }

  #report(plan: PartitionPlan): PartitionReport {
    const { topic, partition, sourceEnd, missed, next, refused } = plan;
    const copy = this.#copies.get(keyOf(plan));
    const failure = copy?.failure ?? null;
    return {
      ...{ topic, partition, sourceEnd, missed },
      records: copy?.records ?? 0,
      bytes: copy?.bytes ?? 0,
      fillers: copy?.fillers ?? 0,
      next: copy?.position ?? next,
      failure: failure?.message ?? refused,
      remedy: failure?.remedy ?? null,
    };
  }
}

/** A group that is beyond what the target has goes on at the target's end. */
const limited = ({ offset }: TopicPartitionOffset, end: number | undefined): number | null =>
  end === undefined ? null : Math.min(offset, end);
