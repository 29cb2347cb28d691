/** What `millrace start` runs with where nothing else is said; `check` reads a file as `start` would. */
export const startDefaults = { dir: 'millrace-data', listen: 'localhost:9092' } as const;

/** The system properties that `start` sets for `${sys:…}` in a file. `dir`: an absolute path. */
export function startProperties(dir: string, bootstrap: string): [string, string][] {
  return [
    ['millrace.dir', dir],
    ['millrace.bootstrap', bootstrap],
  ];
}
