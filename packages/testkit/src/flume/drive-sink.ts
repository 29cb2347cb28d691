import { SinkDriver } from '../../../millrace/src/agent/running/sink-driver/sink-driver.ts';
import type { Channel } from '../../../millrace/src/component/channel.ts';
import type { Sink } from '../../../millrace/src/component/sink.ts';
import { RecordedRefusals } from '../../../millrace/src/component/testing/context.ts';

/** A driver for one sink alone, as the agent makes it; `open` it when the sink has started. */
export function driverOf(sink: Sink, channel: Channel, refused = new RecordedRefusals()): SinkDriver {
  return new SinkDriver({ name: 'k1', sink, channel, refused, onRefused: 'setAside', held: [] });
}

/** Starts the sink, delivers all that is in the channel, and stops it. */
export async function deliverAll(
  sink: Sink,
  channel: Channel,
  refused = new RecordedRefusals(),
): Promise<void> {
  const driver = driverOf(sink, channel, refused);
  await sink.start();
  driver.open();
  try {
    const { signal } = new AbortController();
    while ((await driver.flow(signal)) === 'ready');
  } finally {
    await sink.stop();
  }
}
