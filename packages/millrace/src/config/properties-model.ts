import { hiddenValue } from './secret.ts';

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
  /** The value as written, where substitution changed it: what messages show, for the value may be a secret. */
  readonly written?: string;
}

/** The properties of one component: keys relative to it (`batchSize`, `headers.f1.hk`). */
export type ComponentProperties = ReadonlyMap<string, Property>;

const secretKey =
  /pas+w|pwd|passphrase|secret|token|credential|jaas|(private|api|access|account|key.?store).?key/i;

/** Whether a property of that name is likely a secret, whatever it means. */
export const looksSecret = (key: string): boolean => secretKey.test(key);

/** A property's value as messages may show it: never what came from the environment, never what looks like a secret. */
export function shownValue(property: Property): string {
  if (looksSecret(property.key)) return hiddenValue;
  const text = property.written ?? property.value;
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
