/** Where a key or a value stands in a file. Lines and columns are 1-based; columns count characters. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One `key = value` of a properties file, after unescaping, trimming and substitution. */
export interface Property {
  readonly key: string;
  readonly value: string;
  readonly keyPlace: Place;
  readonly valuePlace: Place;
}

/** The properties of one component: keys relative to it (`batchSize`, `headers.f1.hk`). */
export type ComponentProperties = ReadonlyMap<string, Property>;
