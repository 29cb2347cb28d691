import type { Api } from '../../protocol/api.ts';
import type { Reader } from '../../protocol/reader.ts';
import type { Writer } from '../../protocol/writer.ts';
import type { BufferPool } from '../core/buffer-pool.ts';
import type { ByteBudget } from '../core/byte-budget.ts';
import type { PartitionRoom } from '../core/partition-room.ts';
import type { RequestRoom } from '../core/request-room.ts';
import type { Serial, Slots } from '../core/serial.ts';
import type { Traffic } from '../core/traffic.ts';
import type { Coordinator } from '../group/coordinator.ts';
import type { Need, Principal } from '../security/access.ts';
import type { AclStore } from '../security/acl-store.ts';
import type { AuditLog } from '../security/audit-log.ts';
import type { Login } from '../security/login.ts';
import type { ScramStore } from '../security/scram-store.ts';
import type { BrokerSettings } from '../settings/settings.ts';
import type { ProducerIds } from '../storage/producer-ids.ts';
import type { TopicStore } from '../storage/topics.ts';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts';
import { audit, isAudited } from './audited.ts';
import type { FetchSessions } from './fetch-sessions.ts';
import { ruling } from './guards/guards.ts';

/** What all handlers work on. */
export interface BrokerContext {
  readonly settings: BrokerSettings;
  readonly clusterId: string;
  readonly topics: TopicStore;
  readonly groups: Coordinator;
  readonly transactions: TransactionCoordinator;
  readonly fetchSessions: FetchSessions;
  readonly producerIds: ProducerIds;
  readonly scram: ScramStore;
  /** Who may do what; null: everybody everything (no authorizer). */
  readonly acls: AclStore | null;
  /** Who changed what; null: nobody keeps it. */
  readonly audit: AuditLog | null;
  /** Answers that sockets have not taken yet. */
  readonly pendingAnswers: ByteBudget;
  /** For large requests and the records of fetches. */
  readonly buffers: BufferPool;
  /** What requests that have begun, and are not answered, hold together. */
  readonly requestRoom: RequestRoom;
  /** The same for clients that have not logged in: what they hold keeps nobody out who has. */
  readonly loginRoom: RequestRoom;
  readonly traffic: Traffic;
  /** How many partitions there may be. */
  readonly room: PartitionRoom;
  /** Batches that are opened at the same time: each may take 128 MiB, and a thread that syncs wait for too. */
  readonly opening: Slots;
  /** Whether acks=all and committed offsets wait for the device. */
  readonly durable: boolean;
  /** Defaults of topic settings that the broker was started with. */
  readonly topicDefaults: ReadonlyMap<string, string>;
  /** The APIs and versions that ApiVersions tells. */
  readonly served: readonly ServedVersions[];
}

export interface ServedVersions {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** One request on its way. */
export interface Call {
  readonly broker: BrokerContext;
  readonly version: number;
  readonly clientId: string;
  readonly principal: Principal;
  /** How the connection says who it is. */
  readonly login: Login;
  /** As Kafka shows it: `/127.0.0.1`. */
  readonly clientHost: string;
  /** Where clients of this connection reach the broker. */
  readonly endpoint: { readonly host: string; readonly port: number };
  /** Appends of this connection, in the order of its requests. */
  readonly appends: Serial;
  /** The bytes of the request are needed after `handle` has returned, in spite of `keepsNothing`. */
  keepRequest(): void;
  /** Whether the client has answers before this one that it has not taken. */
  isOwed(): boolean;
  /** Calls back once when the connection is gone; returns the way to take that back. */
  onClosed(callback: () => void): () => void;
}

/** Writes the body of the answer; null: there is none (Produce with acks=0). */
export type Answer = ((writer: Writer) => void) | null;

export interface HandlerOptions {
  /** Requests of this kind may be worked on while others of the same kind on the connection are not answered yet. */
  readonly overlaps?: boolean;
  /** Once `handle` has returned, nothing refers to the bytes of the request, not even an answer to come. */
  readonly keepsNothing?: boolean;
  /** The answer may wait for what other clients do: the bytes of the request count no longer once `handle` has returned. */
  readonly waitsForOthers?: boolean;
  /** The lowest version that is advertised, where it differs from what is served. */
  readonly advertisedMin?: number;
}

/** One API: which versions are served, and how. */
export interface Handler extends HandlerOptions {
  readonly apiKey: number;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** What its sender must be allowed, of whatever the request names; some for certain requests only (protocol.html). */
  readonly needs: readonly Need[];
  requestHeaderVersion(version: number): 1 | 2;
  responseHeaderVersion(version: number): 0 | 1;
  /** Throws or rejects for bytes that do not fit; every other fault is an error code in the answer. */
  handle(reader: Reader, call: Call): Answer | Promise<Answer>;
}

/** Binds an API's codecs, what it demands, and its work; `null` from `work` is no answer. All versions of Kafka 4.3 are served. */
export function defineHandler<Request, RequestInit, Response, ResponseInit>(
  api: Api<Request, RequestInit, Response, ResponseInit>,
  needs: readonly Need[],
  work: (request: Request, call: Call) => ResponseInit | null | Promise<ResponseInit | null>,
  options: HandlerOptions = {},
): Handler {
  const answer = (response: ResponseInit | null, version: number): Answer =>
    response === null ? null : (writer) => api.encodeResponse(writer, response, version);
  const answerTo = (response: ResponseInit | null | Promise<ResponseInit | null>, version: number) =>
    response instanceof Promise ? response.then((each) => answer(each, version)) : answer(response, version);
  const guarded = (request: Request, call: Call) => {
    const { request: left, finish } = ruling<Request, ResponseInit>(api, request, call);
    const response = left === null ? null : work(left, call);
    return response instanceof Promise ? response.then(finish) : finish(response);
  };
  return {
    ...options,
    apiKey: api.apiKey,
    name: api.name,
    min: api.validVersions.min,
    max: api.validVersions.max,
    needs,
    requestHeaderVersion: (version) => api.requestHeaderVersion(version),
    responseHeaderVersion: (version) => api.responseHeaderVersion(version),
    handle(reader, call) {
      const request = api.decodeRequest(reader, call.version);
      const response = call.broker.acls === null ? work(request, call) : guarded(request, call);
      if (call.broker.audit === null || !isAudited(api.apiKey)) return answerTo(response, call.version);
      const note = (each: ResponseInit | null) => {
        audit(api, request, each, call);
        return each;
      };
      return answerTo(response instanceof Promise ? response.then(note) : note(response), call.version);
    },
  };
}
