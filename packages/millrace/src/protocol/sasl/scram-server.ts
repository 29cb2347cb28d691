import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { longestName, SaslRefusal, type SaslServer } from './sasl-server.ts';
import type { ScramMechanism } from './scram.ts';

/** What is kept of a password: it can be checked with it, and not be found again. */
export interface ScramCredential {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
  readonly iterations: number;
}

const hashes = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-512': 'sha512' } as const;
const derive = promisify(pbkdf2);
/** Longer nonces and messages are not taken. */
const longestNonce = 1024;

const hmac = (mechanism: ScramMechanism, key: Buffer, text: string) =>
  createHmac(hashes[mechanism], key).update(text, 'utf8').digest();
const hashed = (mechanism: ScramMechanism, bytes: Buffer) =>
  createHash(hashes[mechanism]).update(bytes).digest();

/** Bytes of the mechanism's hash. */
export const scramBytes = (mechanism: ScramMechanism): number => hashed(mechanism, Buffer.alloc(0)).length;

/** What is kept of the result of RFC 5802's `Hi`, as AlterUserScramCredentials sends it. */
export function credentialOf(
  mechanism: ScramMechanism,
  { salt, saltedPassword, iterations }: { salt: Buffer; saltedPassword: Buffer; iterations: number },
): ScramCredential {
  return {
    salt,
    iterations,
    storedKey: hashed(mechanism, hmac(mechanism, saltedPassword, 'Client Key')),
    serverKey: hmac(mechanism, saltedPassword, 'Server Key'),
  };
}

/** The salted password, reckoned in the thread pool. */
export function saltPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<Buffer> {
  return derive(password, salt, iterations, scramBytes(mechanism), hashes[mechanism]);
}

/** Of this process: who is not known is asked in the same way as who is, and with the same salt every time. */
const decoyKey = randomBytes(32);

function decoy(mechanism: ScramMechanism, username: string): ScramCredential {
  const bytes = createHmac(hashes[mechanism], decoyKey).update(username, 'utf8').digest();
  return { salt: bytes.subarray(0, 24), storedKey: bytes, serverKey: bytes, iterations: 4096 };
}

/**
 * SCRAM (RFC 5802, RFC 7677) without channel binding, as Kafka's `ScramSaslServer`. Delegation tokens (`tokenauth`) are
 * refused. Whoever is not known is refused at the end, as if the password were wrong.
 */
export function scramServer(
  mechanism: ScramMechanism,
  credentialOf: (username: string) => ScramCredential | undefined,
): SaslServer {
  let begun: { readonly firsts: string; readonly nonce: string; readonly username: string } | null = null;
  let credential: ScramCredential | null = null;
  let isKnown = false;
  return {
    mechanism,
    async next(message) {
      const text = message.toString('utf8');
      if (begun === null || credential === null) {
        const { bare, username, nonce: theirs } = clientFirst(text);
        const found = credentialOf(username);
        isKnown = found !== undefined;
        credential = found ?? decoy(mechanism, username);
        const nonce = `${theirs}${randomBytes(24).toString('base64url')}`;
        const said = `r=${nonce},s=${credential.salt.toString('base64')},i=${credential.iterations}`;
        begun = { firsts: `${bare},${said}`, nonce, username };
        return { bytes: Buffer.from(said), proof: null };
      }
      const { firsts, nonce, username } = begun;
      const final = clientFinal(text);
      if (final.nonce !== nonce) throw new SaslRefusal(nonceFault(final.nonce, nonce), null, username);
      const signed = `${firsts},${final.withoutProof}`;
      if (!proves(mechanism, credential, signed, final.proof) || !isKnown) {
        throw new SaslRefusal(isKnown ? 'wrong password' : 'unknown user', null, username);
      }
      const signature = hmac(mechanism, credential.serverKey, signed).toString('base64');
      return { bytes: Buffer.from(`v=${signature}`), proof: { username } };
    },
  };
}

/** Kafka 4 compares the whole nonce, as RFC 5802 asks (CVE-2024-56128), which old clients do not stand. */
function nonceFault(theirs: string, ours: string): string {
  return theirs.endsWith(ours)
    ? 'its nonce comes twice, as librdkafka before 2.6.1 sends it; Kafka 4 refuses that, too: use a newer one, or PLAIN over TLS'
    : 'the client answered to another nonce';
}

function proves(mechanism: ScramMechanism, { storedKey }: ScramCredential, signed: string, proof: Buffer) {
  const signature = hmac(mechanism, storedKey, signed);
  if (proof.length !== signature.length) return false;
  const clientKey = Buffer.from(proof.map((byte, i) => byte ^ signature[i]!));
  const reached = hashed(mechanism, clientKey);
  return reached.length === storedKey.length && timingSafeEqual(reached, storedKey);
}

function clientFirst(text: string): { bare: string; username: string; nonce: string } {
  const found =
    /^n,(?:a=([^,]*))?,((?:m=[^,]*,)?n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)((?:,[A-Za-z]+=[^,]*)*))$/.exec(text);
  if (found === null) throw new SaslRefusal('the first message is none of SCRAM without channel binding');
  const [, authorizationId = '', bare, name, nonce, extensions] = found as unknown as [
    string,
    string | undefined,
    string,
    string,
    string,
    string,
  ];
  if (bare.startsWith('m=')) throw new SaslRefusal('the client demands an extension that is not known');
  const username = plainName(name);
  if (username === null || username.length > longestName || nonce.length > longestNonce)
    throw new SaslRefusal('the first message has a name or nonce that can not be');
  if (/,tokenauth=true(?:,|$)/i.test(extensions))
    throw new SaslRefusal('delegation tokens are not served', null, username);
  if (authorizationId !== '' && plainName(authorizationId) !== username) {
    const why = 'Authentication failed: Client requested an authorization id that is different from username';
    throw new SaslRefusal(why, why, username);
  }
  return { bare, username, nonce };
}

/** RFC 5802, 5.1; null: a `=` that is neither `=2C` nor `=3D`. */
function plainName(name: string): string | null {
  if (/=(?!2C|3D)/.test(name)) return null;
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

function clientFinal(text: string): { withoutProof: string; nonce: string; proof: Buffer } {
  const found = /^(c=biws,r=([\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]+=[^,]*)*),p=([A-Za-z0-9+/]+={0,2})$/.exec(
    text,
  );
  if (found === null) throw new SaslRefusal('the last message is none of SCRAM without channel binding');
  const [, withoutProof, nonce, proof] = found as unknown as [string, string, string, string];
  return { withoutProof, nonce, proof: Buffer.from(proof, 'base64') };
}
