import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

/** No mechanism is served: a client that is set up for SASL learns it in so many words. */
export const saslHandshake = defineHandler(messages.saslHandshake, [], () => ({
  errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
  mechanisms: [],
}));
