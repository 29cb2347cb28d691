import { defineInterceptor } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import { opt } from '../../config/options.ts';
import { HeaderSetter } from '../../records/edit.ts';

export const timestampInterceptor = defineInterceptor({
  type: 'timestamp',
  classNames: ['org.apache.flume.interceptor.TimestampInterceptor$Builder'],
  summary: 'Adds the time at which the event passed, in Unix ms.',
  example: `
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = timestamp
`,
  options: {
    headerName: opt.string({ doc: 'The header to set.', default: 'timestamp' }),
    preserveExisting: opt.boolean({ doc: 'Leave the header alone where an event has it.', default: false }),
  },
  sets: ({ headerName }) => [headerName],
  promises: ({ headerName }) => ({ does: `sets the header ${headerName} to the time` }),
  overwrites: ({ headerName, preserveExisting }) => (preserveExisting ? undefined : headerName),
  create: ({ options }): Interceptor => {
    const setter = new HeaderSetter(options.headerName, options.preserveExisting);
    return { intercept: (batch) => setter.set(batch, String(Date.now())) };
  },
});
