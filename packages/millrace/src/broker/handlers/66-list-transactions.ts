import { messages } from '../../protocol/messages.ts';
import { defineHandler } from '../call.ts';
import { ErrorCode } from '../error-code.ts';

/** No transactions are served, so there are none. */
export const listTransactions = defineHandler(messages.listTransactions, () => ({
  throttleTimeMs: 0,
  errorCode: ErrorCode.NONE,
  unknownStateFilters: [],
  transactionStates: [],
}));
