import { inspect } from 'node:util';

/** What is shown in place of a secret. */
export const hiddenValue = '***';

/**
 * A value that nobody is to read by chance: a log line, an error, JSON and `console.log` show three stars. Whoever needs
 * it asks for it by name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return hiddenValue;
  }

  toJSON(): string {
    return hiddenValue;
  }

  [inspect.custom](): string {
    return hiddenValue;
  }
}
