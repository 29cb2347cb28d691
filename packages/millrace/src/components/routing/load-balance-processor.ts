import { defineProcessor } from '../../component/define.ts';
import type { GroupMember, SinkProcessor } from '../../component/processor.ts';
import type { ProcessStatus } from '../../component/source.ts';
import { opt } from '../../config/options.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';

const options = {
  selector: opt.enum(['round_robin', 'random'], {
    doc: 'How the sink that works next is chosen.',
    default: 'round_robin',
    flumeSays: (written) => `Unable to instantiate sink selector: ${written}`,
  }),
  backoff: opt.boolean({ doc: 'Whether a failed sink is left out for a while.', default: false }),
  'selector.maxTimeOut': opt.duration('ms', {
    doc: 'The longest time that a failed sink is left out.',
    java: 'long',
    default: 30_000,
    min: 0,
  }),
};

export const loadBalanceProcessor = defineProcessor({
  type: 'load_balance',
  classNames: ['org.apache.flume.sink.LoadBalancingSinkProcessor'],
  summary:
    'Each turn goes to the next sink, or to a random one; when it fails, the following ones are tried at once.',
  example: `
a1.sinks = k1 k2
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1 k2
a1.sinkgroups.g1.processor.type = load_balance
a1.sinkgroups.g1.processor.backoff = true
a1.sinkgroups.g1.processor.selector = random
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.kafka.bootstrap.servers = first:9092
a1.sinks.k1.kafka.topic = events
a1.sinks.k2.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k2.channel = c1
a1.sinks.k2.kafka.bootstrap.servers = second:9092
a1.sinks.k2.kafka.topic = events
`,
  options,
  seat: (_, sinks) => {
    if (sinks.length > 1) return { sinks, findings: [] };
    const message =
      'The LoadBalancingSinkProcessor cannot be used for a single sink. Please configure more than one sinks and try again.';
    return { sinks, findings: [{ key: 'type', message, code: 'bad-group', needsMore: true }] };
  },
  promises: ({ selector }, sinks) => ({
    does: `gives a batch to each of ${sinks.join(', ')} ${selector === 'random' ? 'at random' : 'in turn'}, one at a time`,
    order: 'batches of different sinks overtake one another',
  }),
  create: ({ options: { selector, backoff, 'selector.maxTimeOut': maxTimeOutMs }, members, log }) =>
    new LoadBalanceProcessor(members, { selector, backoff, maxTimeOutMs }, log),
});

const backoffUnitMs = 1000;
const maxSequentialFailures = 16;
/** A failure counts as sequential when it comes within this time after the last back-off ended. */
const sequentialRangeMs = 3_600_000;

interface Health {
  lastFailure: number;
  sequentialFailures: number;
  backAt: number;
}

export interface LoadBalanceOptions {
  readonly selector: 'round_robin' | 'random';
  /** Whether a sink that failed is left out for a while. */
  readonly backoff: boolean;
  readonly maxTimeOutMs: number;
}

/**
 * Flume's LoadBalancingSinkProcessor: each turn goes to the next sink (or a random one); when it fails the following
 * ones are tried at once. `backoff` from a sink is no failure: the turn is over.
 */
export class LoadBalanceProcessor implements SinkProcessor {
  readonly #members: readonly GroupMember[];
  readonly #options: LoadBalanceOptions;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #health = new Map<GroupMember, Health>();
  #next = 0;

  constructor(
    members: readonly GroupMember[],
    options: LoadBalanceOptions,
    log: Logger,
    now: () => number = Date.now,
    random: () => number = Math.random,
  ) {
    this.#members = members;
    this.#options = options;
    this.#log = log;
    this.#now = now;
    this.#random = random;
  }

  async process(signal: AbortSignal): Promise<ProcessStatus> {
    for (const member of this.#order()) {
      try {
        return await member.turn(signal);
      } catch (error) {
        if (signal.aborted) throw error;
        this.#noteFailure(member);
        this.#log.warn(
          `Sink failed to consume event. Attempting next sink if available. ${member.name}: ${errorText(error)}`,
          { error },
        );
      }
    }
    throw new MillraceError('DELIVERY_FAILED', 'All configured sinks have failed');
  }

  forgive(): void {
    for (const health of this.#health.values()) health.backAt = 0;
  }

  /** The sinks that are not backed off, in the order of this turn. */
  #order(): GroupMember[] {
    const now = this.#now();
    const able = this.#members.filter((member) => (this.#health.get(member)?.backAt ?? 0) <= now);
    if (this.#options.selector === 'random') return shuffled(able, this.#random);
    const begin = this.#next < able.length ? this.#next : 0;
    this.#next = begin + 1 < able.length ? begin + 1 : 0;
    return [...able.slice(begin), ...able.slice(0, begin)];
  }

  #noteFailure(member: GroupMember): void {
    if (!this.#options.backoff) return;
    const now = this.#now();
    const health = this.#health.get(member);
    const sequential =
      health !== undefined &&
      now - health.lastFailure < this.#penalty(health.sequentialFailures) + sequentialRangeMs;
    const failures = sequential ? Math.min(health.sequentialFailures + 1, maxSequentialFailures) : 1;
    this.#health.set(member, {
      lastFailure: now,
      sequentialFailures: failures,
      backAt: now + this.#penalty(failures),
    });
  }

  #penalty(failures: number): number {
    return Math.min(this.#options.maxTimeOutMs, 2 ** failures * backoffUnitMs);
  }
}

function shuffled(members: readonly GroupMember[], random: () => number): GroupMember[] {
  const order = [...members];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
