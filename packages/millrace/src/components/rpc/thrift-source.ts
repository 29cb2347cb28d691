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
  listenOptions,
} from '../../component/options/listen.ts';
import { serverTls, serverTlsFaults, serverTlsOptions, tlsNotes } from '../../component/options/tls.ts';
import type { Source } from '../../component/source.ts';
import { opt } from '../../config/options.ts';
import { framePrefixBytes, mostFrameBytes } from '../../formats/thrift/frame.ts';
import { RequestServer } from '../../net/request-server.ts';
import { receivedAt } from './streams.ts';
import { ThriftConversation, type ThriftService } from './thrift-conversation.ts';
import { kerberosFaults, protocolDiffers, protocolOption, withoutKerberos } from './thrift-options.ts';

const options = {
  ...listenOptions,
  protocol: protocolOption,
  threads: opt.int({
    doc: 'Most threads that serve calls.',
    default: 0,
    onBad: 'default',
    ignored: 'connections need no threads of their own',
  }),
  kerberos: opt.boolean({
    doc: 'Whether clients authenticate themselves by Kerberos; not supported: a source that asks for it is refused.',
    default: false,
  }),
  'agent-principal': opt.string({ doc: 'The name of this side in Kerberos.', ignored: withoutKerberos }),
  'agent-keytab': opt.string({ doc: 'The file with its key.', ignored: withoutKerberos }),
  tls: opt.group(serverTlsOptions),
  filter: opt.group(filterOptions),
  limits: opt.group(limitOptions),
};

export const thriftSource = defineSource({
  type: 'thrift',
  classNames: ['org.apache.flume.source.ThriftSource', 'org.apache.flume.rpc.thrift.source.ThriftSource'],
  summary: "Takes events from other agents' thrift sinks, and from whoever speaks Flume's Thrift protocol.",
  example: `
a1.sources.r1.type = thrift
a1.sources.r1.bind = 0.0.0.0
a1.sources.r1.port = 4545
`,
  differs: [
    'What is no Thrift is answered, where its call can be told, and ends its connection at once; Flume tells no peer, and leaves some of its connections open.',
    'A peer that speaks the other protocol is disconnected, and the log says which it speaks.',
    'Connections have limits (`maxConnections`, `idleTimeout`, `requestTimeout`), and `ipFilter` works as on the Avro source; Flume counts no open connections.',
    protocolDiffers,
    'Bytes of a header that are no UTF-8 stay as they came; Flume writes U+FFFD in their place.',
  ],
  options,
  validate: ({ kerberos, filter, tls }) => [
    ...kerberosFaults(kerberos),
    ...filterFaults(filter),
    ...serverTlsFaults(tls),
  ],
  notes: ({ tls }) => tlsNotes(tls),
  reads: ({ bind, port }) => receivedAt('thrift', bind, port),
  promises: ({ bind, port }) => ({
    does: `takes events over Thrift at ${bind}:${port}`,
    origin: 'sender',
    until: 'taken',
    doubles: ['a sender that lost its answer sends its events again'],
  }),
  create: (context) => new ThriftSource(context),
});

class ThriftSource implements Source {
  readonly counter = new SourceCounter();
  readonly #context: SourceContext<typeof options>;
  #server: RequestServer | null = null;

  constructor(context: SourceContext<typeof options>) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { name, options: values, log, channels } = this.#context;
    const { counter } = this;
    const component = `source ${name}`;
    const filter = filterOf(values.filter);
    const tls = await serverTls(values.tls, component);
    const service: ThriftService = {
      name,
      log,
      counter,
      intake: new Intake({ channels, log, counter }),
      protocol: values.protocol,
    };
    counter.start();
    this.#server = new RequestServer({
      component,
      log,
      limits: limitsOf(values.limits, mostFrameBytes + framePrefixBytes),
      ...(filter === undefined ? {} : { filter }),
      ...(tls === undefined ? {} : { tls }),
      onCount: (open) => {
        counter.openConnections = open;
      },
      converse: (connection) => new ThriftConversation(connection, service),
    });
    await this.#server.listen(values.bind, values.port);
  }

  /** Calls that were read are served and answered, as far as the deadline goes; no more are read. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    await this.#server?.stop(deadline);
    this.#server = null;
    this.counter.stop();
  }
}
