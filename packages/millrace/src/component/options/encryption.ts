import { readFile } from 'node:fs/promises';
import { nearest } from '../../config/nearest.ts';
import type { OptionFinding } from '../../config/options.ts';
import { Pkcs12Error, pkcs12Secrets } from '../../formats/pkcs12-secrets.ts';
import { BatchCipher, mostKeyIdBytes } from '../../queues/batch-cipher.ts';
import { explainFileError, MillraceError } from '../../runtime/errors.ts';
import { expandHome } from '../../runtime/home-path.ts';

/** The properties below `encryption.`; `keyProvider.keys.NAME.passwordFile` beside them. */
export const encryptionKeys = [
  'activeKey',
  'cipherProvider',
  'keyProvider',
  'keyProvider.keyStoreFile',
  'keyProvider.keyStorePasswordFile',
  'keyProvider.keys',
  'keyProvider.keyFile',
];
const ofKey = /^keyProvider\.keys\.(.+)\.passwordFile$/;

/** Where the keys are, and which of them writes. */
interface Settings {
  readonly activeKey: string;
  readonly store:
    | { readonly kind: 'file'; readonly path: string }
    | {
        readonly kind: 'keystore';
        readonly path: string;
        readonly passwordFile: string;
        /** Of keys with a password of their own. */
        readonly passwordFiles: ReadonlyMap<string, string>;
      };
}

/** Why these properties can't work, in the words of Flume's file channel where it has some. */
export function encryptionFaults(given: ReadonlyMap<string, string>): readonly OptionFinding[] {
  const read = settingsOf(given);
  return Array.isArray(read) ? read : [];
}

/** Properties below `encryption.` that nobody reads. */
export function encryptionNotes(given: ReadonlyMap<string, string>): readonly OptionFinding[] {
  return [...given.keys()]
    .filter((key) => !encryptionKeys.includes(key) && !ofKey.test(key))
    .map((key): OptionFinding => {
      const near = nearest(key, encryptionKeys);
      return {
        key: `encryption.${key}`,
        message: `encryption.${key} is none of its properties`,
        suggestion: near === undefined ? 'remove it' : `write encryption.${near}`,
        code: 'unknown-key',
      };
    });
}

/** Null: nothing is encrypted. */
function settingsOf(given: ReadonlyMap<string, string>): Settings | null | OptionFinding[] {
  const fault = (key: string, message: string, suggestion?: string): OptionFinding[] => [
    { key: `encryption.${key}`, message, ...(suggestion === undefined ? {} : { suggestion }) },
  ];
  const text = (key: string): string | undefined => given.get(key)?.trim() || undefined;
  const provider = text('keyProvider');
  const [activeKey, cipher] = [text('activeKey'), text('cipherProvider')];
  if (provider === undefined) {
    for (const key of ['activeKey', 'cipherProvider'])
      if (text(key) !== undefined)
        return fault(
          key,
          `Encryption configuration problem: ${key} is present while key provider name is not.`,
        );
    return null;
  }
  if (activeKey === undefined)
    return fault('keyProvider', 'Encryption configuration problem: activeKey is missing');
  if (Buffer.byteLength(activeKey) > mostKeyIdBytes)
    return fault('activeKey', `encryption.activeKey: a name has at most ${mostKeyIdBytes} bytes`);
  if (cipher === undefined)
    return fault('keyProvider', 'Encryption configuration problem: cipherProvider is missing');
  if (cipher.toUpperCase() !== 'AESCTRNOPADDING')
    return fault(
      'cipherProvider',
      `encryption.cipherProvider: ${cipher} is not known`,
      'write AESCTRNOPADDING; it is AES-256 in GCM here',
    );
  switch (provider.toUpperCase()) {
    case 'JCEKSFILE': {
      const [path, passwordFile] = [
        text('keyProvider.keyStoreFile'),
        text('keyProvider.keyStorePasswordFile'),
      ];
      const names = text('keyProvider.keys')?.split(/\s+/) ?? [];
      if (path === undefined) return fault('keyProvider', 'KeyStore file not specified');
      if (passwordFile === undefined) return fault('keyProvider', 'KeyStore password  file not specified');
      if (names.length === 0)
        return fault('keyProvider', 'Keys available to KeyStore was not specified or empty');
      const passwordFiles = new Map(
        names.flatMap((name) => {
          const file = text(`keyProvider.keys.${name}.passwordFile`);
          return file === undefined ? [] : [[name.toLowerCase(), file] as const];
        }),
      );
      // Java's names of keys have no case.
      return {
        activeKey: activeKey.toLowerCase(),
        store: { kind: 'keystore', path, passwordFile, passwordFiles },
      };
    }
    case 'KEYFILE': {
      const path = text('keyProvider.keyFile');
      if (path === undefined) return fault('keyProvider', 'encryption.keyProvider.keyFile is missing');
      return { activeKey, store: { kind: 'file', path } };
    }
    default:
      return fault(
        'keyProvider',
        `encryption.keyProvider: ${provider} is not known; a class is not loaded`,
        'write JCEKSFILE for a key store, or KEYFILE for a file of keys',
      );
  }
}

