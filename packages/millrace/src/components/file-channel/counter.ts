import { ChannelCounter } from '../../component/counters.ts';

/** Flume's counters of a file channel. */
export class FileChannelCounter extends ChannelCounter {
  open = false;
  unhealthy = 0;
  eventPutError = 0;
  eventTakeError = 0;
  checkpointWriteError = 0;
  checkpointBackupWriteError = 0;

  override flumeAttributes(): Record<string, string> {
    return {
      ...super.flumeAttributes(),
      Open: String(this.open),
      Closed: this.open ? '0' : '1',
      Unhealthy: String(this.unhealthy),
      EventPutErrorCount: String(this.eventPutError),
      EventTakeErrorCount: String(this.eventTakeError),
      CheckpointWriteErrorCount: String(this.checkpointWriteError),
      CheckpointBackupWriteErrorCount: String(this.checkpointBackupWriteError),
    };
  }

  protected override metricNames(): Readonly<Record<string, string>> {
    return {
      ...super.metricNames(),
      eventPutError: 'channel.file.event.put.error',
      eventTakeError: 'channel.file.event.take.error',
      checkpointWriteError: 'channel.file.checkpoint.write.error',
      checkpointBackupWriteError: 'channel.file.checkpoint.backup.write.error',
    };
  }
}
