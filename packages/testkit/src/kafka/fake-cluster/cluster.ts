/** Brokers on loopback ports that misbehave on demand: metadata, produce, fetch, offsets and groups. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeResponseFrame, openRequest } from '../../../../millrace/src/protocol/envelope.ts';
import { errorCodeOf, type KafkaErrorName } from '../../../../millrace/src/protocol/error-codes.ts';
import { Framer } from '../../../../millrace/src/protocol/framer.ts';
import {
  allApis,
  messages,
  type RequestOf,
  type ResponseInitOf,
} from '../../../../millrace/src/protocol/messages.ts';
import { randomUuid } from '../../../../millrace/src/protocol/uuid.ts';
import { type BatchHeader, readBatchHeader } from '../../../../millrace/src/records/batch-header.ts';
import { FakeGroup } from './group.ts';
import { FakePartition } from './partition.ts';

/**
 * What happens to a request or batch instead of what should: an error; `lose`: it is done, but the connection ends
 * without an answer; `drop`: it is not done and the connection ends; `silence`: nothing more comes on this connection.
 */
export type Fault = KafkaErrorName | 'lose' | 'drop' | 'silence';

export interface ProducedBatch {
  readonly nodeId: number;
  readonly topic: string;
  readonly partition: number;
  readonly header: BatchHeader;
  readonly records: Buffer;
}

export interface SeenRequest {
  readonly nodeId: number;
  readonly api: string;
  readonly version: number;
  readonly message: unknown;
}

export interface FakeTopic {
  id: string;
  readonly partitions: FakePartition[];
}

/** Which records of a batch are at fault (KIP-467). */
export type RecordErrors = readonly { batchIndex: number; batchIndexErrorMessage?: string }[];

type Message<Name extends keyof typeof messages> = RequestOf<Name>;

export class FakeCluster implements AsyncDisposable {
  readonly topics = new Map<string, FakeTopic>();
  readonly groups = new Map<string, FakeGroup>();
  /** Every request but ApiVersions, as it came. */
  readonly requests: SeenRequest[] = [];
  /** Every batch that came, also those that were refused. */
  readonly produced: ProducedBatch[] = [];
  /** Sockets that are open. */
  readonly sockets = new Set<Socket>();
  /** What goes wrong with a batch. */
  batchFault: (batch: ProducedBatch) => Fault | null = () => null;
  /** Whether a batch with that fault is appended all the same. */
  appendsAnyway: (fault: Fault) => boolean = () => false;
  /** Which records of a refused batch are named. */
  recordErrors: (batch: ProducedBatch) => RecordErrors = () => [];
  /** What goes wrong with a request as a whole; errors only where the API's answer has one at the top. */
  requestFault: (request: SeenRequest) => Fault | null = () => null;
  /** How long an answer is held back, ms. Answers of one connection keep their order. */
  delayMs: (request: SeenRequest) => number = () => 0;
  /** Holds the request back until the promise ends; null: not. */
  hold: (request: SeenRequest) => Promise<void> | null = () => null;
  /** Hears of every request that was done, with its answer, whether that arrives or not. */
  onDone: (request: SeenRequest, answer: unknown) => void = () => {};
  /** What a fetch of a partition says instead of giving records. */
  fetchFault: (topic: string, partition: number) => KafkaErrorName | null = () => null;
  listOffsetsFault: (topic: string, partition: number) => KafkaErrorName | null = () => null;
  /** What metadata says of a topic instead of describing it. */
  readonly topicErrors = new Map<string, KafkaErrorName>();
  autoCreate: false | number = false;
  /** Commits name topics by id, as from Kafka 4.1 on. */
  commitsById = false;
  /** Groups of the consumer protocol (KIP-848) are served, too. */
  servesHeartbeats = false;
  coordinatorNode = 1;
  nextProducerId = 7;
  /** A fetch gets at most this long to wait for records. */
  fetchWaitMs = 20;
  readonly #servers: Server[] = [];
  readonly #tails = new WeakMap<Socket, Promise<void>>();
  readonly #closing = new AbortController();

