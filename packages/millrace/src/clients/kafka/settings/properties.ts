import { splitServers } from '../../../config/host-ports.ts';
import type { PropertyProblem, PropertyReading } from '../../../config/options.ts';
import { assignorClasses } from '../consumer/assignors.ts';
import type {
  AssignorName,
  ClientOptions,
  ConsumerOptions,
  OffsetReset,
  ProducerOptions,
} from '../options.ts';
import { PropertyReader, put, type Writable } from './property-reader.ts';
import { securityFrom, storesElsewhere } from './security-properties.ts';

/** What was read of a set of properties. */
export interface Parsed<T> {
  readonly client: Partial<ClientOptions>;
  readonly options: T;
  readonly problems: readonly PropertyProblem[];
  /** Every property that is looked at, set or not. */
  readonly known: readonly string[];
}

const serializers = 'events are bytes here; keys are text';
const noMetrics = 'metrics are served over HTTP';

function clientOptions(reader: PropertyReader): Partial<ClientOptions> {
  const client: Writable<Partial<ClientOptions>> = {};
  const servers = reader.text('bootstrap.servers');
  if (servers !== undefined) client.bootstrapServers = splitServers(servers);
  put(client, 'clientId', reader.text('client.id'));
  put(client, 'requestTimeoutMs', reader.int('request.timeout.ms', 1));
  put(client, 'connectTimeoutMs', reader.long('socket.connection.setup.timeout.ms', 1));
  put(client, 'reconnectBackoffMs', reader.long('reconnect.backoff.ms', 0));
  put(client, 'reconnectBackoffMaxMs', reader.long('reconnect.backoff.max.ms', 0));
  put(client, 'metadataMaxAgeMs', reader.long('metadata.max.age.ms', 0));
  put(client, 'metadataMaxIdleMs', reader.long('metadata.max.idle.ms', 5000));
  put(client, 'security', securityFrom(reader));
  for (const key of [
    'metric.reporters',
    'metrics.num.samples',
    'metrics.sample.window.ms',
    'metrics.recording.level',
  ]) {
    reader.ignored(key, noMetrics);
  }
  for (const key of [
    'send.buffer.bytes',
    'receive.buffer.bytes',
    'connections.max.idle.ms',
    'client.dns.lookup',
  ]) {
    reader.ignored(key, "the system's own setting is used");
  }
  reader.ignored('interceptor.classes', 'names in a configuration never become code');
  return client;
}

/** From the properties of Kafka's producer (without a prefix), as in `kafka.producer.*`. */
export function producerOptionsFrom(properties: ReadonlyMap<string, string>): Parsed<ProducerOptions> {
  const reader = new PropertyReader(properties);
  const client = clientOptions(reader);
  const options: Writable<ProducerOptions> = {};
  const acks = reader.oneOf('acks', ['0', '1', '-1', 'all']);
  if (acks !== undefined) options.acks = acks === '0' ? 0 : acks === '1' ? 1 : -1;
  put(options, 'lingerMs', reader.long('linger.ms', 0));
  put(options, 'batchSizeBytes', reader.int('batch.size', 0));
  put(options, 'compression', reader.oneOf('compression.type', ['none', 'gzip', 'snappy', 'lz4', 'zstd']));
  put(options, 'maxInFlight', reader.int('max.in.flight.requests.per.connection', 1));
  put(options, 'deliveryTimeoutMs', reader.int('delivery.timeout.ms', 0));
  put(options, 'requestTimeoutMs', reader.int('request.timeout.ms', 1));
  put(options, 'retries', reader.int('retries', 0));
  put(options, 'retryBackoffMs', reader.long('retry.backoff.ms', 0));
  put(options, 'retryBackoffMaxMs', reader.long('retry.backoff.max.ms', 0));
  put(options, 'idempotence', reader.boolean('enable.idempotence'));
  put(options, 'maxRequestBytes', reader.int('max.request.size', 1024));
  put(options, 'bufferBytes', reader.long('buffer.memory', 0));
  put(options, 'maxBlockMs', reader.long('max.block.ms', 0));
  put(options, 'metadataMaxIdleMs', client.metadataMaxIdleMs);
  for (const key of ['key.serializer', 'value.serializer']) reader.ignored(key, serializers);
  reader.ignored('partitioner.class', "Kafka's default partitioner is the only one");
  put(options, 'transactionalId', reader.text('transactional.id'));
  put(options, 'transactionTimeoutMs', reader.int('transaction.timeout.ms', 0));
  if (options.transactionalId === undefined) {
    reader.ignored('transaction.timeout.ms', 'transactional.id is not set');
  }
  reader.problems.push(...idempotenceFaults(options));
  return { client, options, problems: reader.finish(), known: reader.known };
}

