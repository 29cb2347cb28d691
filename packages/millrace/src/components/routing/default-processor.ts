import { defineProcessor } from '../../component/define.ts';

/** Flume's DefaultSinkProcessor: nothing between the runner and its one sink. */
export const defaultProcessor = defineProcessor({
  type: 'default',
  classNames: ['org.apache.flume.sink.DefaultSinkProcessor'],
  summary: 'Exactly one sink.',
  example: `
a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1
a1.sinkgroups.g1.processor.type = default
a1.sources.r1.type = seq
a1.sources.r1.channels = c1
a1.channels.c1.type = memory
a1.channels.c1.capacity = 10000
a1.channels.c1.transactionCapacity = 1000
a1.sinks.k1.type = logger
a1.sinks.k1.channel = c1
`,
  options: {},
  seat: (_, sinks) => {
    if (sinks.length === 1) return { sinks, findings: [] };
    const message =
      'DefaultSinkPolicy can only handle one sink, try using a policy that supports multiple sinks';
    return {
      sinks,
      findings: [{ key: 'type', message, suggestion: 'use failover or load_balance', code: 'bad-group' }],
    };
  },
  create: ({ members: [member] }) => ({ process: (signal) => member!.flow(signal) }),
});
