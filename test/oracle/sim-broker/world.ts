import type { Broker } from '../../../packages/millrace/src/broker/index.ts';
import type { ResponseOf } from '../../../packages/millrace/src/protocol/messages.ts';
import { randomFrom } from '../../../packages/testkit/src/files/faulty-files.ts';
import { type Action, BrokenPromise, type World } from '../../../packages/testkit/src/sim/history.ts';
import { type DiskLies, SimFiles } from '../../../packages/testkit/src/sim/sim-files.ts';
import { SimClient, SimServer } from '../../../packages/testkit/src/sim/sim-net.ts';
import { VirtualLoop } from '../../../packages/testkit/src/sim/virtual-loop.ts';
import {
  askForTopic,
  configureTopic,
  createTopic,
  deleteRecords,
  deleteTopic,
  growTopic,
  nameInternal,
} from './admin-actions.ts';
import { fetch, type OpenFetch, type Producer, produce, retry } from './data-actions.ts';
import { commit, heartbeat, join, leave, memberCommit, sync } from './group-actions.ts';
import { GroupPromises, type SimMember } from './group-promises.ts';
import { mustBeAnswered, mustNotWait, readAll, readCommits, takesAgain } from './judge.ts';
import { hourMs, internalName } from './names.ts';
import { Promises } from './promises.ts';
import { SimulatedBroker } from './simulated-broker.ts';

/** A broker, its disk, its clients and what they were promised: what the actions act on and the judge looks at. */
export class BrokerWorld implements World {
  readonly trace: string[] = [];
  readonly loop = new VirtualLoop();
  readonly files: SimFiles;
  readonly promises = new Promises();
  readonly groups = new GroupPromises();
  broker: Broker | null = null;
  clients: SimClient[] = [];
  producers: Producer[] = [];
  readonly fetches = new Set<OpenFetch>();
  readonly committing = new Set<string>();
  /** Of consumer groups; they outlive the broker. */
  readonly members: SimMember[] = [];
  serial = 0;
  /** The first broken promise that an answer showed; thrown at the end of the step. */
  failure: unknown = null;
  /** What the broker logged. */
  readonly log: string[] = [];

  constructor(seed: number, lies: DiskLies = {}) {
    this.files = new SimFiles(randomFrom(seed ^ 0x5bd1e995), lies);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.loop[Symbol.dispose]();
  }

  async act({ kind, seed }: Action): Promise<void> {
    const random = randomFrom(seed);
    if (this.broker === null) await this.start();
    this.trace.push(kind);
    const steps: Record<string, () => unknown> = {
      create: () => createTopic(this, random),
      touch: () => askForTopic(this, random),
      grow: () => growTopic(this, random),
      delete: () => deleteTopic(this, random),
      produce: () => produce(this, random),
      retry: () => retry(this, random),
      fetch: () => fetch(this, random),
      commit: () => commit(this, random),
      join: () => join(this, random),
      sync: () => sync(this, random),
      heartbeat: () => heartbeat(this, random),
      memberCommit: () => memberCommit(this, random),
      leave: () => leave(this, random),
      internal: () => nameInternal(this, random),
      configure: () => configureTopic(this, random),
      deleteRecords: () => deleteRecords(this, random),
      housekeep: () => this.advance(61_000),
      wait: () => this.advance(Math.floor(random() * 20_000)),
      complete: () => this.complete(random),
      turn: () => this.loop.turn(),
      idle: () => this.idle(),
      look: () => this.look(),
      stop: () => this.stop(),
      kill: () => this.end(false),
      power: () => this.end(true),
      dieSoon: () => this.files.dieAfter(Math.floor(random() ** 2 * 40)),
      fail: () => this.fail(random),
      heal: () => this.heal(),
    };
    await this.unlessDead(async () => {
      await steps[kind]!();
    });
    await this.afterStep();
  }

