import { connectThrift } from '../../clients/thrift-rpc/thrift-connection.ts';
import { defineSink, type SinkContext } from '../../component/define.ts';
import { clientTls, clientTlsFaults, clientTlsOptions } from '../../component/options/client-tls.ts';
import { tlsNotes } from '../../component/options/tls.ts';
import { opt } from '../../config/options.ts';
import { RpcSink, rpcSinkOptions } from './sink-base.ts';
import { sentTo } from './streams.ts';
import { kerberosFaults, protocolDiffers, protocolOption, withoutKerberos } from './thrift-options.ts';

const options = {
  ...rpcSinkOptions,
  protocol: { ...protocolOption, onBad: 'default' as const },
  'connection-reset-interval': opt.string({
    doc: 'The name that the user guide has for `reset-connection-interval`.',
    ignored: 'Flume reads reset-connection-interval',
  }),
  maxConnections: opt.int({
    doc: 'Connections of the client.',
    default: 5,
    onBad: 'default',
    ignored: 'a sink has one, as in Flume',
  }),
  kerberos: opt.boolean({
    doc: 'Whether to authenticate by Kerberos; not supported: a sink that asks for it is refused.',
    default: false,
  }),
  'client-principal': opt.string({ doc: 'The name of this side in Kerberos.', ignored: withoutKerberos }),
  'client-keytab': opt.string({ doc: 'The file with its key.', ignored: withoutKerberos }),
  'server-principal': opt.string({ doc: 'The name of the other side.', ignored: withoutKerberos }),
  tls: opt.group(clientTlsOptions),
};

export const thriftSink = defineSink({
  type: 'thrift',
  classNames: ['org.apache.flume.sink.ThriftSink', 'org.apache.flume.rpc.thrift.sink.ThriftSink'],
  summary: "Sends events to another agent's thrift source, a batch with each call.",
  example: `
a1.sinks.k1.type = thrift
a1.sinks.k1.hostname = collector.example.com
a1.sinks.k1.port = 4545
a1.sinks.k1.batch-size = 1000
`,
  differs: [
    'A batch that is larger than a frame may be (16,384,000 bytes) goes by several calls, and an event that alone is larger is set aside; in Flume either ends the connection, again and again.',
    '`connect-timeout` counts; Flume waits as long as the system does.',
    protocolDiffers,
    'With `max-in-flight` above 1 several calls are under way at once.',
    '`check-host-name` compares the certificate with `hostname`; Flume never does.',
  ],
  options,
  batchSizeOption: 'batch-size',
  validate: ({ kerberos, tls }) => [...kerberosFaults(kerberos), ...clientTlsFaults(tls)],
  notes: ({ tls }) => tlsNotes(tls),
  writes: ({ hostname, port }) => sentTo('thrift', hostname, port),
  promises: ({ hostname, port, 'max-in-flight': inFlight }) => ({
    does: `sends to the thrift source at ${hostname}:${port}`,
    delivered: "the other agent's channels have it",
    survives: 'unknown',
    doubles: ['after a lost answer, or a kill before the channel knows, events are sent again'],
    ...(inFlight > 1
      ? { order: 'events that the peer refuses come behind those that were under way with them' }
      : {}),
  }),
  create: (context) => createThriftSink(context),
});

function createThriftSink({ name, options: values, log }: SinkContext<typeof options>): RpcSink {
  return new RpcSink({
    name,
    options: values,
    log,
    connector: async () => {
      const tls = await clientTls(values.tls, `sink ${name}`);
      return (signal) =>
        connectThrift({
          host: values.hostname,
          port: values.port,
          protocol: values.protocol,
          connectTimeoutMs: values['connect-timeout'],
          requestTimeoutMs: values['request-timeout'],
          ...(tls === undefined ? {} : { tls }),
          ...(signal === undefined ? {} : { signal }),
        });
    },
  });
}
