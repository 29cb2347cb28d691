import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

const featuresFrom = 3;
/** The protocols of groups: 1 has the one of KIP-848. What other features would turn on (transactions V2) is not served. */
const groupVersion = 'group.version';

/** What is served. */
export const apiVersions = defineHandler(messages.apiVersions, [], (_, { broker, version }) => ({
  errorCode: ErrorCode.NONE,
  apiKeys: broker.served,
  ...(version >= featuresFrom
    ? {
        supportedFeatures: [{ name: groupVersion, minVersion: 0, maxVersion: 1 }],
        finalizedFeaturesEpoch: 0,
        finalizedFeatures: [{ name: groupVersion, minVersionLevel: 1, maxVersionLevel: 1 }],
      }
    : {}),
}));
