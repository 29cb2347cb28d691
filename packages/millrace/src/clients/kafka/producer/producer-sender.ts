import { errorText, MillraceError } from '../../../runtime/errors.ts';
import type { KafkaClient } from '../client.ts';
import type { Outgoing, PartitionQueue, ProducerIdentity } from './partition-queue.ts';
import { type ProduceErrorRule, produceErrorRule } from './produce-errors.ts';
import { type ProduceAnswer, type ProducedIn, sendProduce } from './produce-request.ts';
import type { ProducerLimits } from './producer-limits.ts';
import { requestOverheadBytes } from './topic-queue.ts';

/** Compressing runs in the thread pool: so many batches of a partition are made ready ahead of the socket. */
const sealAhead = 2;

interface Load {
  readonly queue: PartitionQueue;
  readonly outgoing: Outgoing;
}

/** What the sender asks of its producer. */
export interface SenderHost {
  /** Null where the producer has none; a new one is asked for where `renew`. */
  identity(renew: boolean): ProducerIdentity | null;
  /** Whether records may go to the partition: one that has to be added to the transaction first is asked for. */
  admits(partition: PartitionQueue): boolean;
  /** Of which transaction the records are. */
  readonly transaction: ProducedIn | null;
  /** Something was answered or made ready: look again. */
  changed(): void;
  /** Some events of a delivery were given up: others of it need not leave. */
  gaveUp(error: MillraceError): void;
  /** Something was acknowledged. */
  gotThrough(): void;
  /** Something will be tried again, because of this. */
  troubled(error: MillraceError): void;
  /** The partition has something to send and no leader. */
  leaderless(partition: PartitionQueue): void;
}

/** Makes requests of what the partitions have to send, a batch of each at most, and deals with the answers. */
export class ProducerSender {
  readonly #client: KafkaClient;
  readonly #limits: ProducerLimits;
  readonly #host: SenderHost;
  /** Partitions that have something to send or to wait for; who had a turn goes to the end. */
  readonly #active = new Set<PartitionQueue>();
  /** Requests in flight per broker. */
  readonly #flying = new Map<number, number>();
  #flyingTotal = 0;

  constructor(client: KafkaClient, limits: ProducerLimits, host: SenderHost) {
    this.#client = client;
    this.#limits = limits;
    this.#host = host;
  }

  get active(): ReadonlySet<PartitionQueue> {
    return this.#active;
  }

  get flying(): number {
    return this.#flyingTotal;
  }

  flyingTo(nodeId: number): number {
    return this.#flying.get(nodeId) ?? 0;
  }

  queued(queue: PartitionQueue): void {
    this.#active.add(queue);
  }

  /**
   * Sends what may leave now. The time (as `performance.now()` counts) at which more may, Infinity where an answer
   * must come first. `routeMore` is called when a partition got room.
   */
  send(now: number, routeMore: () => void): number {
    const { nodes, nextAt } = this.#ready(now);
    for (const nodeId of nodes) {
      while (this.flyingTo(nodeId) < this.#limits.maxInFlight && this.#sendTo(nodeId, now)) routeMore();
    }
    return nextAt;
  }

  #leaderOf({ topic, partition }: PartitionQueue): number {
    return this.#client.cachedTopic(topic)?.partitions[partition]?.leader ?? -1;
  }

