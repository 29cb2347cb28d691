import { describe, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { spillableContext } from '../../../../testkit/src/flume/spillable-channel.ts';
import {
  type ChannelLimits,
  type ChannelSupport,
  channelContract,
} from '../../component/testing/channel-contract.ts';
import { SpillableChannel } from './channel.ts';

type Numbers = Record<string, number>;

/** The suite, where memory and files have these capacities. */
function contract(name: string, supports: Partial<ChannelSupport>, numbers: (l: ChannelLimits) => Numbers) {
  channelContract({ describe, it }, name, {
    supports: {
      fullAt: 'commit',
      transactionCapacity: true,
      mixed: false,
      takeWaits: true,
      durable: false,
      openTakes: true,
      headers: true,
      eventCount: true,
      ...supports,
    },
    create: async (limits) => {
      const files = new FaultyFiles(1);
      const context = spillableContext({
        transactionCapacity: limits.transactionCapacity,
        overflowTimeout: limits.keepAliveSeconds,
        ...numbers(limits),
      });
      const make = () => new SpillableChannel(context, { files, lock: false });
      return {
        channel: make(),
        reopen: async () => {
          files.kill();
          return make();
        },
      };
    },
  });
}

contract('spillablememory, memory alone', {}, ({ capacity }) => ({
  memoryCapacity: capacity,
  overflowCapacity: 0,
}));
contract('spillablememory, files alone', { heldAt: 'commit' }, ({ capacity }) => ({
  memoryCapacity: 0,
  overflowCapacity: capacity,
}));
contract('spillablememory, both', { heldAt: 'stop', fullAt: 'never' }, ({ capacity }) => ({
  memoryCapacity: capacity,
  overflowCapacity: capacity,
}));
