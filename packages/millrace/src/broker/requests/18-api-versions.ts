import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

/** What is served. No features: what a feature would turn on (transactions V2, the new group protocol) is not served. */
export const apiVersions = defineHandler(messages.apiVersions, [], (_, { broker }) => ({
  errorCode: ErrorCode.NONE,
  apiKeys: broker.served,
}));
