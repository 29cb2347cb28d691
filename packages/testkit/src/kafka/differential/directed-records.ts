/** Directed cases of records: how they are taken, found by time and fetched. */

import { batchOf, type Cases, offsets, produce, type RecordGiven, range } from './directed-steps.ts';
import { batchKinds, recordTime } from './draw-pools.ts';

export const recordCases: Cases = {
  'batches of all kinds': async (peer) => {
    for (const policy of ['delete', 'compact']) {
      for (const [i, make] of Object.values(batchKinds).entries()) {
        if (make() === null) continue;
        const topic = `kinds-${policy}-${i}`;
        await peer.topic(topic, 1, { 'cleanup.policy': policy });
        for (const version of [3, 8, 9, 13]) await produce(peer, topic, make(), { version });
      }
    }
  },
  'more in-sync replicas asked for than there are': async (peer) => {
    await peer.topic('min-isr', 1, { 'min.insync.replicas': '2' });
    for (const acks of [-1, 1]) await produce(peer, 'min-isr', batchOf([{}]), { acks });
  },
  'records without a key for a compacted topic': async (peer) => {
    await peer.topic('keys', 1, { 'cleanup.policy': 'compact' });
    const records = range(0, 99).map((i) => ({ key: i % 10 === 3 ? null : `key ${i}` }));
    for (const version of [7, 8, 9, 13]) {
      await produce(peer, 'keys', batchOf(records), { version });
      await produce(peer, 'keys', batchOf(records, { compression: 'gzip' }), { version, acks: 1 });
    }
    await offsets(peer, 'keys', [-1]);
  },
  'timestamps out of range': async (peer) => {
    const bounds = {
      'message.timestamp.before.max.ms': '3600000',
      'message.timestamp.after.max.ms': '3600000',
    };
    await peer.topic('times', 1, bounds);
    await peer.topic('times-and-keys', 1, { ...bounds, 'cleanup.policy': 'compact' });
    const now = Date.now();
    const off = { early: now - 7_200_000, late: now + 7_200_000, none: -1 };
    const lists: RecordGiven[][] = [
      [{ timestamp: now }, { timestamp: off.early }, { timestamp: now }],
      [{ timestamp: now }, { timestamp: off.late }, { timestamp: now }],
      [{ timestamp: off.early }, { timestamp: now }, { timestamp: off.late }],
      [{ timestamp: off.none }, { timestamp: now }],
      [{ timestamp: now }, { timestamp: now, key: null }],
      [{ timestamp: now, key: null }, { timestamp: off.early }, { timestamp: off.early, key: null }],
    ];
    for (const topic of ['times', 'times-and-keys']) {
      for (const list of lists) await produce(peer, topic, batchOf(list));
      await offsets(peer, topic, [-1]);
    }
  },
  'offsets by time': async (peer) => {
    await peer.topic('by-time');
    const at = (...seconds: number[]) => seconds.map((each) => ({ timestamp: recordTime + each }));
    await offsets(peer, 'by-time', [-3]);
    await produce(peer, 'by-time', batchOf(at(1000, 3000, 2000)));
    await produce(peer, 'by-time', batchOf(at(500, 2500, 2999), { compression: 'gzip' }));
    for (const version of range(1, 11)) {
      for (const timestamp of [
        -7,
        -6,
        -5,
        -4,
        -3,
        -2,
        -1,
        0,
        recordTime + 1001,
        recordTime + 3000,
        recordTime + 3001,
      ])
        await offsets(peer, 'by-time', [timestamp], version);
      await offsets(peer, 'by-time', [-1, -2], version);
      await offsets(peer, 'by-time', [-1, -1], version, 7);
    }
    await peer.ask('deleteRecords', 2, {
      topics: [{ name: 'by-time', partitions: [{ partitionIndex: 0, offset: 2 }] }],
      timeoutMs: 5000,
    });
    for (const timestamp of [-3, -2, 0]) await offsets(peer, 'by-time', [timestamp]);
  },
  'an acknowledged record is there at once': async (peer) => {
    await peer.topic('acked');
    for (const i of range(1, 20)) {
      await produce(peer, 'acked', batchOf([{}]), { acks: 1 });
      await offsets(peer, 'acked', [-1]);
      await peer.ask('deleteRecords', 2, {
        topics: [{ name: 'acked', partitions: [{ partitionIndex: 0, offset: i }] }],
        timeoutMs: 5000,
      });
    }
  },
  'producer ids': async (peer) => {
    for (const [producerId, producerEpoch] of [
      [-1, -1],
      [5, -1],
      [-1, 5],
      [5, 5],
      [-2, -2],
    ] as const) {
      await peer.ask('initProducerId', 4, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
        producerId,
        producerEpoch,
      });
    }
  },
  'ends of leader epochs': async (peer) => {
    await peer.topic('epochs');
    for (const records of [null, batchOf([{}])]) {
      if (records !== null) await produce(peer, 'epochs', records);
      for (const leaderEpoch of [-2, -1, 0, 1]) {
        await peer.ask('offsetForLeaderEpoch', 4, {
          replicaId: -2,
          topics: [{ topic: 'epochs', partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch }] }],
        });
      }
    }
  },
  'fetch sessions': async (peer) => {
    await peer.topic('sessions', 3);
    const partition = (index: number) => ({
      partition: index,
      currentLeaderEpoch: -1,
      fetchOffset: 0,
      logStartOffset: -1,
      partitionMaxBytes: 1 << 20,
    });
    const ask = (sessionId: number, sessionEpoch: number, asked: number[], forgotten: number[] = []) =>
      peer.ask('fetch', 11, {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 1 << 20,
        sessionId,
        sessionEpoch,
        topics: asked.length === 0 ? [] : [{ topic: 'sessions', partitions: asked.map(partition) }],
        forgottenTopicsData: forgotten.length === 0 ? [] : [{ topic: 'sessions', partitions: forgotten }],
        rackId: '',
      });
    const { sessionId } = await ask(0, 0, [0, 1]);
    await ask(sessionId, 1, []);
    await produce(peer, 'sessions', batchOf([{}]));
    await ask(sessionId, 2, []);
    await ask(sessionId, 3, [2], [0]);
    await ask(sessionId, 9, []);
    await ask(sessionId, -1, []);
    await ask(1, 4, []);
  },
};
