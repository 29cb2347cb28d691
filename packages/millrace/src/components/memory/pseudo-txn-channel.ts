import { type ComponentContext, defineChannel } from '../../component/define.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { memoryShare } from '../../runtime/memory-share.ts';
import { MemoryChannel, type MemoryOptions } from './channel.ts';

const options = {
  capacity: opt.int({ doc: 'Most events that wait in the channel.', unit: 'events', default: 50, min: 1 }),
  'keep-alive': opt.duration('s', { doc: 'How long a take waits for events.', default: 3, min: 0 }),
};

/** What the memory channel below has. */
function memoryOptions({ capacity, 'keep-alive': keepAlive }: OptionValues<typeof options>): MemoryOptions {
  return {
    ...{ capacity, 'keep-alive': keepAlive, transactionCapacity: Number.POSITIVE_INFINITY },
    ...{ byteCapacity: undefined, byteCapacityBufferPercentage: 20 },
  };
}

export const pseudoTxnChannel = defineChannel({
  classNames: ['org.apache.flume.channel.PseudoTxnMemoryChannel'],
  summary: 'A memory channel whose puts wait for room without end; made for tests, as in Flume.',
  example: `
a1.channels.c1.type = org.apache.flume.channel.PseudoTxnMemoryChannel
a1.channels.c1.capacity = 100
`,
  differs: [
    'Its transactions are real: in Flume events can be taken before their put has committed, and what a take has rolled back is gone.',
    'A put of more events than `capacity` goes in whole, once the channel is empty; in Flume it goes in one by one. What is told of its size is true: Flume tells a capacity of 0, and counts takes of nothing as taken.',
  ],
  options,
  promises: ({ capacity }) => ({
    does: `holds up to ${capacity} events in memory`,
    survives: 'stop',
    safer: 'use the file channel',
  }),
  create: ({ name, options, state }) =>
    new MemoryChannel(name, memoryOptions(options), memoryShare(), state, {
      putWaitMs: Number.POSITIVE_INFINITY,
      overfills: true,
    }),
  reconfigure: (channel, context: ComponentContext<typeof options>) => {
    if (channel instanceof MemoryChannel) channel.configure(memoryOptions(context.options));
  },
});
