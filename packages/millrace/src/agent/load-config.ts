/** From files to a configuration model: reads, merges, substitutes, looks types up, validates. */
import type { ConfigurationModel } from './model.ts';

export interface LoadOptions {
  /** `-D` properties, for `${sys:NAME}`. */
  readonly systemProperties?: ReadonlyMap<string, string>;
  /** For `${env:NAME}`; the process's by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** An unknown type makes the agent invalid, as it ends Flume's process. Default: only the component is dropped. */
  readonly strictTypes?: boolean;
}

/**
 * Reads `-f` files in order (a later one overrides) and gives what they come to. Faults in them are diagnostics.
 * Throws `CONFIG_INVALID` when a file can't be read.
 */
export declare function loadConfiguration(
  files: readonly string[],
  options?: LoadOptions,
): Promise<ConfigurationModel>;
