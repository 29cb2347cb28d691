import { defineInterceptor } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import { opt } from '../../config/options.ts';
import { HeaderSetter } from '../../records/edit.ts';

export const staticInterceptor = defineInterceptor({
  type: 'static',
  classNames: ['org.apache.flume.interceptor.StaticInterceptor$Builder'],
  summary: 'Adds one header with a fixed value.',
  example: `
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = static
a1.sources.r1.interceptors.i1.key = datacenter
a1.sources.r1.interceptors.i1.value = north
`,
  options: {
    key: opt.string({ doc: 'The header to set.', default: 'key' }),
    value: opt.string({ doc: 'Its value.', default: 'value' }),
    preserveExisting: opt.boolean({ doc: 'Leave the header alone where an event has it.', default: true }),
  },
  sets: ({ key }) => [key],
  promises: ({ key, value }) => ({ does: `sets the header ${key} to ${value}` }),
  overwrites: ({ key, preserveExisting }) => (preserveExisting ? undefined : key),
  create: ({ options }): Interceptor => {
    const setter = new HeaderSetter(options.key, options.preserveExisting);
    return { intercept: (batch) => setter.set(batch, options.value) };
  },
});
