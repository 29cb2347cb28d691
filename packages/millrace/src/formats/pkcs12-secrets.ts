import { createHash, createHmac } from 'node:crypto';
import type { asn1 } from 'node-forge';
import { errorText } from '../runtime/errors.ts';

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

/** Java's keytool takes 10,000. */
const mostRounds = 1_000_000;

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
    if (macData !== undefined && !macIsRight(macData, content))
      throw new Pkcs12Error('password', 'its password is another');
    const secrets = new Map<string, Buffer>();
    for (const part of childrenOf(parse(content))) {
      const safe = contentOf(part, oid);
      if (safe === null) continue; // certificates
      for (const bag of childrenOf(parse(safe))) {
        const [bagId, value, attributes] = childrenOf(bag);
        if (oid(bagId!) !== oids.secretBag) continue;
        const name = nameOf(attributes);
        const [, wrapped] = childrenOf(childrenOf(value!)[0]!);
        secrets.set(name, secretOf(parse(textOf(childrenOf(wrapped!)[0]!)), name));
      }
    }
    return secrets;
  } catch (error) {
    if (error instanceof Pkcs12Error) throw error;
    throw new Pkcs12Error('format', errorText(error));
  }

  function macIsRight(node: asn1.Asn1, over: string): boolean {
    const [digestInfo, salt, iterations] = childrenOf(node);
    const [algorithm, digest] = childrenOf(digestInfo!);
    const hash = forge.pki.oids[oid(childrenOf(algorithm!)[0]!)] ?? 'unknown';
    if (!Object.hasOwn(blockBytes, hash))
      throw new Pkcs12Error('format', `its checksum is of a kind that is not known: ${hash}`);
    const rounds = iterations === undefined ? 1 : roundsOf(iterations);
    const key = macKey(hash, password, Buffer.from(textOf(salt!), 'latin1'), rounds);
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

  function secretOf(encrypted: asn1.Asn1, name: string): Buffer {
    const [type, parameters] = childrenOf(childrenOf(encrypted)[0]!);
    const isPbes2 = oid(type!) === oids.pbes2;
    const derivation = isPbes2 ? childrenOf(childrenOf(parameters!)[0]!)[1] : parameters;
    roundsOf(childrenOf(derivation!)[1]!);
    for (const candidate of [passwordOf(name), password]) {
      if (candidate === undefined) continue;
      try {
        const plain = forge.pki.decryptPrivateKeyInfo(
          encrypted,
          isPbes2 ? forge.util.encodeUtf8(candidate) : candidate,
        );
        if (plain === null) continue;
        return Buffer.from(textOf(childrenOf(plain)[2]!), 'latin1');
      } catch {
        // Another password gives bytes that are no key.
      }
    }
    throw new Pkcs12Error('key-password', `the password of the key ${name} is another`);
  }
}

/** Hashes that may stand in a store, and what they work in. */
const blockBytes: Readonly<Record<string, number>> = { sha1: 64, sha256: 64, sha384: 128, sha512: 128 };

/** The key of the store's checksum (RFC 7292, B.2, with the purpose 3): as many bytes as the hash has. */
function macKey(hash: string, password: string, salt: Buffer, rounds: number): Buffer {
  const block = blockBytes[hash]!;
  const filled = (bytes: Buffer) => Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
  const characters = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let key = createHash(hash)
    .update(Buffer.concat([Buffer.alloc(block, 3), filled(salt), filled(characters)]))
    .digest();
  for (let round = 1; round < rounds; round++) key = createHash(hash).update(key).digest();
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
function roundsOf(node: asn1.Asn1): number {
  const rounds = Number.parseInt(Buffer.from(textOf(node), 'latin1').toString('hex'), 16);
  if (rounds >= 1 && rounds <= mostRounds) return rounds;
  throw new Pkcs12Error(
    'format',
    `it hashes its password ${rounds} times, and ${mostRounds} are the most here`,
  );
}
