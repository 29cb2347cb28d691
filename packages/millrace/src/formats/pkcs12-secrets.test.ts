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
});
