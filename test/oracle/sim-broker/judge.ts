import type { ResponseOf } from '../../../packages/millrace/src/protocol/messages.ts';
import { iterateBatches } from '../../../packages/millrace/src/records/batch-header.ts';
import { openBatch } from '../../../packages/millrace/src/records/open-batch.ts';
import { producedBatch } from '../../../packages/testkit/src/kafka/produced-batch.ts';
import { BrokenPromise } from '../../../packages/testkit/src/sim/history.ts';
import { keptName } from './names.ts';
import type { KnownTopic } from './promises.ts';
import type { BrokerWorld } from './world.ts';

/** At rest, a fetch waits only where there is nothing to give. */
export function mustNotWait(world: BrokerWorld): void {
  if (world.files.plan !== null) return;
  for (const { topic, partition, offset } of world.fetches) {
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

export function mustBeAnswered(world: BrokerWorld): void {
  for (const { waiting } of world.clients) {
    const first = waiting.find(({ name }) => !['fetch', 'joinGroup', 'syncGroup'].includes(name));
    if (first !== undefined && waiting[0] === first)
      throw new BrokenPromise(`${first.name} was never answered`);
  }
}

/** What a consumer was given: nothing skipped, nothing made up. Returns where it goes on. */
export function judgeShown(
  world: BrokerWorld,
  topic: KnownTopic,
  partition: number,
  from: number,
  answer: ResponseOf<'fetch'>,
): number {
  const data = answer.responses[0]?.partitions[0];
  if (data === undefined || data.errorCode !== 0 || data.records === null) return from;
  const bytes = data.records as Buffer;
  let offset = from;
  for (const { at, header } of iterateBatches(bytes)) {
    judgeGone(world, topic, partition, offset, header.baseOffset, data.logStartOffset);
    const batch = openBatch(bytes, at, { verifyCrc: true });
    for (let i = 0; i < batch.count; i++) {
      world.promises.shown(
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

function judgeGone(
  world: BrokerWorld,
  topic: KnownTopic,
  partition: number,
  from: number,
  to: number,
  start: number,
): void {
  const known = topic.partition(partition);
  for (const [offset, { body, timestamp, grade }] of known.records) {
    if (offset < from || offset >= to || (grade === 'cache' && world.promises.cacheMayBeLost)) continue;
    if (offset < start && (offset < known.trimmedTo || timestamp < topic.expiredBelowMs)) continue;
    throw new BrokenPromise(
      `${topic.name}-${partition} offset ${offset} (${body.split(' ')[0]}) was acknowledged and is not there`,
    );
  }
}

/** Everything that was promised of data is read. */
export async function readAll(world: BrokerWorld): Promise<void> {
  for (const topic of world.promises.live()) {
    for (const [partition, known] of topic.known) {
      if (known.records.size === 0) continue;
      let offset = 0;
      for (;;) {
        const answer = await world.ask('fetch', 13, fetchRequest(topic.id, partition, offset, 0));
        const data = answer.responses[0]!.partitions[0]!;
        if (data.errorCode === 1) {
          // Below the start: a deletion or retention has moved it.
          judgeGone(world, topic, partition, offset, data.logStartOffset, data.logStartOffset);
          if (data.logStartOffset <= offset) break;
          offset = data.logStartOffset;
          continue;
        }
        if (data.errorCode !== 0) {
          throw new BrokenPromise(
            `${topic.name}-${partition} cannot be read at ${offset}: error ${data.errorCode}`,
          );
        }
        const next = judgeShown(world, topic, partition, offset, answer);
        if (next === offset) {
          judgeGone(world, topic, partition, offset, Number.MAX_SAFE_INTEGER, data.logStartOffset);
          break;
        }
        offset = next;
      }
    }
  }
}

export async function readCommits(world: BrokerWorld): Promise<void> {
  for (const groupId of world.promises.commits.keys()) {
    const answer = await world.ask('offsetFetch', 8, {
      groups: [{ groupId, topics: [{ name: keptName, partitionIndexes: [0] }] }],
    });
    const { committedOffset, errorCode } = answer.groups[0]!.topics[0]!.partitions[0]!;
    if (errorCode !== 0) throw new BrokenPromise(`OffsetFetch of ${groupId}: error ${errorCode}`);
    world.promises.committed(groupId, committedOffset);
  }
}

/** A disk that is well again makes a broker that works, without a restart. */
export async function takesAgain(world: BrokerWorld): Promise<void> {
  for (const topic of world.promises.live()) {
    for (let partition = 0; partition < topic.partitions; partition++) {
      const body = `${topic.name}${world.serial++} last`;
      topic.sent.add(body);
      const timestampMs = world.loop.nowMs;
      const records = producedBatch([body], { timestampMs });
      const { responses } = await world.ask('produce', 13, {
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
      world.promises.acknowledged(topic, partition, baseOffset, [body], timestampMs, 'device');
    }
  }
}

export function fetchRequest(topicId: string, partition: number, fetchOffset: number, maxWaitMs: number) {
  return {
    maxWaitMs,
    minBytes: 1,
    maxBytes: 1 << 20,
    topics: [{ topicId, partitions: [{ partition, fetchOffset, partitionMaxBytes: 1 << 20 }] }],
  };
}
