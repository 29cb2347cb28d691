import { MillraceError } from '../../runtime/errors.ts';
import { settingOf } from './hadoop-site.ts';

export type HdfsScheme = 'hdfs' | 'webhdfs' | 'swebhdfs';

/** Hadoop's own defaults. */
const httpPort = '9870';
const httpsPort = '9871';

/**
 * The HTTP addresses of the NameNodes that a file system's address means, the one to ask first first; pure. `authority`:
 * what stands behind `//`, a name service or `HOST[:PORT]`. Throws `CONFIG_INVALID` where the settings don't say.
 *
 * - A name service (`dfs.nameservices`): `dfs.namenode.http-address.NS.NN` of each of `dfs.ha.namenodes.NS`.
 * - `hdfs://HOST:RPC`: the `dfs.namenode.http-address` that stands beside that `dfs.namenode.rpc-address`, whichever name
 *   service that is of; without any, that of the only NameNode, or Hadoop's port of the same host.
 * - `webhdfs://HOST:PORT`: that very server, also an HttpFS.
 */
export function nameNodesOf(
  scheme: HdfsScheme,
  authority: string,
  settings: ReadonlyMap<string, string>,
): URL[] {
  const get = (name: string) => settingOf(settings, name);
  const isTls = scheme === 'swebhdfs' || (scheme === 'hdfs' && get('dfs.http.policy') === 'HTTPS_ONLY');
  const key = isTls ? 'dfs.namenode.https-address' : 'dfs.namenode.http-address';
  const port = isTls ? httpsPort : httpPort;
  const urlOf = (address: string) => urlFrom(isTls, address, port);
  const services = words(get('dfs.nameservices'));

  if (services.includes(authority)) {
    const nodes = words(get(`dfs.ha.namenodes.${authority}`)).map((node) => `.${authority}.${node}`);
    const found = (nodes.length === 0 ? [`.${authority}`] : nodes).flatMap((suffix) => {
      const address = withHost(get(`${key}${suffix}`), get(`dfs.namenode.rpc-address${suffix}`), port);
      return address === undefined ? [] : [urlOf(address)];
    });
    if (found.length > 0) return found;
    throw invalid(
      `hdfs-site.xml has no ${key} for the name service ${authority}`,
      `Set ${key}.${authority}.NN.`,
    );
  }
  if (authority === '')
    throw invalid(
      `'${scheme}:///' names no server, and fs.defaultFS does not either`,
      'Write hdfs://HOST:PORT/.',
    );
  if (scheme !== 'hdfs') return [urlOf(authority)];

  const suffixes = [
    '',
    ...services.flatMap((service) => [
      `.${service}`,
      ...words(get(`dfs.ha.namenodes.${service}`)).map((node) => `.${service}.${node}`),
    ]),
  ];
  const host = hostOf(authority);
  for (const suffix of suffixes) {
    if (get(`dfs.namenode.rpc-address${suffix}`) !== authority) continue;
    const address = withHost(get(`${key}${suffix}`), authority, port);
    if (address !== undefined) return [urlOf(address)];
  }
  const only = get(key);
  return [urlOf(only === undefined ? `${host}:${port}` : withHost(only, authority, port)!)];
}

/** An address to connect to: a wildcard is to be bound, not called, and means the host of the other address. */
function withHost(address: string | undefined, other: string | undefined, port: string): string | undefined {
  if (address === undefined) return other === undefined ? undefined : `${hostOf(other)}:${port}`;
  if (hostOf(address) !== '0.0.0.0' || other === undefined) return address;
  return `${hostOf(other)}:${address.slice(address.lastIndexOf(':') + 1)}`;
}

function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '');
}

function urlFrom(isTls: boolean, address: string, port: string): URL {
  const hasPort = /:\d+$/.test(address);
  const url = URL.parse(`${isTls ? 'https' : 'http'}://${address}${hasPort ? '' : `:${port}`}`);
  if (url === null || url.pathname !== '/' || url.username !== '')
    throw invalid(`'${address}' is no address of a server`, 'Write HOST:PORT.');
  return url;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

function invalid(message: string, remedy: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', message, { remedy });
}
