import { vi } from 'vitest';
import type { Broker } from '../../../packages/millrace/src/broker/index.ts';
import type { ResponseOf } from '../../../packages/millrace/src/protocol/messages.ts';
import { ZERO_UUID } from '../../../packages/millrace/src/protocol/uuid.ts';
import { iterateBatches } from '../../../packages/millrace/src/records/batch-header.ts';
import { openBatch } from '../../../packages/millrace/src/records/open-batch.ts';
import { randomFrom } from '../faulty-files.ts';
import { producedBatch } from '../produced-batch.ts';
import { type Action, BrokenPromise, type HistoryKind, type World } from './history.ts';
import { type Grade, type KnownTopic, Promises } from './sim-broker-model.ts';
import { type DiskLies, SimFiles } from './sim-files.ts';
import { SimClient, SimServer } from './sim-net.ts';
import { VirtualLoop } from './virtual-loop.ts';

const source = new URL('../../../packages/millrace/src/', import.meta.url).pathname;
vi.doMock('node:net', async (original) => ({
  ...(await original<typeof import('node:net')>()),
  createServer: (...args: unknown[]) => new SimServer(...args),
}));
const offsetLog = await vi.importActual<
  typeof import('../../../packages/millrace/src/broker/group/offset-log.ts')
>(`${source}broker/group/offset-log.ts`);
vi.doMock(`${source}broker/group/offset-log.ts`, () => ({
  ...offsetLog,
  /** Compacted early, that histories may be short. */
  OffsetLog: class extends offsetLog.OffsetLog {
    constructor(...[partition, durable, logger]: ConstructorParameters<typeof offsetLog.OffsetLog>) {
      super(partition, durable, logger, 400);
    }
  },
}));
vi.doMock(`${source}log/folder-lock.ts`, () => ({ lockFolder: () => ({ release: () => {} }) }));
const { Broker: SimulatedBroker } = await import('../../../packages/millrace/src/broker/index.ts');

/** Deleted, made again and grown all the time. */
const names = ['a', 'b'] as const;
/** Never deleted: offsets are committed for it. */
const keptName = 'kept';
const internalName = '__consumer_offsets';
const hourMs = 3_600_000;
/** Error codes that say: not now. */
const storageError = 56;

export interface BrokerHistoryOptions {
  readonly lies?: DiskLies;
}

/** Histories of a whole broker: data, administration and groups at once, on a disk that ends syncs in any order. */
export function brokerHistories(options: BrokerHistoryOptions = {}): HistoryKind {
  return {
    name: 'a broker',
    maxActions: 70,
    weights: {
      create: 4,
      touch: 5,
      grow: 3,
      delete: 4,
      produce: 16,
      retry: 4,
      fetch: 4,
      commit: 6,
      join: 2,
      leave: 1,
      internal: 1,
      configure: 2,
      deleteRecords: 2,
      housekeep: 2,
      wait: 2,
      complete: 20,
      turn: 6,
      idle: 5,
      look: 2,
      stop: 1,
      kill: 2,
      power: 3,
      dieSoon: 2,
      fail: 1,
      heal: 2,
    },
    make: (seed) => new BrokerWorld(seed, options),
  };
}

interface Producer {
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

interface OpenFetch {
  readonly topic: KnownTopic;
  readonly partition: number;
  readonly offset: number;
}

class BrokerWorld implements World {
  readonly trace: string[] = [];
  readonly #loop = new VirtualLoop();
  readonly #files: SimFiles;
  readonly #promises = new Promises();
  #broker: Broker | null = null;
  #clients: SimClient[] = [];
  #producers: Producer[] = [];
  readonly #fetches = new Set<OpenFetch>();
  readonly #committing = new Set<string>();
  readonly #members = new Map<string, { memberId: string; generationId: number } | null>();
  #serial = 0;
  #failure: unknown = null;
  readonly #log: string[] = [];

  constructor(seed: number, options: BrokerHistoryOptions) {
    this.#files = new SimFiles(randomFrom(seed ^ 0x5bd1e995), options.lies);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#loop[Symbol.dispose]();
  }

