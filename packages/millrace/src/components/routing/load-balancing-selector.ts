import type { Channel } from '../../component/channel.ts';
import { defineSelector } from '../../component/define.ts';
import type { ChannelSelector, Route } from '../../component/selector.ts';
import { opt } from '../../config/options.ts';
import { keepEvents } from '../../records/edit.ts';
import type { EventBatch } from '../../records/event-batch.ts';

const options = {
  policy: opt.enum(['round_robin', 'random'], {
    doc: 'Which channel an event goes to: the next one, or any.',
    default: 'round_robin',
    flumeSays: (written) => `Invalid policy: ${written}`,
  }),
};

export const loadBalancingSelector = defineSelector({
  type: 'load_balancing',
  classNames: ['org.apache.flume.channel.LoadBalancingChannelSelector'],
  summary: 'Every event goes to one channel of the source, in turn or at random.',
  example: `
a1.channels = c1 c2
a1.sinks = k1 k2
a1.sources.r1.channels = c1 c2
a1.sources.r1.selector.type = load_balancing
a1.sources.r1.selector.policy = round_robin
a1.channels.c1.type = memory
a1.channels.c2.type = memory
a1.sinks.k2.type = null
a1.sinks.k2.channel = c2
`,
  differs: [
    "It works: Flume 1.11 drops a source with this selector, by its alias and by its class name, because it has no configuration of that name. What it does here is what Flume's class does.",
    'Turns go in the order of the source’s `channels`. A channel that is full or failing is waited for as in Flume: there is no failover.',
  ],
  options,
  promises: ({ policy }, channels) => ({
    does: `sends each event to one of ${channels.join(', ')}, ${policy === 'random' ? 'at random' : 'in turn'}`,
    order: 'events of different channels overtake one another',
  }),
  create: ({ channels, options }): ChannelSelector => {
    if (options.policy === 'random')
      return balanced(channels, () => Math.floor(Math.random() * channels.length));
    let next = -1;
    return balanced(channels, () => {
      next = (next + 1) % channels.length;
      return next;
    });
  },
});

/** `turn` says for each event, in their order, which channel it goes to. */
export function balanced(channels: readonly Channel[], turn: () => number): ChannelSelector {
  return {
    select: (batch): readonly Route[] => {
      const first = turn();
      if (batch.count === 1) return [{ batch, required: [channels[first]!], optional: [] }];
      const turns = new Uint16Array(batch.count);
      turns[0] = first;
      for (let i = 1; i < turns.length; i++) turns[i] = turn();
      return channels.flatMap((channel, c) =>
        routeOf(
          keepEvents(batch, (i) => turns[i] === c),
          channel,
        ),
      );
    },
  };
}

function routeOf(batch: EventBatch | null, channel: Channel): Route[] {
  return batch === null ? [] : [{ batch, required: [channel], optional: [] }];
}
