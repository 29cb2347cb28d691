import { randomBytes } from 'node:crypto';
import { credentialOf, saltPassword } from '../../protocol/sasl/scram-server.ts';
import { parseAddScram, type ScramUser } from '../settings/add-scram.ts';
import type { BrokerSettings } from '../settings/settings.ts';
import type { ScramChange, ScramStore } from './scram-store.ts';

/** Adds the users that a broker is to begin with (`--add-scram`); one that has users already keeps those. Throws `USAGE`. */
export async function addFirstUsers(settings: BrokerSettings, scram: ScramStore): Promise<void> {
  const users = settings.addScram.map((text) => parseAddScram(text));
  if (users.length === 0) return;
  if (!scram.isNew) {
    for (const { mechanism, name } of users) {
      if (scram.credential(mechanism, name) !== undefined) continue;
      settings.logger.warn(
        `--add-scram is for the first start: ${name} is not added for ${mechanism}; kafka-configs --alter --entity-type users adds users later`,
      );
    }
    return;
  }
  await scram.change(await Promise.all(users.map(changeFor)));
}

async function changeFor(user: ScramUser): Promise<ScramChange> {
  const { name, mechanism, iterations, password } = user;
  const salt = user.salt === undefined ? randomBytes(24) : Buffer.from(user.salt, 'base64');
  const saltedPassword =
    password === undefined
      ? Buffer.from(user.saltedPassword!, 'base64')
      : await saltPassword(mechanism, password, salt, iterations);
  return {
    username: name,
    mechanism,
    credential: credentialOf(mechanism, { salt, saltedPassword, iterations }),
  };
}
