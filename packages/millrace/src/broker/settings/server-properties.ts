import { nearest } from '../../config/nearest.ts';
import { MillraceError } from '../../runtime/errors.ts';

/** What is wrong with one property. The key is in `details`, for whoever knows its line. */
export function invalidProperty(key: string, message: string, remedy?: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', `${key}: ${message}`, {
    details: { key },
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** Kafka's properties of a server, by name; below a prefix (`listener.name.NAME.`) what is written there wins. */
export class ServerProperties {
  readonly #properties: ReadonlyMap<string, string>;
  readonly #prefixes: readonly string[];

  /** `prefixes`: the first in which a key is found counts. */
  constructor(properties: ReadonlyMap<string, string>, prefixes: readonly string[] = ['']) {
    this.#properties = properties;
    this.#prefixes = prefixes;
  }

  below(prefix: string): ServerProperties {
    const prefixes = this.#prefixes.map((each) => `${each}${prefix}`);
    return new ServerProperties(this.#properties, [...prefixes, ...this.#prefixes]);
  }

  /** All names as they are written. */
  keys(): Iterable<string> {
    return this.#properties.keys();
  }

  text(key: string): string | undefined {
    return this.#found(key)?.trim();
  }

  /** Without what is set for all. */
  onlyHere(): ServerProperties {
    return new ServerProperties(this.#properties, this.#prefixes.slice(0, 1));
  }

  /** As it is written, blanks and all; never shown. */
  secret(key: string): string | undefined {
    return this.#found(key);
  }

  whole(key: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw invalidProperty(key, `'${text}' is not a whole number from ${min} to ${max}`);
  }

  boolean(key: string): boolean | undefined {
    const text = this.oneOf(key, ['true', 'false'] as const);
    return text === undefined ? undefined : text === 'true';
  }

  oneOf<V extends string>(key: string, values: readonly V[]): V | undefined {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined) return undefined;
    const value = values.find((each) => each === text);
    if (value !== undefined) return value;
    const near = nearest(text, values);
    throw invalidProperty(
      key,
      `'${text}' is none of ${values.join(', ')}`,
      near === undefined ? undefined : `Did you mean ${near}?`,
    );
  }

  #found(key: string): string | undefined {
    for (const prefix of this.#prefixes) {
      const value = this.#properties.get(`${prefix}${key}`);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}
