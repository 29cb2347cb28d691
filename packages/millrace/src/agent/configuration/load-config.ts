/** From files to a configuration model: reads, merges, substitutes, looks types up, validates. */
import type { ComponentDefinition } from '../../component/kinds.ts';
import { componentRegistry } from '../../components/registry.ts';
import { mergePropertySets, type PropertySet, parseProperties } from '../../config/properties.ts';
import { substitute } from '../../config/substitution.ts';
import type { ConfigurationModel } from '../model.ts';
import { applyConfigFilters, runFilterCommand } from './config-filters.ts';
import { buildConfiguration, inFileOrder, wantedParts, wantedTypes } from './flume-config.ts';
import type { ConfigText } from './origin/config-origin.ts';
import { readConfigFile } from './origin/file-text.ts';

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

/**
 * Reads `-f` files in order (a later one overrides) and gives what they come to. Faults in them are diagnostics.
 * Throws `CONFIG_INVALID` when a file can't be read.
 */
export async function loadConfiguration(
  files: readonly string[],
  options: LoadOptions = {},
): Promise<ConfigurationModel> {
  const texts: ConfigText[] = [];
  for (const name of files) texts.push({ name, bytes: await readConfigFile(name) });
  return loadTexts(texts, options);
}

/** What texts that were read come to; of a key in several, the last counts. */
export function loadTexts(
  texts: readonly ConfigText[],
  options: LoadOptions = {},
): Promise<ConfigurationModel> {
  return modelOf(propertiesOf(texts), options);
}

export function propertiesOf(texts: readonly ConfigText[]): PropertySet {
  return mergePropertySets(texts.map(({ name, bytes }) => parseProperties(bytes, name)));
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
