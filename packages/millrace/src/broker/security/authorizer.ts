import type { AuthorizerSettings } from '../settings/settings.ts';
import type { AccessResource, Acl, Operation, Principal } from './access.ts';
import { plainHost } from './plain-host.ts';

const everyName = '*';
const everybody = 'User:*';
const everyHost = '*';

/** Who asks, from where. */
export interface Asker {
  readonly principal: Principal;
  /** Its address as `plainHost` writes it. */
  readonly host: string;
}

/** Rules of one kind of resource. */
class Rules {
  readonly literal = new Map<string, Acl[]>();
  readonly prefixed = new Map<string, Acl[]>();
  /** Lengths of the prefixes that there are. */
  readonly lengths = new Set<number>();

  add(acl: Acl): void {
    const rules = acl.pattern === 'LITERAL' ? this.literal : this.prefixed;
    const known = rules.get(acl.name);
    if (known === undefined) rules.set(acl.name, [acl]);
    else known.push(acl);
    if (acl.pattern === 'PREFIXED') this.lengths.add(acl.name.length);
  }

  /** All that are about a name, list by list. */
  *about(name: string): Generator<readonly Acl[]> {
    const own = this.literal.get(name);
    if (own !== undefined) yield own;
    const every = name === everyName ? undefined : this.literal.get(everyName);
    if (every !== undefined) yield every;
    for (const length of this.lengths) {
      const begun = length > name.length ? undefined : this.prefixed.get(name.slice(0, length));
      if (begun !== undefined) yield begun;
    }
  }

  *all(): Generator<Acl> {
    for (const lists of [this.literal, this.prefixed]) for (const list of lists.values()) yield* list;
  }
}

const noRules = new Rules();

/**
 * Who may do what, by the rules of Kafka's `StandardAuthorizer`: a DENY wins over every ALLOW; who is neither denied nor
 * allowed is denied, but where no rule is about the resource at all and everyone is allowed then.
 */
export class Authorizer {
  readonly #superUsers: ReadonlySet<string>;
  readonly #byDefault: boolean;
  #rules: ReadonlyMap<string, Rules> = new Map();

  constructor({ superUsers, allowEveryoneIfNoAcl }: AuthorizerSettings) {
    this.#superUsers = new Set(superUsers);
    this.#byDefault = allowEveryoneIfNoAcl;
  }

  /** The rules from now on. */
  replace(acls: Iterable<Acl>): void {
    const rules = new Map<string, Rules>();
    for (const acl of acls) {
      let kind = rules.get(acl.resource);
      if (kind === undefined) {
        kind = new Rules();
        rules.set(acl.resource, kind);
      }
      kind.add({ ...acl, host: plainHost(acl.host) });
    }
    this.#rules = rules;
  }

  allows(asker: Asker, operation: Operation, resource: AccessResource, name: string): boolean {
    if (this.#superUsers.has(asker.principal)) return true;
    let isAnyAbout = false;
    let isAllowed = false;
    for (const acls of (this.#rules.get(resource) ?? noRules).about(name)) {
      isAnyAbout = true;
      for (const acl of acls) {
        if (!isFor(acl, asker) || !isOf(acl, operation)) continue;
        if (acl.permission === 'DENY') return false;
        isAllowed = true;
      }
    }
    return isAllowed || (!isAnyAbout && this.#byDefault);
  }

  /**
   * Whether there is a resource of the kind, of whatever name, with which the asker may do that
   * (`Authorizer.authorizeByResourceType`).
   */
  allowsAny(asker: Asker, operation: Operation, resource: AccessResource): boolean {
    // Whoever may with a name that no rule is about, may with any.
    if (this.allows(asker, operation, resource, 'hardcode')) return true;
    const allowed: Acl[] = [];
    const deniedNames = new Set<string>();
    const deniedPrefixes: string[] = [];
    for (const acl of (this.#rules.get(resource) ?? noRules).all()) {
      if (!isFor(acl, asker) || (acl.operation !== operation && acl.operation !== 'ALL')) continue;
      if (acl.permission === 'ALLOW') allowed.push(acl);
      else if (acl.pattern === 'PREFIXED') deniedPrefixes.push(acl.name);
      else if (acl.name === everyName) return false;
      else deniedNames.add(acl.name);
    }
    return allowed.some(({ name, pattern }) => {
      if (pattern === 'LITERAL' && name === everyName) return true;
      if (pattern === 'LITERAL' && deniedNames.has(name)) return false;
      return !deniedPrefixes.some((prefix) => name.startsWith(prefix));
    });
  }
}

function isFor({ principal, host }: Acl, asker: Asker): boolean {
  return (
    (principal === asker.principal || principal === everybody) && (host === everyHost || host === asker.host)
  );
}

/** To allow one of these is to allow DESCRIBE, too; to deny it is not to deny that. */
const describes: ReadonlySet<string> = new Set(['DESCRIBE', 'READ', 'WRITE', 'DELETE', 'ALTER']);
const describesConfigs: ReadonlySet<string> = new Set(['DESCRIBE_CONFIGS', 'ALTER_CONFIGS']);

function isOf({ operation, permission }: Acl, asked: Operation): boolean {
  if (operation === 'ALL' || operation === asked) return true;
  if (permission === 'DENY') return false;
  if (asked === 'DESCRIBE') return describes.has(operation);
  return asked === 'DESCRIBE_CONFIGS' && describesConfigs.has(operation);
}
