import { describe, expect, it } from 'vitest';
import { pkcs12Secrets } from './pkcs12-secrets.ts';

const bytesOf = (lines: readonly string[]) => Buffer.from(lines.join(''), 'base64');
/** Made by keytool of Java 17: an AES key of 128 bits, Key-0, and one of 256, key-1. */
const modern = bytesOf([
  'MIICpgIBAzCCAlAGCSqGSIb3DQEHAaCCAkEEggI9MIICOTCCAjUGCSqGSIb3DQEHAaCCAiYEggIiMIICHjCCARMGCyqGSIb3DQEM',
  'CgEFoIHDMIHABgsqhkiG9w0BDAoBAqCBsASBrTCBqjBmBgkqhkiG9w0BBQ0wWTA4BgkqhkiG9w0BBQwwKwQUaeOcxfJf20rhlwRq',
  'g0nVVy5Xgi4CAicQAgEgMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBAbnJhilNG7eHrlrHmrSUmrBEBV9Ga3jm4ELCOOIWZL',
  'VoTWfNRRRs2wbx19265OKhtPOJcWEz5flHOb6dZLB6YDYTSoaz7PMnw9OrdV0aMRz79cMT4wGQYJKoZIhvcNAQkUMQweCgBrAGUA',
  'eQAtADEwIQYJKoZIhvcNAQkVMRQEElRpbWUgMTc5NTkwNDYyNDYxNjCCAQMGCyqGSIb3DQEMCgEFoIGzMIGwBgsqhkiG9w0BDAoB',
  'AqCBoASBnTCBmjBmBgkqhkiG9w0BBQ0wWTA4BgkqhkiG9w0BBQwwKwQUCNSUyinSN9UVsGcQWMfLURouh2YCAicQAgEgMAwGCCqG',
  'SIb3DQIJBQAwHQYJYIZIAWUDBAEqBBBmLh0qyQMXulIA1Xt3AKJQBDAv5+BtvsuSnr2yLzHXVv2N4+tRK4WGiTgfWbUYKrc+0GQt',
  'R7LoFrCnlbboguSx4ZwxPjAZBgkqhkiG9w0BCRQxDB4KAGsAZQB5AC0AMDAhBgkqhkiG9w0BCRUxFAQSVGltZSAxNzk1OTA0NjI1',
  'MjE5ME0wMTANBglghkgBZQMEAgEFAAQgvf1LWhSXG0jMWrNqlBrnlaX9leuSGGIR+lTVP8a7DWQEFK789H575PLi0lRQP2Egue5u',
  'ieVtAgInEA==',
]);
/** As Java 8 makes one, with 3DES: an AES key of 128 bits, old. */
const legacy = bytesOf([
  'MIIBKQIBAzCB4wYJKoZIhvcNAQcBoIHVBIHSMIHPMIHMBgkqhkiG9w0BBwGggb4EgbswgbgwgbUGCyqGSIb3DQEMCgEFoGowaAYL',
  'KoZIhvcNAQwKAQKgWQRXMFUwKQYKKoZIhvcNAQwBAzAbBBSdfIed3I4J5UqANe9oXBmkSz0B2gIDAMNQBCiskagExAtJk6G+1kDW',
  'x88zZGBS07Qzw1YbFoIsdvwITBhUtHivPgN2MTowFQYJKoZIhvcNAQkUMQgeBgBvAGwAZDAhBgkqhkiG9w0BCRUxFAQSVGltZSAx',
  'Nzk1OTA0NjI2MTQwMD4wITAJBgUrDgMCGgUABBROaJMs1nZ2uclExx8zp4oP3R+ZugQUwdgipGnaf256uxKlb3P4wzLZ0l8CAwGG',
  'oA==',
]);
const password = 'secretpw';

/** An element of DER: what is in it, or its bytes. */
interface Element {
  readonly tag: number;
  readonly content: Buffer | Element[];
}

/** The elements that the bytes are; null: they are none. Octet strings are looked into as well. */
function elementsIn(bytes: Buffer): Element[] | null {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    const more = bytes[at + 1]! & 0x80 ? bytes[at + 1]! & 0x7f : 0;
    if (more > 2 || at + 2 + more > bytes.length) return null;
    const length = more === 0 ? bytes[at + 1]! : bytes.readUIntBE(at + 2, more);
    const content = bytes.subarray(at + 2 + more, at + 2 + more + length);
    if (content.length < length) return null;
    const inside = (tag & 0x20) !== 0 || tag === 4 ? elementsIn(content) : null;
    found.push({ tag, content: inside?.length ? inside : content });
    at += 2 + more + length;
  }
  return found;
}

