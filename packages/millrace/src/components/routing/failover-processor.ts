import { defineProcessor } from '../../component/define.ts';
import type { GroupMember, Seating, SeatingFinding, SinkProcessor } from '../../component/processor.ts';
import type { ProcessStatus } from '../../component/source.ts';
import { nearest } from '../../config/nearest.ts';
import { parseJavaInteger } from '../../config/option-numbers.ts';
import { opt } from '../../config/options.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';

const options = {
  priority: opt.map({
    doc: 'priority.SINK: a whole number, larger is preferred; a sink without one comes after those with, in their order.',
  }),
  maxpenalty: opt.duration('ms', {
    doc: 'The longest time that a failed sink is left out.',
    default: 30_000,
    min: 0,
    onBad: 'default',
    onOutside: 'default',
    flumeSays: (written) => `${written} is not a valid value for maxpenalty`,
  }),
};

export const failoverProcessor = defineProcessor({
  type: 'failover',
  classNames: ['org.apache.flume.sink.FailoverSinkProcessor'],
  summary: 'The live sink of the highest priority works; when it fails, the next one does.',
  example: `
a1.sinks = k1 k2
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1 k2
a1.sinkgroups.g1.processor.type = failover
a1.sinkgroups.g1.processor.priority.k1 = 10
a1.sinkgroups.g1.processor.priority.k2 = 5
a1.sinkgroups.g1.processor.maxpenalty = 10000
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.kafka.bootstrap.servers = first:9092
a1.sinks.k1.kafka.topic = events
a1.sinks.k2.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k2.channel = c1
a1.sinks.k2.kafka.bootstrap.servers = second:9092
a1.sinks.k2.kafka.topic = events
`,
  options,
  seat: ({ priority }, sinks) => seatByPriority(priority, sinks),
  promises: (_, sinks) => ({
    does: `gives all to ${sinks[0]}, and to the next of ${sinks.slice(1).join(', ')} while that fails`,
  }),
  create: ({ options: { priority, maxpenalty }, members, log }) => {
    const names = members.map(({ name }) => name);
    return new FailoverProcessor(
      members,
      { priorities: prioritiesOf(priority, names).priorities, maxPenaltyMs: maxpenalty },
      log,
    );
  },
});

/** A sink without a priority, or with one that is no number, has the next of -1, -2, …. */
function prioritiesOf(
  written: ReadonlyMap<string, string>,
  sinks: readonly string[],
): { readonly priorities: ReadonlyMap<string, number>; readonly replaced: readonly string[] } {
  const priorities = new Map<string, number>();
  const replaced: string[] = [];
  let next = 0;
  for (const sink of sinks) {
    const text = written.get(sink);
    const number = text === undefined ? undefined : parseJavaInteger(text);
    if (text !== undefined && number === undefined) replaced.push(sink);
    priorities.set(sink, number ?? --next);
  }
  return { priorities, replaced };
}

/** Two sinks of one priority: the second is left out. */
function seatByPriority(written: ReadonlyMap<string, string>, sinks: readonly string[]): Seating {
  const findings: SeatingFinding[] = [];
  for (const sink of written.keys()) {
    if (sinks.includes(sink)) continue;
    const near = nearest(sink, sinks);
    findings.push({
      key: `priority.${sink}`,
      code: 'unknown-sink',
      message: `${sink} has a priority but is not one of its sinks`,
      ...(near === undefined ? {} : { suggestion: `did you mean ${near}?` }),
    });
  }
  const { priorities, replaced } = prioritiesOf(written, sinks);
  const takenBy = new Map<number, string>();
  const seated: string[] = [];
  for (const [sink, priority] of priorities) {
    const key = `priority.${sink}`;
    if (replaced.includes(sink)) {
      const message = `priority of ${sink}: "${written.get(sink)}" is not a whole number; ${priority} is taken`;
      findings.push({ key, code: 'number-replaced', message });
    }
    const other = takenBy.get(priority);
    if (other === undefined) {
      takenBy.set(priority, sink);
      seated.push(sink);
      continue;
    }
    findings.push({
      key,
      code: 'double-priority',
      message: `sink ${sink} is left out: its priority ${priority} is that of ${other}`,
      suggestion: 'give each sink a priority of its own',
      flumeLog: `Sink ${sink} not added to FailverSinkProcessor as priorityduplicates that of sink ${other}`,
    });
  }
  const [only] = seated.toSorted((a, b) => priorities.get(b)! - priorities.get(a)!);
  return { sinks: seated, findings, ...(only === undefined ? {} : { only }) };
}

