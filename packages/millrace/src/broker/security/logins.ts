import type { Logger } from '../../runtime/logger.ts';
import type { ListenerSettings } from '../settings/listener-settings.ts';
import { anonymous, type Principal } from './access.ts';
import type { AuditLog } from './audit-log.ts';
import { type Login, type LoginOutcome, SaslLogin, SettledLogin } from './login.ts';
import { saslServers } from './sasl-servers.ts';
import type { ScramStore } from './scram-store.ts';

export interface LoginsOptions {
  readonly scram: ScramStore;
  readonly logger: Logger;
  readonly audit: AuditLog | null;
}

/** Makes the login of a connection; `from` is its address, `principal` whose certificate it has. */
export type Logins = (from: string, principal: Principal) => Login;

/** The logins of one listener's connections, and what is told of them. */
export function loginsOf({ sasl, name }: ListenerSettings, { scram, logger, audit }: LoginsOptions): Logins {
  if (sasl === undefined) {
    return (from, principal) => {
      if (principal !== anonymous) audit?.note({ event: 'certificate', principal, from, listener: name });
      return new SettledLogin(principal);
    };
  }
  const servers = saslServers(sasl, scram);
  return (from) =>
    new SaslLogin(sasl, servers, (outcome) => {
      tell(logger, `${from} at ${name}`, outcome);
      const { ok, mechanism, who, why, again } = outcome;
      const event = `${again ? 'login-anew' : 'login'}${ok ? '' : '-refused'}`;
      audit?.note({ event, principal: who, from, listener: name, mechanism, ...(ok ? {} : { why }) });
    });
}

function tell(logger: Logger, from: string, { ok, mechanism, who, why, again }: LoginOutcome): void {
  const what = again ? 'login anew' : 'login';
  const name = who === null ? '' : ` of ${JSON.stringify(who)}`;
  if (ok) logger.debug(`${from}: ${what}${name} by ${mechanism}`);
  else logger.warn(`${from}: ${what}${name} by ${mechanism} is refused: ${why}`);
}
