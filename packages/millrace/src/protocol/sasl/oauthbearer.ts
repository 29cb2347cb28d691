import { readable, type SaslClient, saslFailure } from './sasl-client.ts';

export interface BearerLogin {
  readonly token: string;
  /** SASL extensions (KIP-342): letters as names. */
  readonly extensions?: ReadonlyMap<string, string>;
}

/** RFC 6750, 2.1, and what else JWT issuers give out. */
const tokenShape = /^[\x21-\x7e]+$/;
/** RFC 7628, 3.1, as Kafka's `OAuthBearerClientInitialResponse`. */
const extensionName = /^[A-Za-z]+$/;
const extensionValue = /^[\x21-\x7e \t\r\n]+$/;

/** OAUTHBEARER (RFC 7628). A server that refuses says why in JSON, and wants one more message before it says so. */
export function oauthBearerClient({ token, extensions = new Map() }: BearerLogin): SaslClient {
  const mechanism = 'OAUTHBEARER';
  if (!tokenShape.test(token))
    throw saslFailure(mechanism, 'the token has characters that no token can have');
  for (const [name, value] of extensions) {
    if (!extensionName.test(name) || name.toLowerCase() === 'auth' || !extensionValue.test(value))
      throw saslFailure(mechanism, `extension ${readable(name)} can't be sent`);
  }
  let refusal: string | null = null;
  return {
    mechanism,
    first: () => {
      const more = [...extensions].map(([name, value]) => `\x01${name}=${value}`).join('');
      return Buffer.from(`n,,\x01auth=Bearer ${token}${more}\x01\x01`);
    },
    next: async (challenge) => {
      if (refusal !== null) throw saslFailure(mechanism, `the server refuses the token: ${refusal}`);
      if (challenge.length === 0) return null;
      refusal = statusOf(challenge.toString('utf8'));
      return Buffer.from('\x01');
    },
  };
}

function statusOf(text: string): string {
  try {
    const told: unknown = JSON.parse(text);
    if (typeof told === 'object' && told !== null && 'status' in told) return readable(String(told.status));
  } catch {
    // It is told as it is.
  }
  return readable(text);
}
