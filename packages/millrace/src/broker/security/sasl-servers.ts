import { oauthBearerServer } from '../../protocol/sasl/oauthbearer-server.ts';
import { plainServer } from '../../protocol/sasl/plain-server.ts';
import type { SaslServer } from '../../protocol/sasl/sasl-server.ts';
import { scramServer } from '../../protocol/sasl/scram-server.ts';
import type { ListenerSasl, ServerMechanism } from '../settings/listener-settings.ts';
import type { ScramStore } from './scram-store.ts';
import { TokenVerifier } from './token-verifier.ts';

/** Makes the server's side of one exchange. */
export type SaslServers = (mechanism: ServerMechanism) => SaslServer;

/** The mechanisms of one listener. */
export function saslServers({ plainUsers, tokens }: ListenerSasl, scram: ScramStore): SaslServers {
  const verifier = tokens === undefined ? null : new TokenVerifier(tokens);
  return (mechanism) => {
    switch (mechanism) {
      case 'PLAIN':
        return plainServer((name) => (Object.hasOwn(plainUsers, name) ? plainUsers[name] : undefined));
      case 'SCRAM-SHA-256':
      case 'SCRAM-SHA-512':
        return scramServer(mechanism, (name) => scram.credential(mechanism, name));
      case 'OAUTHBEARER':
        return oauthBearerServer((token) => verifier!.verify(token));
    }
  };
}
