import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

const featuresFrom = 3;
/** Clients before this version of the request do not take a feature whose lowest level is 0. */
const zeroLevelFrom = 4;
/** The protocols of groups: 1 has the one of KIP-848. */
const groupVersion = 'group.version';
/** How clients speak of transactions: 2 is KIP-890. */
const transactionVersion = 'transaction.version';

/** What is served. Of the features just those that are built: what others would turn on is not served. */
export const apiVersions = defineHandler(messages.apiVersions, [], (_, { broker, version }) => {
  const answer = { errorCode: ErrorCode.NONE, apiKeys: broker.served };
  if (version < featuresFrom) return answer;
  const levels = [
    [groupVersion, 1, 1],
    [transactionVersion, 2, broker.settings.transactionVersion],
  ] as const;
  return {
    ...answer,
    supportedFeatures:
      version < zeroLevelFrom
        ? []
        : levels.map(([name, maxVersion]) => ({ name, minVersion: 0, maxVersion })),
    finalizedFeaturesEpoch: 0,
    finalizedFeatures: levels.map(([name, , level]) => ({
      name,
      minVersionLevel: level,
      maxVersionLevel: level,
    })),
  };
});