function bytesOfElements(elements: readonly Element[]): Buffer {
  const written = elements.map(({ tag, content }) => {
    const bytes = Buffer.isBuffer(content) ? content : bytesOfElements(content);
    const long = bytes.length > 127 ? Buffer.from([0x82, bytes.length >> 8, bytes.length & 255]) : null;
    return Buffer.concat([Buffer.from([tag]), long ?? Buffer.from([bytes.length]), bytes]);
  });
  return Buffer.concat(written);
}

/** The store with other numbers in the place of those that are `from`. */
function withNumber(store: Buffer, from: string, to: string): Buffer {
  const changed = (elements: readonly Element[]): Element[] =>
    elements.map(({ tag, content }) => {
      if (!Buffer.isBuffer(content)) return { tag, content: changed(content) };
      return {
        tag,
        content: tag === 2 && content.toString('hex') === from ? Buffer.from(to, 'hex') : content,
      };
    });
  return bytesOfElements(changed(elementsIn(store)!));
}

/** A store may have none: then a password is tried at once. */
function withoutChecksum(store: Buffer): Buffer {
  const [{ tag, content }] = elementsIn(store) as [Element];
  return bytesOfElements([{ tag, content: (content as Element[]).slice(0, 2) }]);
}

describe('secret keys in a PKCS12 store', () => {
  it('are found by their names, in lower case', async () => {
    const found = await pkcs12Secrets(modern, password);
    expect([...found].map(([name, key]) => [name, key.toString('hex').slice(0, 16)]).sort()).toEqual([
      ['key-0', '37894ef551c117d7'],
      ['key-1', '120d30f3ffca1d71'],
    ]);
    expect((await pkcs12Secrets(legacy, password)).get('old')?.toString('hex')).toBe(
      'cc3679759604e10ff354e17efa511d0c',
    );
  });

  it('are not given for another password, and the store’s is tried where a key’s own is wrong', async () => {
    await expect(pkcs12Secrets(modern, 'x')).rejects.toMatchObject({ kind: 'password' });
    expect((await pkcs12Secrets(modern, password, () => 'x')).size).toBe(2);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('a password')],
    ['half a store', modern.subarray(0, 300)],
    ['Java’s own format', Buffer.from('cececece00000002', 'hex')],
  ])('are none in %s', async (_, bytes) => {
    await expect(pkcs12Secrets(bytes, password)).rejects.toMatchObject({ kind: 'format' });
  });

  it.each([
    ['a key', withoutChecksum(modern), '2710', '7fffffff', 'a password 2147483647 times, and 1000000 are'],
    ['the checksum', modern, '2710', '7fffffff', 'a password 2147483647 times, and 1000000 are'],
    ['an old key', withoutChecksum(legacy), '00c350', '0186a1', 'a password 100001 times, and 100000 are'],
    ['an old checksum', legacy, '0186a0', '0f4241', 'a password 1000001 times, and 1000000 are'],
  ])('are not looked for where hashing would take long: %s', async (_, bytes, from, to, message) => {
    await expect(pkcs12Secrets(withNumber(bytes, from, to), password)).rejects.toMatchObject({
      kind: 'format',
      message: expect.stringContaining(message),
    });
  });

  it('come of a store without a checksum, too', async () => {
    expect((await pkcs12Secrets(withoutChecksum(modern), password)).size).toBe(2);
    await expect(pkcs12Secrets(withoutChecksum(modern), 'x')).rejects.toMatchObject({ kind: 'key-password' });
  });

  it('have a limit on hashing together', async () => {
    const [{ tag, content }] = elementsIn(withoutChecksum(legacy)) as [Element];
    // The contents of the store, of which each holds the same key.
    const [version, safe] = content as [Element, Element];
    const grow = (element: Element, depth: number): Element => {
      const inside = element.content as Element[];
      if (depth === 0) return { ...element, content: Array.from({ length: 60 }, () => inside[0]!) };
      return {
        ...element,
        content: inside.map((each, i) => (i === inside.length - 1 ? grow(each, depth - 1) : each)),
      };
    };
    const many = bytesOfElements([{ tag, content: [version, grow(safe, 3)] }]);
    await expect(pkcs12Secrets(many, password, () => 'x')).rejects.toMatchObject({
      kind: 'format',
      message: 'it hashes passwords 6000000 times in all, and 5000000 are the most here',
    });
  });

  it('leaves the thread to others while it hashes', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await pkcs12Secrets(modern, password);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});
