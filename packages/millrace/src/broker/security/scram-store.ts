import { join } from 'node:path';
import type { ScramMechanism } from '../../protocol/sasl/scram.ts';
import type { ScramCredential } from '../../protocol/sasl/scram-server.ts';
import { MillraceError } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import { Serial } from '../core/serial.ts';
import { readWhole, replaceFile } from '../storage/durable-file.ts';

type Kept = Readonly<
  Record<string, { salt: string; storedKey: string; serverKey: string; iterations: number }>
>;
type Users = Map<string, Map<ScramMechanism, ScramCredential>>;

export const scramFile = 'scram-credentials.json';
/** Whoever can read the file can try passwords as fast as machines go, and pass for the broker. */
const ownerOnly = 0o600;
const mechanisms: readonly string[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** What is there to be changed: null takes the credential away. */
export interface ScramChange {
  readonly username: string;
  readonly mechanism: ScramMechanism;
  readonly credential: ScramCredential | null;
}

/** Credentials of SCRAM by user, kept in one file of the data folder: no password is in it, and none can be made of it. */
export class ScramStore {
  readonly #files: FileLayer;
  readonly #path: string;
  readonly #writes = new Serial();
  #users: Users;

  /** Throws `LOG_CORRUPT` where the file is not what `change` wrote. */
  constructor(files: FileLayer, dir: string) {
    this.#files = files;
    this.#path = join(dir, scramFile);
    this.#users = this.#load();
  }

  /** Whether anything was ever kept here. */
  get isNew(): boolean {
    return this.#files.size(this.#path) === null;
  }

  credential(mechanism: ScramMechanism, username: string): ScramCredential | undefined {
    return this.#users.get(username)?.get(mechanism);
  }

  /** Users with what they have; in the order of their names. */
  all(): readonly (readonly [username: string, credentials: ReadonlyMap<ScramMechanism, ScramCredential>])[] {
    return [...this.#users].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** All changes or none; they are on the device, and count, when the promise resolves. */
  change(changes: readonly ScramChange[]): Promise<void> {
    return this.#writes.run(async () => {
      const users: Users = new Map([...this.#users].map(([name, each]) => [name, new Map(each)]));
      for (const { username, mechanism, credential } of changes) {
        const own = users.get(username) ?? new Map<ScramMechanism, ScramCredential>();
        if (credential === null) own.delete(mechanism);
        else own.set(mechanism, credential);
        if (own.size === 0) users.delete(username);
        else users.set(username, own);
      }
      await replaceFile(this.#files, this.#path, textOf(users), ownerOnly);
      this.#users = users;
    });
  }

  #load(): Users {
    const text = readWhole(this.#files, this.#path)?.toString('utf8');
    if (text === undefined) return new Map();
    try {
      return usersOf(JSON.parse(text));
    } catch (error) {
      throw new MillraceError('LOG_CORRUPT', `${this.#path}: it is not what was written there`, {
        cause: error,
        remedy: 'Restore the file from a backup, or remove it and set the users anew (--add-scram).',
        details: { path: this.#path },
      });
    }
  }
}

function textOf(users: Users): string {
  const kept = Object.fromEntries(
    [...users].map(([name, own]) => [
      name,
      Object.fromEntries(
        [...own].map(([mechanism, { salt, storedKey, serverKey, iterations }]) => [
          mechanism,
          {
            salt: salt.toString('base64'),
            storedKey: storedKey.toString('base64'),
            serverKey: serverKey.toString('base64'),
            iterations,
          },
        ]),
      ),
    ]),
  );
  return `${JSON.stringify({ version: 1, users: kept }, null, 1)}\n`;
}

function usersOf(file: { version?: unknown; users?: Record<string, Kept> }): Users {
  if (file.version !== 1 || typeof file.users !== 'object') throw new TypeError('no version 1');
  return new Map(
    Object.entries(file.users).map(([name, own]) => [
      name,
      new Map(
        Object.entries(own).map(([mechanism, { salt, storedKey, serverKey, iterations }]) => {
          if (!mechanisms.includes(mechanism) || !Number.isInteger(iterations))
            throw new TypeError(mechanism);
          const bytes = (text: string) => Buffer.from(text, 'base64');
          return [
            mechanism as ScramMechanism,
            { salt: bytes(salt), storedKey: bytes(storedKey), serverKey: bytes(serverKey), iterations },
          ];
        }),
      ),
    ]),
  );
}
