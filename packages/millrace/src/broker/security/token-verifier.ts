import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { JWTVerifyGetKey } from 'jose';
import { type SaslProof, SaslRefusal } from '../../protocol/sasl/sasl-server.ts';
import { errorText } from '../../runtime/errors.ts';
import type { TokenRules } from '../settings/listener-settings.ts';

/** Loaded when the first token comes. */
type Jose = typeof import('jose');

/** Those with a public key: whoever can check a token can't make one. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const keysTimeoutMs = 10_000;
/** More than any set of keys. */
const largestKeys = 1024 * 1024;

/**
 * Whether a token (RFC 7519) is signed by one of the keys of a JWKS (RFC 7517), and for whom: what Kafka's
 * `BrokerJwtValidator` asks. Keys of a file are read again when it changes; those of a server after `refreshMs`, and when
 * a token names a key that is not known.
 */
export class TokenVerifier {
  readonly #rules: TokenRules;
  #keys: JWTVerifyGetKey | null = null;
  #seen = '';

  constructor(rules: TokenRules) {
    this.#rules = rules;
  }

  /** Throws `SaslRefusal`; nothing of the token is in it. */
  async verify(token: string): Promise<SaslProof> {
    const { subjectClaim, issuer, audience, clockSkewMs } = this.#rules;
    const jose = await import('jose');
    try {
      const { payload } = await jose.jwtVerify(token, await this.#keySet(jose), {
        algorithms,
        clockTolerance: Math.ceil(clockSkewMs / 1000),
        requiredClaims: ['exp', subjectClaim],
        ...(issuer === undefined ? {} : { issuer }),
        ...(audience.length === 0 ? {} : { audience: [...audience] }),
      });
      const username = payload[subjectClaim];
      if (typeof username !== 'string' || username === '')
        throw new SaslRefusal(`its claim ${subjectClaim} is no name`);
      return { username, expiresAtMs: payload.exp! * 1000 };
    } catch (error) {
      if (error instanceof SaslRefusal) throw error;
      throw new SaslRefusal(`the token is not taken: ${errorText(error)}`);
    }
  }

  async #keySet(jose: Jose): Promise<JWTVerifyGetKey> {
    const { keysUrl, refreshMs } = this.#rules;
    const url = new URL(keysUrl);
    if (url.protocol !== 'file:') {
      this.#keys ??= jose.createRemoteJWKSet(url, { timeoutDuration: keysTimeoutMs, cacheMaxAge: refreshMs });
      return this.#keys;
    }
    const path = fileURLToPath(url);
    const { mtimeMs, size, ino } = await stat(path);
    const seen = `${ino}/${size}/${mtimeMs}`;
    if (this.#keys !== null && seen === this.#seen) return this.#keys;
    if (size > largestKeys) throw new RangeError(`${path} is too large for keys`);
    this.#keys = jose.createLocalJWKSet(JSON.parse(await readFile(path, 'utf8')));
    this.#seen = seen;
    return this.#keys;
  }
}
