import { randomBytes } from 'node:crypto';
import { alterUserScramCredentialsMessages } from '../../../protocol/generated/alter-user-scram-credentials.ts';
import { describeUserScramCredentialsMessages } from '../../../protocol/generated/describe-user-scram-credentials.ts';
import { type ScramMechanism, scramMechanisms } from '../../../protocol/sasl/scram.ts';
import { saltPassword } from '../../../protocol/sasl/scram-server.ts';
import { api } from '../apis.ts';
import type { KafkaClient } from '../client.ts';
import { kafkaError } from '../kafka-errors.ts';

const describeApi = api(describeUserScramCredentialsMessages, 0);
const alterApi = api(alterUserScramCredentialsMessages, 0);
/** `RESOURCE_NOT_FOUND`: there is no such user. */
const notFound = 91;

export interface ScramUserInfo {
  readonly user: string;
  readonly credentials: readonly { readonly mechanism: ScramMechanism; readonly iterations: number }[];
}

/** Kafka's `ScramMechanism.type`: 1 and 2. */
const typeOf = (mechanism: ScramMechanism): number => scramMechanisms.indexOf(mechanism) + 1;

/** Who has credentials of SCRAM; one that is asked for and has none is left out. Throws `KAFKA`, as all of these. */
export async function describeScramUsers(
  client: KafkaClient,
  user: string | null,
): Promise<readonly ScramUserInfo[]> {
  const users = user === null ? null : [{ name: user }];
  const { errorCode, errorMessage, results } = await client.request('controller', describeApi, { users });
  if (errorCode !== 0) throw kafkaError(errorCode, 'users', errorMessage);
  return results.flatMap((result) => {
    if (result.errorCode === notFound) return [];
    if (result.errorCode !== 0)
      throw kafkaError(result.errorCode, `user ${result.user}`, result.errorMessage);
    const credentials = result.credentialInfos.flatMap(({ mechanism, iterations }) => {
      const known = scramMechanisms[mechanism - 1];
      return known === undefined ? [] : [{ mechanism: known, iterations }];
    });
    return [{ user: result.user, credentials }];
  });
}

export interface ScramAlteration {
  readonly mechanism: ScramMechanism;
  /** Absent: the credential is taken away. The password is salted here: it never goes over the network. */
  readonly set?: { readonly password: string; readonly iterations: number };
}

/** Changes what one user logs in with. */
export async function alterScramUser(
  client: KafkaClient,
  name: string,
  changes: readonly ScramAlteration[],
): Promise<void> {
  const deletions = changes.filter(({ set }) => set === undefined);
  const upsertions = changes.flatMap(({ mechanism, set }) =>
    set === undefined ? [] : [{ mechanism, ...set }],
  );
  const { results } = await client.request('controller', alterApi, {
    deletions: deletions.map(({ mechanism }) => ({ name, mechanism: typeOf(mechanism) })),
    upsertions: await Promise.all(
      upsertions.map(async ({ mechanism, password, iterations }) => {
        const salt = randomBytes(24);
        const saltedPassword = await saltPassword(mechanism, password, salt, iterations);
        return { name, mechanism: typeOf(mechanism), iterations, salt, saltedPassword };
      }),
    ),
  });
  for (const { user, errorCode, errorMessage } of results)
    if (errorCode !== 0) throw kafkaError(errorCode, `user ${user}`, errorMessage);
}
