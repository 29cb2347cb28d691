import { describe, it } from 'vitest';
import { channelContract } from '../../component/testing/channel-contract.ts';
import { contextFor } from '../../component/testing/context.ts';
import { pseudoTxnChannel } from './pseudo-txn-channel.ts';

channelContract({ describe, it }, 'PseudoTxnMemoryChannel', {
  supports: {
    fullAt: 'never', // it waits
    transactionCapacity: false,
    mixed: true,
    takeWaits: true,
    durable: false,
    openTakes: true,
    headers: true,
    eventCount: true,
  },
  create: async ({ capacity, keepAliveSeconds }) => ({
    channel: pseudoTxnChannel.create(
      contextFor(pseudoTxnChannel, { capacity, 'keep-alive': keepAliveSeconds }),
    ),
  }),
});
