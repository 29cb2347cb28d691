import type { ProduceRequest, ProduceResponseInit } from '../../../protocol/generated/produce.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { type Guard, inPart, mayTopic, parted, passed, refusals, refused, topicName } from './guard.ts';

/** Topics have been known by id alone since this version. */
const produceIdsFrom = 13;
const { topic: topicRefusal, cluster: clusterRefusal, transaction: transactionRefusal } = refusals;

export const produce: Guard<'produce'> = (request, ask, call) => {
  const byId = call.version >= produceIdsFrom;
  const { transactionalId, topicData } = request;
  if (transactionalId !== null && !ask.may('WRITE', 'TRANSACTIONAL_ID', transactionalId))
    return refused(produceAnswer(topicData, transactionRefusal, byId, request.acks));
  const [allowed, others] = parted(topicData, (topic) =>
    mayTopic(ask, 'WRITE', topicName(topic, byId, call)),
  );
  if (others.length === 0) return passed(request);
  return {
    request: allowed.length === 0 ? null : { ...request, topicData: allowed },
    finish(response) {
      const refusal = produceAnswer(others, topicRefusal, byId, request.acks);
      return { ...response, responses: [...(response?.responses ?? []), ...refusal.responses] };
    },
  };
};

function produceAnswer(
  topics: ProduceRequest['topicData'],
  { errorCode, errorMessage }: { readonly errorCode: number; readonly errorMessage: string },
  byId: boolean,
  acks: number,
): ProduceResponseInit {
  // There is no place for an error: as in Kafka the connection is closed, so that the producer notices.
  if (acks === 0) throw new MillraceError('KAFKA', `produce with acks=0: ${errorMessage}`);
  return {
    responses: topics.map(({ name, topicId, partitionData }) => ({
      ...(byId ? { topicId } : { name }),
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode,
        errorMessage,
        baseOffset: -1,
      })),
    })),
  };
}

/** Each fetch of a session asks anew (fetch-read.ts): a session outlives what was allowed at its beginning. */
export const fetch: Guard<'fetch'> = (request) => passed(request);

export const listOffsets: Guard<'listOffsets'> = (request, ask) => {
  const [allowed, others] = parted(request.topics, ({ name }) => ask.may('DESCRIBE', 'TOPIC', name));
  if (others.length === 0) return passed(request);
  const { errorCode } = topicRefusal;
  const refusal = others.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode,
      timestamp: -1,
      offset: -1,
    })),
  }));
  return inPart(request, 'topics', allowed, { topics: refusal }, 'topics');
};

export const offsetForLeaderEpoch: Guard<'offsetForLeaderEpoch'> = (request, ask) => {
  if (ask.mayCluster('CLUSTER_ACTION')) return passed(request);
  const [allowed, others] = parted(request.topics, ({ topic }) => ask.may('DESCRIBE', 'TOPIC', topic));
  if (others.length === 0) return passed(request);
  const { errorCode } = topicRefusal;
  const refusal = others.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
  }));
  return inPart(request, 'topics', allowed, { topics: refusal }, 'topics');
};

export const deleteRecords: Guard<'deleteRecords'> = (request, ask) => {
  const [allowed, others] = parted(request.topics, ({ name }) => ask.may('DELETE', 'TOPIC', name));
  if (others.length === 0) return passed(request);
  const { errorCode } = topicRefusal;
  const refusal = others.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, lowWatermark: -1 })),
  }));
  return inPart(request, 'topics', allowed, { throttleTimeMs: 0, topics: refusal }, 'topics');
};

export const describeProducers: Guard<'describeProducers'> = (request, ask) => {
  const [allowed, others] = parted(request.topics, ({ name }) => ask.may('READ', 'TOPIC', name));
  if (others.length === 0) return passed(request);
  const refusal = others.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({
      partitionIndex,
      ...topicRefusal,
      activeProducers: [],
    })),
  }));
  return inPart(request, 'topics', allowed, { throttleTimeMs: 0, topics: refusal }, 'topics');
};

/** Whoever may write to some topic may have the id that a producer without transactions asks for (KIP-679). */
export const initProducerId: Guard<'initProducerId'> = (request, ask) => {
  const { transactionalId } = request;
  const isAllowed =
    transactionalId === null
      ? ask.mayCluster('IDEMPOTENT_WRITE') || ask.mayAny('WRITE', 'TOPIC')
      : ask.may('WRITE', 'TRANSACTIONAL_ID', transactionalId);
  if (isAllowed) return passed(request);
  const { errorCode } = transactionalId === null ? clusterRefusal : transactionRefusal;
  return refused({ errorCode, producerId: -1, producerEpoch: -1 });
};
