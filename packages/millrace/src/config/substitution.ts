/**
 * `${…}` in values, as Flume 1.10 and later resolve it (commons-text): `${env:NAME}`, `${sys:PROPERTY}`,
 * `${date:FORMAT}`, `${java:version}`, `${key}` of the same set, each with `:-default`, nested as wanted. `${NAME}` is a
 * variable of the environment only with the system property that makes it one in Flume, too. What can't be resolved
 * stays as it is written; nothing is fetched, read from a file, decoded or run, whatever a value says.
 */
import { availableParallelism, homedir, type as osType, release, tmpdir, userInfo } from 'node:os';
import { formatJavaDate } from '../java/date.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { finding } from './finding.ts';
import type { FindingCode } from './finding-codes.ts';
import type { Property } from './properties-model.ts';

export interface SubstitutionContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-D` properties. */
  readonly systemProperties: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** A chain of references longer than this is taken for a circle. */
const deepest = 32;
/** A value may not grow beyond this many characters: `${a}${a}` in ten steps is a thousand times its size. */
const longest = 1024 * 1024;

type Lookup =
  | { readonly text: string }
  | { readonly unresolved: string; readonly suggestion?: string }
  | { readonly notOurs: true };

/** Resolves every value of a set. Values that change keep what was written beside them, for messages. */
export function substitute(
  properties: ReadonlyMap<string, Property>,
  context: SubstitutionContext,
): { readonly properties: ReadonlyMap<string, Property>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const result = new Map<string, Property>();
  for (const [key, property] of properties) {
    if (!property.value.includes('${')) {
      result.set(key, property);
      continue;
    }
    const resolver = new Resolver(properties, context);
    const value = resolver.resolve(property.value, [key]);
    for (const { code, message, suggestion } of resolver.findings) {
      diagnostics.push(finding(code, property.valuePlace, `${key}: ${message}`, suggestion));
    }
    result.set(key, value === property.value ? property : { ...property, value, written: property.value });
  }
  return { properties: result, diagnostics };
}

interface Finding {
  readonly code: FindingCode;
  readonly message: string;
  readonly suggestion: string | undefined;
}

class Resolver {
  readonly findings: Finding[] = [];
  readonly #properties: ReadonlyMap<string, Property>;
  readonly #context: SubstitutionContext;
  #steps = 0;

  constructor(properties: ReadonlyMap<string, Property>, context: SubstitutionContext) {
    this.#properties = properties;
    this.#context = context;
  }

  /** `path`: the references that led here, to tell a circle. */
  resolve(text: string, path: readonly string[]): string {
    let result = '';
    let at = 0;
    for (;;) {
      const open = text.indexOf('${', at);
      if (open === -1) break;
      if (open > at && text[open - 1] === '$') {
        // `$${x}` is how commons-text writes a literal `${x}`.
        const close = closingBrace(text, open + 2);
        const end = close === -1 ? open + 2 : close + 1;
        result += text.slice(at, open - 1) + text.slice(open, end);
        at = end;
        continue;
      }
      const close = closingBrace(text, open + 2);
      if (close === -1) break;
      result += text.slice(at, open) + this.#reference(text.slice(open + 2, close), path);
      at = close + 1;
      if (result.length > longest) {
        this.#find('value-too-long', `the value grows beyond ${longest} characters and is cut`);
        return result.slice(0, longest);
      }
    }
    return result + text.slice(at);
  }

  /** What stands for `${body}`. */
  #reference(body: string, path: readonly string[]): string {
    this.#steps++;
    if (path.length > deepest || this.#steps > 10_000) {
      this.#find('reference-too-deep', `more than ${deepest} references inside one another`);
      return `\${${body}}`;
    }
    const inner = body.includes('${') ? this.resolve(body, [...path, body]) : body;
    const split = inner.indexOf(':-');
    const name = split === -1 ? inner : inner.slice(0, split);
    if (path.includes(name)) {
      this.#find('reference-circle', `\${${name}} refers to itself; it stays as it is`);
      return `\${${inner}}`;
    }
    const found = this.#lookup(name);
    if ('text' in found) {
      return found.text.includes('${') ? this.resolve(found.text, [...path, name]) : found.text;
    }
    if (split !== -1) return inner.slice(split + 2);
    if ('unresolved' in found) this.#find('unresolved', found.unresolved, found.suggestion);
    return `\${${inner}}`;
  }

  #lookup(name: string): Lookup {
    const colon = name.indexOf(':');
    if (colon === -1) return this.#bareName(name);
    const rest = name.slice(colon + 1);
    switch (name.slice(0, colon).toLowerCase()) {
      case 'env':
        return orUnresolved(this.#variable(rest), `the environment variable ${rest} is not set`);
      case 'sys':
        return orUnresolved(
          this.#context.systemProperties.get(rest) ?? systemProperty(rest),
          `the system property ${rest} is not set; give it with -D${rest}=VALUE`,
        );
      case 'date':
        return orUnresolved(
          formatJavaDate(rest, this.#context.now),
          `the date format "${rest}" is not understood`,
        );
      case 'java':
        return orUnresolved(
          javaText(rest),
          `there is no Java here; of java: there are version, runtime, vm, os, hw and locale, which describe Node.js`,
        );
      default:
        return { unresolved: `\${${name}} is not a look-up that is on, as in Flume; it stays as it is` };
    }
  }

  #bareName(name: string): Lookup {
    const property = this.#properties.get(name);
    if (property !== undefined) return { text: property.value };
    const variable = this.#variable(name);
    if (variable !== undefined && this.#namesAreVariables) return { text: variable };
    // `${filter["key"]}` belongs to a config filter, and what is not a name at all to whoever reads the value.
    if (!/^[\w.-]+$/.test(name)) return { notOurs: true };
    const unresolved = `\${${name}} is no property of this file; it stays as it is`;
    return variable === undefined
      ? { unresolved }
      : { unresolved, suggestion: `write \${env:${name}} for the variable of the environment` };
  }

  /** Flume's other implementation of its properties, which puts `${NAME}` of the environment in. */
  get #namesAreVariables(): boolean {
    const name = this.#context.systemProperties.get('propertiesImplementation');
    return name === 'org.apache.flume.node.EnvVarResolverProperties';
  }

  /** Own variables only: an object also has `constructor` and the like. */
  #variable(name: string): string | undefined {
    return Object.hasOwn(this.#context.env, name) ? this.#context.env[name] : undefined;
  }

  #find(code: FindingCode, message: string, suggestion?: string): void {
    if (this.findings.length < 20) this.findings.push({ code, message, suggestion });
  }
}

function orUnresolved(text: string | undefined, otherwise: string): Lookup {
  return text === undefined ? { unresolved: `${otherwise}; the text stays as it is` } : { text };
}

/** Where the `}` stands that closes a `${` whose body begins at `from`, or -1. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '$' && text[at + 1] === '{') {
      depth++;
      at++;
    } else if (text[at] === '}') {
      depth--;
      if (depth === 0) return at;
    }
  }
  return -1;
}

/** What commons-text says of a JVM, said of what runs here. */
function javaText(key: string): string | undefined {
  const architecture = `architecture: ${process.arch}-64`;
  switch (key) {
    case 'version':
      return `Node.js version ${process.versions.node}`;
    case 'runtime':
      return `Node.js (build ${process.versions.node}) from OpenJS Foundation`;
    case 'vm':
      return `V8 (build ${process.versions.v8})`;
    case 'os':
      return `${osType()} ${release()}, ${architecture}`;
    case 'hw':
      return `processors: ${availableParallelism()}, ${architecture}`;
    case 'locale':
      return `default locale: ${Intl.DateTimeFormat().resolvedOptions().locale}, platform encoding: UTF-8`;
    default:
      return undefined;
  }
}

/** The Java system properties that configurations use without a `-D`. */
function systemProperty(name: string): string | undefined {
  switch (name) {
    case 'user.home':
      return homedir();
    case 'user.name':
      return userInfo().username;
    case 'user.dir':
      return process.cwd();
    case 'java.io.tmpdir':
      return tmpdir();
    case 'file.separator':
      return '/';
    default:
      return undefined;
  }
}
