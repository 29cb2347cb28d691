import { defineSource } from '../../component/define.ts';
import { tcpServerFaults, tcpServerNotes } from '../../component/options/tcp-server.ts';
import { opt } from '../../config/options.ts';
import { PatternParser } from '../../formats/syslog/patterns.ts';
import { formatOption } from './options.ts';
import { SyslogTcpServer, syslogTcpOptions, syslogTcpPromises } from './tcp-server.ts';

/** Events of one put; what comes at once is put at once. */
const mostEvents = 1000;

export const syslogTcpSource = defineSource({
  type: 'syslogtcp',
  classNames: ['org.apache.flume.source.SyslogTcpSource'],
  summary: 'Takes syslog messages (RFC 3164, RFC 5424) over TCP, one a line.',
  example: `
a1.sources.r1.type = syslogtcp
a1.sources.r1.host = 127.0.0.1
a1.sources.r1.port = 5140
`,
  differs: [
    'A full channel makes the peer wait (its connection is not read) and nothing is dropped; Flume drops the event. What no channel will ever take is set aside.',
    'The messages of one read go into the channel as one transaction, at most 1,000.',
    'A body is the bytes that came; Flume writes U+FFFD in place of what is no UTF-8.',
    'A time with a fraction keeps its offset and `.5` is 500 ms; Flume ignores the offset there, and reads 5 ms.',
    'A message has no `priority` or `version` of the one before it, as in Flume where it does not say them itself.',
    'A newline always ends a message; within a broken priority Flume goes on to the next newline.',
    '`keepFields` writes `-` for a time or host that is `-`; Flume writes `null`.',
    'Connections have limits (`maxConnections`, `idleTimeout`, `requestTimeout`), and `ipFilter` works as on the Avro source.',
  ],
  options: {
    port: opt.int({
      doc: 'Port to listen on.',
      required: true,
      min: 0,
      max: 65535,
      exclusive: { port: 'tcp', host: 'host' },
    }),
    ...syslogTcpOptions,
    format: formatOption,
  },
  promises: (values) => syslogTcpPromises(`${values.host ?? 'every address'}, port ${values.port}`),
  validate: tcpServerFaults,
  notes: tcpServerNotes,
  create: (context) =>
    new SyslogTcpServer(context, {
      ports: [context.options.port],
      portOption: 'port',
      names: { priority: 'priority', version: 'version', emptyHost: false },
      parser: new PatternParser(),
      strict: false,
      mostEvents,
    }),
});