  /** A process that has just ended breaks no promise by what it does not do any more. */
  async unlessDead(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!this.files.isDead) throw error;
    }
  }

  async afterStep(): Promise<void> {
    await this.loop.settle();
    if (this.files.isDead) this.end(false);
    if (this.failure !== null) throw this.failure;
    for (const client of this.clients.filter(({ isClosed }) => isClosed)) {
      const { waiting } = client;
      this.clients.splice(this.clients.indexOf(client), 1);
      // As in Kafka, a produce without an answer that fails costs its connection: nothing else tells the producer.
      const isForSilence = this.log.some(
        (line) => line.includes(`127.0.0.1:${client.port}:`) && line.includes('produce with acks=0'),
      );
      if (waiting.length > 0 && !isForSilence) {
        throw new BrokenPromise(
          `the broker closed a connection instead of answering ${waiting[0]!.name}: ${this.log.at(-1)}`,
        );
      }
    }
  }

  async finish(): Promise<void> {
    this.files.dieAfter(Number.POSITIVE_INFINITY);
    if (this.broker === null) await this.start();
    this.trace.push('at the end');
    await this.heal();
    await this.idle();
    await this.afterStep();
    mustBeAnswered(this);
    await takesAgain(this);
    await this.idle(); // what was acknowledged without a sync is shown after it
    await readAll(this);
    this.end(true);
    await this.start();
  }

  detail(text: string): void {
    this.trace[this.trace.length - 1] += ` ${text}`;
  }

  /** Notes what answers bring, in the order of their coming. A broken promise is thrown at the end of the step. */
  hear<T>(take: (answer: T) => void): (answer: T) => void {
    return (answer) => {
      try {
        take(answer);
      } catch (error) {
        this.failure ??= error;
      }
    };
  }

  client(random: () => number): SimClient {
    const at = Math.floor(random() * 4);
    const client = this.clients[at];
    if (client !== undefined && !client.isClosed) return client;
    const made = new SimClient(SimServer.current!);
    this.clients.push(made);
    return made;
  }

  async start(): Promise<void> {
    this.trace.push('start');
    const note = (text: string) => void this.log.push(text);
    const starting = SimulatedBroker.start({
      dataDir: '/data',
      files: this.files.life(),
      now: () => this.loop.nowMs,
      topicDefaults: { 'segment.ms': String(12 * hourMs) },
      retentionCheckIntervalMs: 60_000,
      logger: { debug: note, info: note, warn: note, error: note } as never,
    });
    this.broker = await this.drive(starting);
    const topics = await this.ask('metadata', 12, { topics: null, allowAutoTopicCreation: false });
    const ids = new Set<string>();
    for (const { name, topicId, partitions, errorCode } of topics.topics) {
      if (errorCode !== 0 || name === internalName) continue;
      ids.add(topicId);
      this.promises.saw(topicId, name!, partitions.length);
    }
    this.detail(topics.topics.map(({ name, partitions }) => `${name}×${partitions.length}`).join(' '));
    this.promises.listed(ids);
    for (const { name, topicId, partitions } of topics.topics) {
      const topic = this.promises.topics.get(topicId);
      if (topic !== undefined && partitions.length < topic.partitions) {
        throw new BrokenPromise(
          `topic ${name} has ${partitions.length} partitions, ${topic.partitions} were promised`,
        );
      }
    }
    await readAll(this);
    await readCommits(this);
  }

  /** A request whose answer is waited for; nothing else happens meanwhile. */
  async ask<Name extends Parameters<SimClient['send']>[0]>(
    name: Name,
    version: number,
    request: Parameters<typeof SimClient.prototype.send<Name>>[2],
  ): Promise<ResponseOf<Name>> {
    const client = new SimClient(SimServer.current!);
    const { promise, resolve } = Promise.withResolvers<ResponseOf<Name>>();
    client.send(name, version, request, resolve);
    const answer = await this.drive(promise, () => client.isClosed);
    client.close();
    return answer;
  }

  async drive<T>(promise: Promise<T>, isHopeless: () => boolean = () => false): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    promise.then(done, done);
    for (let i = 0; i < 20_000; i++) {
      await this.loop.settle();
      if (isDone) return promise;
      // Nothing of it goes on; a clock that did would let offsets and retention expire.
      if (this.files.isDead) throw new Error('the process has ended');
      if (isHopeless()) throw new BrokenPromise(`the broker closed the connection: ${this.log.at(-1)}`);
      if (this.loop.immediates > 0) this.loop.turn();
      else if (this.files.completions.length > 0) this.files.complete(0);
      else if (this.loop.nextTimerMs < Number.POSITIVE_INFINITY)
        await this.loop.advance(this.loop.nextTimerMs);
      else break;
    }
    throw new BrokenPromise('a call never ended');
  }

  async idle(): Promise<void> {
    for (let i = 0; i < 20_000; i++) {
      await this.loop.settle();
      if (this.files.isDead || this.failure !== null) return;
      if (this.loop.immediates > 0) this.loop.turn();
      else if (this.files.completions.length > 0) this.files.complete(0);
      else {
        mustNotWait(this);
        return;
      }
    }
    throw new BrokenPromise('the broker never comes to rest');
  }

  complete(random: () => number): void {
    const { length } = this.files.completions;
    if (length > 0) this.detail(this.files.complete(Math.floor(random() * length)));
  }

  async advance(ms: number): Promise<void> {
    const before = this.loop.nowMs;
    await this.loop.advance(ms);
    for (const topic of this.promises.topics.values()) {
      topic.expiredBelowMs = Math.max(topic.expiredBelowMs, before + ms - topic.retentionMs);
    }
  }

  async look(): Promise<void> {
    if (this.files.plan !== null) return;
    await this.idle();
    if (!this.files.isDead && this.failure === null) await readAll(this);
  }

  async stop(): Promise<void> {
    if (this.files.plan !== null) return;
    await this.idle();
    for (const client of this.clients) client.close();
    this.clients = [];
    await this.loop.settle();
    const broker = this.broker!;
    await this.drive(broker.stop()).catch((error: unknown) => {
      if (!this.files.isDead) throw error;
    });
    if (!this.files.isDead && this.files.openFiles > 0) {
      throw new BrokenPromise(`${this.files.openFiles} files stay open after a stop`);
    }
    this.end(false);
  }

  end(machineToo: boolean): void {
    if (machineToo) this.files.cutPower();
    else this.files.kill();
    this.loop.forget();
    this.promises.ended(machineToo);
    this.broker = null;
    this.clients = [];
    this.fetches.clear();
    this.committing.clear();
    this.groups.ended();
    for (const member of this.members) {
      member.isJoining = false;
      member.isSyncing = false;
    }
    for (const { open } of this.producers) if (open !== null) open.inFlight = false;
  }

  fail(random: () => number): void {
    const code = ['EMFILE', 'ENOSPC', 'EIO'][Math.floor(random() * 3)]!;
    const rate = random() < 0.5 ? 1 : 0.3;
    const fails: Record<string, readonly string[]> = {
      EMFILE: ['open', 'syncDir'],
      ENOSPC: ['open', 'write', 'rename', 'makeDir'],
      EIO: [['datasync', 'syncDir'], ['write', 'truncate'], ['read']][Math.floor(random() * 3)]!,
    };
    this.detail(`${code} ${rate}: ${fails[code]!.join(' ')}`);
    // A coordinator whose log fails reads back what it had stored.
    this.groups.mayReload();
    this.files.plan = (call) => {
      if (!fails[code]!.includes(call) || random() > rate) return null;
      if (call === 'datasync') this.promises.cacheMayBeLost = true;
      return code;
    };
  }

  async heal(): Promise<void> {
    if (this.files.plan === null) return;
    this.files.plan = null;
    await this.idle();
    await this.advance(5 * 60_000);
    await this.idle();
  }
}
