import { kafkaErrorOf } from '../../protocol/error-codes.ts';
import type {
  PartitionProduceData,
  PartitionProduceResponseInit,
  ProduceRequest,
  ProduceResponseInit,
  TopicProduceData,
} from '../../protocol/generated/produce.ts';
import { messages } from '../../protocol/messages.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { asStored, checkProduced } from '../append-check.ts';
import { type Call, defineHandler } from '../call.ts';
import { ErrorCode } from '../error-code.ts';
import { availability, type Partition } from '../partition.ts';
import type { Topic } from '../topics.ts';

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

/**
 * Appends, in the order of the request, and answers by `acks`: 0 never, 1 at once, -1 when all of it is on the device.
 * Versions 0 to 2 are advertised, as Kafka does, only because old librdkafka looks for them; they are not served.
 */
export const produce = defineHandler(messages.produce, work, {
  overlaps: true,
  keepsNothing: true,
  advertisedMin: 0,
});

function work(
  request: ProduceRequest,
  call: Call,
): ProduceResponseInit | null | Promise<ProduceResponseInit> {
  const { acks } = request;
  const refusal = refuse(request);
  const results = request.topicData.map((topic) => appendTopic(topic, acks, call, refusal));
  if (acks === 0) return noAnswer(results);
  if (acks === 1 || !call.broker.durable) return toResponse(results, call.version);
  return settle(results).then(() => toResponse(results, call.version));
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
  if (request.transactionalId !== null) {
    return { errorCode: ErrorCode.INVALID_REQUEST, message: 'transactions are not served by this broker' };
  }
  return null;
}

function appendTopic(
  data: TopicProduceData,
  acks: number,
  call: Call,
  refusal: { errorCode: number; message: string } | null,
): TopicResult {
  const { topics } = call.broker;
  const byId = call.version >= idsFrom;
  const topic = byId ? topics.byId(data.topicId) : topics.byName(data.name);
  const missing = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const partitions = data.partitionData.map((each) => {
    if (refusal !== null) return failed(each.index, refusal.errorCode, refusal.message);
    if (topic === undefined) return failed(each.index, missing, 'no such topic');
    return appendPartition(topic, each, acks, call);
  });
  return { name: data.name, topicId: data.topicId, partitions };
}

function appendPartition(
  topic: Topic,
  data: PartitionProduceData,
  acks: number,
  call: Call,
): PartitionResult {
  const partition = topic.partitions[data.index];
  const fault = availability(partition);
  if (fault !== ErrorCode.NONE || partition === undefined)
    return failed(
      data.index,
      fault,
      partition === undefined ? 'no such partition' : 'the partition is offline',
    );
  if (topic.internal) return failed(data.index, ErrorCode.INVALID_TOPIC_EXCEPTION, 'the topic is internal');
  const { config } = partition;
  if (acks === -1 && config.minInsyncReplicas > 1) {
    const message = `min.insync.replicas is ${config.minInsyncReplicas}, there is one replica`;
    return failed(data.index, ErrorCode.NOT_ENOUGH_REPLICAS, message);
  }
  const now = call.broker.settings.now();
  const checked = checkProduced(data.records, call.version, config, now);
  if ('errorCode' in checked) return failed(data.index, checked.errorCode, checked.message);
  const outcome = partition.append(asStored(checked, config, now));
  if ('message' in outcome) return failed(data.index, outcome.errorCode, outcome.message);
  return {
    partition,
    answer: {
      index: data.index,
      errorCode: ErrorCode.NONE,
      baseOffset: outcome.baseOffset,
      logAppendTimeMs: config.logAppendTime ? now : -1,
      logStartOffset: partition.log.startOffset,
    },
  };
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
