import { connectAvro } from '../../clients/avro-rpc/avro-connection.ts';
import type { WholeRpcConnector } from '../../clients/rpc/rpc-connection.ts';
import { clientTls, clientTlsOptions, trustAllOption } from '../../component/options/client-tls.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { rpcClientOptions } from './sink-base.ts';

/** What Flume's Avro client reads (NettyAvroRpcClient), but for its hosts. */
export const avroClientOptions = {
  ...rpcClientOptions,
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
export type AvroClientValues = OptionValues<typeof avroClientOptions>;

/** How to connect to a host. Reads the truststore; throws as `clientTls`. `component`: for messages. */
export async function avroConnector(
  values: AvroClientValues,
  component: string,
): Promise<(host: string, port: number) => WholeRpcConnector> {
  const tls = await clientTls(values.tls, component);
  const isCompressed = values['compression-type'] === 'deflate';
  return (host, port) => (signal) =>
    connectAvro({
      host,
      port,
      connectTimeoutMs: values['connect-timeout'],
      requestTimeoutMs: values['request-timeout'],
      ...(isCompressed ? { compressionLevel: values['compression-level'] } : {}),
      ...(tls === undefined ? {} : { tls }),
      ...(signal === undefined ? {} : { signal }),
    });
}
