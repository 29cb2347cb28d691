/** Producing without retries: every acknowledged batch is an obligation with its partition, offset and bytes. */
import type { KcatRecord } from '../kafka/kcat.ts';
import { producedBatch } from '../kafka/produced-batch.ts';
import { WireClient } from '../kafka/wire-client.ts';
import { lineIdentity, lineOf } from './lines.ts';

export interface Acknowledged {
  readonly partition: number;
  readonly baseOffset: number;
  readonly lines: readonly string[];
}

/** One record of a topic, from whatever reads it. */
export type HeldRecord = Pick<KcatRecord, 'partition' | 'offset' | 'value'>;

export class RawProducer {
  readonly acknowledged: Acknowledged[] = [];
  /** Answers that were errors; a broker on its way down may give them. */
  refusals = 0;
  readonly #name: string;
  readonly #partitions: number;
  #next = 0;

  constructor(name: string, partitions: number) {
    this.#name = name;
    this.#partitions = partitions;
  }

  /** Lines tried so far, acknowledged or not. */
  get attempted(): ReadonlyMap<string, number> {
    return new Map([[this.#name, this.#next]]);
  }

  /** Sends batches, `depth` under way at once, until the connection ends or `running` says no. */
  async run(port: number, topic: string, running: () => boolean, depth = 4): Promise<void> {
    using client = await WireClient.connect(port);
    const flights: Promise<void>[] = [];
    try {
      while (running()) {
        flights.push(this.#send(client, topic));
        if (flights.length >= depth) await flights.shift();
      }
      await Promise.all(flights);
    } catch {
      // The connection ended: what was under way is acknowledged or not, nobody knows.
    }
    await Promise.allSettled(flights);
  }

  #send(client: WireClient, topic: string): Promise<void> {
    const partition = this.#next % this.#partitions;
    const lines = Array.from({ length: 1 + (this.#next % 7) }, (_, i) => lineOf(this.#name, this.#next + i));
    this.#next += lines.length;
    const topicData = [{ name: topic, partitionData: [{ index: partition, records: producedBatch(lines) }] }];
    const correlationId = client.post('produce', 9, { acks: -1, timeoutMs: 30_000, topicData });
    const answer = client.receive('produce', 9, correlationId);
    return answer.then(({ responses }) => {
      const { errorCode, baseOffset } = responses[0]!.partitionResponses[0]!;
      if (errorCode === 0) this.acknowledged.push({ partition, baseOffset, lines });
      else this.refusals++;
    });
  }
}

/** What is wrong with a topic, given all that was acknowledged and all that was tried. */
export function topicFaults(
  held: readonly HeldRecord[],
  acknowledged: readonly Acknowledged[],
  attempted: ReadonlyMap<string, number>,
): string[] {
  const at = new Map(
    held.map(({ partition, offset, value }) => [`${partition}/${offset}`, value.toString('utf8')]),
  );
  const faults: string[] = [];
  for (const { partition, baseOffset, lines } of acknowledged) {
    for (const [i, line] of lines.entries()) {
      const there = at.get(`${partition}/${baseOffset + i}`);
      if (there === line) continue;
      faults.push(
        `${partition}/${baseOffset + i}: ${there === undefined ? 'missing' : 'other bytes'}, ${line.slice(0, 30)}`,
      );
    }
  }
  for (const value of at.values()) {
    const identity = lineIdentity(value);
    if (identity === null || identity.number >= (attempted.get(identity.stream) ?? 0))
      faults.push(`nobody wrote ${value.slice(0, 60)}`);
  }
  return faults;
}

/** Gaps in the offsets of a topic that never lost its beginning. */
export function offsetGaps(held: readonly HeldRecord[]): string[] {
  const next = new Map<number, number>();
  const gaps: string[] = [];
  for (const { partition, offset } of held) {
    const wanted = next.get(partition) ?? 0;
    if (offset !== wanted) gaps.push(`${partition}: ${offset} after ${wanted - 1}`);
    next.set(partition, offset + 1);
  }
  return gaps;
}

/** Everything in a topic of a broker, by single fetch requests. */
export async function fetchAll(port: number, topic: string, partitions: number): Promise<HeldRecord[]> {
  const { openBatch } = await import('../../../millrace/src/records/open-batch.ts');
  const { iterateBatches } = await import('../../../millrace/src/records/batch-header.ts');
  using client = await WireClient.connect(port);
  const held: HeldRecord[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    for (let offset = 0; ; ) {
      const wanted = [{ partition, fetchOffset: offset, partitionMaxBytes: 1 << 20 }];
      const topics = [{ topic, partitions: wanted }];
      const answer = await client.request('fetch', 11, {
        maxWaitMs: 0,
        minBytes: 1,
        sessionEpoch: -1,
        topics,
      });
      const records = answer.responses[0]?.partitions[0]?.records;
      const before = offset;
      if (records) {
        for (const { at, header } of iterateBatches(records)) {
          const batch = openBatch(records, at, { verifyCrc: true });
          for (let i = 0; i < batch.count; i++) {
            if (header.baseOffset + i < before) continue;
            held.push({ partition, offset: header.baseOffset + i, value: Buffer.from(batch.event(i).body) });
          }
          offset = header.baseOffset + header.lastOffsetDelta + 1;
        }
      }
      if (offset === before) break;
    }
  }
  return held;
}
