/** One, two and four agents of one consumer group: for how long a partition stands still when members come and go. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { OffsetProbe } from '../../packages/testkit/src/kafka/offset-probe.ts';
import { ManagedProcess, runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { type AgentProgram, agentPrograms } from '../lib/agent-run.ts';
import { KafkaPeer } from '../lib/kafka-peer.ts';
import type { Measurement, ProcessCost } from '../lib/measurement.ts';
import type { Measured } from '../lib/programs.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';

const partitions = 16;
/** Events a second of one partition. */
const rate = 5;
const lookMs = 10;
/** How long partitions are watched after each change, and after a member was killed. */
const watchMs = 12_000;
const watchKilledMs = 20_000;
const restMs = 5000;
/** Partitions that have all moved within so long count as moving: the machine may be busy. */
const steadyMs = 3000;
/** About as many as come in the time that a run takes at least. */
const nominalEvents = Math.round(((4 * watchMs + watchKilledMs) / 1000) * rate) * partitions;
const client = resolve(import.meta.dirname, '../lib/steady-client.ts');

const sessionMs = 10_000;
const heartbeatMs = 3000;
/** The broker's own word with `group.protocol=consumer`; 5 s is its default. */
const consumerHeartbeatMs = 5000;

interface Entry {
  readonly what: string;
  readonly program: AgentProgram;
  readonly lines: readonly string[];
}

const classic = [`session.timeout.ms = ${sessionMs}`, `heartbeat.interval.ms = ${heartbeatMs}`];
const entries: Readonly<Record<string, Entry>> = {
  'flume-classic': {
    what: `Flume's KafkaSource (clients of Kafka 2.7, range assignor: all give up everything), session.timeout.ms ${sessionMs}, heartbeat.interval.ms ${heartbeatMs}`,
    program: 'flume',
    lines: classic,
  },
  'millrace-classic': {
    what: 'the same file run by Millrace (range assignor, too)',
    program: 'millrace',
    lines: classic,
  },
  'millrace-cooperative': {
    what: 'the same with the cooperative-sticky assignor: what a member keeps goes on',
    program: 'millrace',
    lines: [
      ...classic,
      'partition.assignment.strategy = org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
    ],
  },
  'millrace-consumer': {
    what: `group.protocol=consumer (KIP-848); the broker asks for a heartbeat every ${consumerHeartbeatMs} ms and takes a member for dead after ${sessionMs} ms`,
    program: 'millrace',
    lines: ['group.protocol = consumer'],
  },
};

function confOf(bootstrap: string, topics: { from: string; to: string }, lines: readonly string[]): string {
  const source = [
    ...['type = org.apache.flume.source.kafka.KafkaSource', 'channels = c1', 'batchDurationMillis = 200'],
    // Flume passes over it.
    'acknowledge = delivered',
    // Else an empty look costs a second and more, at each change and without one: Flume's rule, not the group's.
    ...['backoffSleepIncrement = 10', 'maxBackoffSleep = 50'],
    ...[`kafka.bootstrap.servers = ${bootstrap}`, `kafka.topics = ${topics.from}`],
    ...[`kafka.consumer.group.id = ${topics.from}`, 'kafka.consumer.auto.offset.reset = earliest'],
    ...lines.map((line) => `kafka.consumer.${line}`),
  ];
  const sink = [
    ...['type = org.apache.flume.sink.kafka.KafkaSink', 'channel = c1', 'partitionIdHeader = partition'],
    ...[`kafka.bootstrap.servers = ${bootstrap}`, `kafka.topic = ${topics.to}`],
    // Events say by a header which topic they come from, and that would be where they go.
    ...['allowTopicOverride = false', 'flumeBatchSize = 1000', 'kafka.producer.acks = all'],
  ];
  return `${[
    ...['a1.sources = r1', 'a1.channels = c1', 'a1.sinks = k1'],
    ...source.map((line) => `a1.sources.r1.${line}`),
    ...['a1.channels.c1.type = memory', 'a1.channels.c1.capacity = 100000'],
    'a1.channels.c1.transactionCapacity = 10000',
    ...sink.map((line) => `a1.sinks.k1.${line}`),
  ].join('\n')}\n`;
}

