import { saslAuthenticateMessages } from '../../protocol/generated/sasl-authenticate.ts';
import { saslHandshakeMessages } from '../../protocol/generated/sasl-handshake.ts';
import { readable, type SaslClient, saslFailure } from '../../protocol/sasl/sasl-client.ts';
import { type Api, api } from './apis.ts';
import { errorName } from './kafka-errors.ts';

const handshakeApi = api(saslHandshakeMessages, 1);
const authenticateApi = api(saslAuthenticateMessages, 0);

/** A peer that never comes to an end is none. */
const mostSteps = 8;

/**
 * Says on a connection who the client is (KIP-152): SaslHandshake, then as many SaslAuthenticate as the mechanism takes.
 * Resolves with how long that holds, in ms; 0: for the whole connection. Throws `KAFKA_AUTHENTICATION`.
 */
export async function authenticate(
  request: <Req, Res>(api: Api<Req, Res>, message: Req) => Promise<Res>,
  exchange: SaslClient,
): Promise<number> {
  const { mechanism } = exchange;
  const { errorCode, mechanisms } = await request(handshakeApi, { mechanism });
  if (errorCode !== 0) {
    const served = mechanisms.length === 0 ? 'none' : mechanisms.map(readable).join(', ');
    throw saslFailure(
      mechanism,
      `${errorName(errorCode)}: the broker has ${served}`,
      'Set sasl.mechanism to one that the broker has.',
    );
  }
  let said: Buffer | null = exchange.first();
  for (let step = 0; step < mostSteps; step++) {
    const answer = await request(authenticateApi, { authBytes: said });
    if (answer.errorCode !== 0) {
      const why = answer.errorMessage ?? errorName(answer.errorCode);
      throw saslFailure(mechanism, `the broker refuses: ${readable(why)}`);
    }
    said = await exchange.next(answer.authBytes);
    if (said === null) return answer.sessionLifetimeMs;
  }
  throw saslFailure(mechanism, `the broker did not come to an end within ${mostSteps} messages`);
}
