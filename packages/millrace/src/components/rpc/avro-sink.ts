import { defineSink, type SinkContext } from '../../component/define.ts';
import { clientTlsFaults } from '../../component/options/client-tls.ts';
import { tlsNotes } from '../../component/options/tls.ts';
import { avroClientOptions, avroConnector } from './avro-client.ts';
import { RpcSink, rpcSinkOptions } from './sink-base.ts';
import { sentTo } from './streams.ts';

const options = { ...rpcSinkOptions, ...avroClientOptions };

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
  writes: ({ hostname, port }) => sentTo('avro', hostname, port),
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
  return new RpcSink({
    name,
    options: values,
    log,
    connector: async () => (await avroConnector(values, `sink ${name}`))(values.hostname, values.port),
  });
}