  #ready(now: number): { nodes: Set<number>; nextAt: number } {
    const nodes = new Set<number>();
    const stale = new Set<string>();
    let nextAt = Number.POSITIVE_INFINITY;
    for (const queue of this.#active) {
      if (queue.empty) {
        this.#active.delete(queue);
        continue;
      }
      const leader = this.#leaderOf(queue);
      if (leader < 0) {
        stale.add(queue.topic);
        this.#host.leaderless(queue);
      } else nodes.add(leader);
      const parked = queue.parkedUntil();
      const due = queue.partsDueAt(this.#limits);
      if (parked > now && parked < nextAt) nextAt = parked;
      if (due > now && due < nextAt) nextAt = due;
    }
    if (stale.size > 0) {
      this.#client.refreshSoon([...stale]);
      nextAt = Math.min(nextAt, now + this.#limits.retryBackoffMs);
    }
    return { nodes, nextAt };
  }

  /** One request with at most one batch of each partition that the broker leads; false when there is nothing. */
  #sendTo(nodeId: number, now: number): boolean {
    const load: Load[] = [];
    let bytes = requestOverheadBytes;
    for (const queue of this.#active) {
      if (queue.empty || this.#leaderOf(queue) !== nodeId) continue;
      const outgoing = this.#readyBatch(queue, now);
      if (outgoing === null) continue;
      const size = outgoing.sealed!.sizeBytes;
      // The first that does not fit is first next time: a small one behind it must not starve it.
      if (load.length > 0 && bytes + size > this.#limits.maxRequestBytes) break;
      bytes += size;
      load.push({ queue, outgoing });
    }
    if (load.length === 0) return false;
    for (const { queue, outgoing } of load) {
      outgoing.state = 'flying';
      this.#active.delete(queue);
      this.#active.add(queue);
    }
    this.#count(nodeId, 1);
    sendProduce(this.#client, nodeId, this.#limits, load, this.#host.transaction)
      .then(
        (answers) => this.#answered(load, answers),
        (error: unknown) => this.#unanswered(load, asMillraceError(error)),
      )
      .finally(() => {
        this.#count(nodeId, -1);
        this.#host.changed();
      });
    return true;
  }

  #count(nodeId: number, change: 1 | -1): void {
    this.#flyingTotal += change;
    const now = this.flyingTo(nodeId) + change;
    if (now === 0) this.#flying.delete(nodeId);
    else this.#flying.set(nodeId, now);
  }

  /** The next batch of the partition, formed and sealed; null where none may leave yet. */
  #readyBatch(queue: PartitionQueue, now: number): Outgoing | null {
    const unsent = queue.outgoing.length - queue.flying;
    const ahead = this.#limits.compression === 'none' ? 1 : sealAhead;
    const waits = !queue.hurry && this.#flyingTotal > 0 && queue.partsBytes < this.#limits.busyBytes;
    for (let n = unsent; !waits && n < ahead && queue.partsDueAt(this.#limits) <= now; n++)
      queue.form(this.#limits, Date.now());
    const identity = this.#limits.idempotence ? this.#host.identity(queue.epochsUsedUp) : null;
    if (this.#limits.idempotence && identity === null) return null;
    if (this.#limits.transactional && !this.#host.admits(queue)) return null;
    queue.sealAll(this.#limits, identity, now, (outgoing, sealing) => {
      sealing
        .catch((error: unknown) => this.#abandon(queue, outgoing, asMillraceError(error)))
        .finally(() => this.#host.changed());
    });
    const next = queue.nextToSend(now);
    return next !== null && next.sealed !== null ? next : null;
  }

  // Answers

  #answered(load: readonly Load[], answers: ReadonlyMap<string, ProduceAnswer> | null): void {
    const stale = new Set<string>();
    for (const { queue, outgoing } of load) {
      if (answers === null) {
        queue.acknowledged(outgoing, -1);
        continue;
      }
      const where = `${queue.topic}-${queue.partition}`;
      const answer = answers.get(where);
      if (answer === undefined) {
        outgoing.unsure = true;
        this.#retry(queue, outgoing, new MillraceError('PROTOCOL', `${where}: not in the broker's answer`));
        continue;
      }
      const rule = produceErrorRule(answer.errorCode);
      if (rule.refresh === true) stale.add(queue.topic);
      if (rule.action === 'done') {
        queue.acknowledged(outgoing, answer.baseOffset);
        this.#host.gotThrough();
      } else this.#refusedBatch(queue, outgoing, answer, rule);
    }
    if (stale.size > 0) this.#client.refreshSoon([...stale]);
  }

  #refusedBatch(
    queue: PartitionQueue,
    outgoing: Outgoing,
    answer: ProduceAnswer,
    rule: ProduceErrorRule,
  ): void {
    if (rule.unsure === true) outgoing.unsure = true;
    const error = refusal(rule, `${queue.topic}-${queue.partition}`, answer.errorMessage);
    // Given up while it was under way: its transaction has failed.
    if (this.#limits.transactional && !queue.outgoing.includes(outgoing)) return;
    outgoing.strikes = rule.refuseAfter === undefined ? 0 : outgoing.strikes + 1;
    const isStruckOut = rule.refuseAfter !== undefined && outgoing.strikes >= rule.refuseAfter;
    switch (isStruckOut ? 'refuse' : rule.action) {
      case 'refuse':
        outgoing.unsure = false;
        this.#refuse(queue, outgoing, answer, rule, error);
        break;
      case 'sequence':
        if (this.#limits.transactional && queue.outgoing[0] === outgoing) {
          this.#abandon(queue, outgoing, error);
        } else if (this.#limits.idempotence) {
          queue.sequenceRefused(outgoing);
          this.#retry(queue, outgoing, error);
        } else this.#abandon(queue, outgoing, error);
        break;
      case 'retry':
        this.#retry(queue, outgoing, error);
        break;
      default:
        this.#abandon(queue, outgoing, error);
    }
  }

  /** Those that the answer names, a batch of one or all alike are refused; else the batch is halved. */
  #refuse(
    queue: PartitionQueue,
    outgoing: Outgoing,
    { recordErrors }: ProduceAnswer,
    rule: ProduceErrorRule,
    error: MillraceError,
  ): void {
    const { count } = outgoing.batch;
    const remedy = rule.remedy === undefined ? '' : ` ${rule.remedy}`;
    const bad = new Map<number, string>();
    for (const { batchIndex, batchIndexErrorMessage: text } of recordErrors) {
      if (batchIndex < 0 || batchIndex >= count) continue;
      bad.set(batchIndex, `${error.message}${text === null ? '' : `: ${text}`}.${remedy}`);
    }
    if (bad.size === 0 && count > 1) {
      queue.halve(outgoing);
      return;
    }
    if (bad.size === 0) {
      bad.set(0, `${error.message}: the record has ${outgoing.batch.sizeBytes} bytes.${remedy}`);
    }
    queue.refuse(outgoing, bad);
    if (this.#limits.transactional) this.#host.gaveUp(error);
  }

  #unanswered(load: readonly Load[], error: MillraceError): void {
    const stale = new Set(load.map(({ queue }) => queue.topic));
    for (const { queue, outgoing } of load) {
      if (!queue.outgoing.includes(outgoing)) continue;
      outgoing.unsure = true;
      if (error.retryable) this.#retry(queue, outgoing, error);
      else this.#abandon(queue, outgoing, error);
    }
    this.#client.refreshSoon([...stale]);
  }

  /** Parks the batch for another try, unless it is out of tries or time. */
  #retry(queue: PartitionQueue, outgoing: Outgoing, last: MillraceError): void {
    this.#host.troubled(last);
    const now = performance.now();
    const { retries, deliveryTimeoutMs, retryBackoffMs, retryBackoffMaxMs } = this.#limits;
    if (outgoing.attempts >= retries) {
      this.#abandon(queue, outgoing, last);
      return;
    }
    if (outgoing.deadline <= now) {
      const text = `not delivered within ${deliveryTimeoutMs} ms; last: ${last.message}`;
      this.#abandon(queue, outgoing, new MillraceError('TIMEOUT', text, { cause: last }));
      return;
    }
    const backoff = Math.min(retryBackoffMaxMs, retryBackoffMs * 2 ** Math.min(outgoing.attempts, 16));
    queue.park(outgoing, now + Math.round(backoff * (0.8 + Math.random() * 0.4)));
  }

  #abandon(queue: PartitionQueue, outgoing: Outgoing, error: MillraceError): void {
    queue.abandon(outgoing, error);
    this.#host.gaveUp(error);
  }
}

function refusal(rule: ProduceErrorRule, where: string, text: string | null): MillraceError {
  const { name, remedy } = rule;
  const message = text === null || text === '' ? `${where}: ${name}` : `${where}: ${name}: ${text}`;
  return new MillraceError('KAFKA', message, {
    details: { error: name },
    ...(remedy === undefined ? {} : { remedy }),
  });
}

export function asMillraceError(error: unknown): MillraceError {
  return error instanceof MillraceError
    ? error
    : new MillraceError('KAFKA_CONNECTION', errorText(error), { cause: error });
}
