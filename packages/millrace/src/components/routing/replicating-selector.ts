import { defineSelector } from '../../component/define.ts';
import type { ChannelSelector, Route } from '../../component/selector.ts';
import { opt } from '../../config/options.ts';

export const replicatingSelector = defineSelector({
  type: 'replicating',
  classNames: ['org.apache.flume.channel.ReplicatingChannelSelector'],
  summary: 'Every event goes to every channel of the source.',
  example: `
a1.channels = c1 c2
a1.sinks = k1 k2
a1.sources.r1.channels = c1 c2
a1.sources.r1.selector.type = replicating
a1.sources.r1.selector.optional = c2
a1.channels.c1.type = memory
a1.channels.c2.type = memory
a1.sinks.k2.type = null
a1.sinks.k2.channel = c2
`,
  options: {
    optional: opt.list({ doc: 'Channels that may fail without the source noticing.' }),
  },
  validateChannels: ({ optional }, channels) =>
    optional
      .filter((name) => !channels.includes(name))
      .map((name) => ({
        key: 'optional',
        message: `optional: ${name} is none of the source's channels; it is left out (Flume takes it, and then no event gets through)`,
        suggestion: `the source's channels are: ${channels.join(' ')}`,
        code: 'channel-left-out' as const,
      })),
  promises: ({ optional }, channels) => ({
    does:
      channels.length === 1
        ? `sends events to ${channels[0]}`
        : `sends each event to ${channels.join(' and ')}`,
    losses:
      optional.length === 0
        ? []
        : [
            {
              when: `${optional.join(' or ')} has no room`,
              what: `events do not go there (selector.optional)`,
            },
          ],
  }),
  create: ({ channels, options }): ChannelSelector => {
    const optional = channels.filter((channel) => options.optional.includes(channel.name));
    const required = channels.filter((channel) => !optional.includes(channel));
    return {
      always: required,
      select: (batch): readonly Route[] => [{ batch, required, optional }],
    };
  },
});
