import { nearest } from '../../../config/nearest.ts';
import type { PropertyProblem } from '../../../config/options.ts';
import { Secret } from '../../../config/secret.ts';

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads one property after the other, and knows which were never asked for. */
export class PropertyReader {
  readonly problems: PropertyProblem[] = [];
  readonly #properties: ReadonlyMap<string, string>;
  readonly #seen = new Set<string>();

  constructor(properties: ReadonlyMap<string, string>) {
    this.#properties = properties;
  }

  text(key: string): string | undefined {
    this.#seen.add(key);
    return this.#properties.get(key)?.trim();
  }

  /** Kafka's INT. */
  int(key: string, min: number): number | undefined {
    return this.#number(key, min, 2n ** 31n - 1n);
  }

  /** Kafka's LONG; beyond 2^53 the nearest number, which is as good for bytes and milliseconds. */
  long(key: string, min: number): number | undefined {
    return this.#number(key, min, 2n ** 63n - 1n);
  }

  #number(key: string, min: number, max: bigint): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    if (/^[+-]?\d{1,20}$/.test(text)) {
      const value = BigInt(text.replace('+', ''));
      if (value >= BigInt(min) && value <= max) return Number(value);
    }
    this.problems.push({
      key,
      message: `'${text}' is not a whole number of at least ${min} and at most ${max}`,
      fatal: true,
    });
    return undefined;
  }

  /** Between 0 and 1. */
  share(key: string, from: number, to: number): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text !== '' && value >= from && value <= to) return value;
    this.problems.push({ key, message: `'${text}' is not a number from ${from} to ${to}`, fatal: true });
    return undefined;
  }

  /** Never shown; empty ones count. */
  secret(key: string): Secret | undefined {
    this.#seen.add(key);
    const text = this.#properties.get(key);
    return text === undefined ? undefined : new Secret(text);
  }

  /** Whether it is written. */
  has(key: string): boolean {
    this.#seen.add(key);
    return this.#properties.has(key);
  }

  fault(key: string, message: string, suggestion?: string): void {
    this.problems.push({ key, message, ...(suggestion === undefined ? {} : { suggestion }), fatal: true });
  }

  boolean(key: string): boolean | undefined {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined || text === 'true' || text === 'false')
      return text === undefined ? undefined : text === 'true';
    this.problems.push({ key, message: `'${text}' is neither true nor false`, fatal: true });
    return undefined;
  }

  oneOf<V extends string>(key: string, values: readonly V[]): V | undefined {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined) return undefined;
    const value = values.find((v) => v === text);
    if (value === undefined) {
      const near = text.length > 1 ? nearest(text, values) : undefined;
      const suggestion = near === undefined ? `write one of ${values.join(', ')}` : `did you mean ${near}?`;
      this.problems.push({
        key,
        message: `'${text}' is none of ${values.join(', ')}`,
        suggestion,
        fatal: true,
      });
    }
    return value;
  }

  ignored(key: string, why: string): void {
    if (this.text(key) !== undefined) this.problems.push({ key, message: `has no effect: ${why}` });
  }

  /** All that was asked for, set or not. */
  get known(): readonly string[] {
    return [...this.#seen];
  }

  /** Whatever nobody asked for. */
  finish(): readonly PropertyProblem[] {
    for (const key of this.#properties.keys()) {
      if (this.#seen.has(key)) continue;
      const near = nearest(key, this.#seen);
      this.problems.push({
        key,
        message: 'is not known here',
        ...(near === undefined ? {} : { suggestion: `did you mean ${near}?` }),
      });
    }
    return this.problems;
  }
}

/** Sets what is there; an absent property leaves the default to the one who reads the options. */
export function put<T, K extends keyof T>(
  target: Writable<Partial<T>>,
  key: K,
  value: T[K] | undefined,
): void {
  if (value !== undefined) target[key] = value;
}
