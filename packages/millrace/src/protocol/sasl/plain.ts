import type { SaslClient } from './sasl-client.ts';
import { saslFailure } from './sasl-client.ts';

/** PLAIN (RFC 4616), without an authorization identity, as Kafka's `PlainSaslServer` takes it. */
export function plainClient({ username, password }: { username: string; password: string }): SaslClient {
  const mechanism = 'PLAIN';
  if (username.includes('\0') || password.includes('\0'))
    throw saslFailure(mechanism, 'a NUL stands in the user name or the password');
  return {
    mechanism,
    first: () => Buffer.from(`\0${username}\0${password}`),
    next: async () => null,
  };
}
