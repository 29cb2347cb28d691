import { defineSelector } from '../component/define.ts';
import type { ChannelSelector, Route } from '../component/selector.ts';
import { opt } from '../config/options.ts';

export const replicatingSelector = defineSelector({
  type: 'replicating',
  classNames: ['org.apache.flume.channel.ReplicatingChannelSelector'],
  summary: 'Every event goes to every channel of the source.',
  options: {
    optional: opt.list({ doc: 'Channels that may fail without the source noticing.' }),
  },
  create: ({ channels, options }): ChannelSelector => {
    const optional = channels.filter((channel) => options.optional.includes(channel.name));
    const required = channels.filter((channel) => !optional.includes(channel));
    return {
      select: (batch): readonly Route[] => [{ batch, required, optional }],
    };
  },
});
