import type { DescribeUserScramCredentialsResponse } from '../../protocol/generated/describe-user-scram-credentials.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type Call, defineHandler } from './call.ts';
import { scramTypeOf } from './scram-types.ts';

/** Who has credentials of SCRAM, never what they are; answers as Kafka's `ScramImage`. */
export const describeUserScramCredentials = defineHandler(
  messages.describeUserScramCredentials,
  ['DESCRIBE CLUSTER'],
  ({ users }, { broker }: Call): DescribeUserScramCredentialsResponse => {
    const known = new Map(broker.scram.all());
    const names = users === null || users.length === 0 ? [...known.keys()] : users.map(({ name }) => name);
    const results = [...new Set(names)].map((user) => {
      const own = known.get(user);
      if (names.indexOf(user) !== names.lastIndexOf(user)) {
        const why = 'Cannot describe SCRAM credentials for the same user twice in a single request: ';
        return failed(user, ErrorCode.DUPLICATE_RESOURCE, `${why}${user}`);
      }
      if (own === undefined) {
        const why = 'Attempt to describe a user credential that does not exist: ';
        return failed(user, ErrorCode.RESOURCE_NOT_FOUND, `${why}${user}`);
      }
      const credentialInfos = [...own].map(([mechanism, { iterations }]) => ({
        mechanism: scramTypeOf(mechanism),
        iterations,
      }));
      return { user, errorCode: ErrorCode.NONE, errorMessage: null, credentialInfos };
    });
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, results };
  },
);

const failed = (user: string, errorCode: number, errorMessage: string) => ({
  user,
  errorCode,
  errorMessage,
  credentialInfos: [],
});
