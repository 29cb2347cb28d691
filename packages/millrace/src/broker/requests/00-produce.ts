import { kafkaErrorOf } from '../../protocol/error-codes.ts';
import type {
  PartitionProduceData,
  PartitionProduceResponseInit,
  ProduceRequest,
  ProduceResponseInit,
  TopicProduceData,
} from '../../protocol/generated/produce.ts';
import { messages } from '../../protocol/messages.ts';
import { type BatchHeader, isTransactionalBatch } from '../../records/batch-header.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import {
  type AppendFault,
  asStored,
  type Checked,
  type CheckedBatch,
  checkProduced,
  OpenBudget,
} from '../storage/append-check.ts';
import { availability, type Partition } from '../storage/partition.ts';
import type { Topic } from '../storage/topics.ts';
import { type Call, defineHandler } from './call.ts';
import { type AdmissionManner, admissionFault } from './transaction-errors.ts';

/** A partition's part of the request: what was found of its batch, or the work that is left to find out. */
interface PartitionPlan {
  readonly index: number;
  readonly partition: Partition | null;
  checked: Checked | (() => Promise<Checked>);
}
interface TopicPlan {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly PartitionPlan[];
}
interface PartitionResult {
  answer: PartitionProduceResponseInit;
  /** Where the batch went, if it did. */
  readonly partition: Partition | null;
}
interface TopicResult {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: PartitionResult[];
}

/** Topics have been known by id alone since this version. */
const idsFrom = 13;
/** Clients know TRANSACTION_ABORTABLE since this version. */
const abortableFrom = 11;
/** By this version a client says that it goes by `transaction.version` 2: nobody added the partition before. */
const joinsFrom = 12;

/**
 * Appends, in the order of the request, and answers by `acks`: 0 never, 1 at once, -1 when all of it is on the device.
 * Versions 0 to 2 are advertised, as Kafka does, only because old librdkafka looks for them; they are not served.
 */
export const produce = defineHandler(messages.produce, ['WRITE TOPIC', 'WRITE TRANSACTIONAL_ID'], work, {
  overlaps: true,
  keepsNothing: true,
  advertisedMin: 0,
});

function work(
  request: ProduceRequest,
  call: Call,
): ProduceResponseInit | null | Promise<ProduceResponseInit | null> {
  const refusal = refuse(request);
  const budget = new OpenBudget(call.broker.settings.maxDecompressedBytes);
  const plans = request.topicData.map((topic) => planTopic(topic, call, refusal, budget));
  const { transactionalId } = request;
  if (call.appends.isIdle && !plans.some(isLeft) && !plans.some(isToJoin))
    return answer(
      plans.map((plan) => append(plan, transactionalId, call)),
      request.acks,
      call,
    );
  call.keepRequest();
  const appended = call.appends.run(async () => {
    for (const plan of plans) await finishChecks(plan, call);
    if (transactionalId !== null && plans.some(isToJoin)) await joinTransaction(transactionalId, plans, call);
    return plans.map((plan) => append(plan, transactionalId, call));
  });
  return appended.then((results) => answer(results, request.acks, call));
}

function answer(
  results: readonly TopicResult[],
  acks: number,
  call: Call,
): ProduceResponseInit | null | Promise<ProduceResponseInit> {
  if (acks === 0) return noAnswer(results);
  if (acks === 1 || !call.broker.durable) return toResponse(results, call.version);
  return settle(results).then(() => toResponse(results, call.version));
}

function isLeft({ partitions }: TopicPlan): boolean {
  return partitions.some(({ checked }) => typeof checked === 'function');
}

/** Does what was left of the checks, one batch after the other: so a connection has no more than one at a time. */
async function finishChecks({ partitions }: TopicPlan, call: Call): Promise<void> {
  for (const plan of partitions) {
    const { checked } = plan;
    if (typeof checked === 'function') plan.checked = await call.broker.opening.run(checked);
  }
}

