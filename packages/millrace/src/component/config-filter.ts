/** What a config filter makes of one key. */
export type FilterAnswer = { readonly value: string } | { readonly fault: string };

/** Flume's config filter: gives values for the `${NAME["key"]}` of an agent's properties, before anything else is read. */
export interface ConfigFilter {
  /** A rejection, and a fault, leave the reference as it is written. Neither may show what was asked for. */
  resolve(key: string): Promise<FilterAnswer>;
}

/** What a filter may use. */
export interface FilterSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs a program without a shell and gives its output. Absent: programs are not run (`check`). */
  readonly runCommand?: (command: readonly string[], charset: string) => Promise<string>;
}
