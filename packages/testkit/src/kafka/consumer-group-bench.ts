/** What tests of groups of the consumer protocol stand on: a group over a log of its records, and members that behave. */

import { isFault, type RequestFault } from '../../../millrace/src/broker/core/fault.ts';
import { ConsumerGroup } from '../../../millrace/src/broker/group/consumer/consumer-group.ts';
import {
  type ConsumerRecord,
  decodeConsumerRecord,
  encodeConsumerRecord,
} from '../../../millrace/src/broker/group/consumer/consumer-records.ts';
import { fence, heartbeat, leave } from '../../../millrace/src/broker/group/consumer/heartbeat.ts';
import type {
  HeartbeatAnswer,
  HeartbeatInput,
  HeartbeatWorld,
} from '../../../millrace/src/broker/group/consumer/heartbeat-types.ts';
import type { TopicsView } from '../../../millrace/src/broker/group/consumer/subscriptions.ts';
import { randomUuid } from '../../../millrace/src/protocol/uuid.ts';

export class TestTopics implements TopicsView {
  version = 0;
  readonly #topics = new Map<string, { id: string; partitions: number }>();

  names(): Iterable<string> {
    return this.#topics.keys();
  }

  find(name: string): { id: string; partitions: number } | undefined {
    return this.#topics.get(name);
  }

  /** Makes a topic, or lets it grow. */
  put(name: string, partitions: number): void {
    this.version++;
    const id = this.#topics.get(name)?.id ?? randomUuid();
    this.#topics.set(name, { id, partitions });
  }

  delete(name: string): void {
    if (this.#topics.delete(name)) this.version++;
  }
}

const nothing: HeartbeatInput = {
  ...{ memberId: '', memberEpoch: 0, instanceId: null, rackId: null, rebalanceTimeoutMs: -1 },
  ...{ topicNames: null, topicRegex: null, serverAssignor: null, owned: null },
  ...{ clientId: 'client', clientHost: '/127.0.0.1' },
};

/** A group whose every change goes through the bytes of its log. */
export class TestGroup {
  readonly topics = new TestTopics();
  readonly log: { key: Buffer; value: Buffer | null }[] = [];
  group: ConsumerGroup = new ConsumerGroup('g');
  now = 1_700_000_000_000;
  assignmentIntervalMs = 0;
  maxSize = 100;

  world(): HeartbeatWorld {
    const { topics, now, maxSize, assignmentIntervalMs } = this;
    const times = { sessionTimeoutMs: 45_000, heartbeatIntervalMs: 5_000, assignmentIntervalMs };
    return {
      topics,
      now,
      newId: randomUuid,
      settings: { assignors: ['uniform', 'range'], maxSize, ...times },
    };
  }

  send(input: Partial<HeartbeatInput>): HeartbeatAnswer | RequestFault {
    const whole = { ...nothing, ...input };
    const world = this.world();
    const outcome =
      whole.memberEpoch < 0 ? leave(this.group, whole, world) : heartbeat(this.group, whole, world);
    if (isFault(outcome)) return outcome;
    this.#store(outcome.records);
    if (whole.memberEpoch >= 0) this.group.topicsVersion = this.topics.version;
    return outcome.answer;
  }

  /** A member joins. */
  join(memberId: string, topicNames: readonly string[], more: Partial<HeartbeatInput> = {}): HeartbeatAnswer {
    const says = { memberId, memberEpoch: 0, rebalanceTimeoutMs: 60_000, topicNames, owned: [] };
    return answered(this.send({ ...says, ...more }));
  }

  expel(memberId: string): void {
    if (this.group.members.has(memberId)) this.#store(fence(this.group, [memberId], this.world()));
  }

  /** The group as its log has it. `compacted`: the log as it is after a compaction. */
  restart(compacted: boolean): void {
    if (compacted) this.log.splice(0, this.log.length, ...[...this.group.live()].map(encodeConsumerRecord));
    this.group = new ConsumerGroup('g');
    for (const { key, value } of this.log) this.group.apply(decodeConsumerRecord(key, value)!);
  }

  #store(records: readonly ConsumerRecord[]): void {
    for (const record of records) {
      const { key, value } = encodeConsumerRecord(record);
      this.log.push({ key, value });
      this.group.apply(decodeConsumerRecord(key, value)!);
    }
  }
}

export function answered(answer: HeartbeatAnswer | RequestFault): HeartbeatAnswer {
  if (isFault(answer)) throw new Error(`${answer.errorCode}: ${answer.message}`);
  return answer;
}
