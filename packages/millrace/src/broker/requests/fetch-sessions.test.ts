import { beforeEach, describe, expect, test } from 'vitest';
import { ErrorCode } from '../core/error-code.ts';
import { type FetchContext, type FetchRequestSession, FetchSessions } from './fetch-sessions.ts';

let sessions: FetchSessions;
let nextId: number;

beforeEach(() => {
  nextId = 100;
  sessions = new FetchSessions({ maxSessions: 2, evictionMs: 1000, newId: () => nextId++ });
});

function wanted(partition: number, fetchOffset = 0, topic = 't') {
  const fixed = { currentLeaderEpoch: -1, lastFetchedEpoch: -1, logStartOffset: -1, maxBytes: 1000 };
  return { topic, partition, fetchOffset, ...fixed };
}

function request(
  sessionId: number,
  sessionEpoch: number,
  partitions: number[],
  forgotten: number[] = [],
): FetchRequestSession {
  return {
    sessionId,
    sessionEpoch,
    usesTopicIds: false,
    partitions: partitions.map((partition) => wanted(partition)),
    forgotten: forgotten.map((partition) => ({ topic: 't', partition })),
  };
}

/** Answers every partition of the context the same way; returns which ones went into the answer. */
function answer(context: FetchContext, highWatermark: number, sizes: Record<number, number> = {}): number[] {
  return context.partitions
    .filter((partition) =>
      sessions.include(context, partition, {
        errorCode: 0,
        highWatermark,
        logStartOffset: 0,
        sizeBytes: sizes[partition.partition] ?? 0,
      }),
    )
    .map((partition) => partition.partition);
}

describe('FetchSessions', () => {
  test.each([5, 6, 9])(
    'all together remember no more than %i partitions: who finds no room fetches without a session',
    (most) => {
      sessions = new FetchSessions({
        maxSessions: 100,
        maxPartitions: most,
        evictionMs: 1000,
        newId: () => nextId++,
      });
      const ids = Array.from({ length: 5 }, () => sessions.begin(request(0, 0, [0, 1, 2]), 0).sessionId);
      expect(ids.filter((id) => id !== 0)).toHaveLength(Math.floor(most / 3));
      expect(sessions.partitionCount).toBeLessThanOrEqual(most);
      const grown = sessions.begin(request(100, 1, [3, 4, 5, 6, 7, 8, 9]), 1);
      expect(grown.errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
      expect(sessions.partitionCount).toBeLessThanOrEqual(most);
      expect(sessions.begin(request(0, 0, [0, 1, 2]), 5000).sessionId).not.toBe(0); // those of long ago go
    },
  );

  test('epoch 0 makes a session; later fetches answer only what changed', () => {
    const full = sessions.begin(request(0, 0, [0, 1, 2]), 0);
    expect(full).toMatchObject({ errorCode: 0, sessionId: 100, incremental: false });
    expect(answer(full, 5)).toEqual([0, 1, 2]);
    const second = sessions.begin(request(100, 1, []), 1);
    expect(second.incremental).toBe(true);
    expect(answer(second, 5)).toEqual([]);
    const third = sessions.begin(request(100, 2, []), 2);
    expect(answer(third, 6, { 1: 10 })).toEqual([0, 1, 2]);
    const fourth = sessions.begin(request(100, 3, []), 3);
    expect(answer(fourth, 6, { 2: 10 })).toEqual([2]);
  });

  test('a partition that got records goes to the end of the order', () => {
    answer(sessions.begin(request(0, 0, [0, 1, 2]), 0), 5, { 0: 10 });
    const next = sessions.begin(request(100, 1, []), 1);
    expect(next.partitions.map((each) => each.partition)).toEqual([1, 2, 0]);
  });

  test('updates move the offset, forgotten partitions go, new ones come', () => {
    answer(sessions.begin(request(0, 0, [0, 1]), 0), 5);
    const context = sessions.begin(
      { ...request(100, 1, [], [0]), partitions: [wanted(1, 77), wanted(9)] },
      1,
    );
    expect(context.partitions.map((each) => [each.partition, each.fetchOffset])).toEqual([
      [1, 77],
      [9, 0],
    ]);
    expect(answer(context, 5)).toEqual([9]);
  });

  test('an error is answered again and again until it is gone', () => {
    const context = sessions.begin(request(0, 0, [0]), 0);
    const failed = {
      errorCode: ErrorCode.OFFSET_OUT_OF_RANGE,
      highWatermark: 5,
      logStartOffset: 0,
      sizeBytes: 0,
    };
    sessions.include(context, context.partitions[0]!, failed);
    const next = sessions.begin(request(100, 1, []), 1);
    expect(answer(next, 5)).toEqual([0]);
    expect(answer(sessions.begin(request(100, 2, []), 1), 5)).toEqual([]);
  });

  test('an unknown session is error 70, a wrong epoch 71, ids instead of names 106', () => {
    expect(sessions.begin(request(5, 1, []), 0).errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
    sessions.begin(request(0, 0, [0]), 0);
    expect(sessions.begin(request(100, 2, []), 0).errorCode).toBe(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    expect(sessions.begin({ ...request(100, 1, []), usesTopicIds: true }, 0).errorCode).toBe(
      ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
    );
  });

  test('epoch -1 closes the session, epoch 0 replaces it', () => {
    sessions.begin(request(0, 0, [0]), 0);
    expect(sessions.begin(request(100, -1, [0]), 0)).toMatchObject({ sessionId: 0, incremental: false });
    expect(sessions.size).toBe(0);
    sessions.begin(request(0, 0, [0]), 0);
    expect(sessions.begin(request(101, 0, [0]), 0).sessionId).toBe(102);
    expect(sessions.size).toBe(1);
  });

  test('a full cache gives no session until one has been idle for the eviction time', () => {
    sessions.begin(request(0, 0, [0]), 0);
    sessions.begin(request(0, 0, [0]), 500);
    expect(sessions.begin(request(0, 0, [0]), 999).sessionId).toBe(0);
    expect(sessions.begin(request(0, 0, [0]), 1000).sessionId).toBe(102);
    expect(sessions.begin(request(100, 1, []), 1000).errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  });

  test('a session that loses its last partition ends', () => {
    sessions.begin(request(0, 0, [0]), 0);
    expect(sessions.begin(request(100, 1, [], [0]), 1).sessionId).toBe(0);
    expect(sessions.size).toBe(0);
  });
});
