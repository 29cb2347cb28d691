import { defineProcessor } from '../../component/define.ts';

/** Flume's DefaultSinkProcessor: nothing between the runner and its one sink. */
export const defaultProcessor = defineProcessor({
  type: 'default',
  classNames: ['org.apache.flume.sink.DefaultSinkProcessor'],
  summary: 'Exactly one sink.',
  example: `
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1
a1.sinkgroups.g1.processor.type = default
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
  promises: (_, [sink]) => ({ does: `gives all to ${sink}` }),
  create: ({ members: [member] }) => ({ process: (signal) => member!.flow(signal) }),
});