/** What encrypts as the properties say; undefined: nothing does. Throws `FILE_ACCESS`, `CONFIG_INVALID`, `KEY_MISSING`. */
export async function cipherOf(
  given: ReadonlyMap<string, string>,
  channel: string,
): Promise<BatchCipher | undefined> {
  const settings = settingsOf(given);
  if (settings === null) return undefined;
  if (Array.isArray(settings)) throw new MillraceError('CONFIG_INVALID', settings[0]!.message);
  const { store, activeKey } = settings;
  const keys =
    store.kind === 'file' ? await keysInFile(store.path, channel) : await keysInStore(store, channel);
  for (const [name, { length }] of keys) {
    if (length >= 16) continue;
    throw invalid(channel, store.path, `the key ${name} has ${length} bytes, and 16 are the least`);
  }
  if (!keys.has(activeKey)) {
    const there = [...keys.keys()].join(' ') || 'none';
    throw new MillraceError(
      'KEY_MISSING',
      `channel ${channel}: encryption.activeKey: ${store.path} has no key ${activeKey}; its keys: ${there}`,
      { details: { channel, key: activeKey } },
    );
  }
  return new BatchCipher(keys, activeKey);
}

type KeyStoreSettings = Extract<Settings['store'], { kind: 'keystore' }>;

async function keysInStore(
  { path, passwordFile, passwordFiles }: KeyStoreSettings,
  channel: string,
): Promise<Map<string, Buffer>> {
  const bytes = await read(path);
  const first = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
  if (first === 0xfeedfeed || first === 0xcececece) throw javaStore(channel, path, passwordFile);
  const password = await passwordIn(passwordFile);
  const passwords = new Map<string, string>();
  for (const [name, file] of passwordFiles) passwords.set(name, await passwordIn(file));
  try {
    return await pkcs12Secrets(bytes, password, (name) => passwords.get(name));
  } catch (error) {
    if (!(error instanceof Pkcs12Error)) throw error;
    const why =
      error.kind === 'password' ? `the password in ${passwordFile} does not open it` : error.message;
    throw invalid(channel, path, why, error);
  }
}

/** Lines of a name and a key in base64, between them blanks or `=`; `#` begins a comment. */
async function keysInFile(path: string, channel: string): Promise<Map<string, Buffer>> {
  const keys = new Map<string, Buffer>();
  for (const [i, line] of (await read(path)).toString('utf8').split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, key] = /^\s*([^\s=]+)\s*[\s=]\s*([A-Za-z0-9+/]+=*)\s*$/.exec(line) ?? [];
    // The line itself is not shown: it may hold a key.
    if (name === undefined || key === undefined)
      throw invalid(channel, path, `line ${i + 1} is not a name and a key in base64`);
    if (Buffer.byteLength(name) > mostKeyIdBytes)
      throw invalid(channel, path, `line ${i + 1}: a name has at most ${mostKeyIdBytes} bytes`);
    keys.set(name, Buffer.from(key, 'base64'));
  }
  return keys;
}

async function passwordIn(path: string): Promise<string> {
  return (await read(path)).toString('utf8').trim();
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(expandHome(path));
  } catch (error) {
    throw explainFileError(error);
  }
}

function javaStore(channel: string, path: string, passwordFile: string): MillraceError {
  const command = `keytool -importkeystore -srckeystore ${path} -srcstoretype JCEKS -srcstorepass:file ${passwordFile} -destkeystore ${path}.p12 -deststoretype PKCS12 -deststorepass:file ${passwordFile}`;
  return new MillraceError(
    'CONFIG_INVALID',
    `channel ${channel}: ${path} is in a format of Java's own (JCEKS)`,
    {
      remedy: `Convert it: ${command}; then set encryption.keyProvider.keyStoreFile = ${path}.p12.`,
      details: { channel, path },
    },
  );
}

function invalid(channel: string, path: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'CONFIG_INVALID',
    `channel ${channel}: the keys in ${path} can't be used: ${why}`,
    {
      cause,
      remedy:
        'Give a PKCS12 store with secret keys and its password (JCEKSFILE), or a file of keys (KEYFILE).',
      details: { channel, path },
    },
  );
}
