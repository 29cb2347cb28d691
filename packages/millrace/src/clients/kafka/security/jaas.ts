/** One entry of a JAAS login configuration, as far as Kafka's clients use them. */
export interface JaasEntry {
  /** Without its package: `ScramLoginModule`. */
  readonly loginModule: string;
  readonly options: ReadonlyMap<string, string>;
}

/** What can't be read; says where, and nothing of what stands there. */
export class JaasError extends Error {}

const flags = ['required', 'requisite', 'sufficient', 'optional'];

/**
 * Reads `sasl.jaas.config`: `MODULE FLAG (KEY=VALUE)*;`, as Kafka's `JaasConfig` does with Java's `StreamTokenizer`.
 * One entry has to be there, no more. Throws `JaasError`.
 */
export function parseJaas(text: string): JaasEntry {
  const tokens = new Tokens(text);
  const entry = entryFrom(tokens);
  if (!tokens.atEnd) throw new JaasError('only one login module can be used');
  return entry;
}

/**
 * The `KafkaClient` section of a login configuration file (`java.security.auth.login.config`):
 * `NAME { MODULE FLAG (KEY=VALUE)*; … };`. Throws `JaasError`.
 */
export function jaasSection(text: string, name = 'KafkaClient'): JaasEntry {
  const tokens = new Tokens(text);
  while (!tokens.atEnd) {
    const section = tokens.word('the name of a section');
    tokens.expect('{');
    const entries: JaasEntry[] = [];
    while (!tokens.accept('}')) entries.push(entryFrom(tokens));
    tokens.expect(';');
    if (section !== name) continue;
    if (entries.length !== 1) throw new JaasError(`section ${name} has to have one login module`);
    return entries[0]!;
  }
  throw new JaasError(`there is no section ${name}`);
}

function entryFrom(tokens: Tokens): JaasEntry {
  const module = tokens.word('a login module');
  const flag = tokens.word('required, requisite, sufficient or optional');
  if (!flags.includes(flag.toLowerCase()))
    throw new JaasError('after the login module, required, requisite, sufficient or optional is missing');
  const options = new Map<string, string>();
  while (!tokens.accept(';')) {
    if (tokens.atEnd) throw new JaasError('the ; at its end is missing');
    const key = tokens.word('the name of an option');
    tokens.expect('=');
    options.set(key, tokens.word('the value of an option'));
  }
  return { loginModule: module.slice(module.lastIndexOf('.') + 1), options };
}

/** Words, quoted texts and `{ } ; =`; comments as in Java. */
class Tokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  accept(mark: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  expect(mark: string): void {
    if (!this.accept(mark)) throw new JaasError(`a ${mark} is missing at character ${this.#at + 1}`);
  }

  word(what: string): string {
    this.#skip();
    const start = this.#text[this.#at];
    if (start === '"' || start === "'") return this.#quoted(start);
    const found = /[^\s{};="']*/y;
    found.lastIndex = this.#at;
    const [word] = found.exec(this.#text)!;
    if (word === '') throw new JaasError(`${what} is missing at character ${this.#at + 1}`);
    this.#at += word.length;
    return word;
  }

  /** With the escapes of `StreamTokenizer`: `\n`, `\t`, octal numbers; of others the character itself. */
  #quoted(quote: string): string {
    const from = this.#at++;
    let value = '';
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined || character === '\n' || character === '\r')
        throw new JaasError(`the ${quote} at character ${from + 1} has no other end`);
      if (character === quote) return value;
      if (character !== '\\') {
        value += character;
        continue;
      }
      const octal = /[0-3][0-7]{0,2}|[0-7]{1,2}/y;
      octal.lastIndex = this.#at;
      const number = octal.exec(this.#text)?.[0];
      if (number !== undefined) {
        this.#at += number.length;
        value += String.fromCharCode(Number.parseInt(number, 8));
      } else {
        const escaped = this.#text[this.#at++] ?? '';
        value += escapes[escaped] ?? escaped;
      }
    }
  }

  #skip(): void {
    const blank = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*)*/y;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.#text)![0].length;
  }
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
