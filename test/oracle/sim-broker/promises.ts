import { BrokenPromise } from '../../../packages/testkit/src/sim/history.ts';

/** `device`: must outlive a power cut. `cache`: must outlive the process. */
export type Grade = 'device' | 'cache';

interface KnownRecord {
  readonly body: string;
  readonly timestamp: number;
  grade: Grade;
}

export class KnownPartition {
  readonly records = new Map<number, KnownRecord>();
  /** Highest offset that a DeleteRecords has asked for; all below may be gone. */
  trimmedTo = 0;
}

export class KnownTopic {
  readonly id: string;
  readonly name: string;
  /** `doomed`: a deletion is under way or was not answered; it is there whole, or gone. */
  state: 'live' | 'doomed' | 'gone' = 'live';
  /** Partitions that were promised. */
  partitions = 0;
  readonly #partitions = new Map<number, KnownPartition>();
  /** Bodies that were sent, whatever became of them. */
  readonly sent = new Set<string>();
  /** Records older than this may have been taken by retention. */
  expiredBelowMs = Number.NEGATIVE_INFINITY;
  retentionMs = Number.POSITIVE_INFINITY;

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
  }

  partition(index: number): KnownPartition {
    let known = this.#partitions.get(index);
    if (known === undefined) {
      known = new KnownPartition();
      this.#partitions.set(index, known);
    }
    return known;
  }

  get known(): Iterable<readonly [number, KnownPartition]> {
    return this.#partitions;
  }
}

interface PendingDelete {
  readonly name: string | null;
  readonly id: string | null;
}

interface Commit {
  acknowledged: number | null;
  /** Sent and not answered, or answered with an error: may be there, may be not. */
  readonly uncertain: Set<number>;
}

/** What a broker has promised to its clients, in their words: topics by id, records by offset, committed offsets. */
export class Promises {
  readonly topics = new Map<string, KnownTopic>();
  readonly commits = new Map<string, Commit>();
  readonly #deletes = new Set<PendingDelete>();
  /** A sync has failed: what was acknowledged without one may be gone, though the process lives on. */
  cacheMayBeLost = false;

  /** An answer showed a topic. */
  saw(id: string, name: string, partitions: number): KnownTopic {
    let topic = this.topics.get(id);
    if (topic === undefined) {
      topic = new KnownTopic(id, name);
      this.topics.set(id, topic);
      for (const pending of this.#deletes)
        if (pending.name === name || pending.id === id) topic.state = 'doomed';
    }
    if (topic.state === 'gone') throw new BrokenPromise(`topic ${name} (${id}) was deleted and is back`);
    topic.partitions = Math.max(topic.partitions, partitions);
    return topic;
  }

  live(): KnownTopic[] {
    return [...this.topics.values()].filter(({ state }) => state === 'live');
  }

  deleteSent(name: string | null, id: string | null): PendingDelete {
    const pending = { name, id };
    this.#deletes.add(pending);
    for (const topic of this.topics.values()) {
      if (topic.state === 'live' && (topic.name === name || topic.id === id)) topic.state = 'doomed';
    }
    return pending;
  }

  /** `deleted`: the id that was deleted, null where the answer is that nothing was, undefined where that is open. */
  deleteAnswered(pending: PendingDelete, deleted: string | null | undefined): void {
    if (deleted === undefined) return;
    this.#deletes.delete(pending);
    if (deleted !== null) {
      const topic = this.topics.get(deleted);
      if (topic !== undefined) topic.state = 'gone';
      else this.#bury(deleted, pending.name ?? '');
    }
    for (const topic of this.topics.values()) {
      if (topic.state !== 'doomed') continue;
      const isWanted = [...this.#deletes].some(({ name, id }) => topic.name === name || topic.id === id);
      if (!isWanted) topic.state = 'live';
    }
  }

  #bury(id: string, name: string): void {
    const topic = new KnownTopic(id, name);
    topic.state = 'gone';
    this.topics.set(id, topic);
  }

  acknowledged(
    topic: KnownTopic,
    partition: number,
    baseOffset: number,
    bodies: readonly string[],
    timestamp: number,
    grade: Grade,
  ): void {
    const { records } = topic.partition(partition);
    for (const [i, body] of bodies.entries()) {
      const offset = baseOffset + i;
      const known = records.get(offset);
      const mayBeLost = known?.grade === 'cache' && this.cacheMayBeLost;
      if (known !== undefined && known.body !== body && !mayBeLost) {
        throw new BrokenPromise(
          `${topic.name}-${partition} offset ${offset} is given to ${body}, it was ${known.body}'s`,
        );
      }
      if (known?.grade !== 'device' || mayBeLost) records.set(offset, { body, timestamp, grade });
    }
  }

  /** A consumer was shown a record: it is there to stay, and somebody sent it. */
  shown(topic: KnownTopic, partition: number, offset: number, body: string, timestamp: number): void {
    if (!topic.sent.has(body)) {
      throw new BrokenPromise(
        `${topic.name}-${partition} offset ${offset} reads ${JSON.stringify(body.slice(0, 20))}, which nobody sent there`,
      );
    }
    this.acknowledged(topic, partition, offset, [body], timestamp, 'device');
  }

  /** A process has ended; what only the page cache had is forgotten if the machine went too. */
  ended(machineToo: boolean): void {
    const isLost = machineToo || this.cacheMayBeLost;
    this.cacheMayBeLost = false;
    for (const topic of this.topics.values()) {
      for (const [, { records }] of topic.known) {
        for (const [offset, { grade }] of records) if (isLost && grade === 'cache') records.delete(offset);
      }
    }
  }

  /** After a start: which topics there are. What a deletion left open is settled by it. */
  listed(ids: ReadonlySet<string>): void {
    this.#deletes.clear();
    for (const topic of this.topics.values()) {
      if (topic.state === 'live' && !ids.has(topic.id)) {
        throw new BrokenPromise(`topic ${topic.name} (${topic.id}) is not there any more`);
      }
      if (topic.state === 'doomed') topic.state = ids.has(topic.id) ? 'live' : 'gone';
    }
  }

  commitSent(key: string, offset: number): void {
    let commit = this.commits.get(key);
    if (commit === undefined) {
      commit = { acknowledged: null, uncertain: new Set() };
      this.commits.set(key, commit);
    }
    commit.uncertain.add(offset);
  }

  commitAcknowledged(key: string, offset: number): void {
    const commit = this.commits.get(key)!;
    commit.acknowledged = offset;
    commit.uncertain.clear(); // one at a time for each key
  }

  /** The broker has said that it was not stored, and why it never will be. */
  commitRefused(key: string, offset: number): void {
    this.commits.get(key)!.uncertain.delete(offset);
  }

  committed(key: string, offset: number): void {
    const commit = this.commits.get(key)!;
    if (offset === (commit.acknowledged ?? -1)) return;
    if (!commit.uncertain.has(offset)) {
      throw new BrokenPromise(
        `${key} has committed ${commit.acknowledged ?? 'nothing'}, the broker says ${offset}`,
      );
    }
    commit.acknowledged = offset;
    commit.uncertain.clear();
  }
}
