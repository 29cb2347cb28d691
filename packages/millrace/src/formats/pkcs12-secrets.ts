import { createDecipheriv, createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { asn1 } from 'node-forge';
import { errorText } from '../runtime/errors.ts';
import { nextTurn } from '../runtime/timers.ts';

/** What is wrong with a store: its password, that of one key, or the bytes. */
export class Pkcs12Error extends Error {
  readonly kind: 'password' | 'key-password' | 'format';

  constructor(kind: Pkcs12Error['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

const oids = {
  data: '1.2.840.113549.1.7.1',
  secretBag: '1.2.840.113549.1.12.10.1.5',
  friendlyName: '1.2.840.113549.1.9.20',
  pbes2: '1.2.840.113549.1.5.13',
} as const;

const hashedBy = promisify(pbkdf2);

/**
 * How often a password is hashed, most: for one key or the checksum, for one key in a cipher of Java 8 or older (whose
 * hashing holds up the thread, about a second for as many), and in one store. keytool of Java 17 takes 10,000 for each,
 * that of Java 8 50,000 for a key and 100,000 for the checksum.
 */
const mostRounds = { once: 1_000_000, old: 100_000, all: 5_000_000 } as const;
/** So long a piece of hashing may hold up the thread: about 20 ms. */
const roundsPerTurn = 2000;

/**
 * The secret keys of a PKCS12 store (RFC 7292) as Java's keytool writes it: by name, in lower case, since Java's names
 * have no case. `passwordOf`: of a key that has another password than the store. Other entries are passed over. Throws
 * `Pkcs12Error`.
 */
export async function pkcs12Secrets(
  bytes: Buffer,
  password: string,
  passwordOf: (name: string) => string | undefined = () => undefined,
): Promise<Map<string, Buffer>> {
  // Only a channel that encrypts needs it.
  const { default: forge } = await import('node-forge');
  const parse = (text: string): asn1.Asn1 => forge.asn1.fromDer(forge.util.createBuffer(text));
  const oid = (node: asn1.Asn1): string => forge.asn1.derToOid(textOf(node));
  try {
    const [, authSafe, macData] = childrenOf(parse(bytes.toString('latin1')));
    const content = contentOf(authSafe!, oid);
    if (content === null) throw new Pkcs12Error('format', 'it is signed, which no keytool does');
    if (macData !== undefined && !(await macIsRight(macData, content)))
      throw new Pkcs12Error('password', 'its password is another');
    const keys: WrappedKey[] = [];
    for (const part of childrenOf(parse(content))) {
      const safe = contentOf(part, oid);
      if (safe === null) continue; // certificates
      for (const bag of childrenOf(parse(safe))) {
        const [bagId, value, attributes] = childrenOf(bag);
        if (oid(bagId!) !== oids.secretBag) continue;
        const [, wrapped] = childrenOf(childrenOf(value!)[0]!);
        keys.push(wrappedKey(parse(textOf(childrenOf(wrapped!)[0]!)), nameOf(attributes)));
      }
    }
    const all = keys.reduce((sum, { rounds, passwords }) => sum + rounds * passwords.length, 0);
    if (all > mostRounds.all)
      throw new Pkcs12Error(
        'format',
        `it hashes passwords ${all} times in all, and ${mostRounds.all} are the most here`,
      );
    const secrets = new Map<string, Buffer>();
    for (const key of keys) secrets.set(key.name, await secretOf(key));
    return secrets;
  } catch (error) {
    if (error instanceof Pkcs12Error) throw error;
    throw new Pkcs12Error('format', errorText(error));
  }

  async function macIsRight(node: asn1.Asn1, over: string): Promise<boolean> {
    const [digestInfo, salt, iterations] = childrenOf(node);
    const [algorithm, digest] = childrenOf(digestInfo!);
    const hash = forge.pki.oids[oid(childrenOf(algorithm!)[0]!)] ?? 'unknown';
    if (!Object.hasOwn(blockBytes, hash))
      throw new Pkcs12Error('format', `its checksum is of a kind that is not known: ${hash}`);
    const rounds = iterations === undefined ? 1 : roundsOf(iterations);
    const key = await macKey(hash, password, Buffer.from(textOf(salt!), 'latin1'), rounds);
    const mac = createHmac(hash, key).update(over, 'latin1').digest('latin1');
    return mac === textOf(digest!);
  }

  function nameOf(attributes: asn1.Asn1 | undefined): string {
    for (const attribute of attributes === undefined ? [] : childrenOf(attributes)) {
      const [type, values] = childrenOf(attribute);
      if (oid(type!) !== oids.friendlyName) continue;
      // forge gives the text of a BMPString, not its bytes.
      return textOf(childrenOf(values!)[0]!).toLowerCase();
    }
    throw new Pkcs12Error('format', 'a key in it has no name');
  }

  function wrappedKey(encrypted: asn1.Asn1, name: string): WrappedKey {
    const [type, parameters] = childrenOf(childrenOf(encrypted)[0]!);
    const isPbes2 = oid(type!) === oids.pbes2;
    const derivation = isPbes2 ? childrenOf(childrenOf(parameters!)[0]!)[1] : parameters;
    const rounds = roundsOf(childrenOf(derivation!)[1]!, isPbes2 ? mostRounds.once : mostRounds.old);
    const own = passwordOf(name);
    const passwords = own === undefined ? [password] : [own, password];
    return { name, encrypted, rounds, passwords, pbes2: isPbes2 ? parameters! : null };
  }

  async function secretOf(key: WrappedKey): Promise<Buffer> {
    for (const candidate of key.passwords) {
      await nextTurn();
      try {
        const plain =
          key.pbes2 === null
            ? forge.pki.decryptPrivateKeyInfo(key.encrypted, candidate)
            : await opened(key.encrypted, key.pbes2, candidate, key.rounds);
        if (plain === null) continue;
        return Buffer.from(textOf(childrenOf(plain)[2]!), 'latin1');
      } catch {
        // Another password gives bytes that are no key.
      }
    }
    throw new Pkcs12Error('key-password', `the password of the key ${key.name} is another`);
  }

  /** PBES2 (RFC 8018, 6.2) with PBKDF2 and AES, the hashing beside the thread; another cipher is forge's to open. */
  async function opened(
    encrypted: asn1.Asn1,
    parameters: asn1.Asn1,
    secret: string,
    rounds: number,
  ): Promise<asn1.Asn1 | null> {
    const [derivation, cipher] = childrenOf(parameters).map(childrenOf);
    const [salt, , ...optional] = childrenOf(derivation![1]!);
    const prf = optional.find((node) => Array.isArray(node.value));
    const hash = prf === undefined ? 'sha1' : hashes[oid(childrenOf(prf)[0]!)];
    const bits = aesBits[oid(cipher![0]!)];
    if (hash === undefined || bits === undefined) {
      if (rounds > mostRounds.old) return null;
      return forge.pki.decryptPrivateKeyInfo(encrypted, forge.util.encodeUtf8(secret));
    }
    const bytesOf = (node: asn1.Asn1 | undefined): Buffer => Buffer.from(textOf(node!), 'latin1');
    const key = await hashedBy(secret, bytesOf(salt), rounds, bits / 8, hash);
    const decipher = createDecipheriv(`aes-${bits}-cbc`, key, bytesOf(cipher![1]));
    const plain = decipher.update(bytesOf(childrenOf(encrypted)[1]));
    return parse(Buffer.concat([plain, decipher.final()]).toString('latin1'));
  }
}

/** A key as it lies in the store. */
interface WrappedKey {
  readonly name: string;
  readonly encrypted: asn1.Asn1;
  /** Parameters of PBES2; null: a cipher of old. */
  readonly pbes2: asn1.Asn1 | null;
  /** How often each password is hashed. */
  readonly rounds: number;
  /** Which are tried, in this order. */
  readonly passwords: readonly string[];
}

/** HMAC with these, by their numbers (RFC 8018, B.1.2). */
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
/** AES in CBC, by the size of its key. */
const aesBits: Readonly<Record<string, number>> = {
  '2.16.840.1.101.3.4.1.2': 128,
  '2.16.840.1.101.3.4.1.22': 192,
  '2.16.840.1.101.3.4.1.42': 256,
};

/** Hashes that may stand in a store, and what they work in. */
const blockBytes: Readonly<Record<string, number>> = { sha1: 64, sha256: 64, sha384: 128, sha512: 128 };

/** The key of the store's checksum (RFC 7292, B.2, with the purpose 3): as many bytes as the hash has. */
async function macKey(hash: string, password: string, salt: Buffer, rounds: number): Promise<Buffer> {
  const block = blockBytes[hash]!;
  const filled = (bytes: Buffer) => Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
  const characters = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let key = createHash(hash)
    .update(Buffer.concat([Buffer.alloc(block, 3), filled(salt), filled(characters)]))
    .digest();
  for (let round = 1; round < rounds; round++) {
    key = createHash(hash).update(key).digest();
    if (round % roundsPerTurn === 0) await nextTurn();
  }
  return key;
}

function childrenOf(node: asn1.Asn1): asn1.Asn1[] {
  if (Array.isArray(node.value)) return node.value;
  throw new Pkcs12Error('format', 'it is no PKCS12 store');
}

/** The bytes of a primitive element, one character each. */
function textOf(node: asn1.Asn1): string {
  if (typeof node.value === 'string') return node.value;
  // An octet string in which forge has found elements, or one in pieces.
  throw new Pkcs12Error('format', 'it is no PKCS12 store');
}

/** Of a ContentInfo that is plain data: its bytes; null: of another kind. */
function contentOf(info: asn1.Asn1, oid: (node: asn1.Asn1) => string): string | null {
  const [type, explicit] = childrenOf(info);
  if (oid(type!) !== oids.data) return null;
  return textOf(childrenOf(explicit!)[0]!);
}

/** How often a password is hashed; a damaged number must not keep the program for hours. */
function roundsOf(node: asn1.Asn1, most: number = mostRounds.once): number {
  const rounds = Number.parseInt(Buffer.from(textOf(node), 'latin1').toString('hex'), 16);
  if (rounds >= 1 && rounds <= most) return rounds;
  throw new Pkcs12Error(
    'format',
    `it hashes a password ${rounds} times, and ${most} are the most here; write it anew with keytool (-importkeystore)`,
  );
}
