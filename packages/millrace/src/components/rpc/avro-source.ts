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
import { DeflateStream } from '../../net/deflate-stream.ts';
import { RequestServer } from '../../net/request-server.ts';
import { AvroConversation, type AvroService, knownProtocols } from './avro-conversation.ts';
import { requestSizeOption } from './options.ts';
import { receivedAt } from './streams.ts';

const options = {
  ...listenOptions,
  threads: opt.int({
    doc: 'Most threads that serve calls.',
    default: 0,
    onBad: 'default',
    ignored: 'connections need no threads of their own; Flume 1.11 reads it and does nothing with it, too',
  }),
  'compression-type': opt.enum(['none', 'deflate'], {
    doc: '`deflate`: both directions are one zlib stream each; the sink has to have the same.',
    default: 'none',
    onBad: 'default',
  }),
  maxRequestSize: requestSizeOption,
  tls: opt.group(serverTlsOptions),
  filter: opt.group(filterOptions),
  limits: opt.group(limitOptions),
};

export const avroSource = defineSource({
  type: 'avro',
  classNames: ['org.apache.flume.source.AvroSource', 'org.apache.flume.rpc.avro.source.AvroSource'],
  summary: "Takes events from other agents' avro sinks, and from whoever speaks Flume's Avro protocol.",
  example: `
a1.sources.r1.type = avro
a1.sources.r1.bind = 0.0.0.0
a1.sources.r1.port = 4545
`,
  differs: [
    'A call that is larger than `maxRequestSize` ends its connection; Flume takes what its heap allows.',
    'Connections have limits (`maxConnections`, `idleTimeout`, `requestTimeout`); `OpenConnectionCount` is exact, where Flume looks once a minute.',
    'Bytes of a header that are no UTF-8 stay as they came; Flume writes U+FFFD in their place.',
    'With TLS and deflate at once peers may encrypt what is compressed or compress what is encrypted; Flume takes the latter alone, before 1.10 the former alone.',
    'A client whose protocol has other fields than Flume’s is told so; Avro would map its records by their names.',
  ],
  options,
  validate: ({ tls, filter }) => [...filterFaults(filter), ...serverTlsFaults(tls)],
  notes: ({ tls }) => tlsNotes(tls),
  reads: ({ bind, port }) => receivedAt('avro', bind, port),
  promises: ({ bind, port }) => ({
    does: `takes events over Avro at ${bind}:${port}`,
    origin: 'sender',
    until: 'taken',
    doubles: ['a sender that lost its answer sends its events again'],
  }),
  create: (context) => new AvroSource(context),
});

/** Flume's, of what it answers with. */
const compressionLevel = 6;

class AvroSource implements Source {
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
    const isCompressed = values['compression-type'] === 'deflate';
    const service: AvroService = {
      name,
      log,
      counter,
      intake: new Intake({ channels, log, counter }),
      maxRequestBytes: values.maxRequestSize,
      knownProtocols: knownProtocols(),
    };
    counter.start();
    this.#server = new RequestServer({
      component,
      log,
      limits: limitsOf(values.limits, values.maxRequestSize),
      ...(filter === undefined ? {} : { filter }),
      ...(tls === undefined ? {} : { tls }),
      ...(isCompressed ? { layer: (socket) => new DeflateStream(socket, compressionLevel) } : {}),
      onCount: (open) => {
        counter.openConnections = open;
      },
      converse: (connection) => new AvroConversation(connection, service),
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
