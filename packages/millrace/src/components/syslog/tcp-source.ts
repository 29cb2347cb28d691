import { SourceCounter } from '../../component/counters.ts';
import { defineSource, type SourceContext } from '../../component/define.ts';
import { Intake } from '../../component/intake.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import {
  filterFaults,
  filterOf,
  filterOptions,
  limitOptions,
  limitsOf,
} from '../../component/options/listen.ts';
import { serverTls, serverTlsFaults, serverTlsOptions, tlsNotes } from '../../component/options/tls.ts';
import { refusedOptions } from '../../component/refused.ts';
import type { Source } from '../../component/source.ts';
import { opt } from '../../config/options.ts';
import { PatternParser } from '../../formats/syslog/patterns.ts';
import { RequestServer } from '../../net/request-server.ts';
import { SyslogConversation, type SyslogService } from './conversation.ts';
import { SyslogEventWriter } from './event-writer.ts';
import { keptFields } from './keep-fields.ts';
import { eventSizeOption, hostOption, syslogOptions } from './options.ts';
import { peerHeaderNames, peerHeaders } from './peer-headers.ts';

const options = {
  host: hostOption,
  port: opt.int({ doc: 'Port to listen on.', required: true, min: 0, max: 65535 }),
  eventSize: eventSizeOption,
  syslog: opt.group(syslogOptions),
  tls: opt.group(serverTlsOptions),
  filter: opt.group(filterOptions),
  limits: opt.group(limitOptions),
  ...refusedOptions,
};

type Context = SourceContext<typeof options>;

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
  options,
  validate: ({ filter, tls }) => [...filterFaults(filter), ...serverTlsFaults(tls)],
  notes: ({ tls }) => tlsNotes(tls),
  create: (context) => new SyslogTcpSource(context),
});

class SyslogTcpSource implements Source {
  readonly counter = new SourceCounter();
  readonly #context: Context;
  #server: RequestServer | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { name, options, log, refused, channels } = this.#context;
    const { counter } = this;
    const component = `source ${name}`;
    const names = { priority: 'priority', version: 'version' };
    const kept = keptFields(options.syslog.keepFields);
    const service: SyslogService = {
      component,
      log,
      intake: new Intake({ channels, log, counter }),
      refused,
      counter,
      eventSize: options.eventSize,
      mostEvents,
      writer: new SyslogEventWriter(names, kept, peerHeaderNames(options.syslog)),
      parser: new PatternParser(),
      strict: false,
    };
    const filter = filterOf(options.filter);
    const tls = await serverTls(options.tls, component);
    counter.start();
    this.#server = new RequestServer({
      component,
      log,
      limits: limitsOf(options.limits, options.eventSize),
      ...(filter === undefined ? {} : { filter }),
      ...(tls === undefined ? {} : { tls }),
      onCount: (open) => {
        counter.openConnections = open;
      },
      converse: async (connection) => {
        const headers = await peerHeaders(options.syslog, connection.peer);
        return new SyslogConversation(connection, service, headers);
      },
    });
    await this.#server.listen(options.host, options.port);
  }

  /** What was read is put, as far as the deadline goes; what comes after is not read. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    await this.#server?.stop(deadline);
    this.#server = null;
    this.counter.stop();
  }
}
