import { javaDouble } from '../java/double.ts';

/**
 * Flume's counters, by their own names. Plain numbers on the hot path; text only when somebody asks
 * (`flumeAttributes` gives what `/metrics` shows: every value a string).
 */
export abstract class Counter {
  startTime = 0;
  stopTime = 0;

  /** Resets to 0 and notes the start, as Flume's counters do at component start. */
  start(now: number = Date.now()): void {
    for (const key of Object.keys(this) as (keyof this)[]) {
      if (typeof this[key] === 'number') (this[key] as number) = 0;
    }
    this.startTime = now;
  }

  stop(now: number = Date.now()): void {
    this.stopTime = now;
  }

  /** Attribute name → value as text, `Type` included. */
  abstract flumeAttributes(): Record<string, string>;

  /** Name → value of what Flume logs when the component stops: start and stop time, then the others by name. */
  shutdownMetrics(): [string, number][] {
    const type = this.metricType();
    const others = Object.entries(this.metricNames())
      .map(([field, name]): [string, number] => [name, Number(this[field as keyof this])])
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return [[`${type}.start.time`, this.startTime], [`${type}.stop.time`, this.stopTime], ...others];
  }

  protected abstract metricType(): 'source' | 'channel' | 'sink';
  /** Field → the name that Flume gives it inside. */
  protected abstract metricNames(): Readonly<Record<string, string>>;
}

const sourceMetrics = {
  eventReceived: 'src.events.received',
  eventAccepted: 'src.events.accepted',
  appendReceived: 'src.append.received',
  appendAccepted: 'src.append.accepted',
  appendBatchReceived: 'src.append-batch.received',
  appendBatchAccepted: 'src.append-batch.accepted',
  openConnections: 'src.open-connection.count',
  eventReadFail: 'src.event.read.fail',
  channelWriteFail: 'src.channel.write.fail',
  genericProcessingFail: 'src.generic.processing.fail',
};
const channelMetrics = {
  channelSize: 'channel.current.size',
  channelCapacity: 'channel.capacity',
  eventPutAttempt: 'channel.event.put.attempt',
  eventPutSuccess: 'channel.event.put.success',
  eventTakeAttempt: 'channel.event.take.attempt',
  eventTakeSuccess: 'channel.event.take.success',
};
const sinkMetrics = {
  connectionCreated: 'sink.connection.creation.count',
  connectionClosed: 'sink.connection.closed.count',
  connectionFailed: 'sink.connection.failed.count',
  batchEmpty: 'sink.batch.empty',
  batchUnderflow: 'sink.batch.underflow',
  batchComplete: 'sink.batch.complete',
  eventDrainAttempt: 'sink.event.drain.attempt',
  // Flume's spelling.
  eventDrainSuccess: 'sink.event.drain.sucess',
  eventWriteFail: 'sink.event.write.fail',
  channelReadFail: 'sink.channel.read.fail',
};

export class SourceCounter extends Counter {
  eventReceived = 0;
  eventAccepted = 0;
  appendReceived = 0;
  appendAccepted = 0;
  appendBatchReceived = 0;
  appendBatchAccepted = 0;
  openConnections = 0;
  eventReadFail = 0;
  channelWriteFail = 0;
  genericProcessingFail = 0;

  flumeAttributes(): Record<string, string> {
    return {
      ...this.commonAttributes(),
      EventReadFail: String(this.eventReadFail),
      ChannelWriteFail: String(this.channelWriteFail),
      GenericProcessingFail: String(this.genericProcessingFail),
    };
  }

  protected commonAttributes(): Record<string, string> {
    return {
      Type: 'SOURCE',
      StartTime: String(this.startTime),
      StopTime: String(this.stopTime),
      EventReceivedCount: String(this.eventReceived),
      EventAcceptedCount: String(this.eventAccepted),
      AppendReceivedCount: String(this.appendReceived),
      AppendAcceptedCount: String(this.appendAccepted),
      AppendBatchReceivedCount: String(this.appendBatchReceived),
      AppendBatchAcceptedCount: String(this.appendBatchAccepted),
      OpenConnectionCount: String(this.openConnections),
    };
  }

