import type { RequestFault } from '../../core/fault.ts';
import type { ConsumerRecord } from './consumer-records.ts';
import type { TopicPartitions } from './partitions.ts';
import type { TopicsView } from './subscriptions.ts';

/** What a member says (ConsumerGroupHeartbeat); null and -1: as it was. */
export interface HeartbeatInput {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly topicNames: readonly string[] | null;
  readonly topicRegex: string | null;
  readonly serverAssignor: string | null;
  /** The partitions that it has. */
  readonly owned: readonly TopicPartitions[] | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Whether the sender may know of a topic; null: of all. */
  readonly sees?: ((topic: string) => boolean) | null;
}

export interface HeartbeatAnswer {
  readonly memberId: string;
  readonly memberEpoch: number;
  /** What the member shall have; null: as it was told. */
  readonly assignment: readonly TopicPartitions[] | null;
}

export interface ConsumerGroupSettings {
  /** `group.consumer.assignors`; the first is used where no member asks for one. */
  readonly assignors: readonly string[];
  readonly maxSize: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** The least time between two targets of a group. */
  readonly assignmentIntervalMs: number;
}

/** What a heartbeat is judged by, besides its group. */
export interface HeartbeatWorld {
  readonly topics: TopicsView;
  readonly settings: ConsumerGroupSettings;
  /** Unix ms. */
  readonly now: number;
  readonly newId: () => string;
}

/** What is to be stored, and what is answered then. */
export interface HeartbeatResult {
  readonly records: readonly ConsumerRecord[];
  readonly answer: HeartbeatAnswer;
}

export type HeartbeatOutcome = HeartbeatResult | RequestFault;
