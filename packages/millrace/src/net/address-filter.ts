import { javaRegex } from '../java/regex.ts';
import { errorText } from '../runtime/errors.ts';
import { localHost } from '../runtime/local-host.ts';
import { type HostNames, hostNames } from './host-names.ts';

interface Rule {
  readonly allow: boolean;
  readonly by: 'ip' | 'name';
  /** Null: `name:localhost`, which is this machine by its address. */
  readonly pattern: RegExp | null;
}

export interface FilterRules {
  readonly rules: readonly Rule[];
  /** Each rule that is none, as a sentence. */
  readonly faults: readonly string[];
}

/**
 * Flume's `ipFilterRules`: `allow|deny:ip|name:PATTERN`, separated by commas. In a pattern `*` is anything and `?` one
 * character; the rest is a Java regular expression with plain dots, of the whole address or name.
 */
export function parseFilterRules(text: string): FilterRules {
  const rules: Rule[] = [];
  const faults: string[] = [];
  for (const written of text.replace(/,+$/, '').split(',')) {
    const parts = /^(allow|deny):(ip|name):(.*)$/s.exec(written.trim());
    if (parts === null) {
      faults.push(
        `Invalid ipFilter patternRule '${written.trim()}' should look like <'allow'  or 'deny'>:<'ip' or 'name'>:<pattern>`,
      );
      continue;
    }
    const [, flag, by, pattern = ''] = parts;
    try {
      rules.push({ allow: flag === 'allow', by: by as Rule['by'], pattern: regexOf(by!, pattern) });
    } catch (error) {
      faults.push(`ipFilter pattern '${pattern}': ${errorText(error)}`);
    }
  }
  return { rules, faults };
}

function regexOf(by: string, pattern: string): RegExp | null {
  const trimmed = pattern.trim();
  if (by === 'name' && trimmed === 'localhost') return null;
  const regex = trimmed.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
  return javaRegex(regex, { fullMatch: true });
}

/** Whether a peer may connect: the first rule that fits decides; where none does, it may. */
export class AddressFilter {
  readonly #rules: readonly Rule[];
  readonly #names: HostNames;
  readonly #self: string;

  /** `self`: this machine's address besides 127.0.0.1, for `name:localhost`. */
  constructor(rules: readonly Rule[], names: HostNames = hostNames, self: string = localHost().address) {
    this.#rules = rules;
    this.#names = names;
    this.#self = self;
  }

  /** `address`: as `javaAddress` writes it. A promise only where a rule asks for the peer's name. */
  allows(address: string): boolean | Promise<boolean> {
    for (let i = 0; i < this.#rules.length; i++) {
      const { allow, by, pattern } = this.#rules[i]!;
      if (pattern === null) {
        if (address === '127.0.0.1' || address === this.#self) return allow;
      } else if (by === 'ip') {
        if (pattern.test(address)) return allow;
      } else {
        const name = this.#names.nameOf(address);
        return typeof name === 'string' ? this.#decide(i, address, name) : this.#ask(i, address, name);
      }
    }
    return true;
  }

  async #ask(from: number, address: string, name: Promise<string>): Promise<boolean> {
    return this.#decide(from, address, await name);
  }

  #decide(from: number, address: string, name: string): boolean {
    for (const { allow, by, pattern } of this.#rules.slice(from)) {
      const fits =
        pattern === null
          ? address === '127.0.0.1' || address === this.#self
          : pattern.test(by === 'ip' ? address : name);
      if (fits) return allow;
    }
    return true;
  }
}
