import { join } from 'node:path';
import { MillraceError } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import { Serial } from '../core/serial.ts';
import type { AuthorizerSettings } from '../settings/settings.ts';
import { readWhole, replaceFile } from '../storage/durable-file.ts';
import { type Acl, operationCodes, patternCodes, permissionCodes, resourceCodes } from './access.ts';
import { Authorizer } from './authorizer.ts';

export const aclFile = 'acls.json';

/** The rules of who may do what, kept in one file of the data folder, and the authorizer that goes by them. */
export class AclStore {
  readonly authorizer: Authorizer;
  readonly #files: FileLayer;
  readonly #path: string;
  readonly #writes = new Serial();
  #acls: ReadonlyMap<string, Acl>;

  /** Throws `LOG_CORRUPT` where the file is not what `change` wrote: rather nobody comes in than whoever must not. */
  constructor(files: FileLayer, dir: string, settings: AuthorizerSettings) {
    this.#files = files;
    this.#path = join(dir, aclFile);
    this.#acls = this.#load();
    this.authorizer = new Authorizer(settings);
    this.authorizer.replace(this.#acls.values());
  }

  all(): Iterable<Acl> {
    return this.#acls.values();
  }

  get count(): number {
    return this.#acls.size;
  }

  /** Adds and takes away; on the device, and in force, when the promise resolves. What is there already stays. */
  change({ added = [], removed = [] }: { added?: readonly Acl[]; removed?: readonly Acl[] }): Promise<void> {
    return this.#writes.run(async () => {
      const acls = new Map(this.#acls);
      for (const acl of removed) acls.delete(keyOf(acl));
      for (const acl of added) acls.set(keyOf(acl), acl);
      const content = { version: 1, acls: [...acls.values()] };
      await replaceFile(this.#files, this.#path, `${JSON.stringify(content, null, 1)}\n`);
      this.#acls = acls;
      this.authorizer.replace(acls.values());
    });
  }

  #load(): ReadonlyMap<string, Acl> {
    const text = readWhole(this.#files, this.#path)?.toString('utf8');
    if (text === undefined) return new Map();
    try {
      const file: { version?: unknown; acls?: unknown } = JSON.parse(text);
      if (file.version !== 1 || !Array.isArray(file.acls)) throw new TypeError('no version 1');
      return new Map(file.acls.map((each) => [keyOf(checked(each)), each as Acl]));
    } catch (error) {
      throw new MillraceError('LOG_CORRUPT', `${this.#path}: it is not what was written there`, {
        cause: error,
        remedy:
          'Restore the file from a backup, or remove it and set the rules anew (kafka-acls, as one of super.users).',
        details: { path: this.#path },
      });
    }
  }
}

const keyOf = (acl: Acl): string =>
  JSON.stringify([
    acl.resource,
    acl.pattern,
    acl.name,
    acl.principal,
    acl.host,
    acl.operation,
    acl.permission,
  ]);

function checked(acl: Acl): Acl {
  const isText = [acl.name, acl.principal, acl.host].every((each) => typeof each === 'string');
  const isKnown =
    Object.hasOwn(resourceCodes, acl.resource) &&
    Object.hasOwn(patternCodes, acl.pattern) &&
    Object.hasOwn(operationCodes, acl.operation) &&
    Object.hasOwn(permissionCodes, acl.permission);
  if (!isText || !isKnown) throw new TypeError('no rule');
  return acl;
}