const penaltyUnitMs = 1000;
/** Beyond it the penalty is longer than any `maxpenalty` that makes sense, and 2^n would leave the integers. */
const maxFailures = 30;

interface Failed {
  readonly member: GroupMember;
  failures: number;
  retryAt: number;
}

/**
 * Flume's FailoverSinkProcessor: the live sink of the highest priority works. One that fails is left out for
 * min(maxPenalty, 2^n s); then its next turn decides: `ready` (events were acknowledged) brings it back, `backoff`
 * leaves it on trial, an error makes the penalty grow. What the live sink has under way is landed before such a turn.
 */
export class FailoverProcessor implements SinkProcessor {
  readonly #priorities: ReadonlyMap<string, number>;
  readonly #maxPenaltyMs: number;
  readonly #log: Logger;
  readonly #now: () => number;
  /** Highest priority first. */
  #live: GroupMember[];
  /** The one whose penalty ends first, first. */
  #failed: Failed[] = [];

  constructor(
    members: readonly GroupMember[],
    options: { priorities: ReadonlyMap<string, number>; maxPenaltyMs: number },
    log: Logger,
    now: () => number = Date.now,
  ) {
    this.#priorities = options.priorities;
    this.#maxPenaltyMs = options.maxPenaltyMs;
    this.#log = log;
    this.#now = now;
    this.#live = [...members].sort((a, b) => this.#priority(b) - this.#priority(a));
  }

  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const trial = this.#failed[0];
    if (trial !== undefined && trial.retryAt <= this.#now()) {
      await this.#withLive(signal, (live) => live.land(signal));
      if (signal.aborted) return 'ready';
      const status = await this.#retryFailed(signal);
      if (status !== null) return status;
    }
    while (this.#live.length > 0) {
      const status = await this.#withLive(signal, (live) => live.flow(signal));
      if (status !== null) return status;
    }
    throw new MillraceError('DELIVERY_FAILED', 'All sinks failed to process, nothing left to failover to');
  }

  /** What the live sink came to; null when there is none, or it failed and is live no more. */
  async #withLive<T>(signal: AbortSignal, work: (live: GroupMember) => Promise<T>): Promise<T | null> {
    const live = this.#live[0];
    if (live === undefined) return null;
    try {
      return await work(live);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#log.warn(`Sink ${live.name} failed and has been sent to failover list: ${errorText(error)}`, {
        error,
      });
      this.#live.shift();
      this.#penalise({ member: live, failures: 0, retryAt: 0 });
      return null;
    }
  }

  /** Gives those whose penalty is over a turn; the status of the first that did not throw, or null. */
  async #retryFailed(signal: AbortSignal): Promise<ProcessStatus | null> {
    for (
      let first = this.#failed[0];
      first !== undefined && first.retryAt <= this.#now();
      first = this.#failed[0]
    ) {
      this.#failed.shift();
      try {
        const status = await first.member.turn(signal);
        if (status === 'ready') {
          this.#log.info(`Sink ${first.member.name} was recovered from the fail list`);
          this.#live.push(first.member);
          this.#live.sort((a, b) => this.#priority(b) - this.#priority(a));
        } else {
          this.#enqueue(first);
        }
        return status;
      } catch (error) {
        if (signal.aborted) {
          this.#enqueue(first);
          throw error;
        }
        this.#log.debug(`Sink ${first.member.name} failed again: ${errorText(error)}`, { error });
        this.#penalise(first);
      }
    }
    return null;
  }

  forgive(): void {
    for (const failed of this.#failed) failed.retryAt = 0;
  }

  #penalise(failed: Failed): void {
    failed.failures = Math.min(failed.failures + 1, maxFailures);
    failed.retryAt = this.#now() + Math.min(this.#maxPenaltyMs, 2 ** failed.failures * penaltyUnitMs);
    this.#enqueue(failed);
  }

  #enqueue(failed: Failed): void {
    this.#failed.push(failed);
    this.#failed.sort((a, b) => a.retryAt - b.retryAt);
  }

  #priority(member: GroupMember): number {
    return this.#priorities.get(member.name) ?? 0;
  }
}
