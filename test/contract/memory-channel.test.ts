import { describe, it } from 'vitest';
import { channelContract } from '../../packages/millrace/src/component/testing/channel-contract.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { memoryChannel } from '../../packages/millrace/src/components/memory/channel.ts';

channelContract({ describe, it }, 'memory', {
  supports: {
    fullAt: 'commit',
    transactionCapacity: true,
    mixed: true,
    takeWaits: true,
    durable: false,
    openTakes: true,
    headers: true,
    eventCount: true,
  },
  create: async ({ capacity, transactionCapacity, keepAliveSeconds }) => ({
    channel: memoryChannel.create(
      contextFor(memoryChannel, { capacity, transactionCapacity, 'keep-alive': keepAliveSeconds }),
    ),
  }),
});
