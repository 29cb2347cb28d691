import { Deadline } from '../../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { every, pause } from '../../../runtime/timers.ts';
import { Admin } from '../admin/admin.ts';
import type { KafkaClient } from '../client.ts';
import { Fetcher, fetcherOptions } from '../consumer/fetcher.ts';
import { keyOf, type TopicPartitionOffset } from '../options.ts';
import type { ProducerIdentity } from '../producer/partition-queue.ts';
import { requestProducerId } from '../producer/produce-request.ts';
import {
  copyGroupOffsets,
  type GroupCopy,
  type GroupPositions,
  groupPositions,
} from './group-offsets-copy.ts';
import { type CopyContext, IdenticalCopy } from './identical-copy.ts';
import type { MirrorOptions, MirrorPlan, MirrorReport, PartitionReport } from './mirror-report.ts';
import { OffsetRuns } from './offset-runs.ts';
import type { PartitionCopy } from './partition-copy.ts';
import { type PartitionPlan, planPartitions } from './partition-plan.ts';
import { committed, type Progress, progressGroup, readProgress } from './progress-group.ts';
import { retrying } from './retrying.ts';
import { makeTopic, planTopics, type RefusedSetting, type TopicPlan } from './topic-plan.ts';
import { readyWriter, TransactionWriter } from './transaction-writer.ts';
import { TranslatedCopy } from './translated-copy.ts';