/** Sees when partitions move. */
class Flow implements AsyncDisposable {
  readonly #probe: OffsetProbe;
  readonly #topic: string;
  #offsets: readonly number[] = new Array<number>(partitions).fill(0);
  readonly #movedAtMs = new Array<number>(partitions).fill(performance.now());
  #longestMs = 0;
  #isOver = false;
  #fault: unknown = null;
  readonly #looking: Promise<void>;

  constructor(probe: OffsetProbe, topic: string) {
    this.#probe = probe;
    this.#topic = topic;
    this.#looking = this.#look();
  }

  async #look(): Promise<void> {
    try {
      while (!this.#isOver) {
        const offsets = await this.#probe.endOffsets(this.#topic, partitions);
        const now = performance.now();
        for (let i = 0; i < partitions; i += 1) {
          if (offsets[i] === this.#offsets[i]) continue;
          this.#longestMs = Math.max(this.#longestMs, now - this.#movedAtMs[i]!);
          this.#movedAtMs[i] = now;
        }
        this.#offsets = offsets;
        await sleep(lookMs);
      }
    } catch (error) {
      this.#fault = error;
    }
  }

  get count(): number {
    if (this.#fault !== null) throw this.#fault;
    return this.#offsets.reduce((sum, offset) => sum + offset, 0);
  }

  /** All partitions have moved lately. */
  get isSteady(): boolean {
    return Math.min(...this.#movedAtMs) > performance.now() - steadyMs && this.count > 0;
  }

  /** The longest time that a partition stood still, of those that ended within the next `ms`; it ends with all moving. */
  async longestWithin(ms: number): Promise<number> {
    this.#longestMs = 0;
    await sleep(ms);
    await waitFor('all partitions to move', () => this.isSteady, { timeoutMs: 120_000, everyMs: lookMs });
    return this.#longestMs;
  }

  /** When the last event came: after it there were none for as long as a retry takes. */
  async rests(): Promise<number> {
    const movedAtMs = () => Math.max(...this.#movedAtMs);
    await waitFor('no more events to come', () => performance.now() - movedAtMs() > restMs, {
      timeoutMs: 120_000,
    });
    return movedAtMs();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#looking;
    await this.#probe[Symbol.asyncDispose]();
  }
}

/** What of the numbers is missing in the topic, and what is there again. */
async function comparedWith(
  bootstrap: string,
  topic: string,
  events: number,
): Promise<{ lost: number; doubles: number }> {
  const args = ['-b', bootstrap, '-C', '-t', topic, '-o', 'beginning', '-e', '-q'];
  const { stdout } = await runToEnd('kcat', args, { timeoutMs: 120_000, keepBytes: 64 * 1024 * 1024 });
  const lines = stdout.trim().split('\n');
  const different = new Set(lines).size;
  if (different > events) throw new Misconfigured(`${topic} has ${different} different events of ${events}`);
  return { lost: events - different, doubles: lines.length - different };
}

async function measureGroup(
  kafka: KafkaPeer,
  name: string,
  { program, lines }: Entry,
  run: number,
): Promise<Measurement> {
  const topics = { from: `from-${name}-${run}`, to: `to-${name}-${run}` };
  await kafka.createTopic(topics.from, partitions);
  await kafka.createTopic(topics.to, partitions);
  await using dir = tempDir('millrace-bench-');
  await using open = new AsyncDisposableStack();
  const agents: Measured[] = [];
  const startAgent = async () => {
    const conf = confOf(kafka.bootstrap, topics, lines);
    agents.push(open.use(await agentPrograms[program](dir.join(`agent-${agents.length + 1}`), conf)));
  };
  const beganAtMs = performance.now();
  await startAgent();
  const args = [client, kafka.bootstrap, topics.from, `${partitions}`, `${rate}`];
  const feeder = open.use(await ManagedProcess.spawn(process.execPath, args, { name: 'steady client' }));
  const flow = open.use(new Flow(await OffsetProbe.open(kafka.port), topics.to));
  const steady = { timeoutMs: 180_000, everyMs: 50 };
  await waitFor('the first agent to read all partitions', () => flow.isSteady, steady);
  const readyAtMs = performance.now();

  const still = await flow.longestWithin(5000);
  const changed = async (change: () => Promise<unknown>, ms = watchMs) => {
    const longest = flow.longestWithin(ms);
    await change();
    return await longest;
  };
  const second = await changed(startAgent);
  const fourth = await changed(() => Promise.all([startAgent(), startAgent()]));
  for (const agent of agents) agent.check();
  const left = await changed(() => agents[3]!.process.stop({ graceMs: 30_000 }));
  const killed = await changed(() => agents[2]!.process.kill(), watchKilledMs);

  const exit = await feeder.stop({ graceMs: 60_000 });
  if (exit.code !== 0) throw new Misconfigured(`the client ended: ${feeder.tail()}`);
  const { sent: events } = JSON.parse(feeder.stdout.trim()) as { sent: number };
  const lastAtMs = await flow.rests();
  const costs = agents.map((agent) => agent.costSinceMark());
  for (const agent of agents.slice(0, 2)) agent.check(); // Flume tells of every rebalance as of an error
  const { lost, doubles } = await comparedWith(kafka.bootstrap, topics.to, events);
  return {
    ...{ events, bytes: events * 12, eventsPerSecond: events / ((lastAtMs - readyAtMs) / 1000) },
    ...{ wholeSeconds: (lastAtMs - beganAtMs) / 1000, readyAfterMs: readyAtMs - beganAtMs },
    processes: { [name]: sumOf(costs) },
    figures: {
      'at rest, ms': still,
      '1 to 2, ms': second,
      '2 to 4, ms': fourth,
      'one leaves, ms': left,
      'one is killed, ms': killed,
      ...{ lost, doubles },
    },
  };
}

const sumOf = (costs: readonly ProcessCost[]): ProcessCost => ({
  cpuSeconds: costs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  readyRssBytes: null,
  peakRssBytes: costs.reduce((sum, { peakRssBytes }) => sum + (peakRssBytes ?? 0), 0),
});

export const rebalance: RowSpec = {
  name: 'rebalance',
  title: 'Agents of one consumer group that come and go',
  method: `A topic of ${partitions} partitions, ${rate} events a second in each for as long as a run takes (a minute at least), read by agents of one consumer group and written to a topic of as many partitions, each to its own; four agents in the end, of which one is stopped and one killed. The figures are the longest time that any partition of the second topic stood still at each change. What the protocols need at most: at a change a member hears of it with its next heartbeat (${heartbeatMs} ms; ${consumerHeartbeatMs} ms with \`group.protocol=consumer\`, where giving up and taking over are a heartbeat each), after a kill when the session is over (${sessionMs} ms). \`backoffSleepIncrement\` is 10 ms and \`maxBackoffSleep\` 50 ms for all: with Flume's defaults a source that finds nothing once waits a second, twice two, up to five, and that is what one would see. CPU and memory are those of all agents. Lost events are those that the killed agent had in its memory channel: Millrace has \`acknowledge = delivered\`, which Flume does not know; doubles are in the second topic again.`,
  baseline: 'flume-classic',
  onDemand: true,
  eventsOf: () => nominalEvents,
  contenderNames: Object.keys(entries),
  async open({ contenders }): Promise<Row> {
    const kafka = await KafkaPeer.start({
      'group.initial.rebalance.delay.ms': 0,
      'group.consumer.heartbeat.interval.ms': consumerHeartbeatMs,
      'group.consumer.min.session.timeout.ms': sessionMs,
      'group.consumer.session.timeout.ms': sessionMs,
    });
    return {
      contenders: contenders.map(
        (name): Contender => ({
          name,
          what: entries[name]!.what,
          measure: ({ run }) => measureGroup(kafka, name, entries[name]!, run),
        }),
      ),
      [Symbol.asyncDispose]: () => kafka[Symbol.asyncDispose](),
    };
  },
};
