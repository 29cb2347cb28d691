import { userInfo } from 'node:os';
import type { FileStore } from '../../clients/file-store/file-store.ts';
import { LocalStore } from '../../clients/file-store/local-store.ts';
import type { HttpTls } from '../../clients/http/http-client.ts';
import { S3Store } from '../../clients/s3/s3-store.ts';
import { readHadoopConf } from '../../clients/webhdfs/hadoop-conf.ts';
import { settingOf } from '../../clients/webhdfs/hadoop-site.ts';
import { nameNodesOf } from '../../clients/webhdfs/name-nodes.ts';
import { WebHdfsClient } from '../../clients/webhdfs/webhdfs-client.ts';
import { WebHdfsStore } from '../../clients/webhdfs/webhdfs-store.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { readTrustStore } from '../../net/tls/trust-store.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { type SplitPath, splitPath } from './hdfs-path.ts';
import type { WriteMode } from './rolling-file.ts';

/** How a cluster is found and spoken to. */
export const clusterOptions = {
  'hdfs.confDir': opt.path({
    doc: 'The folder with core-site.xml and hdfs-site.xml of the cluster; `flume-ng -c FOLDER` stands for it where that has a core-site.xml.',
    elsewhere: { property: 'hadoop.conf.dir', variable: 'HADOOP_CONF_DIR' },
  }),
  'hdfs.user': opt.string({
    doc: 'Who writes there (`user.name`); absent: the user of this process.',
    elsewhere: { property: 'HADOOP_USER_NAME', variable: 'HADOOP_USER_NAME' },
  }),
  'hdfs.delegationToken': opt.secret({
    doc: 'A delegation token in its URL form, in place of a user; `hdfs fetchdt` gets one.',
  }),
  'hdfs.proxyUser': opt.string({ doc: 'For whom that user writes (`doas`).' }),
  'hdfs.callTimeout': opt.duration('ms', {
    doc: 'The longest that one step of a call to a cluster may take.',
    java: 'long',
    default: 30_000,
    min: 1,
  }),
  'hdfs.kerberosPrincipal': opt.string({
    doc: 'Who signs in by Kerberos; that is not built, `hdfs.delegationToken` works without.',
  }),
  'hdfs.kerberosKeytab': opt.string({ doc: 'With which key.' }),
  'hdfs.truststore': opt.path({
    doc: 'For TLS, the file with the certificates to trust: PKCS12, JKS or PEM; absent: that of ssl-client.xml, else those of this program.',
  }),
  'hdfs.truststorePassword': opt.secret({ doc: 'What opens it; PEM and JKS may do without.' }),
  'hdfs.minBlockReplicas': opt.int({
    doc: 'Replicas of a block below which Flume rolls a file.',
    ignored: 'WebHDFS does not say how many replicas an open block has',
  }),
};
type ClusterValues = OptionValues<typeof clusterOptions>;

/** What is of no use beside a local path. */
const forClusters = [
  'hdfs.confDir',
  'hdfs.user',
  'hdfs.delegationToken',
  'hdfs.proxyUser',
  'hdfs.kerberosPrincipal',
  'hdfs.kerberosKeytab',
  'hdfs.truststore',
  'hdfs.truststorePassword',
] as const;
/** Those that a process may have for other sinks. */
const fromElsewhere: readonly string[] = ['hdfs.confDir', 'hdfs.user'];

/**
 * Whether Hadoop takes it for a user where no rules say whom a principal means (`KerberosName.getShortName`, which
 * Flume's sink comes to as it is configured).
 */
const isShortName = (user: string) => !user.includes('@') && !/^[^/]+\/[^/]+$/.test(user);

export function clusterFaults(options: ClusterValues & { 'hdfs.path': string }): OptionFinding[] {
  const proxyUser = options['hdfs.proxyUser'];
  if (proxyUser !== undefined && !isShortName(proxyUser)) {
    const message = `hdfs.proxyUser: ${proxyUser} is no short name of a user`;
    return [{ key: 'hdfs.proxyUser', message, code: 'bad-value', suggestion: 'write the name alone' }];
  }
  const path = splitPath(options['hdfs.path']);
  const kerberos = ['hdfs.kerberosPrincipal', 'hdfs.kerberosKeytab'] as const;
  if (typeof path === 'string' || path.scheme === 'file' || path.scheme === 's3a') return [];
  if (options['hdfs.delegationToken'] !== undefined) return [];
  return kerberos
    .filter((key) => (options[key] ?? '') !== '')
    .slice(0, 1)
    .map((key) => ({
      key,
      message: `${key}: Kerberos is not built: there is no maintained library for it that needs no compiler`,
      suggestion: 'give hdfs.delegationToken, or write through an HttpFS or Knox that takes a user or token',
    }));
}

