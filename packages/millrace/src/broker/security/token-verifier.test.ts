import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { SaslRefusal } from '../../protocol/sasl/sasl-server.ts';
import { TokenVerifier } from './token-verifier.ts';

const dir = tempDir('millrace-tokens-');
const keysFile = dir.join('keys.json');
const now = Math.floor(Date.now() / 1000);
const claims = { sub: 'alice', iss: 'https://issuer.test', aud: 'kafka', exp: now + 600, iat: now };
let own: { publicKey: CryptoKey; privateKey: CryptoKey };
let strange: typeof own;
let verifier: TokenVerifier;

beforeAll(async () => {
  own = await generateKeyPair('ES256', { extractable: true });
  strange = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(own.publicKey)), kid: 'k1' };
  writeFileSync(keysFile, JSON.stringify({ keys: [key] }));
  verifier = new TokenVerifier({
    keysUrl: pathToFileURL(keysFile).href,
    refreshMs: 1000,
    issuer: claims.iss,
    audience: ['other', claims.aud],
    subjectClaim: 'sub',
    clockSkewMs: 30_000,
  });
});
afterAll(() => dir[Symbol.dispose]());

const signed = (change: object, header: object = {}, key: CryptoKey | Uint8Array = own.privateKey) =>
  new SignJWT({ ...claims, ...change } as never)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
    .sign(key);
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each<[string, object, object?]>([
  ['as it should be', {}],
  ['for several, this broker among them', { aud: ['x', 'kafka'] }],
  ['that does not name its key', {}, { kid: undefined }],
  ['expired within the skew of clocks', { exp: now - 10 }],
])('a token %s is taken, and holds until it expires', async (_, change, header) => {
  const { exp = claims.exp } = change as { exp?: number };
  expect(await verifier.verify(await signed(change, header))).toEqual({
    username: 'alice',
    expiresAtMs: exp * 1000,
  });
});

test.each<[string, () => string | Promise<string>]>([
  ['that nobody signed', () => `${base64({ alg: 'none' })}.${base64(claims)}.`],
  [
    'that is signed with the public key as if it were a secret',
    async () => signed({}, { alg: 'HS256' }, new TextEncoder().encode(await exportSPKI(own.publicKey))),
  ],
  ['of a strange key under the name of a known one', () => signed({}, {}, strange.privateKey)],
  ['of a key that is not known', () => signed({}, { kid: 'k2' })],
  [
    'that brings its own key',
    async () => signed({}, { kid: undefined, jwk: await exportJWK(strange.publicKey) }, strange.privateKey),
  ],
  [
    'that was changed',
    async () => {
      const [head, , signature] = (await signed({})).split('.');
      return `${head}.${base64({ ...claims, sub: 'root' })}.${signature}`;
    },
  ],
  ['that has expired', () => signed({ exp: now - 60 })],
  ['without an end', () => signed({ exp: undefined })],
  ['that does not hold yet', () => signed({ nbf: now + 120 })],
  ['for somebody else', () => signed({ aud: 'x' })],
  ['for nobody in particular', () => signed({ aud: undefined })],
  ['of another issuer', () => signed({ iss: 'https://elsewhere.test' })],
  ['of no issuer', () => signed({ iss: undefined })],
  ['without a name', () => signed({ sub: undefined })],
  ['with an empty name', () => signed({ sub: '' })],
  ['with a name that is none', () => signed({ sub: ['alice'] })],
  ['that is none', () => 'no-token'],
])('a token %s is refused, and nothing of it is told', async (_, make) => {
  const token = await make();
  const refusal = await verifier.verify(token).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SaslRefusal);
  const { message, told } = refusal as SaslRefusal;
  expect(told).toBeNull();
  for (const part of [...token.split('.').filter((each) => each !== ''), 'alice', 'elsewhere'])
    expect(message).not.toContain(part);
});

test('keys that are written anew count for the next token', async () => {
  const token = await signed({}, { kid: 'k9' }, strange.privateKey);
  await expect(verifier.verify(token)).rejects.toBeInstanceOf(SaslRefusal);
  const key = { ...(await exportJWK(strange.publicKey)), kid: 'k9' };
  writeFileSync(keysFile, JSON.stringify({ keys: [key] }));
  expect(await verifier.verify(token)).toMatchObject({ username: 'alice' });
  await expect(verifier.verify(await signed({}))).rejects.toBeInstanceOf(SaslRefusal);
});
