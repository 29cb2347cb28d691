/** Makes answers of two brokers comparable: what must differ gets one name in both, what has no order gets one. */
import { createHash } from 'node:crypto';
import type { ApiName } from '../../../../millrace/src/protocol/messages.ts';
import type { Value } from '../protocol-messages.ts';

type Struct = { readonly [field: string]: Value };

const zeroId = 'AAAAAAAAAAAAAAAAAAAAAA';

/** Names for what each broker gives out itself: ids of topics by their names, producers and members by their order. */
export class Names {
  readonly #port: number;
  readonly #topicOf = new Map<string, string>();
  readonly #idOf = new Map<string, string>();
  readonly #given = new Map<string, Map<string, string>>();

  constructor(port: number) {
    this.#port = port;
  }

  /** `id of NAME` in a request becomes the broker's own id of the topic. */
  resolve(value: unknown): unknown {
    if (typeof value === 'string' && value.startsWith('id of '))
      return this.#idOf.get(value.slice(6)) ?? zeroId;
    if (Array.isArray(value)) return value.map((each) => this.resolve(each));
    if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.resolve(each)]));
  }

  learn(topic: string, id: string): void {
    // An answer may repeat an id beside another name that was asked for.
    const known = this.#topicOf.get(id);
    if (id === zeroId || (known !== undefined && known !== topic)) return;
    this.#topicOf.set(id, topic);
    this.#idOf.set(topic, id);
  }

  topic(id: string): string {
    const name = this.#topicOf.get(id);
    return name === undefined ? id : `id of ${name}`;
  }

  /** The first that a broker gives of a kind is the same as the other's first. */
  given(kind: string, value: string): string {
    const known = this.#given.get(kind) ?? new Map<string, string>();
    this.#given.set(kind, known);
    if (!known.has(value)) known.set(value, `${kind} ${known.size + 1}`);
    return known.get(value)!;
  }

  isOwnPort(port: number): boolean {
    return port === this.#port;
  }
}

/** Of words for people only is compared whether there are any. */
const words = new Set(['errorMessage', 'documentation', 'batchIndexErrorMessage']);
/** Sizes and places of a machine: only whether they are told. */
const ofTheMachine = new Set(['usableBytes', 'totalBytes', 'partitionSize', 'logDir']);
const noValue = new Set([-1, 0]);

function scalar(api: ApiName, field: string, value: Value, names: Names): Value {
  if (field === 'throttleTimeMs') return 0;
  if (words.has(field)) return value === null || value === '' ? null : '(words)';
  if (ofTheMachine.has(field))
    return typeof value === 'number' ? (noValue.has(value) ? value : '(size)') : '(place)';
  if (typeof value === 'string') {
    if (field === 'topicId') return names.topic(value);
    if (field === 'clusterId') return '(cluster)';
    if (field === 'host') return value === 'localhost' || value === '127.0.0.1' ? '(host)' : value;
    if (/^(memberId|leader)$/.test(field) && /-[0-9a-f]{8}-[0-9a-f]{4}-/.test(value))
      return names.given('member', value);
  }
  if (typeof value === 'number') {
    if (field === 'port') return names.isOwnPort(value) ? '(port)' : value;
    if (field === 'producerId' && value >= 0) return names.given('producer', String(value));
    if (field === 'sessionId' && value > 0) return '(session)';
    if (/^(logAppendTimeMs|lastTimestamp|transactionStartTimeMs)$/.test(field) && value > 0) return '(now)';
    if (api === 'listOffsets' && field === 'timestamp' && value > 1_700_000_000_000) return '(now)';
  }
  return value;
}

/** By what the elements of an array are told apart; what has none of these keeps its place. */
const keys = [
  ...[
    'apiKey',
    'nodeId',
    'brokerId',
    'topic',
    'name',
    'topicId',
    'resourceType',
    'resourceName',
    'groupId',
    'user',
    'topicName',
  ],
  ...['partitionIndex', 'index', 'partition', 'memberId', 'transactionalId', 'key', 'producerId', 'source'],
];

function sortKey(value: Value): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const struct = value as Struct;
  return keys.map((key) => (key in struct ? String(struct[key]).padStart(12) : '')).join('\u0000');
}

/** Arrays in which the order says something. */
const ordered = new Set(['synonyms', 'replicaNodes', 'isrNodes', 'brokers[].listeners']);

/** The answer in a form that is the same for two brokers that answer the same. */
export function comparable(api: ApiName, answer: Value, names: Names): Value {
  learnTopics(answer, names);
  return convert(api, '', api === 'fetch' ? merged(answer as Struct) : answer, names);
}

/** Kafka tells a topic's partitions in several places where some of them failed. */
function merged(answer: Struct): Struct {
  const topics = new Map<string, { partitions: readonly Value[] }>();
  for (const each of answer.responses as readonly (Struct & { partitions: readonly Value[] })[]) {
    const key = `${each.topic} ${each.topicId}`;
    const known = topics.get(key)?.partitions ?? [];
    topics.set(key, { ...each, partitions: [...known, ...each.partitions] });
  }
  return { ...answer, responses: [...topics.values()] };
}

function convert(api: ApiName, field: string, value: Value, names: Names): Value {
  if (Buffer.isBuffer(value)) return bytes(field, value);
  if (Array.isArray(value)) {
    const items = (value as readonly Value[]).map((each) => convert(api, field, each, names));
    return ordered.has(field) ? items : items.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  }
  if (value === null || typeof value !== 'object') return scalar(api, field, value, names);
  const struct = value as Struct;
  return Object.fromEntries(
    Object.entries(struct).map(([key, each]) => [key, convert(api, key, each, names)]),
  );
}

function bytes(field: string, value: Buffer): Value {
  if (value.length === 0) return 'no bytes';
  const digest = createHash('sha256').update(value).digest('hex').slice(0, 12);
  return field === 'records'
    ? `${value.length} bytes of records, ${digest}`
    : `${value.length} bytes, ${digest}`;
}

function learnTopics(value: Value, names: Names): void {
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return;
  if (Array.isArray(value)) {
    for (const each of value as readonly Value[]) learnTopics(each, names);
    return;
  }
  const struct = value as Struct;
  const { name, topicId } = struct;
  if (typeof name === 'string' && name !== '' && typeof topicId === 'string') names.learn(name, topicId);
  for (const each of Object.values(struct)) learnTopics(each, names);
}
