import { MillraceError } from '../../../runtime/errors.ts';
import type { Admin } from '../admin/admin.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import type { ProducerIdentity } from '../producer/partition-queue.ts';
import { requestProducerId } from '../producer/produce-request.ts';
import { type CopyContext, IdenticalCopy } from './identical-copy.ts';
import { OffsetRuns } from './offset-runs.ts';
import type { PartitionCopy } from './partition-copy.ts';
import type { PartitionPlan } from './partition-plan.ts';
import { committed, type Progress } from './progress-group.ts';
import { retrying } from './retrying.ts';
import { readyWriter, TransactionWriter } from './transaction-writer.ts';
import { TranslatedCopy } from './translated-copy.ts';

export interface MirrorCopiesOptions {
  /** Names the group that keeps the progress, and the transactions. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly requestTimeoutMs: number;
  /** Offsets of the source that are to be translated exactly. */
  wanted(partition: TopicPartition): readonly number[];
  /** The source is to be read from there. */
  seek(at: TopicPartitionOffset): void;
  changed(): void;
}

const maxWaitingBytes = 64 * 1024 * 1024;

/** The copies of a mirror, and what they share: the producer, the transactions, the room for what waits. */
export class MirrorCopies {
  readonly #to: Admin;
  readonly #options: MirrorCopiesOptions;
  readonly #copies = new Map<string, PartitionCopy>();
  /** Of those that are copied offset for offset. */
  readonly #identical: TopicPartitionOffset[] = [];
  #context: CopyContext | null = null;
  #writer: Promise<TransactionWriter | null> | null = null;
  readonly #closing = new AbortController();

  constructor(to: Admin, options: MirrorCopiesOptions) {
    this.#to = to;
    this.#options = options;
  }

  get(partition: TopicPartition): PartitionCopy | undefined {
    return this.#copies.get(keyOf(partition));
  }

  all(): IterableIterator<PartitionCopy> {
    return this.#copies.values();
  }

  /** Copies for what is not refused. Throws `KAFKA`, `KAFKA_CONNECTION`. */
  async add(plans: readonly PartitionPlan[], progress: ReadonlyMap<string, Progress>): Promise<void> {
    const open = plans.filter(({ refused }) => refused === null);
    const identical = open.filter(({ translated }) => translated === null);
    if (identical.length > 0) {
      const context = await this.#contextFor(identical, progress);
      for (const each of identical) this.#copies.set(keyOf(each), new IdenticalCopy(context, each));
    }
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

  async close(): Promise<void> {
    this.#closing.abort();
    // One that never came needs no end, and whoever asked for it has been told.
    await (await this.#writer?.catch(() => null))?.close();
  }

  /** The producer of what is copied offset for offset is the one that a predecessor had. */
  async #contextFor(
    plans: readonly PartitionPlan[],
    progress: ReadonlyMap<string, Progress>,
  ): Promise<CopyContext> {
    this.#identical.push(...plans.map(({ topic, partition, next }) => ({ topic, partition, offset: next })));
    if (this.#context !== null) {
      await this.#remember(this.#context.producer);
      return this.#context;
    }
    const { signal, requestTimeoutMs, changed, seek } = this.#options;
    const to = this.#to.client;
    const newProducer = async (): Promise<ProducerIdentity> =>
      await this.#remember(await retrying(() => requestProducerId(to, requestTimeoutMs), signal));
    const known = [...progress.values()].find((each) => each.kind === 'identical');
    const producer = known === undefined ? await newProducer() : await this.#remember(known.producer);
    this.#context = {
      ...{ to, admin: this.#to, producer, requestTimeoutMs, maxWaitingBytes, newProducer, signal },
      waitingBytes: 0,
      seek: (at, offset) => seek({ ...at, offset }),
      changed,
      onGap: (copy, gap) => void this.#handOver(copy, gap),
    };
    return this.#context;
  }

  async #remember(producer: ProducerIdentity): Promise<ProducerIdentity> {
    const offsets = this.#identical.map((at) =>
      committed(at, { kind: 'identical', offset: at.offset, producer }),
    );
    await retrying(() => this.#to.alterGroupOffsets(this.#options.name, offsets), this.#options.signal);
    return producer;
  }

  /** From the gap on the partition is copied in transactions. What is remembered of that comes first. */
  async #handOver(copy: IdenticalCopy, gap: MillraceError): Promise<void> {
    const { partition } = copy;
    const { name, signal, seek, changed } = this.#options;
    try {
      const writer = await this.#openWriter();
      if (writer === null) {
        copy.abandon(gap);
        return;
      }
      const runs = new OffsetRuns([{ source: 0, target: 0, count: copy.position }]);
      const next = new TranslatedCopy(writer, partition, { position: copy.position, runs }, copy);
      const isThis = (at: TopicPartition): boolean => keyOf(at) === keyOf(partition);
      const at = this.#identical.findIndex(isThis);
      if (at >= 0) this.#identical.splice(at, 1);
      await retrying(() => this.#to.alterGroupOffsets(name, [committed(partition, next.progress)]), signal);
      this.#copies.set(keyOf(partition), next);
      writer.add(next);
      seek({ ...partition, offset: next.position });
      changed();
    } catch (error) {
      if (signal.aborted) return;
      copy.abandon(error instanceof MillraceError ? error : gap);
    }
  }

  #openWriter(): Promise<TransactionWriter | null> {
    this.#writer ??= this.#makeWriter().catch((error) => {
      this.#writer = null; // the next one that needs it tries again
      throw error;
    });
    return this.#writer;
  }

  /** Null: the target serves no transactions. Waits for it as long as nobody ends the mirror. */
  async #makeWriter(): Promise<TransactionWriter | null> {
    const { name, signal, changed, wanted } = this.#options;
    const writer = new TransactionWriter(this.#to.client, {
      ...{ name, signal, changed },
      wanted: (copy) => wanted(copy.partition),
    });
    const over = AbortSignal.any([signal, this.#closing.signal]);
    const giveUp = (): void => void writer.close();
    over.addEventListener('abort', giveUp);
    if (over.aborted) giveUp();
    let isReady = false;
    try {
      isReady = await readyWriter(writer, over);
    } finally {
      over.removeEventListener('abort', giveUp);
      if (!isReady) await writer.close();
    }
    return isReady ? writer : null;
  }
}

const noTransactions = (name: string): MillraceError =>
  new MillraceError('KAFKA', `${name} was copied in transactions, and the target serves none`);