  async act({ kind, seed }: Action): Promise<void> {
    const random = randomFrom(seed);
    if (this.#broker === null) await this.#start();
    this.trace.push(kind);
    const steps: Record<string, () => unknown> = {
      create: () => this.#create(random),
      touch: () => this.#touch(random),
      grow: () => this.#grow(random),
      delete: () => this.#delete(random),
      produce: () => this.#produce(random),
      retry: () => this.#retry(random),
      fetch: () => this.#fetch(random),
      commit: () => this.#commit(random),
      join: () => this.#join(random),
      leave: () => this.#leave(random),
      internal: () => this.#internal(random),
      configure: () => this.#configure(random),
      deleteRecords: () => this.#deleteRecords(random),
      housekeep: () => this.#advance(61_000),
      wait: () => this.#advance(Math.floor(random() * 20_000)),
      complete: () => this.#complete(random),
      turn: () => this.#loop.turn(),
      idle: () => this.#idle(),
      look: () => this.#look(random),
      stop: () => this.#stop(),
      kill: () => this.#end(false),
      power: () => this.#end(true),
      dieSoon: () => this.#files.dieAfter(Math.floor(random() ** 2 * 40)),
      fail: () => this.#fail(random),
      heal: () => this.#heal(),
    };
    await this.#unlessDead(async () => {
      await steps[kind]!();
    });
    await this.#afterStep();
  }

