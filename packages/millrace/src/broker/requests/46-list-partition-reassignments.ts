import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

/** One node: nothing is ever moved. */
export const listPartitionReassignments = defineHandler(
  messages.listPartitionReassignments,
  ['DESCRIBE CLUSTER'],
  () => ({
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    topics: [],
  }),
);
