/** Where schemas come from: by URL, each once. */
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { HttpClient } from '../../clients/http/http-client.ts';
import { readHadoopConf } from '../../clients/webhdfs/hadoop-conf.ts';
import { settingOf } from '../../clients/webhdfs/hadoop-site.ts';
import { type HdfsScheme, nameNodesOf } from '../../clients/webhdfs/name-nodes.ts';
import { WebHdfsClient } from '../../clients/webhdfs/webhdfs-client.ts';
import { readTrustStore } from '../../net/tls/trust-store.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';

const mostBytes = 16 * 1024 * 1024;
const limitMs = 10_000;

/** How a cluster of Hadoop is found and spoken to. */
export interface HadoopAccess {
  /** The folder with core-site.xml and hdfs-site.xml; absent: there is none. */
  readonly confDir?: string;
  readonly user: string;
}

/** `hdfs://SERVER/PATH`; of `webhdfs` and `swebhdfs` likewise. */
const inHdfs = /^(hdfs|webhdfs|swebhdfs):\/\/([\w.:[\]-]*)(\/.+)$/i;

/** Why no schema can ever be had under this URL; null: it may be. */
export function schemaUrlFault(text: string): string | null {
  if (!URL.canParse(text)) return 'it is no URL';
  const { protocol } = new URL(text);
  if (['file:', 'http:', 'https:'].includes(protocol)) return null;
  if (['hdfs:', 'webhdfs:', 'swebhdfs:'].includes(protocol))
    return inHdfs.test(text) ? null : `it is not ${protocol}//SERVER/PATH`;
  return `${protocol}// is not built`;
}

/** The text behind a URL that has no fault. Nothing of it is in an error: the URL may be anybody's. */
export async function fetchSchema(text: string, hadoop: HadoopAccess): Promise<string> {
  if (inHdfs.test(text)) return await readFromHdfs(text, hadoop);
  const url = new URL(text);
  if (url.protocol === 'file:') return await readSchemaFile(url);
  const client = new HttpClient({
    ...{ connectTimeoutMs: limitMs, answerTimeoutMs: limitMs, bodyTimeoutMs: limitMs },
    ...{ maxConnections: 1, maxAnswerBytes: mostBytes },
  });
  try {
    const { status, body } = await client.request({ method: 'GET', url });
    if (status !== 200) throw failure(`${url.origin}${url.pathname} answers ${status}`);
    return body.toString();
  } finally {
    await client.close();
  }
}

async function readFromHdfs(text: string, { confDir, user }: HadoopAccess): Promise<string> {
  const [, scheme, authority, path] = inHdfs.exec(text)!;
  const settings = confDir === undefined ? new Map<string, string>() : await readHadoopConf(confDir);
  // What names no server means the cluster of the settings, as in Hadoop.
  const standard = /^hdfs:\/\/([^/]+)/.exec(settingOf(settings, 'fs.defaultFS') ?? '')?.[1] ?? '';
  const servers = nameNodesOf(scheme!.toLowerCase() as HdfsScheme, authority || standard, settings);
  const trusted = settingOf(settings, 'ssl.client.truststore.location') ?? '';
  const isTls = servers[0]!.protocol === 'https:' && trusted !== '';
  const password = settingOf(settings, 'ssl.client.truststore.password');
  const client = new WebHdfsClient({
    ...{ servers, user, callTimeoutMs: limitMs, mostReadBytes: mostBytes },
    ...(isTls
      ? { tls: { ca: await readTrustStore({ path: trusted, password, component: 'schemaURL' }) } }
      : {}),
  });
  try {
    return (await client.read(`can't read ${path}`, path!)).toString();
  } catch (error) {
    throw failure(errorText(error));
  } finally {
    await client.close();
  }
}

async function readSchemaFile(url: URL): Promise<string> {
  const path = fileURLToPath(url);
  const found = await stat(path);
  if (!found.isFile() || found.size > mostBytes)
    throw failure(`${path} is no file of at most ${mostBytes} bytes`);
  return await readFile(path, 'utf8');
}

function failure(what: string): MillraceError {
  return new MillraceError('DELIVERY_FAILED', `no Avro schema can be had: ${what}`, {
    remedy: 'Put the schema there; the events wait for it.',
  });
}
