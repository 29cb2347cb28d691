/** The options of Flume's three sink processors, keys relative to `processor.`; the processors stand beside this. */
import { opt } from '../../config/options.ts';

export const processorTypes = ['default', 'failover', 'load_balance'] as const;
export type ProcessorType = (typeof processorTypes)[number];

/** org.apache.flume.sink.DefaultSinkProcessor: exactly one sink. */
export const defaultProcessorOptions = {};

/** org.apache.flume.sink.FailoverSinkProcessor. */
export const failoverOptions = {
  priority: opt.map({
    doc: 'priority.SINK: a whole number, larger is preferred; a sink without one comes after those with, in their order.',
  }),
  maxpenalty: opt.duration('ms', {
    doc: 'The longest time that a failed sink is left out.',
    default: 30_000,
    min: 0,
    onBad: 'default',
    onOutside: 'default',
    flumeSays: (written) => `${written} is not a valid value for maxpenalty`,
  }),
};

/** org.apache.flume.sink.LoadBalancingSinkProcessor: at least two sinks. */
export const loadBalanceOptions = {
  selector: opt.enum(['round_robin', 'random'], {
    doc: 'How the sink that works next is chosen.',
    default: 'round_robin',
  }),
  backoff: opt.boolean({ doc: 'Whether a failed sink is left out for a while.', default: false }),
  'selector.maxTimeOut': opt.duration('ms', {
    doc: 'The longest time that a failed sink is left out.',
    java: 'long',
    default: 30_000,
    min: 0,
  }),
};
