/** Counters of Flume's Kafka components, timers in ms. */
import { ChannelCounter, SinkCounter, SourceCounter } from '../../component/counters.ts';

/** KafkaSource leaves out the three `*Fail` attributes and adds its timers (ms). */
export class KafkaSourceCounter extends SourceCounter {
  kafkaEventGetTimer = 0;
  kafkaCommitTimer = 0;
  kafkaEmptyCount = 0;

  override flumeAttributes(): Record<string, string> {
    return {
      ...this.commonAttributes(),
      KafkaEventGetTimer: String(this.kafkaEventGetTimer),
      KafkaCommitTimer: String(this.kafkaCommitTimer),
      KafkaEmptyCount: String(this.kafkaEmptyCount),
    };
  }

  protected override metricNames(): Readonly<Record<string, string>> {
    return {
      ...super.metricNames(),
      kafkaEventGetTimer: 'source.kafka.event.get.time',
      kafkaCommitTimer: 'source.kafka.commit.time',
      kafkaEmptyCount: 'source.kafka.empty.count',
    };
  }
}

export class KafkaChannelCounter extends ChannelCounter {
  kafkaEventGetTimer = 0;
  kafkaEventSendTimer = 0;
  kafkaCommitTimer = 0;
  rollbackCount = 0;
  /** Events and records that are set aside for good, at a put or at a take; Flume has no such counter. */
  eventRefused = 0;

  override flumeAttributes(): Record<string, string> {
    return {
      ...super.flumeAttributes(),
      KafkaEventGetTimer: String(this.kafkaEventGetTimer),
      KafkaEventSendTimer: String(this.kafkaEventSendTimer),
      KafkaCommitTimer: String(this.kafkaCommitTimer),
      RollbackCount: String(this.rollbackCount),
      EventRefusedCount: String(this.eventRefused),
    };
  }

  protected override metricNames(): Readonly<Record<string, string>> {
    return {
      ...super.metricNames(),
      kafkaEventGetTimer: 'channel.kafka.event.get.time',
      kafkaEventSendTimer: 'channel.kafka.event.send.time',
      kafkaCommitTimer: 'channel.kafka.commit.time',
      rollbackCount: 'channel.rollback.count',
    };
  }
}

/** KafkaSink leaves out EventWriteFail and ChannelReadFail and adds its own two. */
export class KafkaSinkCounter extends SinkCounter {
  kafkaEventSendTimer = 0;
  rollbackCount = 0;

  override flumeAttributes(): Record<string, string> {
    return {
      ...this.commonAttributes(),
      KafkaEventSendTimer: String(this.kafkaEventSendTimer),
      RollbackCount: String(this.rollbackCount),
    };
  }

  protected override metricNames(): Readonly<Record<string, string>> {
    return {
      ...super.metricNames(),
      kafkaEventSendTimer: 'sink.kafka.event.send.time',
      rollbackCount: 'channel.rollback.count',
    };
  }
}
