import { randomUUID } from 'node:crypto';
import { defineInterceptor } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import { opt } from '../../config/options.ts';
import { editEvents } from '../../records/edit.ts';
import { HeaderName } from '../../records/event-editor.ts';

export const uuidInterceptor = defineInterceptor({
  classNames: ['org.apache.flume.sink.solr.morphline.UUIDInterceptor$Builder'],
  summary: 'Gives each event a UUID of its own (version 4, random).',
  example: `
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = org.apache.flume.sink.solr.morphline.UUIDInterceptor$Builder
a1.sources.r1.interceptors.i1.headerName = eventId
a1.sources.r1.interceptors.i1.prefix = web-
`,
  options: {
    headerName: opt.string({ doc: 'The header to set.', default: 'id' }),
    preserveExisting: opt.boolean({ doc: 'Leave the header alone where an event has it.', default: true }),
    prefix: opt.string({ doc: 'What stands before each UUID.', default: '' }),
  },
  sets: ({ headerName }) => [headerName],
  promises: ({ headerName }) => ({ does: `sets the header ${headerName} to a UUID` }),
  overwrites: ({ headerName, preserveExisting }) => (preserveExisting ? undefined : headerName),
  create: ({ options: { headerName, preserveExisting, prefix } }): Interceptor => {
    const name = new HeaderName(headerName);
    return {
      intercept: (batch) =>
        editEvents(batch, [name], (event) => {
          if (!preserveExisting || !event.has(name)) event.set(name, prefix + randomUUID());
        }),
    };
  },
});
