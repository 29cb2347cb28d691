import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorText, hasErrno } from '../runtime/errors.ts';

export interface PluginFolders {
  /** Absolute; those that are there, each with the folders one below it. */
  readonly folders: readonly string[];
  /** Why nothing is loaded of one. */
  readonly notes: readonly string[];
}

/**
 * The folders of Flume's `--plugins-path`, with those one below (`plugins.d/NAME`). Command lines that were written for
 * Flume name folders of jars, or that are not there: nothing of them is a fault, and nothing is loaded of them.
 *
 * Without that option it is `$FLUME_HOME/plugins.d`, as in Flume. Nobody has named that one on the command line, so
 * code is loaded of it only where nobody but its owner and his group may write.
 */
export function pluginFolders(
  path: string | undefined,
  cwd: string,
  flumeHome: string | undefined,
): PluginFolders {
  if (path !== undefined) {
    const found = path.split(':').filter((folder) => folder !== '');
    const each = found.map((folder) => below(resolve(cwd, folder), `--plugins-path ${folder}`, false));
    return { folders: each.flatMap(({ folders }) => folders), notes: each.flatMap(({ notes }) => notes) };
  }
  if (flumeHome === undefined || flumeHome === '') return { folders: [], notes: [] };
  return below(join(resolve(cwd, flumeHome), 'plugins.d'), '$FLUME_HOME/plugins.d', true);
}

function below(at: string, what: string, isConventional: boolean): PluginFolders {
  try {
    const names = readdirSync(at, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const folders = [at, ...names.map(({ name }) => join(at, name))];
    const open = isConventional ? folders.find((folder) => (statSync(folder).mode & 0o002) !== 0) : undefined;
    if (open === undefined) return { folders, notes: [] };
    return { folders: [], notes: [`nothing is loaded of ${what}: everybody may write to ${open}`] };
  } catch (error) {
    if (isConventional && hasErrno(error, 'ENOENT', 'ENOTDIR')) return { folders: [], notes: [] };
    return { folders: [], notes: [`nothing is loaded of ${what}: ${errorText(error)}`] };
  }
}