/** What Kafka's `ProducerConfig.postProcessAndValidateIdempotenceConfigs` refuses. */
function idempotenceFaults(options: ProducerOptions): PropertyProblem[] {
  const { transactionalId } = options;
  if (options.idempotence !== true && transactionalId === undefined) return [];
  const faults: PropertyProblem[] = [];
  const key = transactionalId === undefined ? 'enable.idempotence' : 'transactional.id';
  if (transactionalId === '') faults.push({ key, message: 'is empty', fatal: true });
  if (transactionalId !== undefined && options.idempotence === false) {
    faults.push({ key, message: 'needs enable.idempotence=true', fatal: true });
  }
  if (options.acks !== undefined && options.acks !== -1) {
    faults.push({ key, message: 'needs acks=all', suggestion: 'acks = all', fatal: true });
  }
  if (options.retries === 0) faults.push({ key, message: 'needs retries above 0', fatal: true });
  if ((options.maxInFlight ?? 5) > 5) {
    faults.push({ key, message: 'needs max.in.flight.requests.per.connection of at most 5', fatal: true });
  }
  return faults;
}

/** What Kafka's `ConsumerConfig` refuses beside the other group protocol: the brokers decide it there. */
const ofClassicProtocol = ['partition.assignment.strategy', 'heartbeat.interval.ms', 'session.timeout.ms'];
const ofConsumerProtocol = ['group.remote.assignor'];

/** From the properties of Kafka's consumer (without a prefix), as in `kafka.consumer.*`. `group.id` may be absent. */
export function consumerOptionsFrom(
  properties: ReadonlyMap<string, string>,
): Parsed<Partial<ConsumerOptions>> {
  const reader = new PropertyReader(properties);
  const client = clientOptions(reader);
  const options: Writable<Partial<ConsumerOptions>> = {};
  put(options, 'groupId', reader.text('group.id'));
  put(options, 'groupInstanceId', reader.text('group.instance.id'));
  put(options, 'assignors', assignorList(reader));
  put(
    options,
    'autoOffsetReset',
    reader.oneOf<OffsetReset>('auto.offset.reset', ['earliest', 'latest', 'none']),
  );
  put(options, 'sessionTimeoutMs', reader.int('session.timeout.ms', 1));
  put(options, 'heartbeatIntervalMs', reader.int('heartbeat.interval.ms', 1));
  put(options, 'maxPollIntervalMs', reader.int('max.poll.interval.ms', 1));
  put(options, 'fetchMinBytes', reader.int('fetch.min.bytes', 0));
  put(options, 'fetchMaxBytes', reader.int('fetch.max.bytes', 0));
  put(options, 'maxPartitionFetchBytes', reader.int('max.partition.fetch.bytes', 0));
  put(options, 'fetchMaxWaitMs', reader.int('fetch.max.wait.ms', 0));
  const isolation = reader.oneOf('isolation.level', ['read_uncommitted', 'read_committed']);
  if (isolation !== undefined) options.readCommitted = isolation === 'read_committed';
  put(options, 'checkCrcs', reader.boolean('check.crcs'));
  put(options, 'retryBackoffMs', reader.long('retry.backoff.ms', 0));
  put(options, 'retryBackoffMaxMs', reader.long('retry.backoff.max.ms', 0));
  put(options, 'requestTimeoutMs', reader.int('request.timeout.ms', 1));
  put(options, 'allowAutoCreateTopics', reader.boolean('allow.auto.create.topics'));
  for (const key of ['key.deserializer', 'value.deserializer']) reader.ignored(key, serializers);
  for (const key of ['enable.auto.commit', 'auto.commit.interval.ms']) {
    reader.ignored(key, 'offsets are committed after the events are safe');
  }
  reader.ignored('max.poll.records', 'whole batches are handed on');
  put(options, 'apiTimeoutMs', reader.int('default.api.timeout.ms', 0));
  put(options, 'rack', reader.text('client.rack'));
  put(options, 'groupProtocol', reader.oneOf('group.protocol', ['classic', 'consumer']));
  put(options, 'remoteAssignor', reader.text('group.remote.assignor'));
  const isOfBroker = options.groupProtocol === 'consumer';
  for (const key of isOfBroker ? ofClassicProtocol : ofConsumerProtocol) {
    if (!reader.has(key)) continue;
    const protocol = isOfBroker ? 'consumer' : 'classic';
    reader.fault(key, `has no meaning with group.protocol=${protocol}`, 'remove the line');
  }
  return { client, options, problems: reader.finish(), known: reader.known };
}

function assignorList(reader: PropertyReader): readonly AssignorName[] | undefined {
  const key = 'partition.assignment.strategy';
  const text = reader.text(key);
  if (text === undefined) return undefined;
  const names: AssignorName[] = [];
  for (const part of splitServers(text)) {
    const name = assignorClasses[part];
    if (name === undefined) {
      reader.problems.push({ key, message: `'${part}' is not known; it is left out` });
    } else if (!names.includes(name)) names.push(name);
  }
  return names.length === 0 ? undefined : names;
}

/** Kafka's producer properties, as an option of a component reads them. */
export const producerProperties: PropertyReading<Parsed<ProducerOptions>> = {
  keys: producerOptionsFrom(new Map()).known,
  elsewhere: storesElsewhere,
  read: producerOptionsFrom,
  problemsOf: ({ problems }) => problems,
};
/** Kafka's consumer properties, as an option of a component reads them. */
export const consumerProperties: PropertyReading<Parsed<Partial<ConsumerOptions>>> = {
  keys: consumerOptionsFrom(new Map()).known,
  elsewhere: storesElsewhere,
  read: consumerOptionsFrom,
  problemsOf: ({ problems }) => problems,
};
