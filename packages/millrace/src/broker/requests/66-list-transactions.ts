import type {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../protocol/generated/list-transactions.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type Transaction, transactionStatuses } from '../transactions/transaction.ts';
import { type Call, defineHandler } from './call.ts';
import { linearPattern } from './linear-pattern.ts';

/** Names of states that Kafka knows and that no transaction here ever is in. */
const unusedStatuses = ['Dead', 'PrepareEpochFence'];

export const listTransactions = defineHandler(messages.listTransactions, ['DESCRIBE TRANSACTIONAL_ID'], work);

async function work(request: ListTransactionsRequest, { broker }: Call): Promise<ListTransactionsResponse> {
  const { stateFilters, transactionalIdPattern } = request;
  const unknownStateFilters = stateFilters.filter(
    (name) => !Object.hasOwn(transactionStatuses, name) && !unusedStatuses.includes(name),
  );
  const none = { throttleTimeMs: 0, unknownStateFilters, transactionStates: [] };
  const pattern =
    transactionalIdPattern === null || transactionalIdPattern === ''
      ? null
      : linearPattern(transactionalIdPattern);
  if (pattern === undefined)
    return { ...none, unknownStateFilters: [], errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION };
  const all = await broker.transactions.list();
  if (typeof all === 'number') return { ...none, errorCode: all };
  const now = broker.settings.now();
  const found = all.filter((each) => fits(each, request, pattern, now));
  const transactionStates = found.map(({ transactionalId, producerId, status }) => ({
    transactionalId,
    producerId,
    transactionState: status,
  }));
  return { ...none, errorCode: ErrorCode.NONE, transactionStates };
}

function fits(
  { transactionalId, producerId, status, startedAt }: Transaction,
  { producerIdFilters, stateFilters, durationFilter }: ListTransactionsRequest,
  pattern: RegExp | null,
  now: number,
): boolean {
  if (producerIdFilters.length > 0 && !producerIdFilters.includes(producerId)) return false;
  if (stateFilters.length > 0 && !stateFilters.includes(status)) return false;
  if (durationFilter >= 0 && now - startedAt <= durationFilter) return false;
  return pattern === null || pattern.test(transactionalId);
}