/** With acks=0 there is no place for an error: as in Kafka the connection is closed, so that the producer notices. */
function noAnswer(results: readonly TopicResult[]): null {
  for (const { name, topicId, partitions } of results) {
    const failed = partitions.find(({ answer }) => answer.errorCode !== ErrorCode.NONE)?.answer;
    if (failed === undefined) continue;
    const where = `${name === '' ? topicId : name}-${failed.index}`;
    throw new MillraceError(
      'KAFKA',
      `produce with acks=0 to ${where}: ${kafkaErrorOf(failed.errorCode!).name}: ${failed.errorMessage}`,
    );
  }
  return null;
}

function refuse(request: ProduceRequest): { errorCode: number; message: string } | null {
  if (request.acks < -1 || request.acks > 1) {
    return {
      errorCode: ErrorCode.INVALID_REQUIRED_ACKS,
      message: `acks=${request.acks}; allowed are -1, 0 and 1`,
    };
  }
  return null;
}

/** Whether it has a batch that may begin its producer's transaction in the partition. */
function isToJoin({ partitions }: TopicPlan): boolean {
  return partitions.some(isPartitionToJoin);
}

function isPartitionToJoin({ partition, checked }: PartitionPlan): boolean {
  const batch = transactional(checked);
  if (batch === null || partition === null || partition.isOffline) return false;
  return !partition.producers.hasOpen(batch.producerId, batch.producerEpoch);
}

function transactional(checked: PartitionPlan['checked']): BatchHeader | null {
  return 'header' in checked && isTransactionalBatch(checked.header) ? checked.header : null;
}

/**
 * Before the first batch of a transaction in a partition the coordinator's log has that the partition belongs to it:
 * from version 12 on it is added here, else the producer has done that (KIP-890). What may not go in is not appended.
 */
async function joinTransaction(id: string, plans: readonly TopicPlan[], call: Call): Promise<void> {
  const joining = plans.flatMap(({ partitions }) => partitions.filter(isPartitionToJoin));
  await Promise.all(
    joining.map(async (plan) => {
      const errorCode = await join(id, plan, call);
      if (errorCode !== ErrorCode.NONE) plan.checked = admissionFault(errorCode, mannerOf(call));
    }),
  );
}

function join(id: string, { partition, checked }: PartitionPlan, { broker, version }: Call): Promise<number> {
  const { topic, index } = partition!;
  const { transactions } = broker;
  const producer = transactional(checked)!;
  return version >= joinsFrom
    ? transactions.addPartitions(id, producer, new Map([[topic, new Set([index])]]))
    : transactions.verify(id, producer, topic, index);
}

function mannerOf({ version }: Call): AdmissionManner {
  const [knowsAbortable, knowsConcurrent] = [version >= abortableFrom, version >= joinsFrom];
  return { knowsAbortable, knowsConcurrent, later: ErrorCode.NOT_ENOUGH_REPLICAS };
}

function planTopic(
  data: TopicProduceData,
  call: Call,
  refusal: AppendFault | null,
  budget: OpenBudget,
): TopicPlan {
  const { topics } = call.broker;
  const byId = call.version >= idsFrom;
  const topic = byId ? topics.byId(data.topicId) : topics.byName(data.name);
  const missing = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const partitions = data.partitionData.map((each): PartitionPlan => {
    const { index } = each;
    const partition = topic?.partitions[index] ?? null;
    if (topic === undefined) return { index, partition, checked: refused(missing, 'no such topic') };
    return { index, partition, checked: check(topic, each, refusal, call, budget) };
  });
  return { name: data.name, topicId: data.topicId, partitions };
}

function check(
  topic: Topic,
  data: PartitionProduceData,
  refusal: AppendFault | null,
  call: Call,
  budget: OpenBudget,
): PartitionPlan['checked'] {
  const partition = topic.partitions[data.index];
  const fault = availability(partition);
  if (fault !== ErrorCode.NONE || partition === undefined)
    return refused(fault, partition === undefined ? 'no such partition' : 'the partition is offline');
  const { config } = partition;
  const checked = checkProduced(data.records, call.version, config, call.broker.settings.now(), budget);
  // As in Kafka: first whether the bytes are a batch, then whether the request may append, then what its records say.
  if ('errorCode' in checked && checked.ofLog !== true) return checked;
  if (refusal !== null) return refusal;
  return topic.internal ? refused(ErrorCode.INVALID_TOPIC_EXCEPTION, 'the topic is internal') : checked;
}

