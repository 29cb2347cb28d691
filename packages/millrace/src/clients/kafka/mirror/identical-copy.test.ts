import { afterEach, expect, it } from 'vitest';
import { MirrorSide } from '../../../../../testkit/src/kafka/mirror-cases.ts';
import { waitFor } from '../../../../../testkit/src/process/wait.ts';
import { Broker } from '../../../broker/index.ts';
import { BatchBuilder } from '../../../records/batch-builder.ts';
import { readBatchHeader } from '../../../records/batch-header.ts';
import { sealBatch } from '../../../records/seal.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import type { RawBatch } from '../consumer/fetched-records.ts';
import { type CopyContext, IdenticalCopy } from './identical-copy.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** The record at an offset, as the source has it. */
function rawAt(offset: number): RawBatch {
  const builder = new BatchBuilder();
  builder.add(`${offset}`);
  const { header, records } = sealBatch(builder.build(), { baseOffset: offset });
  const bytes = Buffer.concat([header, records]);
  return {
    ...{ bytes, at: 0, sizeBytes: bytes.length, baseOffset: offset, nextOffset: offset + 1 },
    logAppendTime: false,
  };
}

it('sends from where the target ends when a connection comes that was waited for before', async () => {
  const broker = await Broker.start();
  endings.push(() => broker.stop());
  const side = new MirrorSide(broker.bootstrapServers);
  endings.push(() => side.client.close());
  await side.create({ topic: 't', partitions: 1 });
  await side.client.refreshTopics(['t']);
  const asked: { sequence: number; answer: PromiseWithResolvers<unknown> }[] = [];
  const connection = {
    request: (_: unknown, { topicData }: { topicData: [{ partitionData: [{ records: [Buffer] }] }] }) => {
      const answer = Promise.withResolvers<unknown>();
      const [header] = topicData[0].partitionData[0].records;
      asked.push({ sequence: readBatchHeader(header, 0).baseSequence, answer });
      return answer.promise;
    },
  };
  let gate = Promise.resolve();
  const opened = side.client.connection.bind(side.client);
  side.client.connection = (async (node: number, purpose: string) => {
    if (purpose !== 'mirror') return await opened(node, purpose);
    await gate;
    return connection;
  }) as never;
  const stop = new AbortController();
  endings.push(() => stop.abort());
  const seeks: number[] = [];
  const gaps: string[] = [];
  const context: CopyContext = {
    ...{ to: side.client, admin: side.admin, requestTimeoutMs: 5000, signal: stop.signal },
    ...{ producer: { producerId: 1, epoch: 0 }, waitingBytes: 0, maxWaitingBytes: 1e9 },
    seek: (_, offset) => seeks.push(offset),
    changed: () => {},
    newProducer: async () => ({ producerId: 2, epoch: 0 }),
    onGap: (_, gap) => gaps.push(gap.message),
  };
  const copy = new IdenticalCopy(context, {
    ...{ topic: 't', partition: 0, next: 0, sourceStart: 0, trim: false },
  });
  const isAsked = (count: number) => waitFor(`request ${count}`, () => asked.length === count);
  copy.offer(rawAt(0));
  await isAsked(1);
  const partitionResponses = [{ index: 0, errorCode: 0, errorMessage: null, baseOffset: 0 }];
  asked[0]!.answer.resolve({ responses: [{ name: 't', partitionResponses }] });
  await waitFor('its answer', () => copy.position === 1);
  copy.offer(rawAt(1));
  await isAsked(2);
  // The next connection takes its time; meanwhile what is under way fails, and the target is asked: it has nothing.
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  copy.offer(rawAt(2));
  asked[1]!.answer.reject(new MillraceError('KAFKA_CONNECTION', 'cut', { retryable: true }));
  await waitFor('a look at the target', () => seeks.length === 1);
  expect(seeks).toEqual([0]);
  for (const offset of [0, 1, 2]) copy.offer(rawAt(offset));
  resolve();
  await waitFor('what comes then', () => asked.length > 2 || gaps.length > 0);
  expect([asked[2]?.sequence, gaps, copy.failure]).toEqual([0, [], null]);
});
