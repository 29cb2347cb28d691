import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

/** No transactions are served, so there are none. */
export const listTransactions = defineHandler(
  messages.listTransactions,
  ['DESCRIBE TRANSACTIONAL_ID'],
  () => ({
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    unknownStateFilters: [],
    transactionStates: [],
  }),
);
