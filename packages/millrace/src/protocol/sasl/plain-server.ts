import { createHash, timingSafeEqual } from 'node:crypto';
import { longestName, SaslRefusal, type SaslServer } from './sasl-server.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/**
 * PLAIN (RFC 4616) with Kafka's answers (`PlainSaslServer`). `passwordOf` gives undefined for who is not known; the
 * comparison takes as long for them.
 */
export function plainServer(passwordOf: (username: string) => string | undefined): SaslServer {
  return {
    mechanism: 'PLAIN',
    async next(message) {
      const parts = message.toString('utf8').split('\0');
      if (parts.length !== 3) {
        throw refusal(`Invalid SASL/PLAIN response: expected 3 tokens, got ${Math.min(parts.length, 4)}`);
      }
      const [authorizationId, username, password] = parts as [string, string, string];
      if (username === '') throw refusal('Authentication failed: username not specified');
      if (username.length > longestName) throw refusal('Authentication failed: the username is too long');
      if (password === '') throw refusal('Authentication failed: password not specified', username);
      const expected = passwordOf(username);
      const isRight = timingSafeEqual(digest(password), digest(expected ?? ''));
      if (expected === undefined || !isRight)
        throw refusal('Authentication failed: Invalid username or password', username);
      if (authorizationId !== '' && authorizationId !== username) {
        const why =
          'Authentication failed: Client requested an authorization id that is different from username';
        throw refusal(why, username);
      }
      return { bytes: Buffer.alloc(0), proof: { username } };
    },
  };
}

const refusal = (told: string, username: string | null = null) => new SaslRefusal(told, told, username);