const purpose = 'mirror';
const requestTimeoutMs = 30_000;
const maxWaitingBytes = 64 * 1024 * 1024;
const leadersMs = 60_000;
const leadersPauseMs = 100;
const progressEveryMs = 500;
const groupsEveryMs = 5000;
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
  readonly #copies = new Map<string, PartitionCopy>();
  readonly #done = Promise.withResolvers<void>();
  #plan: MirrorPlan | null = null;
  #fetcher: Fetcher | null = null;
  #groups: readonly GroupPositions[] = [];
  #writer: Promise<TransactionWriter | null> | null = null;
  #isDue = false;

  constructor(from: KafkaClient, to: KafkaClient, options: MirrorOptions) {
    this.#from = new Admin(from);
    this.#to = new Admin(to);
    this.#options = options;
  }

  get #name(): string {
    return progressGroup(this.#from.client.clusterId);
  }

  /** What a run would do; changes nothing. */
  async plan(): Promise<MirrorPlan> {
    const { signal } = this.#options;
    const topics = await retrying(() => planTopics(this.#from, this.#to, this.#options), signal);
    return await this.#planOf(topics, await retrying(() => readProgress(this.#to, this.#name), signal));
  }

  async #planOf(topics: readonly TopicPlan[], progress: ReadonlyMap<string, Progress>): Promise<MirrorPlan> {
    const partitions = topics.flatMap(({ topic, partitions: count }) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    );
    const byName = new Map(topics.map((plan) => [plan.topic, plan]));
    const isThere = ({ topic, partition }: (typeof partitions)[number]): boolean => {
      const { create, partitions: count, addPartitions } = byName.get(topic)!;
      return create === null && partition < count - addPartitions;
    };
    const { signal } = this.#options;
    const [from, to] = [this.#from.client, this.#to.client];
    // Leaders may just be moving.
    const plans = await retrying(
      () => planPartitions(from, to, partitions, isThere, progress, signal),
      signal,
    );
    return {
      topics,
      partitions: plans.map((plan) => ({
        ...plan,
        refused: byName.get(plan.topic)!.refused ?? plan.refused,
      })),
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
    const { follow, groups: withGroups } = this.#options;
    const refusedSettings: RefusedSetting[] = [];
    const topics = await retrying(
      () => planTopics(this.#from, this.#to, this.#options),
      this.#options.signal,
    );
    for (const each of topics) {
      if (each.refused === null) refusedSettings.push(...(await makeTopic(this.#to, each)));
    }
    await this.#awaitLeaders(topics);
    const progress = await retrying(() => readProgress(this.#to, this.#name), this.#options.signal);
    const made = topics.map((each) => ({ ...each, create: null, addPartitions: 0 }));
    const plan = { ...(await this.#planOf(made, progress)), topics };
    if (withGroups) this.#groups = await groupPositions(this.#from);
    await this.#makeCopies(plan, progress);
    const ticks = every(progressEveryMs, () => this.#tellProgress(plan));
    let groups: GroupCopy[] = [];
    try {
      const copying = this.#copy(plan);
      if (follow && withGroups) await this.#followGroups(copying);
      await copying;
      if (withGroups) groups = await this.#copyGroups();
    } finally {
      ticks.cancel();
      await (await this.#writer)?.close();
    }
    this.#tellProgress(plan);
    const partitions = plan.partitions.map((each) => this.#report(each));
    return { topics: plan.topics, refusedSettings, groups, partitions };
  }

  /** Topics that were just made are led by nobody for a moment. */
  async #awaitLeaders(topics: readonly TopicPlan[]): Promise<void> {
    const deadline = Deadline.in(leadersMs);
    const names = topics.filter(({ refused }) => refused === null).map(({ topic }) => topic);
    while (names.length > 0 && !this.#options.signal.aborted) {
      const { topics: found } = await this.#to.client.metadata(names);
      const isLed = topics.every(({ topic, partitions, refused }) => {
        const led = found.get(topic)?.partitions.filter(({ leader }) => leader >= 0).length ?? 0;
        return refused !== null || led >= partitions;
      });
      if (isLed || deadline.passed) return;
      await pause(leadersPauseMs, this.#options.signal);
    }
  }

  async #makeCopies(plan: MirrorPlan, progress: ReadonlyMap<string, Progress>): Promise<void> {
    const open = plan.partitions.filter(({ refused }) => refused === null);
    const identical = open.filter(({ translated }) => translated === null);
    const context = identical.length === 0 ? null : await this.#context(identical, progress);
    for (const each of identical) this.#copies.set(keyOf(each), new IdenticalCopy(context!, each));
    for (const each of open) {
      if (each.translated === null) continue;
      const writer = await this.#openWriter();
      if (writer === null) throw noTransactions(`${each.topic}-${each.partition}`);
      const before = { records: 0, bytes: 0, fillers: 0 };
      const start = { position: each.next, runs: each.translated };
      const copy = new TranslatedCopy(writer, each, start, before);
      this.#copies.set(keyOf(each), copy);
      writer.add(copy);
    }
  }

  /** The producer of what is copied offset for offset is the one that a predecessor had. */
  async #context(
    open: readonly PartitionPlan[],
    progress: ReadonlyMap<string, Progress>,
  ): Promise<CopyContext> {
    const [to, admin, { signal }] = [this.#to.client, this.#to, this.#options];
    const remember = async (producer: ProducerIdentity): Promise<ProducerIdentity> => {
      const offsets = open.map((each) => committed(each, { kind: 'identical', offset: each.next, producer }));
      await retrying(() => admin.alterGroupOffsets(this.#name, offsets), signal);
      return producer;
    };
    const newProducer = async (): Promise<ProducerIdentity> =>
      await remember(await retrying(() => requestProducerId(to, requestTimeoutMs), signal));
    const known = [...progress.values()].find((each) => each.kind === 'identical');
    const producer = known === undefined ? await newProducer() : await remember(known.producer);
    return {
      ...{ to, admin, producer, requestTimeoutMs, maxWaitingBytes, newProducer, signal, waitingBytes: 0 },
      seek: ({ topic, partition }, offset) => this.#fetcher?.start([{ topic, partition, offset }]),
      changed: () => this.#changed(),
      onGap: (copy, gap) => void this.#handOver(copy, gap),
    };
  }

  /** From the gap on the partition is copied in transactions. What is remembered of that comes first. */
  async #handOver(copy: IdenticalCopy, gap: MillraceError): Promise<void> {
    const { topic, partition } = copy.partition;
    try {
      const writer = await this.#openWriter();
      if (writer === null) {
        copy.abandon(gap);
        return;
      }
      const runs = new OffsetRuns([{ source: 0, target: 0, count: copy.position }]);
      const start = { position: copy.position, runs };
      const next = new TranslatedCopy(writer, copy.partition, start, copy);
      await retrying(
        () => this.#to.alterGroupOffsets(this.#name, [committed(copy.partition, next.progress)]),
        this.#options.signal,
      );
      this.#copies.set(keyOf(next.partition), next);
      writer.add(next);
      this.#fetcher?.start([{ topic, partition, offset: next.position }]);
      this.#changed();
    } catch (error) {
      if (this.#options.signal.aborted) return;
      copy.abandon(error instanceof MillraceError ? error : gap);
    }
  }

  #openWriter(): Promise<TransactionWriter | null> {
    this.#writer ??= (async () => {
      const { signal } = this.#options;
      const wanted = (copy: TranslatedCopy): number[] =>
        this.#groups.flatMap(({ offsets }) =>
          offsets.filter((at) => keyOf(at) === keyOf(copy.partition)).map(({ offset }) => offset),
        );
      const changed = (): void => this.#changed();
      const writer = new TransactionWriter(this.#to.client, { name: this.#name, signal, changed, wanted });
      if (await readyWriter(writer, signal)) return writer;
      await writer.close();
      return null;
    })();
    return this.#writer;
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
    this.#plan = plan;
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
    const [fetcher, plan] = [this.#fetcher, this.#plan];
    if (fetcher === null || plan === null) return;
    if (this.#options.signal.aborted) {
      void this.#quiet().then(() => this.#done.resolve());
      return;
    }
    fetcher.drain((at, raw) => this.#copies.get(keyOf(at))?.offer(raw) ?? true);
    for (const { topic, partition, offset } of fetcher.lostPositions()) {
      fetcher.stop([{ topic, partition }]);
      this.#copies.get(keyOf({ topic, partition }))?.abandon(lostPosition(`${topic}-${partition}`, offset));
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
    const deadline = Deadline.in(lastAnswersMs);
    while ([...this.#copies.values()].some(({ underWay }) => underWay > 0) && !deadline.passed)
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
    this.#groups = await groupPositions(this.#from);
    const translate = (at: TopicPartitionOffset) => this.#copies.get(keyOf(at))?.translate(at.offset) ?? null;
    return await copyGroupOffsets(this.#groups, this.#to, translate);
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
      mode: copy?.mode ?? 'identical',
      records: copy?.records ?? 0,
      bytes: copy?.bytes ?? 0,
      fillers: copy?.fillers ?? 0,
      next: copy?.position ?? next,
      failure: failure?.message ?? refused,
      refused: refused !== null,
      remedy: failure?.remedy ?? (refused === null ? null : refusedRemedy),
    };
  }
}

const refusedRemedy =
  'Somebody else wrote there, or the topic is another one than was copied. Delete it in the target, and run the command again.';

const lostPosition = (name: string, offset: number): MillraceError =>
  new MillraceError('KAFKA', `${name}: the source has no offset ${offset} any more`, {
    remedy: 'It deleted records, or the whole topic, while they were copied. Run the command again.',
  });

const noTransactions = (name: string): MillraceError =>
  new MillraceError('KAFKA', `${name} was copied in transactions, and the target serves none`);
