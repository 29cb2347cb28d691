import { Deadline } from '../../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { every, pause } from '../../../runtime/timers.ts';
import { Admin } from '../admin/admin.ts';
import type { KafkaClient } from '../client.ts';
import { Fetcher, fetcherOptions } from '../consumer/fetcher.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import {
  copyGroupOffsets,
  type GroupCopy,
  type GroupPositions,
  groupPositions,
} from './group-offsets-copy.ts';
import { MirrorCopies } from './mirror-copies.ts';
import {
  type MirrorOptions,
  type MirrorPlan,
  type MirrorReport,
  partitionReport,
  progressOf,
} from './mirror-report.ts';
import { type PartitionPlan, planAll } from './partition-plan.ts';
import { progressGroup, readProgress } from './progress-group.ts';
import { retrying } from './retrying.ts';
import {
  awaitLeaders,
  isMirrored,
  makeTopic,
  planTopics,
  type RefusedSetting,
  type TopicPlan,
} from './topic-plan.ts';
import { type TopicNews, TopicWatch } from './topic-watch.ts';

const purpose = 'mirror';
const requestTimeoutMs = 30_000;
const progressEveryMs = 500;
const usualLookMs = 5000;
/** How long what is under way at a stop is waited for. */
const lastAnswersMs = 10_000;

/**
 * Copies topics from one cluster to another, each record to the offset that it has; from a place on at which offsets are
 * missing, in transactions to others.
 */
export class Mirror {
  readonly #from: Admin;
  readonly #to: Admin;
  readonly #options: MirrorOptions;
  readonly #done = Promise.withResolvers<void>();
  /** What was taken on so far, and what the target did not take. */
  readonly #topics: TopicPlan[] = [];
  readonly #partitions: PartitionPlan[] = [];
  readonly #refusedSettings: RefusedSetting[] = [];
  /** Partitions of which all is there that the source had. */
  readonly #whole = new Set<string>();
  /** Failures that were told. */
  readonly #told = new Set<string>();
  readonly #sources: TopicWatch;
  readonly #targets: TopicWatch;
  #copies: MirrorCopies | null = null;
  #fetcher: Fetcher | null = null;
  #groups: readonly GroupPositions[] = [];
  #isDue = false;

  constructor(from: KafkaClient, to: KafkaClient, options: MirrorOptions) {
    this.#from = new Admin(from);
    this.#to = new Admin(to);
    this.#options = options;
    this.#sources = new TopicWatch(this.#from);
    this.#targets = new TopicWatch(this.#to);
  }

  get #name(): string {
    return progressGroup(this.#from.client.clusterId);
  }

