import { defineSource } from '../../component/define.ts';
import { listenOptions } from '../../component/options/listen.ts';
import { tcpServerFaults, tcpServerNotes, tcpServerOptions } from '../../component/options/tcp-server.ts';
import { promisesToSender } from '../../component/promises.ts';
import { opt } from '../../config/options.ts';
import { DeflateStream } from '../../net/deflate-stream.ts';
import { AvroConversation, knownProtocols } from './avro-conversation.ts';
import { requestSizeOption } from './options.ts';
import { RpcSource } from './source-base.ts';
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
  ...tcpServerOptions,
};

/** Flume's, of what it answers with. */
const compressionLevel = 6;

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
  validate: tcpServerFaults,
  notes: tcpServerNotes,
  reads: ({ bind, port }) => receivedAt('avro', bind, port),
  promises: ({ bind, port }) => promisesToSender(`takes events over Avro at ${bind}:${port}`),
  create: (context) => {
    const { maxRequestSize: maxRequestBytes, 'compression-type': compression } = context.options;
    return new RpcSource(context, {
      maxRequestBytes,
      layer: compression === 'deflate' ? (socket) => new DeflateStream(socket, compressionLevel) : undefined,
      speak: (service) => {
        const shared = { ...service, maxRequestBytes, knownProtocols: knownProtocols() };
        return (connection) => new AvroConversation(connection, shared);
      },
    });
  },
});
