import type { X509Certificate } from 'node:crypto';

/** The attribute types that RFC 2253 has words for, and Java writes as such (`X500Principal.getName()`). */
const keywords: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
]);
const sequence = 0x30;
const set = 0x31;
const objectIdentifier = 0x06;
const explicitVersion = 0xa0;
/** UTF8String, PrintableString, IA5String, TeletexString as Latin-1, BMPString. */
const textTags: Readonly<Record<number, (bytes: Buffer) => string>> = {
  12: (bytes) => bytes.toString('utf8'),
  19: (bytes) => bytes.toString('latin1'),
  20: (bytes) => bytes.toString('latin1'),
  22: (bytes) => bytes.toString('latin1'),
  30: (bytes) => Buffer.from(bytes).swap16().toString('utf16le'),
};

/**
 * The subject of a certificate as RFC 2253 writes it and Java gives it: `CN=alice,OU=team,O=Example`, the last attribute
 * of the certificate first. Throws `RangeError` where the bytes are no certificate.
 */
export function subjectName(certificate: Pick<X509Certificate, 'raw'>): string {
  const [whole] = new Der(certificate.raw).all();
  const [body] = new Der(whole!.content).all();
  const fields = new Der(body!.content).all();
  // Version (where it is told), serial number, signature, issuer, validity, subject.
  const subject = fields[fields[0]?.tag === explicitVersion ? 5 : 4];
  if (subject?.tag !== sequence) throw new RangeError('the certificate has no subject');
  return nameText(subject.content);
}

function nameText(name: Buffer): string {
  const parts = new Der(name).all().map(({ tag, content }) => {
    if (tag !== set) throw new RangeError('the subject is no name');
    return new Der(content)
      .all()
      .map((pair) => attribute(new Der(pair.content).all()))
      .join('+');
  });
  return parts.reverse().join(',');
}

function attribute([type, value]: readonly Element[]): string {
  if (type?.tag !== objectIdentifier || value === undefined) throw new RangeError('the subject is no name');
  const oid = oidText(type.content);
  const keyword = keywords.get(oid);
  const text = keyword === undefined ? undefined : textTags[value.tag]?.(value.content);
  // RFC 2253, 2.4: what has no word is told as its bytes.
  if (text === undefined) return `${keyword ?? oid}=#${value.whole.toString('hex')}`;
  return `${keyword}=${escaped(text)}`;
}

/** As Java does: also where RFC 2253 asks for it at the beginning alone. */
function escaped(text: string): string {
  return text
    .replace(/[,=+<>#;"\\]/g, (mark) => `\\${mark}`)
    .replace(/^ +| +$/g, (blanks) => '\\ '.repeat(blanks.length));
}

function oidText(bytes: Buffer): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (numbers.length === 0) {
      const first = Math.min(2, Math.floor(value / 40));
      numbers.push(first, value - first * 40);
    } else numbers.push(value);
    value = 0;
  }
  return numbers.join('.');
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** Elements of DER, one after the other; tags of one byte, as certificates have them. */
class Der {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  all(): Element[] {
    const bytes = this.#bytes;
    const found: Element[] = [];
    for (let at = 0; at < bytes.length; ) {
      const from = at;
      if (at + 2 > bytes.length) throw new RangeError('it ends too early');
      const tag = bytes[at]!;
      let length = bytes[at + 1]!;
      at += 2;
      if (length >= 0x80) {
        const digits = length & 0x7f;
        if (digits === 0 || digits > 4 || at + digits > bytes.length)
          throw new RangeError('a length can not be');
        length = bytes.readUIntBE(at, digits);
        at += digits;
      }
      if (length > bytes.length - at) throw new RangeError('it ends too early');
      found.push({ tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(from, at + length) });
      at += length;
    }
    return found;
  }
}
