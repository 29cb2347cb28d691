import type {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  ScramCredentialUpsertion,
} from '../../protocol/generated/alter-user-scram-credentials.ts';
import { messages } from '../../protocol/messages.ts';
import { leastIterations } from '../../protocol/sasl/scram.ts';
import { credentialOf } from '../../protocol/sasl/scram-server.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf, isFault, type RequestFault, refuse } from '../core/fault.ts';
import type { ScramChange } from '../security/scram-store.ts';
import { mostStoredIterations } from '../settings/add-scram.ts';
import { type Call, defineHandler } from './call.ts';
import { scramOfType } from './scram-types.ts';

/** Adds, changes and takes away credentials of SCRAM; a client sends a salted password, never the password. Answers as Kafka's `ScramControlManager`. */
export const alterUserScramCredentials = defineHandler(
  messages.alterUserScramCredentials,
  ['ALTER CLUSTER'],
  work,
);

async function work(
  request: AlterUserScramCredentialsRequest,
  { broker }: Call,
): Promise<AlterUserScramCredentialsResponse> {
  const { deletions, upsertions } = request;
  const planned = new Map<string, ScramChange | RequestFault>();
  const plan = (name: string, make: () => ScramChange | RequestFault) => {
    if (isFault(planned.get(name))) return;
    const twice = refuse(
      ErrorCode.DUPLICATE_RESOURCE,
      'A user credential cannot be altered twice in the same request',
    );
    planned.set(name, planned.has(name) ? twice : make());
  };
  for (const { name, mechanism } of deletions) plan(name, () => deletion(name, mechanism, broker));
  for (const each of upsertions) plan(each.name, () => upsertion(each));
  const changes = [...planned.values()].filter((each) => !isFault(each)) as ScramChange[];
  let failure: RequestFault | null = null;
  if (changes.length > 0) {
    await broker.scram.change(changes).catch((error) => {
      broker.settings.logger.error(`credentials could not be kept: ${errorText(error)}`);
      failure = faultOf(error);
    });
  }
  const results = [...planned].map(([user, each]) => {
    const fault = isFault(each) ? each : failure;
    return { user, errorCode: fault?.errorCode ?? ErrorCode.NONE, errorMessage: fault?.message ?? null };
  });
  return { throttleTimeMs: 0, results };
}

function deletion(username: string, type: number, { scram }: Call['broker']): ScramChange | RequestFault {
  const mechanism = scramOfType(type);
  const fault = nameFault(username, mechanism);
  if (fault !== null || mechanism === undefined) return fault!;
  if (scram.credential(mechanism, username) === undefined)
    return refuse(ErrorCode.RESOURCE_NOT_FOUND, 'Attempt to delete a user credential that does not exist');
  return { username, mechanism, credential: null };
}

function upsertion(sent: ScramCredentialUpsertion): ScramChange | RequestFault {
  const { name: username, iterations } = sent;
  const mechanism = scramOfType(sent.mechanism);
  const fault = nameFault(username, mechanism);
  if (fault !== null || mechanism === undefined) return fault!;
  if (iterations < leastIterations) return refuse(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too few iterations');
  if (iterations > mostStoredIterations)
    return refuse(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too many iterations');
  // The bytes of the request are not kept.
  const salt = Buffer.from(sent.salt);
  const credential = credentialOf(mechanism, { salt, saltedPassword: sent.saltedPassword, iterations });
  return { username, mechanism, credential };
}

function nameFault(username: string, mechanism: string | undefined): RequestFault | null {
  if (username === '') return refuse(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty');
  if (mechanism === undefined) return refuse(ErrorCode.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism');
  return null;
}
