import { logFaultOf } from '../../log/faults.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { ErrorCode } from './error-code.ts';

/** Why a request, or a part of one, is refused: Kafka's error code and the words for a person. */
export interface RequestFault {
  readonly errorCode: number;
  readonly message: string;
}

export function refuse(errorCode: number, message: string): RequestFault {
  return { errorCode, message };
}

export function isFault(result: unknown): result is RequestFault {
  return typeof result === 'object' && result !== null && 'errorCode' in result && 'message' in result;
}

/**
 * The one mapping of what files, log and clients do wrong to what a client is told. Everything of the device is
 * KAFKA_STORAGE_ERROR, which clients try again: a read fault is repaired, a full disk and a want of descriptors heal.
 */
export function faultOf(error: unknown): RequestFault {
  return refuse(errorCodeOf(error), errorText(error));
}

function errorCodeOf(error: unknown): number {
  if (logFaultOf(error) !== null || hasSystemCode(error)) return ErrorCode.KAFKA_STORAGE_ERROR;
  if (!(error instanceof MillraceError)) return ErrorCode.UNKNOWN_SERVER_ERROR;
  switch (error.code) {
    case 'BATCH_CORRUPT':
    case 'COMPRESSION':
      return ErrorCode.CORRUPT_MESSAGE;
    case 'OFFSET_OUT_OF_RANGE':
      return ErrorCode.OFFSET_OUT_OF_RANGE;
    case 'PROTOCOL':
      return ErrorCode.INVALID_REQUEST;
    default:
      return ErrorCode.UNKNOWN_SERVER_ERROR;
  }
}

/** What Node throws for a failed call to the system has a code that is no number and no name of ours. */
function hasSystemCode(error: unknown): boolean {
  return error instanceof Error && !(error instanceof MillraceError) && 'code' in error;
}
