import { describe, expect, it } from 'vitest';
import { MillraceError } from '../runtime/errors.ts';
import { allApis, apiByKey, messages, type RequestInitOf, type ResponseInitOf } from './messages.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** What a broker of Apache Kafka 4.3.0 answered to ApiVersions, but Produce, which it advertises from 0 and serves from 3. */
const served: Record<number, [min: number, max: number]> = {
  0: [3, 13],
  1: [4, 18],
  2: [1, 11],
  3: [0, 13],
  8: [2, 10],
  9: [1, 10],
  10: [0, 6],
  11: [0, 9],
  12: [0, 4],
  13: [0, 5],
  14: [0, 5],
  15: [0, 6],
  16: [0, 5],
  17: [0, 1],
  18: [0, 4],
  19: [2, 7],
  20: [1, 6],
  21: [0, 2],
  22: [0, 5],
  23: [2, 4],
  24: [0, 5],
  25: [0, 4],
  26: [0, 5],
  28: [0, 5],
  29: [1, 3],
  30: [1, 3],
  31: [1, 3],
  32: [1, 4],
  33: [0, 2],
  35: [1, 5],
  36: [0, 2],
  37: [0, 3],
  42: [0, 2],
  44: [0, 1],
  47: [0, 0],
  60: [0, 2],
  61: [0, 0],
  66: [0, 2],
  68: [0, 1],
  69: [0, 1],
  74: [0, 1],
  75: [0, 0],
};

describe('registry', () => {
  it.each(Object.entries(served))('serves the versions of API %s that Kafka serves', (apiKey, [min, max]) => {
    expect(apiByKey(Number(apiKey))?.validVersions).toEqual({ min, max });
  });

  it('finds an API by name and by key', () => {
    expect(messages.fetch.apiKey).toBe(1);
    expect(apiByKey(1)).toBe(messages.fetch);
    expect(apiByKey(4)).toBeUndefined();
    expect(apiByKey(-1)).toBeUndefined();
    expect(new Set(allApis.map((api) => api.apiKey)).size).toBe(allApis.length);
  });

  it('knows the versions of the headers', () => {
    expect(messages.fetch.requestHeaderVersion(11)).toBe(1);
    expect(messages.fetch.requestHeaderVersion(12)).toBe(2);
    expect(messages.fetch.responseHeaderVersion(11)).toBe(0);
    expect(messages.fetch.responseHeaderVersion(12)).toBe(1);
    expect(messages.saslHandshake.requestHeaderVersion(1)).toBe(1);
    expect(messages.saslHandshake.responseHeaderVersion(1)).toBe(0);
    // A client must read the answer before it knows what the broker speaks.
    expect(messages.apiVersions.requestHeaderVersion(4)).toBe(2);
    expect(messages.apiVersions.responseHeaderVersion(4)).toBe(0);
    // A version from the future has the flexible header.
    expect(messages.apiVersions.requestHeaderVersion(5)).toBe(2);
  });
});

function encoded(write: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  write(writer);
  return writer.toBuffer();
}