  /** What a run would do; changes nothing. */
  async plan(): Promise<MirrorPlan> {
    const { signal } = this.#options;
    const topics = await retrying(() => planTopics(this.#from, this.#to, this.#options), signal);
    const progress = await retrying(() => readProgress(this.#to, this.#name), signal);
    return {
      topics,
      partitions: await planAll(this.#from.client, this.#to.client, topics, progress, signal),
    };
  }

  /** What the groups would get; changes nothing. */
  async planGroups(plan: MirrorPlan): Promise<GroupCopy[]> {
    const plans = new Map(plan.partitions.map((each) => [keyOf(each), each]));
    const translate = (at: TopicPartitionOffset): number | null => {
      const each = plans.get(keyOf(at));
      if (each === undefined || each.refused !== null) return null;
      return each.translated?.translate(at.offset) ?? Math.min(at.offset, each.sourceEnd);
    };
    return await copyGroupOffsets(await groupPositions(this.#from), this.#to, translate, true);
  }

  /** Throws `KAFKA`, `KAFKA_CONNECTION`; what goes wrong with one partition stands in the report. */
  async run(): Promise<MirrorReport> {
    const { signal, groups: withGroups } = this.#options;
    const topics = await retrying(() => planTopics(this.#from, this.#to, this.#options), signal);
    if (this.#options.follow && topics.length === 0)
      this.#options.tell?.('the source has no such topic yet; what comes is followed');
    if (withGroups) this.#groups = await retrying(() => groupPositions(this.#from), signal);
    const ticks = every(progressEveryMs, () => this.#tellProgress());
    let groups: GroupCopy[] = [];
    try {
      await this.#takeOn(topics);
      await this.#copy();
      if (withGroups) groups = await this.#lastGroups();
    } finally {
      ticks.cancel();
      await this.#copies?.close();
    }
    this.#tellProgress();
    return {
      topics: this.#topics,
      refusedSettings: this.#refusedSettings,
      groups,
      partitions: this.#partitions.map((each) =>
        partitionReport(each, this.#copies?.get(each), this.#whole.has(keyOf(each))),
      ),
    };
  }

  /** Makes what is missing in the target, and copies for all partitions that have none yet. */
  async #takeOn(topics: readonly TopicPlan[]): Promise<void> {
    for (const each of topics) {
      if (each.refused === null) this.#refusedSettings.push(...(await makeTopic(this.#to, each)));
    }
    const { signal } = this.#options;
    this.#targets.remember(await awaitLeaders(this.#to, topics, signal));
    const progress = await retrying(() => readProgress(this.#to, this.#name), signal);
    const made = topics.map((each) => ({ ...each, create: null, addPartitions: 0 }));
    const partitions = await planAll(this.#from.client, this.#to.client, made, progress, signal);
    const taken = new Set(this.#partitions.map(keyOf));
    const fresh = partitions.filter((each) => !taken.has(keyOf(each)));
    this.#copies ??= new MirrorCopies(this.#to, {
      ...{ name: this.#name, signal, requestTimeoutMs },
      wanted: (at) => this.#positionsIn(at),
      seek: (at) => this.#fetcher?.start([at]),
      changed: () => this.#changed(),
    });
    await this.#copies.add(fresh, progress);
    for (const each of topics) {
      const at = this.#topics.findIndex(({ topic }) => topic === each.topic);
      if (at < 0) this.#topics.push(each);
      else this.#topics[at] = each;
    }
    this.#partitions.push(...fresh);
    if (this.#fetcher !== null) this.#read(this.#fetcher, fresh);
  }

  /** Where groups of the source stand in the partition. */
  #positionsIn(partition: TopicPartition): number[] {
    const key = keyOf(partition);
    return this.#groups.flatMap(({ offsets }) =>
      offsets.filter((at) => keyOf(at) === key).map(({ offset }) => offset),
    );
  }

  /** Resolves when all is copied, or cannot be, or the signal came and nothing is under way any more. */
  async #copy(): Promise<void> {
    const { signal } = this.#options;
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
    const over = new AbortController();
    const watching = this.#watch(AbortSignal.any([signal, over.signal]));
    try {
      this.#read(fetcher, this.#partitions);
      await this.#done.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      over.abort();
      for (const each of this.#partitions) {
        const copy = this.#copies?.get(each);
        if (copy?.failure === null && each.missed === 0 && this.#isDone(each, fetcher))
          this.#whole.add(keyOf(each));
      }
      fetcher.close();
      from.disconnect(purpose);
      await watching;
    }
  }

  /** Begins to read what there is to be copied of the partitions. */
  #read(fetcher: Fetcher, plans: readonly PartitionPlan[]): void {
    const copied = plans.filter((each) => this.#copies?.get(each) !== undefined);
    const read = copied.filter((each) => this.#options.follow || each.next < each.sourceEnd);
    fetcher.start(
      read.map(({ topic, partition, next, sourceStart }) => ({
        ...{ topic, partition },
        offset: Math.max(next, sourceStart),
      })),
    );
    for (const each of copied) this.#copies?.get(each)?.start();
    this.#changed();
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
    const [fetcher, copies] = [this.#fetcher, this.#copies];
    if (fetcher === null || copies === null) return;
    if (this.#options.signal.aborted) {
      void this.#quiet().then(() => this.#done.resolve());
      return;
    }
    fetcher.drain((at, raw) => copies.get(at)?.offer(raw) ?? true);
    for (const at of fetcher.lostPositions()) {
      fetcher.stop([at]);
      copies.get(at)?.abandon(lostPosition(`${at.topic}-${at.partition}`, at.offset));
    }
    if (this.#options.follow) this.#tellFailures();
    else if (this.#partitions.every((each) => this.#isDone(each, fetcher))) this.#done.resolve();
  }

  #isDone(plan: PartitionPlan, fetcher: Fetcher): boolean {
    const copy = this.#copies?.get(plan);
    if (copy === undefined || copy.failure !== null) return true;
    return copy.isIdle && Math.max(copy.position, fetcher.passed(plan)) >= plan.sourceEnd;
  }

  /** Who follows has no report before he ends it. */
  #tellFailures(): void {
    for (const each of this.#partitions) {
      const copy = this.#copies?.get(each);
      const failure = copy?.failure?.message ?? each.refused;
      const key = keyOf(each);
      if (failure === null || this.#told.has(key)) continue;
      this.#told.add(key);
      const how = copy === undefined ? 'not copied' : `copied up to offset ${copy.position} only`;
      this.#options.tell?.(`${each.topic}-${each.partition} is ${how}: ${failure}`);
    }
  }

  /** Until everything that was sent is answered. */
  async #quiet(): Promise<void> {
    const deadline = Deadline.in(lastAnswersMs);
    while ([...(this.#copies?.all() ?? [])].some(({ underWay }) => underWay > 0) && !deadline.passed)
      await pause(20);
  }

  /** Looks at what else changes in the clusters. */
  async #watch(over: AbortSignal): Promise<void> {
    const { follow, groups: withGroups, tell, lookEveryMs = usualLookMs } = this.#options;
    let trouble = '';
    for (;;) {
      await pause(lookEveryMs, over);
      if (over.aborted) return;
      try {
        await this.#lookAtTopics();
        trouble = '';
      } catch (error) {
        const text = errorText(error);
        if (!over.aborted && text !== trouble) tell?.(`topics: ${text}`);
        trouble = text;
      }
      if (!follow || !withGroups || over.aborted) continue;
      await this.#copyGroups().catch((error: unknown) => tell?.(`group offsets: ${errorText(error)}`));
    }
  }

  async #lookAtTopics(): Promise<void> {
    const { follow, tell, topics } = this.#options;
    const known = new Map(
      this.#topics.filter(({ refused }) => refused === null).map((each) => [each.topic, each.partitions]),
    );
    const { added, gone } = await this.#sources.look(known);
    this.#abandon('source', gone);
    this.#abandon('target', (await this.#targets.look(known)).gone);
    const isNew = (topic: string): boolean => added.has(topic) && isMirrored(topic, topics);
    if (!follow || ![...added].some(isNew)) return;
    const plans = await planTopics(this.#from, this.#to, this.#options, isNew);
    await this.#takeOn(plans);
    for (const { topic, partitions, refused } of plans) {
      if (refused !== null) continue; // told by its partitions
      const has = known.get(topic);
      const how =
        has === undefined ? `is new in the source: ${partitions}` : `has grown from ${has} to ${partitions}`;
      tell?.(`topic ${topic} ${how} partition${partitions === 1 ? '' : 's'}`);
    }
  }

  #abandon(side: 'source' | 'target', gone: TopicNews['gone']): void {
    const fetcher = this.#fetcher;
    for (const each of this.#partitions) {
      const how = gone.get(each.topic);
      if (how === undefined || fetcher === null) continue;
      // What was to be copied is there, and nothing more was asked for.
      if (side === 'source' && !this.#options.follow && this.#isDone(each, fetcher)) continue;
      fetcher.stop([each]);
      this.#copies?.get(each)?.abandon(goneTopic(each.topic, side, how));
    }
  }

  /** Who ends a mirror by hand gets its report, also where nobody answers any more. */
  async #lastGroups(): Promise<GroupCopy[]> {
    const { signal, tell } = this.#options;
    try {
      return await retrying(() => this.#copyGroups(), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      tell?.(`group offsets: ${errorText(error)}`);
      return [];
    }
  }

  async #copyGroups(): Promise<GroupCopy[]> {
    this.#groups = await groupPositions(this.#from);
    const translate = (at: TopicPartitionOffset) => this.#copies?.get(at)?.translate(at.offset) ?? null;
    return await copyGroupOffsets(this.#groups, this.#to, translate);
  }

  #tellProgress(): void {
    this.#options.onProgress?.(progressOf(this.#partitions, (at) => this.#copies?.get(at)));
  }
}

const lostPosition = (name: string, offset: number): MillraceError =>
  new MillraceError('KAFKA', `${name}: the source has no offset ${offset} any more`, {
    remedy: 'It deleted records, or the whole topic, while they were copied. Run the command again.',
  });

const goneTopic = (topic: string, side: 'source' | 'target', how: 'deleted' | 'made again'): MillraceError =>
  new MillraceError(
    'KAFKA',
    `topic ${topic} was deleted${how === 'deleted' ? '' : ' and made again'} in the ${side} while it was copied`,
    {
      remedy:
        side === 'source'
          ? 'What was copied stays in the target; delete it there to copy the topic that has the name now.'
          : 'Run the command again, and the topic is copied from its start on.',
    },
  );
