import { defineInterceptor } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import { opt } from '../../config/options.ts';
import { HeaderSetter } from './set-header.ts';

export const timestampInterceptor = defineInterceptor({
  type: 'timestamp',
  classNames: ['org.apache.flume.interceptor.TimestampInterceptor$Builder'],
  summary: 'Adds the time at which the event passed, in Unix ms.',
  example: `
a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sources.r1.type = seq
a1.sources.r1.channels = c1
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = timestamp
a1.channels.c1.type = memory
a1.channels.c1.capacity = 10000
a1.channels.c1.transactionCapacity = 1000
a1.sinks.k1.type = logger
a1.sinks.k1.channel = c1
`,
  options: {
    headerName: opt.string({ doc: 'The header to set.', default: 'timestamp' }),
    preserveExisting: opt.boolean({ doc: 'Leave the header alone where an event has it.', default: false }),
  },
  overwrites: ({ headerName, preserveExisting }) => (preserveExisting ? undefined : headerName),
  create: ({ options }): Interceptor => {
    const setter = new HeaderSetter(options.headerName, options.preserveExisting);
    return { intercept: (batch) => setter.set(batch, String(Date.now())) };
  },
});
