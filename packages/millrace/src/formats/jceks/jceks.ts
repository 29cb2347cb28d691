/**
 * Java's JCEKS key stores, the secret keys in them (com.sun.crypto.provider.JceKeyStore):
 *
 *     int 0xCECECECE, int version, int entries, entries, SHA-1 of (password as UTF-16, "Mighty Aphrodite", all before)
 *     entry  int tag (3: a secret key), text alias, long time, a serialized SealedObject
 *
 * The sealed object holds a serialized key, encrypted with PBEWithMD5AndTripleDES.
 */
import { createDecipheriv, createHash, hash, timingSafeEqual } from 'node:crypto';
import { type JavaObject, readJavaObject } from './java-object.ts';

/** `password`: it does not open the store. `format`: it is no such store, is damaged, or holds what is not read here. */
export class JceksError extends Error {
  readonly kind: 'password' | 'format';

  constructor(kind: 'password' | 'format', message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.kind = kind;
  }
}

const magic = 0xcececece;
const secretKeyTag = 3;
/** As Java's own limit; what a key costs grows with it. */
const mostIterations = 5_000_000;

/** A store whose password fits; a key is decrypted when it is asked for. */
export class Jceks {
  readonly #password: string;
  readonly #sealed = new Map<string, JavaObject>();

  /** Throws a `JceksError`. */
  constructor(bytes: Buffer, password: string) {
    this.#password = password;
    if (bytes.length < 32 || bytes.readUInt32BE(0) !== magic)
      throw new JceksError('format', 'it is no JCEKS store');
    const body = bytes.subarray(0, -20);
    const digest = createHash('sha1').update(Buffer.from(password, 'utf16le').swap16());
    const whole = digest.update('Mighty Aphrodite').update(body).digest();
    if (!timingSafeEqual(whole, bytes.subarray(-20)))
      throw new JceksError('password', 'its password is another, or it is damaged');
    try {
      this.#readEntries(body);
    } catch (error) {
      throw formatFault(error);
    }
  }

  get aliases(): readonly string[] {
    return [...this.#sealed.keys()];
  }

  /** The bytes of a secret key; null where there is none of that name, whose case does not count. Throws a `JceksError`. */
  secret(alias: string): Buffer | null {
    const sealed = this.#sealed.get(alias.toLowerCase());
    if (sealed === undefined) return null;
    try {
      const plain = opened(sealed, this.#password);
      const key = objectOf(readJavaObject(plain, 0).value).fields.get('key');
      if (!Buffer.isBuffer(key)) throw new Error('a key has no bytes');
      return key;
    } catch (error) {
      throw formatFault(error);
    }
  }

  #readEntries(body: Buffer): void {
    const count = body.readUInt32BE(8);
    let at = 12;
    for (let i = 0; i < count; i++) {
      if (body.readUInt32BE(at) !== secretKeyTag) throw new Error('it holds something else than secret keys');
      const length = body.readUInt16BE(at + 4);
      const alias = body.toString('utf8', at + 6, at + 6 + length);
      const { value, end } = readJavaObject(body, at + 6 + length + 8);
      this.#sealed.set(alias.toLowerCase(), objectOf(value));
      at = end;
    }
  }
}

function objectOf(value: unknown): JavaObject {
  if (typeof value === 'object' && value !== null && 'fields' in value) return value as JavaObject;
  throw new Error('an entry is no object');
}

function formatFault(error: unknown): JceksError {
  if (error instanceof JceksError) return error;
  const why = error instanceof RangeError ? 'it is cut short' : error instanceof Error ? error.message : '';
  return new JceksError('format', why, error);
}

function opened({ fields }: JavaObject, password: string): Buffer {
  const [parameters, content] = [fields.get('encodedParams'), fields.get('encryptedContent')];
  if (!Buffer.isBuffer(parameters) || !Buffer.isBuffer(content)) throw new Error('an entry is not sealed');
  if (fields.get('sealAlg') !== 'PBEWithMD5AndTripleDES')
    throw new Error(`an entry is sealed with ${String(fields.get('sealAlg'))}`);
  const { salt, iterations } = pbeParameters(parameters);
  const material = tripleDesKey(Buffer.from(password, 'latin1'), salt, iterations);
  const decipher = createDecipheriv('des-ede3-cbc', material.subarray(0, 24), material.subarray(24));
  return Buffer.concat([decipher.update(content), decipher.final()]);
}

/** DER: SEQUENCE { OCTET STRING of 8, INTEGER }. */
function pbeParameters(der: Buffer): { salt: Buffer; iterations: number } {
  const [salt, number] = [der.subarray(4, 12), der.subarray(14)];
  const isWhole = der[0] === 0x30 && der[2] === 0x04 && der[3] === 8 && der[12] === 0x02;
  if (!isWhole || der[13] !== number.length || number.length < 1 || number.length > 4)
    throw new Error('the parameters of an entry are not those of PBE');
  const iterations = number.readUIntBE(0, number.length);
  if (iterations < 1 || iterations > mostIterations)
    throw new Error(`an entry asks for ${iterations} iterations`);
  return { salt, iterations };
}

/** Java's own way from a password to key (24 bytes) and initial vector (8): each half of the salt is hashed for itself. */
function tripleDesKey(password: Buffer, salt: Buffer, iterations: number): Buffer {
  const halves = [Buffer.from(salt.subarray(0, 4)), Buffer.from(salt.subarray(4))] as const;
  if (halves[0].equals(halves[1])) halves[0].reverse();
  return Buffer.concat(
    halves.map((half) => {
      const hashed = Buffer.concat([Buffer.alloc(16), password]);
      let digest = hash('md5', Buffer.concat([half, password]), 'buffer');
      for (let i = 1; i < iterations; i++) {
        digest.copy(hashed);
        digest = hash('md5', hashed, 'buffer');
      }
      return digest;
    }),
  );
}