  /** A process that has just ended breaks no promise by what it does not do any more. */
  async #unlessDead(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!this.#files.isDead) throw error;
    }
  }

  async #afterStep(): Promise<void> {
    await this.#loop.settle();
    if (this.#files.isDead) this.#end(false);
    if (this.#failure !== null) throw this.#failure;
    for (const client of this.#clients) {
      if (!client.isClosed) continue;
      const { waiting } = client;
      this.#clients.splice(this.#clients.indexOf(client), 1);
      // As in Kafka, a produce without an answer that fails costs its connection: nothing else tells the producer.
      const isForSilence = this.#log.some(
        (line) => line.includes(`127.0.0.1:${client.port}:`) && line.includes('produce with acks=0'),
      );
      if (waiting.length > 0 && !isForSilence) {
        throw new BrokenPromise(
          `the broker closed a connection instead of answering ${waiting[0]!.name}: ${this.#log.at(-1)}`,
        );
      }
      break;
    }
  }

  async finish(): Promise<void> {
    this.#files.dieAfter(Number.POSITIVE_INFINITY);
    if (this.#broker === null) await this.#start();
    this.trace.push('at the end');
    await this.#heal();
    await this.#idle();
    await this.#afterStep();
    this.#mustBeAnswered();
    await this.#takesAgain();
    await this.#idle(); // what was acknowledged without a sync is shown after it
    await this.#readAll();
    this.#end(true);
    await this.#start();
  }

  #detail(text: string): void {
    this.trace[this.trace.length - 1] += ` ${text}`;
  }

  /** Notes what answers bring, in the order of their coming. A broken promise is thrown at the end of the step. */
  #hear<T>(take: (answer: T) => void): (answer: T) => void {
    return (answer) => {
      try {
        take(answer);
      } catch (error) {
        this.#failure ??= error;
      }
    };
  }

  #client(random: () => number): SimClient {
    const at = Math.floor(random() * 4);
    const client = this.#clients[at];
    if (client !== undefined && !client.isClosed) return client;
    const made = new SimClient(SimServer.current!);
    this.#clients.push(made);
    return made;
  }

  async #start(): Promise<void> {
    this.trace.push('start');
    const note = (text: string) => void this.#log.push(text);
    const starting = SimulatedBroker.start({
      dataDir: '/data',
      files: this.#files.life(),
      now: () => this.#loop.nowMs,
      topicDefaults: { 'segment.ms': String(12 * hourMs) },
      retentionCheckIntervalMs: 60_000,
      logger: { debug: note, info: note, warn: note, error: note } as never,
    });
    this.#broker = await this.#drive(starting);
    const random = randomFrom(this.#serial + 1);
    const topics = await this.#ask(random, 'metadata', 12, { topics: null, allowAutoTopicCreation: false });
    const ids = new Set<string>();
    for (const { name, topicId, partitions, errorCode } of topics.topics) {
      if (errorCode !== 0 || name === internalName) continue;
      ids.add(topicId);
      this.#promises.saw(topicId, name!, partitions.length);
    }
    this.#detail(topics.topics.map(({ name, partitions }) => `${name}×${partitions.length}`).join(' '));
    this.#promises.listed(ids);
    for (const { name, topicId, partitions } of topics.topics) {
      const topic = this.#promises.topics.get(topicId);
      if (topic !== undefined && partitions.length < topic.partitions) {
        throw new BrokenPromise(
          `topic ${name} has ${partitions.length} partitions, ${topic.partitions} were promised`,
        );
      }
    }
    await this.#readAll();
    await this.#readCommits();
  }

  /** A request whose answer is waited for; nothing else happens meanwhile. */
  async #ask<Name extends Parameters<SimClient['send']>[0]>(
    random: () => number,
    name: Name,
    version: number,
    request: Parameters<typeof SimClient.prototype.send<Name>>[2],
  ): Promise<ResponseOf<Name>> {
    const client = new SimClient(SimServer.current!);
    void random;
    const { promise, resolve } = Promise.withResolvers<ResponseOf<Name>>();
    client.send(name, version, request, resolve);
    const answer = await this.#drive(promise, () => client.isClosed);
    client.close();
    return answer;
  }

  async #drive<T>(promise: Promise<T>, isHopeless: () => boolean = () => false): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    promise.then(done, done);
    for (let i = 0; i < 20_000; i++) {
      await this.#loop.settle();
      if (isDone) return promise;
      if (isHopeless()) throw new BrokenPromise(`the broker closed the connection: ${this.#log.at(-1)}`);
      if (this.#loop.immediates > 0) this.#loop.turn();
      else if (this.#files.completions.length > 0) this.#files.complete(0);
      else if (this.#loop.nextTimerMs < Number.POSITIVE_INFINITY)
        await this.#loop.advance(this.#loop.nextTimerMs);
      else break;
    }
    throw new BrokenPromise('a call never ended');
  }

  async #idle(): Promise<void> {
    for (let i = 0; i < 20_000; i++) {
      await this.#loop.settle();
      if (this.#files.isDead || this.#failure !== null) return;
      if (this.#loop.immediates > 0) this.#loop.turn();
      else if (this.#files.completions.length > 0) this.#files.complete(0);
      else {
        this.#mustNotWait();
        return;
      }
    }
    throw new BrokenPromise('the broker never comes to rest');
  }

  /** At rest, a fetch waits only where there is nothing to give. */
  #mustNotWait(): void {
    if (this.#files.plan !== null) return;
    for (const { topic, partition, offset } of this.#fetches) {
      if (topic.state !== 'live') continue;
      for (const [at, { grade }] of topic.partition(partition).records) {
        if (at >= offset && grade === 'device') {
          throw new BrokenPromise(
            `a fetch of ${topic.name}-${partition} from ${offset} waits, although ${at} was acknowledged`,
          );
        }
      }
    }
  }

  #mustBeAnswered(): void {
    for (const { waiting } of this.#clients) {
      const first = waiting.find(({ name }) => !['fetch', 'joinGroup', 'syncGroup'].includes(name));
      if (first !== undefined && waiting[0] === first)
        throw new BrokenPromise(`${first.name} was never answered`);
    }
  }

  #complete(random: () => number): void {
    const { length } = this.#files.completions;
    if (length > 0) this.#detail(this.#files.complete(Math.floor(random() * length)));
  }

  async #advance(ms: number): Promise<void> {
    const before = this.#loop.nowMs;
    await this.#loop.advance(ms);
    for (const topic of this.#promises.topics.values()) {
      topic.expiredBelowMs = Math.max(topic.expiredBelowMs, before + ms - topic.retentionMs);
    }
  }

  // ---- administration --------------------------------------------------------------------------------------------

  #create(random: () => number): void {
    const name = names[Math.floor(random() * names.length)]!;
    const numPartitions = 1 + Math.floor(random() * 2);
    this.#detail(`${name}×${numPartitions}`);
    this.#client(random).send(
      'createTopics',
      7,
      {
        topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
        timeoutMs: 5000,
      },
      this.#hear(({ topics }) => {
        const [answer] = topics;
        if (answer!.errorCode === 0) this.#promises.saw(answer!.topicId, name, numPartitions);
      }),
    );
  }

  /** What every client does first; a topic comes to be by it. */
  #touch(random: () => number): void {
    const name = random() < 0.3 ? keptName : names[Math.floor(random() * names.length)]!;
    this.#detail(name);
    this.#client(random).send(
      'metadata',
      12,
      { topics: [{ name }], allowAutoTopicCreation: true },
      this.#hear(({ topics }) => {
        for (const { errorCode, topicId, partitions } of topics) {
          if (errorCode === 0) this.#promises.saw(topicId, name, partitions.length);
        }
      }),
    );
  }

  #grow(random: () => number): void {
    const name = names[Math.floor(random() * names.length)]!;
    const count = 2 + Math.floor(random() * 3);
    this.#detail(`${name}×${count}`);
    const before = this.#promises.live().filter((topic) => topic.name === name);
    this.#client(random).send(
      'createPartitions',
      3,
      { topics: [{ name, count, assignments: null }], timeoutMs: 5000, validateOnly: false },
      this.#hear(({ results }) => {
        // Only where it is sure which topic of that name was meant.
        const after = this.#promises.live().filter((topic) => topic.name === name);
        if (
          results[0]!.errorCode !== 0 ||
          before.length !== 1 ||
          after.length !== 1 ||
          after[0] !== before[0]
        )
          return;
        after[0]!.partitions = Math.max(after[0]!.partitions, count);
      }),
    );
  }

  #delete(random: () => number): void {
    const known = [...this.#promises.topics.values()].filter(
      ({ state, name }) => state !== 'gone' && name !== keptName,
    );
    const byId = random() < 0.4 && known.length > 0;
    const topic = byId ? known[Math.floor(random() * known.length)]! : null;
    const name = topic === null ? names[Math.floor(random() * names.length)]! : null;
    this.#detail(topic === null ? name! : `${topic.name} by id`);
    const pending = this.#promises.deleteSent(name, topic?.id ?? null);
    this.#client(random).send(
      'deleteTopics',
      6,
      { topics: [{ name, topicId: topic?.id ?? ZERO_UUID }], timeoutMs: 5000 },
      this.#hear(({ responses }) => {
        const { errorCode, topicId } = responses[0]!;
        const isNothing = errorCode === 3 || errorCode === 100;
        this.#promises.deleteAnswered(pending, errorCode === 0 ? topicId : isNothing ? null : undefined);
      }),
    );
  }

  /** Clients that name the internal topic: by mistake, or to do harm. */
  #internal(random: () => number): void {
    const client = this.#client(random);
    const which = random();
    if (which < 0.3)
      client.send('metadata', 12, { topics: [{ name: internalName }], allowAutoTopicCreation: true });
    else if (which < 0.6) {
      client.send('createTopics', 7, {
        topics: [
          { name: internalName, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
        ],
        timeoutMs: 5000,
      });
    } else
      client.send('deleteTopics', 6, {
        topics: [{ name: internalName, topicId: ZERO_UUID }],
        timeoutMs: 5000,
      });
  }

  #configure(random: () => number): void {
    const live = this.#promises.live().filter(({ name }) => name !== keptName);
    const topic = live[Math.floor(random() * live.length)];
    if (topic === undefined) return;
    const retentionMs = random() < 0.5 ? hourMs : 7 * 24 * hourMs;
    topic.retentionMs = Math.min(topic.retentionMs, retentionMs);
    this.#detail(`${topic.name} retention.ms=${retentionMs}`);
    this.#client(random).send('incrementalAlterConfigs', 1, {
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

  #deleteRecords(random: () => number): void {
    const place = this.#place(random);
    if (place === null) return;
    const { topic, partition } = place;
    const offset = Math.floor(random() * 6);
    // By name: whichever topic has it by then is meant.
    for (const each of this.#promises.topics.values()) {
      if (each.name !== topic.name) continue;
      const known = each.partition(partition);
      known.trimmedTo = Math.max(known.trimmedTo, offset);
    }
    this.#detail(`${topic.name}-${partition} ${offset}`);
    this.#client(random).send('deleteRecords', 2, {
      topics: [{ name: topic.name, partitions: [{ partitionIndex: partition, offset }] }],
      timeoutMs: 5000,
    });
  }

  // ---- data ------------------------------------------------------------------------------------------------------

  #place(random: () => number): { topic: KnownTopic; partition: number } | null {
    const usable = [...this.#promises.topics.values()].filter(({ state }) => state !== 'gone');
    const topic = usable[Math.floor(random() * usable.length)];
    if (topic === undefined) return null;
    return { topic, partition: Math.floor(random() * topic.partitions) };
  }

  #produce(random: () => number): void {
    const place = this.#place(random);
    if (place === null) return;
    const { topic, partition } = place;
    const bodies = Array.from({ length: 1 + Math.floor(random() * 2) }, () => {
      return `${topic.name}${this.#serial++} ${'x'.repeat(Math.floor(random() ** 3 * 900))}`;
    });
    const acks = random() < 0.6 ? -1 : random() < 0.7 ? 1 : 0;
    const timestamp = this.#loop.nowMs - Math.floor(random() * 2 * hourMs);
    if (acks !== 0 && random() < 0.4) this.#produceOnce(random, topic, partition, bodies, timestamp, acks);
    else this.#send(random, { topic, partition, bodies, timestamp, acks, producer: null });
  }

  /** By an idempotent producer: one batch is open at a time, and is sent again until it is acknowledged. */
  #produceOnce(
    random: () => number,
    topic: KnownTopic,
    partition: number,
    bodies: string[],
    timestamp: number,
    acks: number,
  ): void {
    let producer = this.#producers.find((each) => each.topic === topic && each.partition === partition);
    if (producer === undefined) {
      producer = { id: 1000 + this.#serial++, topic, partition, nextSequence: 0, open: null };
      this.#producers.push(producer);
    }
    if (producer.open !== null) return;
    producer.open = { bodies, timestamp, sequence: producer.nextSequence, inFlight: false };
    this.#send(random, { topic, partition, bodies, timestamp, acks, producer });
  }

  #retry(random: () => number): void {
    const waiting = this.#producers.filter(({ open }) => open !== null && !open.inFlight);
    const producer = waiting[Math.floor(random() * waiting.length)];
    if (producer === undefined) return;
    const { topic, partition } = producer;
    const { bodies, timestamp } = producer.open!;
    this.#send(random, { topic, partition, bodies, timestamp, acks: -1, producer });
  }

  #send(
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
    this.#detail(
      `${topic.name}-${partition} ${short} acks=${acks}${producer === null ? '' : ` of producer ${producer.id}`}`,
    );
    for (const body of bodies) topic.sent.add(body);
    const open = producer?.open ?? null;
    if (open !== null) open.inFlight = true;
    const seal =
      producer === null ? {} : { producerId: producer.id, producerEpoch: 0, baseSequence: open!.sequence };
    const grade: Grade = acks === -1 ? 'device' : 'cache';
    this.#client(random).send(
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
      this.#hear(({ responses }) => {
        const { errorCode, baseOffset } = responses[0]!.partitionResponses[0]!;
        if (open !== null) open.inFlight = false;
        this.trace.push(`    ${short}: ${errorCode === 0 ? `at ${baseOffset}` : `error ${errorCode}`}`);
        if (errorCode === 0) {
          this.#promises.acknowledged(topic, partition, baseOffset, bodies, timestamp, grade);
          if (producer?.open === open && producer !== null) {
            producer.open = null;
            producer.nextSequence += bodies.length;
          }
        } else if (errorCode !== storageError && producer !== null) {
          this.#producers = this.#producers.filter((each) => each !== producer);
        }
      }),
      acks !== 0,
    );
  }

  #fetch(random: () => number): void {
    const place = this.#place(random);
    if (place === null) return;
    const { topic, partition } = place;
    const offsets = [...topic.partition(partition).records.keys()];
    const offset =
      random() < 0.5 ? Math.max(-1, ...offsets) + 1 : Math.floor(random() * (offsets.length + 1));
    this.#detail(`${topic.name}-${partition} from ${offset}`);
    const open: OpenFetch = { topic, partition, offset };
    this.#fetches.add(open);
    // A connection of its own: what waits behind it in order would wait with it.
    const client = new SimClient(SimServer.current!);
    this.#clients.push(client);
    client.send(
      'fetch',
      13,
      fetchRequest(topic.id, partition, offset, 30_000),
      this.#hear((answer) => {
        this.#fetches.delete(open);
        this.#shown(topic, partition, offset, answer);
      }),
    );
  }

  /** What a consumer was given: nothing skipped, nothing made up. Returns where it goes on. */
  #shown(topic: KnownTopic, partition: number, from: number, answer: ResponseOf<'fetch'>): number {
    const data = answer.responses[0]?.partitions[0];
    if (data === undefined || data.errorCode !== 0 || data.records === null) return from;
    const bytes = data.records as Buffer;
    let offset = from;
    for (const { at, header } of iterateBatches(bytes)) {
      this.#mayBeGone(topic, partition, offset, header.baseOffset, data.logStartOffset);
      const batch = openBatch(bytes, at, { verifyCrc: true });
      for (let i = 0; i < batch.count; i++) {
        this.#promises.shown(
          topic,
          partition,
          header.baseOffset + i,
          batch.event(i).body.toString(),
          batch.event(i).timestamp,
        );
      }
      offset = header.baseOffset + header.lastOffsetDelta + 1;
    }
    return offset;
  }

  #mayBeGone(topic: KnownTopic, partition: number, from: number, to: number, start: number): void {
    const known = topic.partition(partition);
    for (const [offset, { body, timestamp, grade }] of known.records) {
      if (offset < from || offset >= to || (grade === 'cache' && this.#promises.cacheMayBeLost)) continue;
      if (offset < start && (offset < known.trimmedTo || timestamp < topic.expiredBelowMs)) continue;
      throw new BrokenPromise(
        `${topic.name}-${partition} offset ${offset} (${body.split(' ')[0]}) was acknowledged and is not there`,
      );
    }
  }

  /** Everything that was promised of data is read. */
  async #readAll(): Promise<void> {
    for (const topic of this.#promises.live()) {
      for (const [partition, known] of topic.known) {
        if (known.records.size === 0) continue;
        let offset = 0;
        for (;;) {
          const answer = await this.#ask(
            Math.random,
            'fetch',
            13,
            fetchRequest(topic.id, partition, offset, 0),
          );
          const data = answer.responses[0]!.partitions[0]!;
          if (data.errorCode === 1) {
            // Below the start: a deletion or retention has moved it.
            this.#mayBeGone(topic, partition, offset, data.logStartOffset, data.logStartOffset);
            if (data.logStartOffset <= offset) break;
            offset = data.logStartOffset;
            continue;
          }
          if (data.errorCode !== 0) {
            throw new BrokenPromise(
              `${topic.name}-${partition} cannot be read at ${offset}: error ${data.errorCode}`,
            );
          }
          const next = this.#shown(topic, partition, offset, answer);
          if (next === offset) {
            this.#mayBeGone(topic, partition, offset, Number.MAX_SAFE_INTEGER, data.logStartOffset);
            break;
          }
          offset = next;
        }
      }
    }
  }

  // ---- groups ----------------------------------------------------------------------------------------------------

  #commit(random: () => number): void {
    const groupId = `g${Math.floor(random() * 2)}`;
    if (this.#committing.has(groupId)) return;
    const kept = this.#promises.live().find(({ name }) => name === keptName);
    if (kept === undefined) return;
    const offset = ++this.#serial;
    this.#detail(`${groupId} ${offset}`);
    this.#committing.add(groupId);
    this.#promises.commitSent(groupId, offset);
    this.#client(random).send(
      'offsetCommit',
      9,
      {
        groupId,
        topics: [
          {
            name: keptName,
            partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: '' }],
          },
        ],
      },
      this.#hear(({ topics }) => {
        this.#committing.delete(groupId);
        const { errorCode } = topics[0]!.partitions[0]!;
        this.trace.push(`    ${groupId} ${offset}: ${errorCode === 0 ? 'committed' : `error ${errorCode}`}`);
        if (errorCode === 0) this.#promises.commitAcknowledged(groupId, offset);
      }),
    );
  }

  async #readCommits(): Promise<void> {
    for (const groupId of this.#promises.commits.keys()) {
      const answer = await this.#ask(Math.random, 'offsetFetch', 8, {
        groups: [{ groupId, topics: [{ name: keptName, partitionIndexes: [0] }] }],
      });
      const { committedOffset, errorCode } = answer.groups[0]!.topics[0]!.partitions[0]!;
      if (errorCode !== 0) throw new BrokenPromise(`OffsetFetch of ${groupId}: error ${errorCode}`);
      this.#promises.committed(groupId, committedOffset);
    }
  }

  #join(random: () => number): void {
    const groupId = `m${Math.floor(random() * 2)}`;
    this.#detail(groupId);
    const client = new SimClient(SimServer.current!);
    this.#clients.push(client);
    client.send(
      'joinGroup',
      3,
      {
        groupId,
        memberId: '',
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 10_000,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.alloc(6) }],
      },
      this.#hear(({ errorCode, memberId, generationId, members }) => {
        if (errorCode !== 0 || client.isClosed) return;
        this.#members.set(groupId, { memberId, generationId });
        if (random() < 0.3) return; // one that never syncs
        const assignments = members.map((each) => ({
          memberId: each.memberId,
          assignment: Buffer.from('all'),
        }));
        client.send('syncGroup', 3, { groupId, generationId, memberId, assignments });
      }),
    );
  }

  #leave(random: () => number): void {
    const [groupId, member] = [...this.#members][Math.floor(random() * this.#members.size)] ?? [];
    if (groupId === undefined || member == null) return;
    this.#members.delete(groupId);
    this.#client(random).send('leaveGroup', 2, { groupId, memberId: member.memberId });
  }

  // ---- ends and faults -------------------------------------------------------------------------------------------

  async #look(_random: () => number): Promise<void> {
    if (this.#files.plan !== null) return;
    await this.#idle();
    if (!this.#files.isDead && this.#failure === null) await this.#readAll();
  }

  async #stop(): Promise<void> {
    if (this.#files.plan !== null) return;
    await this.#idle();
    for (const client of this.#clients) client.close();
    this.#clients = [];
    await this.#loop.settle();
    const broker = this.#broker!;
    await this.#drive(broker.stop()).catch((error: unknown) => {
      if (!this.#files.isDead) throw error;
    });
    if (!this.#files.isDead && this.#files.openFiles > 0) {
      throw new BrokenPromise(`${this.#files.openFiles} files stay open after a stop`);
    }
    this.#end(false);
  }

  #end(machineToo: boolean): void {
    if (machineToo) this.#files.cutPower();
    else this.#files.kill();
    this.#loop.forget();
    this.#promises.ended(machineToo);
    this.#broker = null;
    this.#clients = [];
    this.#fetches.clear();
    this.#committing.clear();
    this.#members.clear();
    for (const { open } of this.#producers) if (open !== null) open.inFlight = false;
  }

  #fail(random: () => number): void {
    const code = ['EMFILE', 'ENOSPC', 'EIO'][Math.floor(random() * 3)]!;
    const rate = random() < 0.5 ? 1 : 0.3;
    const fails: Record<string, readonly string[]> = {
      EMFILE: ['open', 'syncDir'],
      ENOSPC: ['open', 'write', 'rename', 'makeDir'],
      EIO: [['datasync', 'syncDir'], ['write', 'truncate'], ['read']][Math.floor(random() * 3)]!,
    };
    this.#detail(`${code} ${rate}: ${fails[code]!.join(' ')}`);
    this.#files.plan = (call) => {
      if (!fails[code]!.includes(call) || random() > rate) return null;
      if (call === 'datasync') this.#promises.cacheMayBeLost = true;
      return code;
    };
  }

  async #heal(): Promise<void> {
    if (this.#files.plan === null) return;
    this.#files.plan = null;
    await this.#idle();
    await this.#advance(5 * 60_000);
    await this.#idle();
  }

  /** A disk that is well again makes a broker that works, without a restart. */
  async #takesAgain(): Promise<void> {
    for (const topic of this.#promises.live()) {
      for (let partition = 0; partition < topic.partitions; partition++) {
        const body = `${topic.name}${this.#serial++} last`;
        topic.sent.add(body);
        const timestampMs = this.#loop.nowMs;
        const records = producedBatch([body], { timestampMs });
        const { responses } = await this.#ask(Math.random, 'produce', 13, {
          acks: -1,
          timeoutMs: 5000,
          topicData: [{ topicId: topic.id, partitionData: [{ index: partition, records }] }],
        });
        const { errorCode, baseOffset, errorMessage } = responses[0]!.partitionResponses[0]!;
        if (errorCode !== 0) {
          throw new BrokenPromise(
            `${topic.name}-${partition} takes nothing although the disk is well: error ${errorCode} ${errorMessage}`,
          );
        }
        this.#promises.acknowledged(topic, partition, baseOffset, [body], timestampMs, 'device');
      }
    }
  }
}

function fetchRequest(topicId: string, partition: number, fetchOffset: number, maxWaitMs: number) {
  return {
    maxWaitMs,
    minBytes: 1,
    maxBytes: 1 << 20,
    topics: [{ topicId, partitions: [{ partition, fetchOffset, partitionMaxBytes: 1 << 20 }] }],
  };
}
