import { connectAvro } from '../../clients/avro-rpc/avro-connection.ts';
import { defineSink, type SinkContext } from '../../component/define.ts';
import {
  clientTls,
  clientTlsFaults,
  clientTlsOptions,
  trustAllOption,
} from '../../component/options/client-tls.ts';
import { tlsNotes } from '../../component/options/tls.ts';
import { opt } from '../../config/options.ts';
import { RpcSink, rpcSinkOptions } from './sink-base.ts';

const options = {
  ...rpcSinkOptions,
  'compression-type': opt.enum(['none', 'deflate'], {
    doc: '`deflate`: both directions are one zlib stream each; the source has to have the same.',
    default: 'none',
    onBad: 'default',
  }),
  'compression-level': opt.int({
    doc: 'From 0 (not at all) to 9 (smallest), for deflate.',
    default: 6,
    min: 0,
    max: 9,
    onBad: 'default',
    onOutside: 'drop',
  }),
  maxIoWorkers: opt.string({
    doc: 'Threads of the client.',
    ignored: 'it has had no effect since Flume 1.10: connections need no threads of their own',
  }),
  tls: opt.group({ ...clientTlsOptions, ...trustAllOption }),
};

export const avroSink = defineSink({
  type: 'avro',
  classNames: ['org.apache.flume.sink.AvroSink', 'org.apache.flume.rpc.avro.sink.AvroSink'],
  summary: "Sends events to another agent's avro source, a batch with each call.",
  example: `
a1.sinks.k1.type = avro
a1.sinks.k1.hostname = collector.example.com
a1.sinks.k1.port = 4545
a1.sinks.k1.batch-size = 1000
a1.sinks.k1.compression-type = deflate
`,
  differs: [
    'The handshake is a call of its own when the connection is made, so that a peer that is no Flume is told before events are taken for it.',
    'With `max-in-flight` above 1 several calls are under way at once.',
    '`check-host-name` compares the certificate with `hostname`; Flume never does.',
  ],
  options,
  batchSizeOption: 'batch-size',
  validate: ({ tls }) => clientTlsFaults(tls),
  notes: ({ tls }) => tlsNotes(tls),
  promises: ({ hostname, port, 'max-in-flight': inFlight }) => ({
    does: `sends to the avro source at ${hostname}:${port}`,
    delivered: "the other agent's channels have it",
    survives: 'unknown',
    doubles: ['after a lost answer, or a kill before the channel knows, events are sent again'],
    ...(inFlight > 1
      ? { order: 'events that the peer refuses come behind those that were under way with them' }
      : {}),
  }),
  create: (context) => createAvroSink(context),
});

function createAvroSink({ name, options: values, log }: SinkContext<typeof options>): RpcSink {
  const isCompressed = values['compression-type'] === 'deflate';
  return new RpcSink({
    name,
    options: values,
    log,
    connector: async () => {
      const tls = await clientTls(values.tls, `sink ${name}`);
      return (signal) =>
        connectAvro({
          host: values.hostname,
          port: values.port,
          connectTimeoutMs: values['connect-timeout'],
          requestTimeoutMs: values['request-timeout'],
          ...(isCompressed ? { compressionLevel: values['compression-level'] } : {}),
          ...(tls === undefined ? {} : { tls }),
          ...(signal === undefined ? {} : { signal }),
        });
    },
  });
}
