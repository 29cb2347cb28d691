import { type SaslProof, SaslRefusal, type SaslServer } from './sasl-server.ts';

/**
 * OAUTHBEARER (RFC 7628), as Kafka's `OAuthBearerSaslServer`: a token that is not taken is told in JSON, and refused
 * once the client has answered to that. `verify` throws `SaslRefusal` for such a token.
 */
export function oauthBearerServer(verify: (token: string) => Promise<SaslProof>): SaslServer {
  let refused: SaslRefusal | null = null;
  return {
    mechanism: 'OAUTHBEARER',
    async next(message) {
      if (refused !== null) throw refused;
      const { token, authorizationId } = clientFirst(message.toString('utf8'));
      try {
        const proof = await verify(token);
        if (authorizationId !== '' && authorizationId !== proof.username) {
          const why =
            "Authentication failed: Client requested an authorization id that is different from the token's principal name";
          throw new SaslRefusal(why, why, proof.username);
        }
        return { bytes: Buffer.alloc(0), proof };
      } catch (error) {
        if (!(error instanceof SaslRefusal) || error.told !== null) throw error;
        const told = JSON.stringify({ status: 'invalid_token' });
        refused = new SaslRefusal(error.message, told, error.username);
        return { bytes: Buffer.from(told), proof: null };
      }
    },
  };
}

const separator = '\x01';

/** RFC 7628, 3.1: `n,[a=ID],^Akey=value^A…^A^A`. */
function clientFirst(text: string): { token: string; authorizationId: string } {
  const [head = '', ...pairs] = text.split(separator);
  const authorizationId = /^n,(?:a=([^,]*))?,$/.exec(head);
  const isEnded = pairs.length >= 2 && pairs.at(-1) === '' && pairs.at(-2) === '';
  const known = pairs.slice(0, -2);
  if (
    authorizationId === null ||
    !isEnded ||
    !known.every((pair) => /^[A-Za-z]+=[\x20-\x7e\t\r\n]*$/.test(pair))
  ) {
    const why = 'Invalid OAUTHBEARER client first message';
    throw new SaslRefusal(why, why);
  }
  const auth = known.find((pair) => pair.startsWith('auth='));
  const token = /^bearer +([\x21-\x7e]+) *$/i.exec(auth?.slice('auth='.length) ?? '')?.[1];
  if (token === undefined) {
    const why = "Invalid OAUTHBEARER client first message: 'auth' with a bearer token is missing";
    throw new SaslRefusal(why, why);
  }
  return {
    token,
    authorizationId: (authorizationId[1] ?? '').replaceAll('=2C', ',').replaceAll('=3D', '='),
  };
}
