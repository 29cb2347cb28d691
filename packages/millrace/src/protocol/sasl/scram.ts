import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { readable, type SaslClient, saslFailure } from './sasl-client.ts';

export const scramMechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
export type ScramMechanism = (typeof scramMechanisms)[number];

export interface ScramLogin {
  readonly mechanism: ScramMechanism;
  readonly username: string;
  readonly password: string;
  /** The user name is the id of a delegation token, and the password its HMAC (KIP-48). */
  readonly isToken?: boolean;
  /** For tests; drawn anew without it. */
  readonly nonce?: string;
}

/** Kafka's `ScramMechanism`: fewer are not taken, by either side. */
export const leastIterations = 4096;
/** What a server may have a client reckon; Kafka's own broker asks for 16,384 at most. */
export const mostIterations = 1_000_000;

const derive = promisify(pbkdf2);
const hashes = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-512': 'sha512' } as const;

/**
 * SCRAM (RFC 5802, RFC 7677) without channel binding. User name and password are taken as UTF-8 as they are, without
 * SASLprep, which is what Kafka does (`ScramFormatter`). The key is derived in the thread pool.
 */
export function scramClient(login: ScramLogin): SaslClient {
  const { mechanism, username, password, isToken = false, nonce = newNonce() } = login;
  const hash = hashes[mechanism];
  const hmac = (key: Buffer, text: string | Buffer) => createHmac(hash, key).update(text).digest();
  const firstBare = `n=${saslName(username)},r=${nonce}${isToken ? ',tokenauth=true' : ''}`;
  let awaited: 'first' | Buffer | null = 'first';

  const answerFirst = async (text: string): Promise<Buffer> => {
    const { nonce: whole, salt, iterations } = serverFirst(mechanism, text, nonce);
    const salted = await derive(password, salt, iterations, createHash(hash).digest().length, hash);
    const withoutProof = `c=biws,r=${whole}`;
    const signed = `${firstBare},${text},${withoutProof}`;
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash(hash).update(clientKey).digest(), signed);
    awaited = hmac(hmac(salted, 'Server Key'), signed);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`);
  };

  return {
    mechanism,
    first: () => Buffer.from(`n,,${firstBare}`),
    next: async (challenge) => {
      const text = challenge.toString('utf8');
      if (awaited === 'first') return answerFirst(text);
      if (awaited === null) throw saslFailure(mechanism, 'the server goes on after its last message');
      const expected = awaited;
      awaited = null;
      verifyFinal(mechanism, text, expected);
      return null;
    },
  };
}

const newNonce = (): string => randomBytes(24).toString('base64url');

/** RFC 5802, 5.1: the two characters that have a meaning of their own. */
const saslName = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C');

function serverFirst(
  mechanism: string,
  text: string,
  nonce: string,
): { nonce: string; salt: Buffer; iterations: number } {
  if (text.startsWith('m='))
    throw saslFailure(mechanism, 'the server asks for an extension that is not known');
  const found = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=(\d{1,9})(?:,|$)/.exec(text);
  if (found === null) throw saslFailure(mechanism, 'the server answered with what is no SCRAM message');
  const [, whole, salt, count] = found as unknown as [string, string, string, string];
  if (!whole.startsWith(nonce) || whole.length === nonce.length)
    throw saslFailure(mechanism, 'the server answered to another nonce: somebody may stand in between');
  const iterations = Number(count);
  if (iterations < leastIterations || iterations > mostIterations)
    throw saslFailure(
      mechanism,
      `the server asks for ${iterations} iterations; ${leastIterations} to ${mostIterations} are taken`,
    );
  return { nonce: whole, salt: Buffer.from(salt, 'base64'), iterations };
}

function verifyFinal(mechanism: string, text: string, expected: Buffer): void {
  if (text.startsWith('e=')) throw saslFailure(mechanism, `the server refuses: ${readable(text.slice(2))}`);
  const signature = Buffer.from(/^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(text)?.[1] ?? '', 'base64');
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    throw saslFailure(
      mechanism,
      'the server does not know the password either: it is not the one that it claims to be',
    );
}
