import type {
  FindCoordinatorRequest,
  FindCoordinatorResponseInit,
} from '../../protocol/generated/find-coordinator.ts';
import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type Call, defineHandler } from './call.ts';

const groupKeyType = 0;
const transactionKeyType = 1;
/** Several keys in one request since this version. */
const keysFrom = 4;

/** The one node coordinates every group and transaction; other kinds of coordinators are refused in words. */
export const findCoordinator = defineHandler(
  messages.findCoordinator,
  ['DESCRIBE GROUP', 'DESCRIBE TRANSACTIONAL_ID'],
  work,
);

async function work(request: FindCoordinatorRequest, call: Call): Promise<FindCoordinatorResponseInit> {
  const fault = await check(request.keyType, call);
  const { nodeId } = call.broker.settings;
  const place = fault === null ? { nodeId, ...call.endpoint } : { nodeId: -1, host: '', port: -1 };
  // The words of no error are Kafka's own.
  const noFault = call.version < keysFrom ? 'NONE' : '';
  const error = { errorCode: fault?.errorCode ?? ErrorCode.NONE, errorMessage: fault?.message ?? noFault };
  if (call.version < keysFrom) return { ...place, ...error };
  return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...place, ...error })) };
}

async function check(keyType: number, call: Call): Promise<{ errorCode: number; message: string } | null> {
  const { groups, transactions } = call.broker;
  if (keyType !== groupKeyType && keyType !== transactionKeyType) {
    return {
      errorCode: ErrorCode.INVALID_REQUEST,
      message: `coordinators of type ${keyType} are not served`,
    };
  }
  try {
    await (keyType === groupKeyType ? groups : transactions).ready();
    return null;
  } catch (error) {
    return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, message: errorText(error) };
  }
}
