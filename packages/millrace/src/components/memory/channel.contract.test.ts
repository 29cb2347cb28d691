import { describe, it } from 'vitest';
import { channelContract } from '../../component/testing/channel-contract.ts';
import { contextFor } from '../../component/testing/context.ts';
import { memoryChannel } from './channel.ts';

channelContract({ describe, it }, 'memory', {
  supports: {
    fullAt: 'commit',
    transactionCapacity: true,
    mixed: true,
    takeWaits: true,
    durable: false,
    openTakes: true,
    lends: true,
    headers: true,
    eventCount: true,
  },
  create: async ({ capacity, transactionCapacity, keepAliveSeconds }) => ({
    channel: memoryChannel.create(
      contextFor(memoryChannel, { capacity, transactionCapacity, 'keep-alive': keepAliveSeconds }),
    ),
  }),
});
