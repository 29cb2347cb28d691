import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, hasErrno, MillraceError } from '../../runtime/errors.ts';
import { longestSiteBytes, mergeSites, readSite, type SiteProperty } from './hadoop-site.ts';

/** In the order in which Hadoop reads them. */
const files = ['core-site.xml', 'hdfs-site.xml', 'ssl-client.xml'];

/**
 * Hadoop's settings in a folder (`HADOOP_CONF_DIR`); a file that is not there sets nothing. Throws `CONFIG_INVALID` or
 * `FILE_ACCESS`.
 */
export async function readHadoopConf(folder: string): Promise<Map<string, string>> {
  const sites: SiteProperty[][] = [];
  for (const name of files) {
    const file = join(folder, name);
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR')) continue;
      throw new MillraceError('FILE_ACCESS', `${file} can't be read: ${errorText(error)}`, { cause: error });
    }
    if (bytes.length > longestSiteBytes)
      throw new MillraceError('CONFIG_INVALID', `${file} has ${bytes.length} bytes: it is none of Hadoop's`);
    sites.push(await readSite(bytes.toString('utf8'), file));
  }
  return mergeSites(sites);
}
