import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { after, type Timer } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import { keyOf, type OffsetReset, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import type { Fetcher } from './fetcher.ts';
import { askOffsets, earliestOffset, latestOffset } from './offsets.ts';

export interface PositionsOptions {
  /** For messages: `group g: `, or nothing. */
  readonly prefix: string;
  readonly reset: OffsetReset;
  readonly readCommitted: boolean;
  readonly retryBackoffMs: number;
  /** The committed offsets of those partitions that have one. */
  committed(partitions: readonly TopicPartition[]): Promise<readonly TopicPartitionOffset[]>;
}

interface Owned extends TopicPartition {
  /** What has to be asked for before it can be read. */
  need: 'committed' | 'reset' | null;
  /** Not asked for again before this time. */
  notBefore: number;
  /** The offset that the log did not have; null: there never was one. */
  lostOffset: number | null;
  /** The lowest offset that was handed on since the partition came; what is below may be another member's by now. */
  lowest: number | null;
  /** The topic that is read; null: not known. */
  topicId: string | null;
}

/** With `auto.offset.reset=none` it is looked so often whether somebody has committed an offset. */
const stuckRetryMs = 1000;

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/**
 * Which partitions are read here, and from where: each finds its committed offset, else what `auto.offset.reset` says,
 * on its own and in the background; one that cannot be positioned yet holds up no other. What Kafka's consumer has in
 * `SubscriptionState`.
 */
export class Positions {
  readonly #client: KafkaClient;
  readonly #fetcher: Fetcher;
  readonly #options: PositionsOptions;
  readonly #onChange: () => void;
  readonly #owned = new Map<string, Owned>();
  readonly #busy = new Set<Owned>();
  /** Whose position the log did not have; nobody was told yet. */
  #reset: TopicPartition[] = [];
  #failure: MillraceError | null = null;
  #timer: Timer | null = null;
  #closed = false;

  /** @param onChange called when there may be something to take or to tell */
  constructor(client: KafkaClient, fetcher: Fetcher, options: PositionsOptions, onChange: () => void) {
    this.#client = client;
    this.#fetcher = fetcher;
    this.#options = options;
    this.#onChange = onChange;
  }

  get owned(): readonly TopicPartition[] {
    return [...this.#owned.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  owns(partition: TopicPartition): boolean {
    return this.#owned.has(keyOf(partition));
  }

  /** The partitions are read from now on, from the offset where one is given. */
  add(partitions: readonly (TopicPartition & { readonly offset?: number })[]): void {
    for (const { topic, partition, offset } of partitions) {
      const need = offset === undefined ? 'committed' : null;
      const lowest = offset ?? null;
      this.#owned.set(keyOf({ topic, partition }), {
        ...{ topic, partition, need, lowest, topicId: this.#topicId(topic) },
        notBefore: 0,
        lostOffset: null,
      });
      if (offset !== undefined) this.#fetcher.start([{ topic, partition, offset }]);
    }
  }

  /** Nothing of the partitions is handed on any more; what was may still be committed. */
  hold(partitions: readonly TopicPartition[]): void {
    this.#fetcher.stop(partitions);
    for (const partition of partitions) {
      const owned = this.#owned.get(keyOf(partition));
      if (owned !== undefined) owned.need = null;
    }
  }

  /** They are no longer read here. */
  remove(partitions: readonly TopicPartition[]): void {
    this.#fetcher.stop(partitions);
    for (const partition of partitions) this.#owned.delete(keyOf(partition));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#owned.clear();
  }

  seek(partition: TopicPartition, offset: number): void {
    const owned = this.#owned.get(keyOf(partition));
    if (owned === undefined) return;
    owned.need = null;
    this.#start(owned, offset);
  }

  /** They are read on from their committed offsets, looked up anew. */
  returnToCommitted(partitions: readonly TopicPartition[]): void {
    this.#fetcher.stop(partitions);
    for (const partition of partitions) {
      const owned = this.#owned.get(keyOf(partition));
      if (owned === undefined) continue;
      owned.need = 'committed';
      owned.lowest = null;
    }
  }

  /** Whether the offset may be committed: it is not from a time before the partition came here. */
  mayCommit({ topic, partition, offset }: TopicPartitionOffset): boolean {
    const lowest = this.#owned.get(keyOf({ topic, partition }))?.lowest ?? null;
    return lowest !== null && offset >= lowest;
  }

  /** The topic in which the partition's present position was found; null: not known. */
  topicIdOf(partition: TopicPartition): string | null {
    return this.#owned.get(keyOf(partition))?.topicId ?? null;
  }

  /** Partitions that lost their position since the last call: offsets from before mean nothing any more. */
  takeReset(): readonly TopicPartition[] {
    const reset = this.#reset;
    this.#reset = [];
    return reset;
  }

  /** Begins to look up what is missing. Throws what went wrong for good; the next call tries again. */
  step(): void {
    this.#lostByFetcher();
    if (this.#failure !== null) {
      const failure = this.#failure;
      this.#failure = null;
      throw failure;
    }
    this.#lookUp('committed', (list) => this.#findCommitted(list));
    this.#lookUp('reset', (list) => this.#findReset(list));
  }

  /** Throws where a partition cannot be read because `auto.offset.reset` is `none`. */
  throwIfStuck(): void {
    if (this.#options.reset !== 'none') return;
    const without = [...this.#owned.values()].filter(({ need }) => need === 'reset');
    if (without.length > 0) throw this.#noOffset(without);
    const lost = this.#fetcher.lostPositions();
    if (lost.length === 0) return;
    const names = lost.map((each) => `${nameOf(each)} has no offset ${each.offset}`).join(', ');
    throw new MillraceError('OFFSET_OUT_OF_RANGE', `${this.#options.prefix}${names}`, {
      remedy: 'Commit or seek to an offset of the log, or set auto.offset.reset to earliest or latest.',
    });
  }

  #noOffset(partitions: readonly TopicPartition[]): MillraceError {
    const names = partitions.map(nameOf).join(', ');
    return new MillraceError('KAFKA', `${this.#options.prefix}no offset to start from for ${names}`, {
      remedy: 'Commit an offset, or set auto.offset.reset to earliest or latest.',
    });
  }

  #topicId(topic: string): string | null {
    return this.#client.cachedTopic(topic)?.topicId ?? null;
  }

  #lostByFetcher(): void {
    if (this.#options.reset === 'none') return;
    for (const lost of this.#fetcher.lostPositions()) {
      this.#fetcher.stop([lost]);
      const owned = this.#owned.get(keyOf(lost));
      if (owned === undefined) continue;
      owned.need = 'reset';
      owned.lostOffset = lost.offset;
      owned.lowest = null;
      this.#reset.push({ topic: lost.topic, partition: lost.partition });
    }
  }

  #lookUp(need: 'committed' | 'reset', find: (list: readonly Owned[]) => Promise<void>): void {
    const now = performance.now();
    const due: Owned[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const owned of this.#owned.values()) {
      if (owned.need !== need || this.#busy.has(owned)) continue;
      if (owned.notBefore <= now) due.push(owned);
      else next = Math.min(next, owned.notBefore);
    }
    this.#wakeIn(next - now);
    if (due.length === 0) return;
    for (const owned of due) this.#busy.add(owned);
    const end = (): void => {
      for (const owned of due) this.#busy.delete(owned);
      this.#onChange();
    };
    find(due).then(end, (error: unknown) => {
      this.#later(due, this.#options.retryBackoffMs);
      this.#fail(error);
      end();
    });
  }

  #wakeIn(ms: number): void {
    if (ms === Number.POSITIVE_INFINITY || this.#timer !== null || this.#closed) return;
    this.#timer = after(ms + 1, () => {
      this.#timer = null;
      this.#onChange();
    });
  }

  #later(list: Iterable<Owned>, ms: number): void {
    const at = performance.now() + ms;
    for (const owned of list) owned.notBefore = at;
  }

  /** What may pass is tried again and only noted. */
  #fail(error: unknown): void {
    if (this.#closed) return;
    if (error instanceof MillraceError && error.retryable) {
      this.#client.log.debug('a position is not known yet', { error: errorText(error) });
      return;
    }
    this.#failure ??=
      error instanceof MillraceError ? error : new MillraceError('KAFKA', errorText(error), { cause: error });
  }

  /** Still read here, and nobody has set another position meanwhile. */
  #stillNeeds(owned: Owned, need: 'committed' | 'reset'): boolean {
    return this.#owned.get(keyOf(owned)) === owned && owned.need === need;
  }

  async #findCommitted(list: readonly Owned[]): Promise<void> {
    await this.#client.refreshTopics([...new Set(list.map(({ topic }) => topic))]);
    const offsets = new Map((await this.#options.committed(list)).map((each) => [keyOf(each), each.offset]));
    for (const owned of list) {
      if (!this.#stillNeeds(owned, 'committed')) continue;
      const offset = offsets.get(keyOf(owned));
      if (offset !== undefined) this.#start(owned, offset);
      else owned.need = 'reset';
    }
  }

  async #findReset(list: readonly Owned[]): Promise<void> {
    const { reset, readCommitted, retryBackoffMs } = this.#options;
    if (reset === 'none') {
      // Somebody may commit an offset with a tool meanwhile.
      const offsets = await this.#options.committed(list);
      for (const { offset, ...partition } of offsets) {
        const owned = this.#owned.get(keyOf(partition));
        if (owned !== undefined && this.#stillNeeds(owned, 'reset')) this.#start(owned, offset);
      }
      this.#later(list, stuckRetryMs);
      return;
    }
    // A log without the position may be another topic's: else that would be noticed later, and its records come again.
    const lost = list.filter(({ lostOffset }) => lostOffset !== null);
    if (lost.length > 0) await this.#client.refreshTopics([...new Set(lost.map(({ topic }) => topic))]);
    const timestamp = reset === 'earliest' ? earliestOffset : latestOffset;
    const { found, open, error } = await askOffsets(this.#client, list, timestamp, readCommitted);
    for (const { offset, ...partition } of found) {
      const owned = this.#owned.get(keyOf(partition));
      if (owned === undefined || !this.#stillNeeds(owned, 'reset')) continue;
      this.#tell(owned, offset);
      this.#start(owned, offset);
    }
    if (open.length === 0) return;
    const late = open.flatMap((partition) => this.#owned.get(keyOf(partition)) ?? []);
    this.#later(late, retryBackoffMs * 2);
    this.#client.refreshSoon([...new Set(open.map(({ topic }) => topic))]);
    this.#fail(error);
  }

  /** A reset moves over records or reads some again: it is never silent. */
  #tell(owned: Owned, to: number): void {
    const { prefix, reset } = this.#options;
    const from = owned.lostOffset;
    const { log } = this.#client;
    if (from === null) {
      log.info(
        `${prefix}${nameOf(owned)} has no committed offset; it is read from ${to} on (auto.offset.reset=${reset})`,
      );
    } else {
      log.warn(
        `${prefix}${nameOf(owned)} has no offset ${from}; reset from ${from} to ${to} (auto.offset.reset=${reset})`,
      );
    }
  }

  #start(owned: Owned, offset: number): void {
    owned.need = null;
    owned.lostOffset = null;
    owned.lowest = Math.min(owned.lowest ?? offset, offset);
    const { topic, partition } = owned;
    owned.topicId = this.#topicId(topic);
    this.#fetcher.start([{ topic, partition, offset }]);
  }
}
