import { kafkaErrorOf } from '../../protocol/error-codes.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type RequestFault, refuse } from '../core/fault.ts';

/** What a client of a request before the version that knows PRODUCER_FENCED is told in its place, as by Kafka. */
export function fencedBefore(knownFrom: number, version: number, errorCode: number): number {
  const isNews = errorCode === ErrorCode.PRODUCER_FENCED && version < knownFrom;
  return isNews ? ErrorCode.INVALID_PRODUCER_EPOCH : errorCode;
}

/**
 * What a producer is told whose batch or offsets may not go into the transaction (AddPartitionsToTxnManager,
 * ReplicaManager). `knowsAbortable`: it knows TRANSACTION_ABORTABLE; `knowsConcurrent`: it tries CONCURRENT_TRANSACTIONS
 * again by itself. `later`: what stands for all that is worth another try.
 */
export function admissionFault(
  errorCode: number,
  { knowsAbortable, knowsConcurrent, later }: AdmissionManner,
): RequestFault {
  switch (errorCode) {
    case ErrorCode.PRODUCER_FENCED:
      return refuse(ErrorCode.INVALID_PRODUCER_EPOCH, 'another producer has the transactional id by now');
    case ErrorCode.TRANSACTION_ABORTABLE:
      return refuse(
        knowsAbortable ? ErrorCode.TRANSACTION_ABORTABLE : ErrorCode.INVALID_TXN_STATE,
        'the partition was not added to the transaction',
      );
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      if (knowsConcurrent) return refuse(errorCode, 'the transaction before is not complete yet');
      break;
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      break;
    default:
      return refuse(errorCode, 'the transaction does not take it');
  }
  const { name } = kafkaErrorOf(errorCode);
  return refuse(later, `it is not known whether the partition was added to the transaction: ${name}`);
}

export interface AdmissionManner {
  readonly knowsAbortable: boolean;
  readonly knowsConcurrent: boolean;
  readonly later: number;
}
