import { describe, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { channelContract } from '../../component/testing/channel-contract.ts';
import { contextFor } from '../../component/testing/context.ts';
import { fileChannelOf, type JdbcContext, jdbcChannel } from './jdbc-channel.ts';

channelContract({ describe, it }, 'jdbc', {
  supports: {
    fullAt: 'never', // after 3 s: jdbc-channel.test.ts
    transactionCapacity: false,
    mixed: false,
    takeWaits: false,
    durable: true,
    openTakes: true,
    headers: true,
    eventCount: true,
    progress: true,
  },
  create: async ({ capacity }) => {
    const files = new FaultyFiles(1);
    const given = { checkpointDir: '/j/c', dataDirs: '/j/d', minimumRequiredSpace: 0 };
    const context = contextFor(jdbcChannel, { ...given, 'maximum.capacity': capacity });
    // Parsed after the channel's own spec.
    const make = () => fileChannelOf(context as unknown as JdbcContext, { files, lock: false });
    return {
      channel: make(),
      reopen: async () => {
        files.kill();
        return make();
      },
    };
  },
});
