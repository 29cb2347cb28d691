import { defineSource } from '../../component/define.ts';
import { listenOptions } from '../../component/options/listen.ts';
import { tcpServerFaults, tcpServerNotes, tcpServerOptions } from '../../component/options/tcp-server.ts';
import { promisesToSender } from '../../component/promises.ts';
import { opt } from '../../config/options.ts';
import { framePrefixBytes, mostFrameBytes } from '../../formats/thrift/frame.ts';
import { RpcSource } from './source-base.ts';
import { receivedAt } from './streams.ts';
import { ThriftConversation } from './thrift-conversation.ts';
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
  ...tcpServerOptions,
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
  validate: (values) => [...kerberosFaults(values.kerberos), ...tcpServerFaults(values)],
  notes: tcpServerNotes,
  reads: ({ bind, port }) => receivedAt('thrift', bind, port),
  promises: ({ bind, port }) => promisesToSender(`takes events over Thrift at ${bind}:${port}`),
  create: (context) => {
    const { protocol } = context.options;
    return new RpcSource(context, {
      maxRequestBytes: mostFrameBytes + framePrefixBytes,
      speak: (service) => {
        const shared = { ...service, protocol };
        return (connection) => new ThriftConversation(connection, shared);
      },
    });
  },
});