export function clusterNotes(options: ClusterValues & { 'hdfs.path': string }): OptionFinding[] {
  const path = splitPath(options['hdfs.path']);
  if (typeof path === 'string') return [];
  const none = (key: string, why: string) => ({ key, message: `${key} has no effect: ${why}` });
  if (path.scheme === 'file')
    return forClusters
      .filter((key) => options[key] !== undefined && !fromElsewhere.includes(key))
      .map((key) => none(key, 'it is for clusters; the path is a local one'));
  if (options['hdfs.delegationToken'] === undefined) return [];
  return (['hdfs.kerberosPrincipal', 'hdfs.kerberosKeytab'] as const)
    .filter((key) => (options[key] ?? '') !== '')
    .map((key) => none(key, 'the token says who writes'));
}

/** The store that a path means. Reads Hadoop's settings; throws `CONFIG_INVALID` or `FILE_ACCESS`. */
export async function storeOf(
  path: SplitPath,
  options: ClusterValues,
  way: WriteMode,
  component: string,
): Promise<FileStore> {
  if (path.scheme === 'file') return new LocalStore(path.root);
  const confDir = options['hdfs.confDir'];
  const settings = confDir === undefined ? new Map<string, string>() : await readHadoopConf(confDir);
  if (path.scheme === 's3a') return objectStoreOf(path, settings);
  const { scheme, authority } = fileSystemOf(path, settings, component);
  if (scheme === 'file') return new LocalStore(path.root);
  const servers = nameNodesOf(scheme, authority, settings);
  const token = options['hdfs.delegationToken']?.reveal();
  const proxyUser = options['hdfs.proxyUser'];
  const client = new WebHdfsClient({
    servers,
    ...(token === undefined ? { user: options['hdfs.user'] ?? userInfo().username } : { token }),
    ...(proxyUser === undefined || proxyUser === '' ? {} : { proxyUser }),
    callTimeoutMs: options['hdfs.callTimeout'],
    ...(servers[0]!.protocol === 'https:' ? { tls: await tlsOf(options, settings, component) } : {}),
  });
  const url = `${scheme}://${authority}${path.root === '/' ? '' : path.root}`;
  return new WebHdfsStore({ client, url, folder: path.root, way });
}

/** As Hadoop's S3A finds its store; what is not set there, the AWS SDK looks for as ever. */
function objectStoreOf(
  { authority: bucket, root }: SplitPath,
  settings: ReadonlyMap<string, string>,
): FileStore {
  const of = (key: string) =>
    settingOf(settings, `fs.s3a.bucket.${bucket}.${key}`) ?? settingOf(settings, `fs.s3a.${key}`);
  const endpoint = of('endpoint');
  const region = of('endpoint.region');
  const accessKeyId = of('access.key');
  const secretAccessKey = of('secret.key');
  const isElsewhere = endpoint !== undefined || process.env.AWS_ENDPOINT_URL_S3 !== undefined;
  return new S3Store({
    ...{ bucket, prefix: root.slice(1) },
    ...(endpoint === undefined
      ? {}
      : { endpoint: /^https?:/.test(endpoint) ? endpoint : `https://${endpoint}` }),
    ...(region === undefined ? {} : { region }),
    pathStyle: of('path.style.access') === undefined ? isElsewhere : of('path.style.access') === 'true',
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
  });
}

/** What a path leaves to `fs.defaultFS`, which is this machine where nobody has set it. */
function fileSystemOf(
  { scheme, authority }: SplitPath,
  settings: ReadonlyMap<string, string>,
  component: string,
): Pick<SplitPath, 'authority'> & { scheme: Exclude<SplitPath['scheme'], 's3a' | null> } {
  if (scheme !== null && scheme !== 's3a' && authority !== '') return { scheme, authority };
  const written = settingOf(settings, 'fs.defaultFS') ?? settingOf(settings, 'fs.default.name') ?? 'file:///';
  const standard = splitPath(written);
  if (typeof standard === 'string' || standard.scheme === null || standard.scheme === 's3a')
    throw new MillraceError('CONFIG_INVALID', `${component}: fs.defaultFS of core-site.xml: ${written}`, {
      remedy: 'Write the scheme into hdfs.path.',
    });
  if (scheme !== null && standard.scheme !== scheme)
    throw new MillraceError(
      'CONFIG_INVALID',
      `${component}: hdfs.path names no server, and fs.defaultFS is ${written}`,
      { remedy: `Write ${scheme}://SERVER/FOLDER, or set hdfs.confDir to the cluster's settings.` },
    );
  return { scheme: standard.scheme, authority: standard.authority };
}

async function tlsOf(
  options: ClusterValues,
  settings: ReadonlyMap<string, string>,
  component: string,
): Promise<HttpTls> {
  const path = options['hdfs.truststore'] ?? settingOf(settings, 'ssl.client.truststore.location');
  if (path === undefined || path === '') return {};
  const password =
    options['hdfs.truststorePassword']?.reveal() ?? settingOf(settings, 'ssl.client.truststore.password');
  return { ca: await readTrustStore({ path, password, component }) };
}
