import type { ComponentData } from '../../protocol/generated/describe-client-quotas.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type RequestFault, refuse } from '../core/fault.ts';
import { defineHandler } from './call.ts';

const entityTypes = ['user', 'client-id', 'ip'];
/** How an entity is matched: this one, the default one, any. */
const matchTypes = { exact: 0, default: 1, any: 2 } as const;

/** There are no quotas: none was ever set. `kafka-configs --describe` of a user asks for them beside its credentials. */
export const describeClientQuotas = defineHandler(
  messages.describeClientQuotas,
  ['DESCRIBE_CONFIGS CLUSTER'],
  ({ components }) => {
    const fault = faultOf(components);
    if (fault === null)
      return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, entries: [] };
    const { errorCode, message } = fault;
    return { throttleTimeMs: 0, errorCode, errorMessage: message, entries: null };
  },
);

/** What of the filter makes no sense (Kafka: ClientQuotasImage.describe). */
function faultOf(components: readonly ComponentData[]): RequestFault | null {
  const seen = new Set<string>();
  for (const { entityType, matchType, match } of components) {
    if (entityType === '') return refuse(ErrorCode.INVALID_REQUEST, 'Invalid empty entity type.');
    if (seen.has(entityType)) return refuse(ErrorCode.INVALID_REQUEST, `Entity type ${entityType} twice.`);
    if (!entityTypes.includes(entityType))
      return refuse(ErrorCode.UNSUPPORTED_VERSION, `There is no entity type ${entityType}.`);
    seen.add(entityType);
    const needsName = matchType === matchTypes.exact;
    const isKnown = needsName || matchType === matchTypes.default || matchType === matchTypes.any;
    if (!isKnown) return refuse(ErrorCode.INVALID_REQUEST, `There is no match type ${matchType}.`);
    if (needsName !== (match !== null))
      return refuse(ErrorCode.INVALID_REQUEST, 'A name belongs to an exact match, and to no other.');
  }
  const isMixed = seen.has('ip') && seen.size > 1;
  return isMixed
    ? refuse(ErrorCode.INVALID_REQUEST, 'An ip stands in no filter with a user or a client-id.')
    : null;
}