function append(
  { name, topicId, partitions }: TopicPlan,
  transactionalId: string | null,
  call: Call,
): TopicResult {
  return {
    name,
    topicId,
    partitions: partitions.map((plan) => appendPartition(plan, transactionalId, call)),
  };
}

function appendPartition(
  { index, partition, checked }: PartitionPlan,
  transactionalId: string | null,
  call: Call,
): PartitionResult {
  if (typeof checked === 'function') throw new MillraceError('INTERNAL', 'appended before it was checked');
  if ('errorCode' in checked) return refusedBy(checked, index, partition);
  // It may have gone offline since it was looked at; a partition that is removed refuses by itself.
  if (partition === null || partition.isOffline)
    return failed(index, availability(partition ?? undefined), 'the partition is offline');
  const { config } = partition;
  const now = call.broker.settings.now();
  const kept = isTransactionalBatch(checked.header)
    ? keptOut(checked, partition, transactionalId, call)
    : null;
  if (kept !== null) return failed(index, kept.errorCode, kept.message);
  const outcome = partition.append(asStored(checked, config, now));
  if ('message' in outcome) {
    const isOfDevice = outcome.errorCode === ErrorCode.KAFKA_STORAGE_ERROR;
    return refusedBy(isOfDevice ? outcome : { ...outcome, ofLog: true }, index, partition);
  }
  return {
    partition,
    answer: {
      index,
      errorCode: ErrorCode.NONE,
      baseOffset: outcome.baseOffset,
      logAppendTimeMs: config.logAppendTime ? now : -1,
      logStartOffset: partition.log.startOffset,
    },
  };
}

/** What the log itself refuses is answered with where it starts, and with the records that are to blame (KIP-467). */
function refusedBy(fault: AppendFault, index: number, partition: Partition | null): PartitionResult {
  const { partition: none, answer } = failed(index, fault.errorCode, fault.message);
  if (fault.ofLog !== true || partition === null || partition.isOffline) return { partition: none, answer };
  const recordErrors = fault.records?.map((each) => ({
    batchIndex: each.index,
    batchIndexErrorMessage: each.message,
  }));
  const { startOffset: logStartOffset } = partition.log;
  return { partition: none, answer: { ...answer, logStartOffset, ...(recordErrors && { recordErrors }) } };
}

/** The transaction may have ended since the partition joined it. What was appended before is answered as ever. */
function keptOut(
  { header }: CheckedBatch,
  partition: Partition,
  transactionalId: string | null,
  call: Call,
): AppendFault | null {
  if (transactionalId === null)
    return refused(
      ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      'a transactional batch without a transactional id',
    );
  if (partition.producers.check(header).kind !== 'append') return null;
  const { topic, index } = partition;
  const errorCode = call.broker.transactions.admits(transactionalId, header, topic, index);
  return errorCode === ErrorCode.NONE ? null : admissionFault(errorCode, mannerOf(call));
}

function refused(errorCode: number, message: string): AppendFault {
  return { errorCode, message };
}

/** Waits until every partition that took something has it on the device; a failed sync becomes the partition's error. */
async function settle(results: readonly TopicResult[]): Promise<void> {
  const waits: Promise<void>[] = [];
  for (const { partitions } of results) {
    for (const result of partitions) {
      if (result.partition === null) continue;
      const wait = result.partition.flush().catch((error) => {
        const { index } = result.answer;
        result.answer = failed(index, ErrorCode.KAFKA_STORAGE_ERROR, errorText(error)).answer;
      });
      waits.push(wait);
    }
  }
  await Promise.all(waits);
}

function failed(index: number, errorCode: number, message: string): PartitionResult {
  return { partition: null, answer: { index, errorCode, baseOffset: -1, errorMessage: message } };
}

function toResponse(results: readonly TopicResult[], version: number): ProduceResponseInit {
  return {
    responses: results.map(({ name, topicId, partitions }) => {
      const partitionResponses = partitions.map((result) => result.answer);
      return version >= idsFrom ? { topicId, partitionResponses } : { name, partitionResponses };
    }),
  };
}
