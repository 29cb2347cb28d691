/** Brokers that misbehave on demand: metadata, producer ids and produce, with Kafka's check of sequences. */
import { createServer, type Server, type Socket } from 'node:net';
import { encodeResponseFrame, openRequest } from '../../packages/millrace/src/protocol/envelope.ts';
import { errorCodeOf, type KafkaErrorName } from '../../packages/millrace/src/protocol/error-codes.ts';
import { Framer } from '../../packages/millrace/src/protocol/framer.ts';
import {
  allApis,
  messages,
  type RequestOf,
  type ResponseInitOf,
} from '../../packages/millrace/src/protocol/messages.ts';
import { type BatchHeader, readBatchHeader } from '../../packages/millrace/src/records/batch-header.ts';
import { openBatch } from '../../packages/millrace/src/records/open-batch.ts';

/** What happens to one batch instead of being appended; `lose`: appended, but the connection ends without an answer. */
export type Fault = KafkaErrorName | 'lose' | 'silence';

export interface ProducedBatch {
  readonly nodeId: number;
  readonly partition: number;
  readonly header: BatchHeader;
}

interface ProducerState {
  epoch: number;
  nextSequence: number;
}

class FakePartition {
  leader: number;
  readonly bodies: string[] = [];
  readonly producers = new Map<number, ProducerState>();

  constructor(leader: number) {
    this.leader = leader;
  }

  /** Appends as Kafka does: a repeated sequence is not appended again, a gap is an error. */
  append(header: BatchHeader, bodies: readonly string[]): KafkaErrorName {
    if (header.producerId >= 0) {
      const known = this.producers.get(header.producerId);
      // Without state any sequence is taken, as Kafka's ProducerAppendInfo does.
      const state = known ?? { epoch: header.producerEpoch, nextSequence: header.baseSequence };
      if (header.producerEpoch < state.epoch) return 'INVALID_PRODUCER_EPOCH';
      if (header.producerEpoch > state.epoch)
        Object.assign(state, { epoch: header.producerEpoch, nextSequence: 0 });
      if (header.baseSequence < state.nextSequence) return 'DUPLICATE_SEQUENCE_NUMBER';
      if (header.baseSequence > state.nextSequence) return 'OUT_OF_ORDER_SEQUENCE_NUMBER';
      state.nextSequence += header.recordCount;
      this.producers.set(header.producerId, state);
    }
    this.bodies.push(...bodies);
    return 'NONE';
  }
}

export class FakeKafka implements AsyncDisposable {
  readonly topic = 't';
  readonly partitions: FakePartition[];
  /** Every batch that came, also those that were refused. */
  readonly produced: ProducedBatch[] = [];
  /** Decides what goes wrong; null: nothing. */
  fault: (batch: ProducedBatch) => Fault | null = () => null;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(partitions: number) {
    this.partitions = Array.from({ length: partitions }, () => new FakePartition(1));
  }

  static async start(options: { nodes?: number; partitions?: number } = {}): Promise<FakeKafka> {
    const kafka = new FakeKafka(options.partitions ?? 1);
    for (let nodeId = 1; nodeId <= (options.nodes ?? 1); nodeId++) {
      const server = createServer((socket) => kafka.#serve(nodeId, socket));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      kafka.#servers.push(server);
    }
    return kafka;
  }

  get bootstrapServers(): string {
    return `127.0.0.1:${this.#port(1)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #port(nodeId: number): number {
    const address = this.#servers[nodeId - 1]!.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return address.port;
  }

  #serve(nodeId: number, socket: Socket): void {
    const framer = new Framer({ maxFrameBytes: 10_000_000 });
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      framer.push(chunk);
      for (let frame = framer.next(); frame !== null && !socket.destroyed; frame = framer.next()) {
        this.#answer(nodeId, socket, frame);
      }
    });
  }

  #answer(nodeId: number, socket: Socket, frame: Buffer): void {
    const { api, version, correlationId, body } = openRequest(frame, 'test');
    const send = (chunks: Buffer[]): boolean => socket.write(Buffer.concat(chunks));
    if (api.apiKey === messages.apiVersions.apiKey) {
      const apiKeys = allApis.map(({ apiKey, validVersions }) => ({
        apiKey,
        minVersion: validVersions.min,
        maxVersion: validVersions.max,
      }));
      send(
        encodeResponseFrame(messages.apiVersions, version, correlationId, {
          errorCode: 0,
          apiKeys,
          throttleTimeMs: 0,
        }),
      );
    } else if (api.apiKey === messages.metadata.apiKey) {
      send(encodeResponseFrame(messages.metadata, version, correlationId, this.#metadata()));
    } else if (api.apiKey === messages.initProducerId.apiKey) {
      const answer = { throttleTimeMs: 0, errorCode: 0, producerId: 7, producerEpoch: 0 };
      send(encodeResponseFrame(messages.initProducerId, version, correlationId, answer));
    } else if (api.apiKey === messages.produce.apiKey) {
      const answer = this.#produce(nodeId, messages.produce.decodeRequest(body, version));
      if (answer === 'lose') socket.destroy();
      else if (answer !== 'silence')
        send(encodeResponseFrame(messages.produce, version, correlationId, answer));
    } else socket.destroy();
  }

  #metadata() {
    return {
      brokers: this.#servers.map((_, i) => ({ nodeId: i + 1, host: '127.0.0.1', port: this.#port(i + 1) })),
      controllerId: 1,
      topics: [
        {
          errorCode: 0,
          name: this.topic,
          partitions: this.partitions.map(({ leader }, partitionIndex) => ({
            errorCode: 0,
            partitionIndex,
            leaderId: leader,
            replicaNodes: [leader],
            isrNodes: [leader],
          })),
        },
      ],
    };
  }

  #produce(nodeId: number, request: RequestOf<'produce'>): ResponseInitOf<'produce'> | 'lose' | 'silence' {
    const lost: ('lose' | 'silence')[] = [];
    const responses = request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => {
        const header = readBatchHeader(records!, 0);
        const batch = { nodeId, partition: index, header };
        this.produced.push(batch);
        const fault = this.fault(batch);
        const partition = this.partitions[index]!;
        const baseOffset = partition.bodies.length;
        let error: KafkaErrorName;
        if (fault === 'silence' || fault === 'lose') lost.push(fault);
        if (fault === null || fault === 'lose') {
          const bodies = [...openBatch(records!, 0, { verifyCrc: true })].map((event) =>
            event.body.toString(),
          );
          error = partition.leader === nodeId ? partition.append(header, bodies) : 'NOT_LEADER_OR_FOLLOWER';
        } else error = fault === 'silence' ? 'NONE' : fault;
        return { index, errorCode: errorCodeOf(error), baseOffset };
      }),
    }));
    return lost[0] ?? { responses };
  }
}
