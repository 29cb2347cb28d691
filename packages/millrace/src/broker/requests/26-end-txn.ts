import { messages } from '../../protocol/messages.ts';
import { defineHandler } from './call.ts';
import { fencedBefore } from './transaction-errors.ts';

/** Clients know PRODUCER_FENCED since this version. */
const fencedFrom = 2;
/** By this version a client says that it goes by `transaction.version` 2: the end raises the epoch. */
const raisesFrom = 5;

export const endTxn = defineHandler(
  messages.endTxn,
  ['WRITE TRANSACTIONAL_ID'],
  async ({ transactionalId, committed, ...producer }, { broker, version }) => {
    const raises = version >= raisesFrom;
    const answer = await broker.transactions.end(transactionalId, producer, committed, raises ? 2 : 1);
    const errorCode = fencedBefore(fencedFrom, version, answer.errorCode);
    return { throttleTimeMs: 0, ...(raises ? answer : {}), errorCode };
  },
);