  protected override metricType(): 'source' {
    return 'source';
  }

  protected override metricNames(): Readonly<Record<string, string>> {
    return sourceMetrics;
  }
}

/** Of a source over UDP. */
export class DatagramCounter extends SourceCounter {
  /** Datagrams that arrived, or nearly, and are in no channel; Flume's sources have no such count. */
  datagramsDropped = 0;

  override flumeAttributes(): Record<string, string> {
    return { ...super.flumeAttributes(), DatagramDroppedCount: String(this.datagramsDropped) };
  }

  protected override metricNames(): Readonly<Record<string, string>> {
    return { ...sourceMetrics, datagramsDropped: 'src.datagram.dropped' };
  }
}

export class ChannelCounter extends Counter {
  channelSize = 0;
  channelCapacity = 0;
  eventPutAttempt = 0;
  eventPutSuccess = 0;
  eventTakeAttempt = 0;
  eventTakeSuccess = 0;

  override start(now?: number): void {
    const { channelSize, channelCapacity } = this;
    super.start(now);
    this.channelSize = channelSize;
    this.channelCapacity = channelCapacity;
  }

  flumeAttributes(): Record<string, string> {
    return {
      Type: 'CHANNEL',
      StartTime: String(this.startTime),
      StopTime: String(this.stopTime),
      ChannelCapacity: String(this.channelCapacity),
      ChannelSize: String(this.channelSize),
      ChannelFillPercentage: javaDouble(
        this.channelCapacity === 0 ? Number.MAX_VALUE : (this.channelSize / this.channelCapacity) * 100,
      ),
      EventPutAttemptCount: String(this.eventPutAttempt),
      EventPutSuccessCount: String(this.eventPutSuccess),
      EventTakeAttemptCount: String(this.eventTakeAttempt),
      EventTakeSuccessCount: String(this.eventTakeSuccess),
    };
  }

  protected override metricType(): 'channel' {
    return 'channel';
  }

  protected override metricNames(): Readonly<Record<string, string>> {
    return channelMetrics;
  }
}

export class SinkCounter extends Counter {
  connectionCreated = 0;
  connectionClosed = 0;
  connectionFailed = 0;
  batchEmpty = 0;
  batchUnderflow = 0;
  batchComplete = 0;
  eventDrainAttempt = 0;
  eventDrainSuccess = 0;
  /** Events that were refused for good and set aside; Flume has no such thing. */
  eventRefused = 0;
  eventWriteFail = 0;
  channelReadFail = 0;

  flumeAttributes(): Record<string, string> {
    return {
      ...this.commonAttributes(),
      EventWriteFail: String(this.eventWriteFail),
      ChannelReadFail: String(this.channelReadFail),
    };
  }

  protected commonAttributes(): Record<string, string> {
    return {
      Type: 'SINK',
      StartTime: String(this.startTime),
      StopTime: String(this.stopTime),
      ConnectionCreatedCount: String(this.connectionCreated),
      ConnectionClosedCount: String(this.connectionClosed),
      ConnectionFailedCount: String(this.connectionFailed),
      BatchEmptyCount: String(this.batchEmpty),
      BatchUnderflowCount: String(this.batchUnderflow),
      BatchCompleteCount: String(this.batchComplete),
      EventDrainAttemptCount: String(this.eventDrainAttempt),
      EventDrainSuccessCount: String(this.eventDrainSuccess),
      EventRefusedCount: String(this.eventRefused),
    };
  }

  protected override metricType(): 'sink' {
    return 'sink';
  }

  protected override metricNames(): Readonly<Record<string, string>> {
    return sinkMetrics;
  }
}