describe('versions', () => {
  it('fills in what a caller leaves out', () => {
    const request: RequestInitOf<'fetch'> = { maxWaitMs: 500, minBytes: 1, topics: [] };
    const bytes = encoded((w) => messages.fetch.encodeRequest(w, request, 18));
    expect(messages.fetch.decodeRequest(new Reader(bytes), 18)).toEqual({
      ...request,
      clusterId: null,
      replicaId: -1,
      replicaState: { replicaId: -1, replicaEpoch: -1 },
      maxBytes: 0x7fffffff,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      forgottenTopicsData: [],
      rackId: '',
    });
  });

  it('drops an ignorable field that the version lacks, and refuses another', () => {
    const heartbeat: RequestInitOf<'heartbeat'> = { groupId: 'g', generationId: 1, memberId: 'm' };
    const plain = encoded((w) => messages.heartbeat.encodeRequest(w, heartbeat, 0));
    const refused = (): Buffer =>
      encoded((w) => messages.heartbeat.encodeRequest(w, { ...heartbeat, groupInstanceId: 'i' }, 0));
    expect(refused).toThrow('HeartbeatRequest version 0 cannot carry the field groupInstanceId');
    expect(
      encoded((w) => messages.heartbeat.encodeRequest(w, { ...heartbeat, groupInstanceId: null }, 0)),
    ).toEqual(plain);

    const response: ResponseInitOf<'heartbeat'> = { errorCode: 27, throttleTimeMs: 9 };
    expect(encoded((w) => messages.heartbeat.encodeResponse(w, response, 0)).toString('hex')).toBe('001b');
    expect(encoded((w) => messages.heartbeat.encodeResponse(w, response, 1)).toString('hex')).toBe(
      '00000009001b',
    );
  });

  it('refuses a tagged field in a version that has no tags', () => {
    const request = { maxWaitMs: 1, minBytes: 1, topics: [], replicaState: { replicaId: 3 } };
    expect(() => encoded((w) => messages.fetch.encodeRequest(w, request, 14))).toThrow('replicaState');
    expect(encoded((w) => messages.fetch.encodeRequest(w, request, 15)).length).toBeGreaterThan(0);
  });

  it('refuses null where the version cannot write it', () => {
    const all = { topics: null };
    expect(() => encoded((w) => messages.metadata.encodeRequest(w, all, 0))).toThrow(
      'MetadataRequest version 0 cannot carry null in the field topics',
    );
    expect(
      messages.metadata.decodeRequest(
        new Reader(encoded((w) => messages.metadata.encodeRequest(w, all, 1))),
        1,
      ).topics,
    ).toBeNull();
  });

  it('refuses versions that Kafka 4.3 does not know', () => {
    for (const version of [-1, 3, 19]) {
      expect(() => messages.fetch.decodeRequest(new Reader(Buffer.alloc(100)), version)).toThrow(
        MillraceError,
      );
    }
    expect(() => messages.produce.decodeRequest(new Reader(Buffer.alloc(9)), 2)).toThrow(
      'ProduceRequest has the versions 3 to 13, not 2',
    );
  });

  it('knows the version of InitProducerId that Kafka calls unstable, but does not offer it', () => {
    expect(messages.initProducerId.validVersions.max).toBe(5);
    const request = { transactionalId: 'x', transactionTimeoutMs: 1, enable2Pc: true };
    const bytes = encoded((w) => messages.initProducerId.encodeRequest(w, request, 6));
    expect(messages.initProducerId.decodeRequest(new Reader(bytes), 6)).toMatchObject(request);
  });
});

describe('bytes on the wire', () => {
  it('writes a nullable struct behind one byte', () => {
    const request = { topics: [], cursor: { topicName: 't', partitionIndex: 2 } };
    const api = messages.describeTopicPartitions;
    expect(encoded((w) => api.encodeRequest(w, request, 0)).toString('hex')).toBe(
      `01${'000007d0'}01${'0274'}${'00000002'}00${'00'}`,
    );
    expect(encoded((w) => api.encodeRequest(w, { topics: [] }, 0)).toString('hex')).toBe(
      `01${'000007d0'}ff00`,
    );
  });

  it('steps over tags it does not know, among those it knows', () => {
    // throttle 0, no error, session 0, no topics; tags: 0 (endpoints: none), 9 (unknown)
    const bytes = Buffer.from(`00000000${'0000'}${'00000000'}01${'02'}${'000101'}${'0903aabbcc'}`, 'hex');
    const reader = new Reader(bytes);
    expect(messages.fetch.decodeResponse(reader, 16)).toMatchObject({ responses: [], nodeEndpoints: [] });
    expect(reader.remaining).toBe(0);
  });

  it('refuses a tag whose size does not fit its value', () => {
    const bytes = Buffer.from(`00000000${'0000'}${'00000000'}01${'01'}${'000201'}00`, 'hex');
    expect(() => messages.fetch.decodeResponse(new Reader(bytes), 16)).toThrow('should end at byte');
  });

  it('does not copy the records of a produce request', () => {
    const batches = [Buffer.alloc(4000, 1), Buffer.alloc(3000, 2)];
    const writer = new Writer({ framed: true });
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: batches }] }];
    messages.produce.encodeRequest(writer, { acks: -1, timeoutMs: 1000, topicData }, 12);
    const chunks = writer.finish();
    expect(chunks).toContain(batches[0]);
    expect(chunks).toContain(batches[1]);
    const whole = Buffer.concat(chunks);
    const request = messages.produce.decodeRequest(new Reader(whole, 'frame', 4), 12);
    const records = request.topicData[0]!.partitionData[0]!.records!;
    expect(records.equals(Buffer.concat(batches))).toBe(true);
    expect(records.buffer).toBe(whole.buffer);
  });
});
