/** Against a client that was written apart from Kafka's definitions: it sends what we read, it reads what we send. */
import * as kafka from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import {
  messages,
  type RequestInitOf,
  type ResponseInitOf,
} from '../../packages/millrace/src/protocol/messages.ts';
import { Reader } from '../../packages/millrace/src/protocol/reader.ts';
import { ZERO_UUID } from '../../packages/millrace/src/protocol/uuid.ts';
import { Writer } from '../../packages/millrace/src/protocol/writer.ts';

function bytesOf(write: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  write(writer);
  return writer.toBuffer();
}

describe('requests that it sends', () => {
  const partition = {
    partitionIndex: 2,
    committedOffset: 77,
    committedLeaderEpoch: 3,
    committedMetadata: 'm',
  };
  const commit: RequestInitOf<'offsetCommit'> = {
    groupId: 'g',
    generationIdOrMemberEpoch: 4,
    memberId: 'm-1',
    topics: [{ name: 'events', partitions: [partition] }],
  };
  const join: RequestInitOf<'joinGroup'> = {
    ...{ groupId: 'g', sessionTimeoutMs: 6000, rebalanceTimeoutMs: 9000, memberId: '', groupInstanceId: 'i' },
    ...{
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from([1, 2]) }],
      reason: 'why',
    },
  };
  const topic = {
    name: 't',
    numPartitions: 3,
    replicationFactor: -1,
    assignments: [],
    configs: [{ name: 'a', value: 'b' }],
  };

  it.each([
    [
      'Metadata 12',
      kafka.metadataV12.createRequest(['a', 'b']),
      (w: Writer) =>
        messages.metadata.encodeRequest(
          w,
          { topics: [{ name: 'a' }, { name: 'b' }], allowAutoTopicCreation: true },
          12,
        ),
    ],
    [
      'ApiVersions 4',
      kafka.apiVersionsV4.createRequest('client', '1.2'),
      (w: Writer) =>
        messages.apiVersions.encodeRequest(
          w,
          { clientSoftwareName: 'client', clientSoftwareVersion: '1.2' },
          4,
        ),
    ],
    [
      'Heartbeat 4',
      kafka.heartbeatV4.createRequest('g', 5, 'm', null),
      (w: Writer) => messages.heartbeat.encodeRequest(w, { groupId: 'g', generationId: 5, memberId: 'm' }, 4),
    ],
    [
      'JoinGroup 9',
      kafka.joinGroupV9.createRequest(
        'g',
        6000,
        9000,
        '',
        'i',
        'consumer',
        [{ name: 'range', metadata: Buffer.from([1, 2]) }],
        'why',
      ),
      (w: Writer) => messages.joinGroup.encodeRequest(w, join, 9),
    ],
    [
      'OffsetCommit 9',
      kafka.offsetCommitV9.createRequest('g', 4, 'm-1', null, [
        { name: 'events', partitions: [{ ...partition, committedOffset: 77n }] },
      ]),
      (w: Writer) => messages.offsetCommit.encodeRequest(w, commit, 9),
    ],
    [
      'CreateTopics 7',
      kafka.createTopicsV7.createRequest([topic], 1000, true),
      (w: Writer) =>
        messages.createTopics.encodeRequest(w, { topics: [topic], timeoutMs: 1000, validateOnly: true }, 7),
    ],
    [
      'InitProducerId 5',
      kafka.initProducerIdV5.createRequest('tx', 60000, -1n, -1),
      (w: Writer) =>
        messages.initProducerId.encodeRequest(w, { transactionalId: 'tx', transactionTimeoutMs: 60000 }, 5),
    ],
    [
      'FindCoordinator 6',
      kafka.findCoordinatorV6.createRequest(1, ['x', 'y']),
      (w: Writer) =>
        messages.findCoordinator.encodeRequest(w, { keyType: 1, coordinatorKeys: ['x', 'y'] }, 6),
    ],
  ] as const)('%s: the same bytes', (_name, theirs, write) => {
    expect(bytesOf(write).toString('hex')).toBe(theirs.buffer.toString('hex'));
  });

  it('Produce 11: its record batch is the view we hand on', () => {
    const sent = [
      { topic: 'events', partition: 1, key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 5n },
    ];
    const bytes = kafka.produceV11.createRequest(-1, 500, sent).buffer;
    const reader = new Reader(bytes);
    const request = messages.produce.decodeRequest(reader, 11);
    expect(reader.remaining).toBe(0);
    expect(request).toMatchObject({
      acks: -1,
      timeoutMs: 500,
      transactionalId: null,
      topicData: [{ name: 'events' }],
    });
    const [partitionData] = request.topicData[0]!.partitionData;
    expect(partitionData).toMatchObject({ index: 1 });
    // The batch's own length field, and magic 2.
    expect(partitionData!.records!.readInt32BE(8)).toBe(partitionData!.records!.length - 12);
    expect(partitionData!.records![16]).toBe(2);
    expect(bytesOf((w) => messages.produce.encodeRequest(w, request, 11)).equals(bytes)).toBe(true);
  });
});

describe('responses that it reads', () => {
  it('Metadata 12', () => {
    const response: ResponseInitOf<'metadata'> = {
      brokers: [{ nodeId: 1, host: 'localhost', port: 9092 }],
      clusterId: 'c',
      controllerId: 1,
      topics: [
        {
          ...{ errorCode: 0, name: 'events', topicId: ZERO_UUID },
          partitions: [
            {
              errorCode: 0,
              partitionIndex: 0,
              leaderId: 1,
              leaderEpoch: 4,
              replicaNodes: [1],
              isrNodes: [1],
              offlineReplicas: [],
            },
          ],
        },
      ],
    };
    const bytes = bytesOf((w) => messages.metadata.encodeResponse(w, response, 12));
    expect(kafka.metadataV12.parseResponse(0, 3, 12, kafka.Reader.from(bytes))).toMatchObject({
      brokers: [{ nodeId: 1, host: 'localhost', port: 9092, rack: null }],
      clusterId: 'c',
      topics: [
        {
          name: 'events',
          isInternal: false,
          partitions: [{ partitionIndex: 0, leaderEpoch: 4, isrNodes: [1] }],
        },
      ],
    });
  });

  it('Fetch 17, with the records of a produce request', () => {
    const sent = [{ topic: 'events', partition: 0, value: Buffer.from('hello'), timestamp: 5n }];
    const produced = messages.produce.decodeRequest(
      new Reader(kafka.produceV11.createRequest(1, 0, sent).buffer),
      11,
    );
    const records = produced.topicData[0]!.partitionData[0]!.records;
    const response: ResponseInitOf<'fetch'> = {
      responses: [
        {
          topicId: ZERO_UUID,
          partitions: [
            { partitionIndex: 0, errorCode: 0, highWatermark: 2 ** 40, lastStableOffset: 1, records },
          ],
        },
      ],
    };
    const bytes = bytesOf((w) => messages.fetch.encodeResponse(w, response, 17));
    const parsed = kafka.fetchV17.parseResponse(0, 1, 17, kafka.Reader.from(bytes));
    const partition = parsed.responses[0]!.partitions[0]!;
    expect(partition).toMatchObject({ partitionIndex: 0, errorCode: 0, highWatermark: 2n ** 40n });
    expect(partition.records?.[0]?.records[0]?.value?.toString()).toBe('hello');
  });
});
