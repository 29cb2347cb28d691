import type {
  FetchableTopicResponseInit,
  FetchRequest,
  FetchResponseInit,
  PartitionDataInit,
} from '../../protocol/generated/fetch.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type Call, defineHandler } from './call.ts';
import {
  discard,
  type FetchRead,
  type PartitionRead,
  type ReadManner,
  readAll,
  readCommitted,
} from './fetch-read.ts';
import type { FetchContext, FetchPartitionInput } from './fetch-sessions.ts';
import { FetchWait } from './fetch-wait.ts';
import { Ask } from './guards/guard.ts';

/** Records of an answer when the budget for answers is spent. */
const smallAnswerBytes = 64 << 10;
/** Topics have been known by id alone since this version. */
const idsFrom = 13;

/**
 * Long poll: answers as soon as `min_bytes` are there or something failed, at the latest after `max_wait_ms`. Records
 * are the bytes of the log as they are.
 */
export const fetch = defineHandler(messages.fetch, ['READ TOPIC'], work, { waitsForOthers: true });

async function work(request: FetchRequest, call: Call): Promise<FetchResponseInit> {
  const { broker, version } = call;
  const { settings, fetchSessions, pendingAnswers } = broker;
  if (Math.max(request.replicaId, request.replicaState.replicaId) >= 0) {
    // Only brokers are replicas; a client that says so would be shown what it must not see (CVE-2018-1288).
    return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, responses: [] };
  }
  const usesTopicIds = version >= idsFrom;
  const context = fetchSessions.begin(
    { ...sessionPart(request, usesTopicIds), usesTopicIds },
    settings.now(),
  );
  if (context.errorCode !== ErrorCode.NONE) return { errorCode: context.errorCode, responses: [] };

  const ask = broker.acls === null ? null : new Ask(broker.acls.authorizer, call);
  const mayRead = ask === null ? null : (topic: string) => ask.may('READ', 'TOPIC', topic);
  const deadline = performance.now() + Math.max(0, request.maxWaitMs);
  const begun = performance.now();
  while (mustWait(call) && performance.now() - begun < settings.slowClientTimeoutMs) {
    await pendingAnswers.whenLeft(settings.slowClientTimeoutMs);
  }
  const manner = { usesTopicIds, readsCommitted: request.isolationLevel === readCommitted };
  let read = readAll(broker, context, manner, maxBytesOf(request, broker), mayRead);
  const waitMs = deadline - performance.now();
  if (read.sizeBytes < request.minBytes && !read.hasError && waitMs > 0 && context.partitions.length > 0) {
    const missing = request.minBytes - read.sizeBytes;
    discard(read, broker.buffers);
    await waitForMore(context, manner, missing, waitMs, call);
    read = readAll(broker, context, manner, maxBytesOf(request, broker), mayRead);
  }
  // Until the connection has the answer, which it has within this turn, nobody else may count on these bytes.
  pendingAnswers.take(read.sizeBytes);
  setImmediate(() => pendingAnswers.give(read.sizeBytes));
  return toResponse(read, context, call);
}

/**
 * While the budget is spent, a client that has not taken what it was given waits, and the others get small answers:
 * clients that never read hold up nobody but themselves. Far beyond the budget everybody waits.
 */
function mustWait({ broker, isOwed }: Call): boolean {
  const { pendingAnswers } = broker;
  return pendingAnswers.isSpent && (isOwed() || pendingAnswers.isOverdrawn);
}

/** The less is left of the budget, the smaller the answers: some of it is always left for the next client. */
function maxBytesOf(request: FetchRequest, { settings, pendingAnswers }: Call['broker']): number {
  const share = Math.max(smallAnswerBytes, Math.floor(pendingAnswers.left / 4));
  return Math.min(request.maxBytes, settings.fetchMaxBytes, share);
}

function sessionPart(request: FetchRequest, usesTopicIds: boolean) {
  const { sessionId, sessionEpoch } = request;
  const partitions: FetchPartitionInput[] = [];
  for (const topic of request.topics) {
    for (const each of topic.partitions) {
      partitions.push({
        topic: usesTopicIds ? topic.topicId : topic.topic,
        partition: each.partition,
        currentLeaderEpoch: each.currentLeaderEpoch,
        fetchOffset: each.fetchOffset,
        lastFetchedEpoch: each.lastFetchedEpoch,
        logStartOffset: each.logStartOffset,
        maxBytes: each.partitionMaxBytes,
      });
    }
  }
  const forgotten = request.forgottenTopicsData.flatMap((topic) =>
    topic.partitions.map((partition) => ({ topic: usesTopicIds ? topic.topicId : topic.topic, partition })),
  );
  return { sessionId, sessionEpoch, partitions, forgotten };
}

async function waitForMore(
  context: FetchContext,
  { usesTopicIds, readsCommitted }: ReadManner,
  needBytes: number,
  waitMs: number,
  call: Call,
): Promise<void> {
  const { topics } = call.broker;
  const partitions = context.partitions.flatMap(({ topic, partition }) => {
    const found = (usesTopicIds ? topics.byId(topic) : topics.byName(topic))?.partitions[partition];
    return found === undefined ? [] : [found];
  });
  const wait = new FetchWait(partitions, needBytes, waitMs, readsCommitted);
  const forget = call.onClosed(() => wait.end());
  await wait.done;
  forget();
}

function toResponse(read: FetchRead, context: FetchContext, call: Call): FetchResponseInit {
  const { fetchSessions } = call.broker;
  const responses: { topic?: string; topicId?: string; partitions: PartitionDataInit[] }[] = [];
  const byTopic = new Map<string, PartitionDataInit[]>();
  for (const each of read.reads) {
    const { asked, errorCode, highWatermark, logStartOffset, records } = each;
    const result = { errorCode, highWatermark, logStartOffset, sizeBytes: records.length };
    if (!fetchSessions.include(context, asked, result)) continue;
    let partitions = byTopic.get(asked.topic);
    if (partitions === undefined) {
      partitions = [];
      byTopic.set(asked.topic, partitions);
      responses.push(
        call.version >= idsFrom ? { topicId: asked.topic, partitions } : { topic: asked.topic, partitions },
      );
    }
    partitions.push(toPartition(each, call.version));
  }
  const topics: readonly FetchableTopicResponseInit[] = responses;
  return call.version >= 7 ? { sessionId: context.sessionId, responses: topics } : { responses: topics };
}

function toPartition(read: PartitionRead, version: number): PartitionDataInit {
  return {
    partitionIndex: read.asked.partition,
    errorCode: read.errorCode,
    highWatermark: read.highWatermark,
    lastStableOffset: read.lastStableOffset,
    ...(version >= 5 ? { logStartOffset: read.logStartOffset } : {}),
    abortedTransactions: read.abortedTransactions,
    records: read.records,
  };
}
