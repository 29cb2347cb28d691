import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

/** There are no quotas: none was ever set. `kafka-configs --describe` of a user asks for them beside its credentials. */
export const describeClientQuotas = defineHandler(
  messages.describeClientQuotas,
  ['DESCRIBE_CONFIGS CLUSTER'],
  () => ({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, entries: [] }),
);
