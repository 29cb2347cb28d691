/** From files to a configuration model: reads, merges, substitutes, looks types up, validates. */
import { readFile, stat } from 'node:fs/promises';
import type { ComponentDefinition } from '../../component/kinds.ts';
import { componentRegistry } from '../../components/registry.ts';
import { mergePropertySets, type PropertySet, parseProperties } from '../../config/properties.ts';
import { substitute } from '../../config/substitution.ts';
import { errorText, hasErrno, MillraceError } from '../../runtime/errors.ts';
import type { ConfigurationModel } from '../model.ts';
import { applyConfigFilters, runFilterCommand } from './config-filters.ts';
import { buildConfiguration, inFileOrder, wantedParts, wantedTypes } from './flume-config.ts';

export interface LoadOptions {
  /** `-D` properties, for `${sys:NAME}` and what options may go by. */
  readonly systemProperties?: ReadonlyMap<string, string>;
  /** For `${env:NAME}`; the process's by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** An unknown type makes the agent invalid, as it ends Flume's process. Default: only the component is dropped. */
  readonly strictTypes?: boolean;
  /** Whether `external` config filters run their commands. Default: yes; a mere check says no. */
  readonly runCommands?: boolean;
  /** A program's own components; they go before Millrace's of the same name. */
  readonly components?: readonly ComponentDefinition[];
  readonly now?: Date;
}

/** More than any configuration that was written by hand or by a program. */
const largestFile = 16 * 1024 * 1024;

/**
 * Reads `-f` files in order (a later one overrides) and gives what they come to. Faults in them are diagnostics.
 * Throws `CONFIG_INVALID` when a file can't be read.
 */
export async function loadConfiguration(
  files: readonly string[],
  options: LoadOptions = {},
): Promise<ConfigurationModel> {
  const sets: PropertySet[] = [];
  for (const file of files) sets.push(parseProperties(await readConfigFile(file), file));
  return modelOf(mergePropertySets(sets), options);
}

/** What a set of properties comes to, wherever it is from. */
export async function modelOf(set: PropertySet, options: LoadOptions = {}): Promise<ConfigurationModel> {
  const env = options.env ?? process.env;
  const substituted = substitute(set.properties, {
    env,
    systemProperties: options.systemProperties ?? new Map(),
    now: options.now ?? new Date(),
  });
  const registry = componentRegistry(options.components);
  const filtered = await applyConfigFilters(substituted.properties, registry, {
    env,
    ...(options.runCommands === false ? {} : { runCommand: runFilterCommand }),
  });
  const properties = [...filtered.properties.values()];
  const wanted = wantedTypes(properties);
  const parts = wantedParts(properties, await registry.load(wanted));
  const catalog = await registry.load([...wanted, ...parts]);
  const model = buildConfiguration(properties, catalog, {
    strictTypes: options.strictTypes === true,
    settings: { env, systemProperties: options.systemProperties ?? new Map() },
  });
  return {
    ...model,
    diagnostics: inFileOrder([
      ...set.diagnostics,
      ...substituted.diagnostics,
      ...filtered.diagnostics,
      ...model.diagnostics,
    ]),
  };
}

async function readConfigFile(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > largestFile)
      throw new MillraceError('CONFIG_INVALID', `${file} is larger than ${largestFile} bytes`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const why = hasErrno(error, 'ENOENT')
      ? 'there is no such file'
      : hasErrno(error, 'EISDIR')
        ? 'it is a folder'
        : hasErrno(error, 'EACCES')
          ? 'this user may not read it (permission denied)'
          : errorText(error);
    throw new MillraceError('CONFIG_INVALID', `can't read ${file}: ${why}`, {
      cause: error,
      remedy: 'Check the path that -f gives.',
      details: { file },
    });
  }
}