  static async start(options: { nodes?: number } = {}): Promise<FakeCluster> {
    const cluster = new FakeCluster();
    for (let nodeId = 1; nodeId <= (options.nodes ?? 1); nodeId++) {
      const server = createServer({ noDelay: true }, (socket) => cluster.#serve(nodeId, socket));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      cluster.#servers.push(server);
    }
    return cluster;
  }

  get nodes(): number {
    return this.#servers.length;
  }

  get bootstrapServers(): string {
    return `127.0.0.1:${this.#port(1)}`;
  }

  /** Partitions are led in turn by all nodes, unless leaders are given. */
  addTopic(name: string, partitions: number, leaders?: readonly number[]): FakeTopic {
    const topic = {
      id: randomUuid(),
      partitions: Array.from({ length: partitions }, (_, i) => {
        return new FakePartition(leaders?.[i] ?? (i % this.nodes) + 1);
      }),
    };
    this.topics.set(name, topic);
    return topic;
  }

  partition(topic: string, partition = 0): FakePartition {
    return this.topics.get(topic)!.partitions[partition]!;
  }

  group(groupId: string): FakeGroup {
    let group = this.groups.get(groupId);
    if (group === undefined) {
      group = new FakeGroup(this.topics);
      this.groups.set(groupId, group);
    }
    return group;
  }

  count(api: string): number {
    return this.requests.filter((request) => request.api === api).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #port(nodeId: number): number {
    const address = this.#servers[nodeId - 1]!.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return address.port;
  }

  #serve(nodeId: number, socket: Socket): void {
    const framer = new Framer({ maxFrameBytes: 100_000_000 });
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      framer.push(chunk);
      for (let frame = framer.next(); frame !== null && !socket.destroyed; frame = framer.next()) {
        const copy = Buffer.from(frame);
        const before = this.#tails.get(socket) ?? Promise.resolve();
        this.#tails.set(
          socket,
          before.then(() => this.#answer(nodeId, socket, copy)).catch(() => void socket.destroy()),
        );
      }
    });
  }

  async #answer(nodeId: number, socket: Socket, frame: Buffer): Promise<void> {
    if (socket.destroyed) return;
    const { api, version, correlationId, body } = openRequest(frame, 'test');
    const message: unknown = api.decodeRequest(body, version);
    if (api.apiKey === messages.offsetCommit.apiKey && version > lastCommitByName) {
      for (const topic of (message as { topics: { name: string; topicId: string }[] }).topics)
        topic.name = [...this.topics].find(([, { id }]) => id === topic.topicId)?.[0] ?? '';
    }
    const send = (answer: unknown): void => {
      const chunks = encodeResponseFrame(api as never, version, correlationId, answer as never);
      if (!socket.destroyed) socket.write(Buffer.concat(chunks));
    };
    if (api.apiKey === messages.apiVersions.apiKey) {
      send({ errorCode: 0, apiKeys: served(this), throttleTimeMs: 0 });
      return;
    }
    const request = { nodeId, api: api.name, version, message };
    this.requests.push(request);
    const ms = this.delayMs(request);
    if (ms > 0) await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
    await this.hold(request);
    const fault = this.requestFault(request);
    if (fault === 'drop') socket.destroy();
    else if (fault === 'silence') await new Promise((resolve) => socket.once('close', resolve));
    else if (fault === 'lose') {
      this.onDone(request, await this.#handle(nodeId, api.name, message));
      socket.destroy();
    } else if (fault !== null) send(errorAnswer(api.name, message, fault));
    else {
      const answer = await this.#handle(nodeId, api.name, message);
      this.onDone(request, answer);
      if (answer === 'lose') socket.destroy();
      else if (answer === 'silence') await new Promise((resolve) => socket.once('close', resolve));
      else if (answer !== null) send(answer);
    }
  }

  async #handle(nodeId: number, name: string, message: unknown): Promise<unknown> {
    switch (name) {
      case 'Metadata':
        return this.#metadata(message as Message<'metadata'>);
      case 'InitProducerId':
        return { throttleTimeMs: 0, errorCode: 0, producerId: this.nextProducerId++, producerEpoch: 0 };
      case 'Produce':
        return this.#produce(nodeId, message as Message<'produce'>);
      case 'Fetch':
        return await this.#fetch(nodeId, message as Message<'fetch'>);
      case 'ListOffsets':
        return this.#listOffsets(nodeId, message as Message<'listOffsets'>);
      case 'FindCoordinator': {
        const { coordinatorKeys } = message as Message<'findCoordinator'>;
        const nodeId = this.coordinatorNode;
        const at = { nodeId, host: '127.0.0.1', port: this.#port(nodeId), errorCode: 0 };
        return { coordinators: coordinatorKeys.map((key) => ({ key, ...at })) };
      }
      default: {
        const { groupId, groups } = message as { groupId?: string; groups?: { groupId: string }[] };
        return await this.group(groupId || (groups?.[0]?.groupId ?? randomUUID())).handle(
          name,
          message,
          nodeId === this.coordinatorNode,
        );
      }
    }
  }

  #metadata({ topics, allowAutoTopicCreation }: Message<'metadata'>): ResponseInitOf<'metadata'> {
    const names = topics === null ? [...this.topics.keys()] : topics.map(({ name }) => name ?? '');
    return {
      brokers: this.#servers.map((_, i) => ({ nodeId: i + 1, host: '127.0.0.1', port: this.#port(i + 1) })),
      controllerId: 1,
      clusterId: 'fake',
      topics: names.map((name) => {
        const topic = this.topics.get(name);
        const error = this.topicErrors.get(name);
        if (error !== undefined) return { errorCode: errorCodeOf(error), name, partitions: [] };
        if (topic === undefined) {
          if (this.autoCreate !== false && allowAutoTopicCreation) this.addTopic(name, this.autoCreate);
          return { errorCode: errorCodeOf('UNKNOWN_TOPIC_OR_PARTITION'), name, partitions: [] };
        }
        return {
          errorCode: 0,
          name,
          topicId: topic.id,
          partitions: topic.partitions.map(({ leader, leaderEpoch }, partitionIndex) => ({
            errorCode: leader < 0 ? errorCodeOf('LEADER_NOT_AVAILABLE') : 0,
            partitionIndex,
            leaderId: leader,
            leaderEpoch,
            replicaNodes: [Math.max(1, leader)],
            isrNodes: leader < 0 ? [] : [leader],
          })),
        };
      }),
    };
  }

  #produce(
    nodeId: number,
    request: Message<'produce'>,
  ): ResponseInitOf<'produce'> | 'lose' | 'silence' | null {
    const lost: ('lose' | 'silence')[] = [];
    const responses = request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => {
        const header = readBatchHeader(records!, 0);
        const batch = { nodeId, topic: name, partition: index, header, records: records! };
        this.produced.push(batch);
        const fault = this.batchFault(batch);
        if (fault === 'silence' || fault === 'lose') lost.push(fault);
        if (fault === 'drop') lost.push('lose');
        let answer: { error: KafkaErrorName; baseOffset: number } = { error: 'NONE', baseOffset: -1 };
        const partition = this.topics.get(name)?.partitions[index];
        if (partition === undefined) answer.error = 'UNKNOWN_TOPIC_OR_PARTITION';
        else if (partition.leader !== nodeId) answer.error = 'NOT_LEADER_OR_FOLLOWER';
        else if (fault === null || fault === 'lose') answer = partition.append(records!);
        else if (fault !== 'silence' && fault !== 'drop') {
          if (this.appendsAnyway(fault)) partition.append(records!);
          answer.error = fault;
        }
        const { error, baseOffset } = answer;
        const recordErrors = error === 'NONE' ? [] : this.recordErrors(batch);
        return { index, errorCode: errorCodeOf(error), baseOffset, recordErrors };
      }),
    }));
    if (lost.length > 0) return lost[0]!;
    return request.acks === 0 ? null : { responses };
  }

  async #fetch(nodeId: number, request: Message<'fetch'>): Promise<ResponseInitOf<'fetch'>> {
    const give = (): { answer: ResponseInitOf<'fetch'>; some: boolean } => {
      let left = request.maxBytes;
      let some = false;
      const responses = request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition: partitionIndex, fetchOffset, partitionMaxBytes }) => {
          const partition = this.topics.get(topic)?.partitions[partitionIndex];
          let error: KafkaErrorName = this.fetchFault(topic, partitionIndex) ?? 'NONE';
          if (partition === undefined) error = 'UNKNOWN_TOPIC_OR_PARTITION';
          else if (partition.leader !== nodeId) error = 'NOT_LEADER_OR_FOLLOWER';
          else if (fetchOffset < partition.startOffset || fetchOffset > partition.endOffset)
            error = 'OFFSET_OUT_OF_RANGE';
          const may = error === 'NONE' && left > 0;
          const records = may ? partition!.read(fetchOffset, Math.min(left, partitionMaxBytes)) : null;
          left -= records?.length ?? 0;
          some ||= error !== 'NONE' || (records !== null && records.length > 0);
          const highWatermark = partition?.endOffset ?? -1;
          return { partitionIndex, errorCode: errorCodeOf(error), highWatermark, records };
        }),
      }));
      return { answer: { errorCode: 0, responses }, some };
    };
    const first = give();
    if (first.some) return first.answer;
    const { signal } = this.#closing;
    await sleep(Math.min(this.fetchWaitMs, request.maxWaitMs), undefined, { signal }).catch(() => {});
    return give().answer;
  }

  #listOffsets(nodeId: number, request: Message<'listOffsets'>): ResponseInitOf<'listOffsets'> {
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => {
          const partition = this.topics.get(name)?.partitions[partitionIndex];
          let error: KafkaErrorName = this.listOffsetsFault(name, partitionIndex) ?? 'NONE';
          if (partition === undefined) error = 'UNKNOWN_TOPIC_OR_PARTITION';
          else if (partition.leader !== nodeId) error = 'NOT_LEADER_OR_FOLLOWER';
          const offset = timestamp === -2 ? partition?.startOffset : partition?.endOffset;
          return {
            partitionIndex,
            errorCode: errorCodeOf(error),
            offset: error === 'NONE' ? (offset ?? -1) : -1,
          };
        }),
      })),
    };
  }
}

