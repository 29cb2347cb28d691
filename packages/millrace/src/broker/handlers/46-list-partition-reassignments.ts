import { messages } from '../../protocol/messages.ts';
import { defineHandler } from '../call.ts';
import { ErrorCode } from '../error-code.ts';

/** One node: nothing is ever moved. */
export const listPartitionReassignments = defineHandler(messages.listPartitionReassignments, () => ({
  throttleTimeMs: 0,
  errorCode: ErrorCode.NONE,
  errorMessage: null,
  topics: [],
}));
