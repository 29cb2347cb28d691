import { defineInterceptor } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import { opt } from '../../config/options.ts';
import { HeaderSetter } from '../../records/edit.ts';
import { localHost } from '../../runtime/local-host.ts';

export const hostInterceptor = defineInterceptor({
  type: 'host',
  classNames: ['org.apache.flume.interceptor.HostInterceptor$Builder'],
  summary: 'Adds the address or the name of this machine.',
  example: `
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = host
a1.sources.r1.interceptors.i1.useIP = false
`,
  differs: [
    'The address is found in `/etc/hosts`, then the first address that is not loopback; DNS is not asked.',
  ],
  options: {
    hostHeader: opt.string({ doc: 'The header to set.', default: 'host' }),
    useIP: opt.boolean({ doc: 'The address; false: the host name.', default: true }),
    preserveExisting: opt.boolean({ doc: 'Leave the header alone where an event has it.', default: false }),
  },
  sets: ({ hostHeader }) => [hostHeader],
  promises: ({ hostHeader, useIP }) => ({
    does: `sets the header ${hostHeader} to the ${useIP ? 'address' : 'name'} of this machine`,
  }),
  overwrites: ({ hostHeader, preserveExisting }) => (preserveExisting ? undefined : hostHeader),
  create: ({ options }): Interceptor => {
    const { address, name } = localHost();
    const value = options.useIP ? address : name;
    const setter = new HeaderSetter(options.hostHeader, options.preserveExisting);
    return { intercept: (batch) => setter.set(batch, value) };
  },
});