const lastCommitByName = 9;

function served({
  commitsById,
  servesHeartbeats,
}: FakeCluster): { apiKey: number; minVersion: number; maxVersion: number }[] {
  const { apiKey: ofHeartbeats } = messages.consumerGroupHeartbeat;
  const apis = allApis.filter(({ apiKey }) => servesHeartbeats || apiKey !== ofHeartbeats);
  return apis.map(({ apiKey, validVersions: { min, max } }) => {
    const byName = apiKey === messages.offsetCommit.apiKey && !commitsById;
    return { apiKey, minVersion: min, maxVersion: byName ? lastCommitByName : max };
  });
}

/** An answer of the API that says nothing but the error. */
function errorAnswer(api: string, message: unknown, fault: KafkaErrorName): unknown {
  const errorCode = errorCodeOf(fault);
  const { coordinatorKeys, groups } = message as {
    coordinatorKeys?: string[];
    groups?: { groupId: string }[];
  };
  switch (api) {
    case 'FindCoordinator':
      return { coordinators: (coordinatorKeys ?? []).map((key) => ({ key, errorCode })) };
    case 'OffsetFetch':
      return { groups: (groups ?? []).map(({ groupId }) => ({ groupId, errorCode, topics: [] })) };
    case 'OffsetCommit': {
      const { topics } = message as RequestOf<'offsetCommit'>;
      return {
        topics: topics.map(({ name, topicId, partitions }) => ({
          ...{ name, topicId },
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
        })),
      };
    }
    case 'JoinGroup':
      return { errorCode, protocolName: '', leader: '', memberId: '', members: [] };
    case 'SyncGroup':
      return { errorCode, assignment: Buffer.alloc(0) };
    case 'Fetch':
      return { errorCode, responses: [] };
    case 'ConsumerGroupHeartbeat':
      return { throttleTimeMs: 0, errorCode, memberEpoch: 0, heartbeatIntervalMs: 10 };
    default:
      return { errorCode };
  }
}
