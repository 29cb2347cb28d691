import { expect, test } from 'vitest';
import { consumerOptionsFrom, producerOptionsFrom } from './properties.ts';

const map = (entries: Record<string, string>): Map<string, string> => new Map(Object.entries(entries));

test('the producer properties of a Flume file', () => {
  const { client, options, problems } = producerOptionsFrom(
    map({
      acks: 'all',
      'linger.ms': ' 10 ',
      'batch.size': '65536',
      'compression.type': 'LZ4',
      'max.in.flight.requests.per.connection': '1',
      'delivery.timeout.ms': '30000',
      'enable.idempotence': 'true',
      'client.id': 'edge',
    }),
  );
  expect(problems).toEqual([]);
  expect(client).toEqual({ clientId: 'edge' });
  expect(options).toEqual({
    acks: -1,
    lingerMs: 10,
    batchSizeBytes: 65536,
    compression: 'lz4',
    maxInFlight: 1,
    deliveryTimeoutMs: 30000,
    idempotence: true,
  });
});

test('an unknown key is reported with the nearest name, and is not fatal', () => {
  const { problems } = producerOptionsFrom(map({ 'lingr.ms': '5' }));
  expect(problems).toEqual([
    { key: 'lingr.ms', message: 'is not known here', suggestion: 'did you mean linger.ms?' },
  ]);
});

test('a bad number is what Kafka would refuse', () => {
  const { options, problems } = producerOptionsFrom(map({ 'linger.ms': '5ms' }));
  expect(options).toEqual({});
  expect(problems[0]).toMatchObject({ key: 'linger.ms', fatal: true });
});

test('idempotence that is asked for needs acks=all', () => {
  expect(producerOptionsFrom(map({ acks: '1', 'enable.idempotence': 'true' })).problems).toEqual([
    { key: 'enable.idempotence', message: 'needs acks=all', suggestion: 'acks = all', fatal: true },
  ]);
});

test('transactions need what idempotence needs, as in Kafka', () => {
  const { options, problems } = producerOptionsFrom(
    map({ acks: 'all', 'transactional.id': 't1', 'transaction.timeout.ms': '5000' }),
  );
  expect(options).toEqual({ acks: -1, transactionalId: 't1', transactionTimeoutMs: 5000 });
  expect(problems).toEqual([]);
  const key = 'transactional.id';
  expect(producerOptionsFrom(map({ acks: '1', [key]: 't1' })).problems).toEqual([
    { key, message: 'needs acks=all', suggestion: 'acks = all', fatal: true },
  ]);
  expect(producerOptionsFrom(map({ [key]: 't1', 'enable.idempotence': 'false' })).problems).toEqual([
    { key, message: 'needs enable.idempotence=true', fatal: true },
  ]);
  expect(producerOptionsFrom(map({ [key]: '' })).problems).toMatchObject([{ key, fatal: true }]);
});

test("the consumer's assignors by Java class name, and settings without effect", () => {
  const { options, problems } = consumerOptionsFrom(
    map({
      'group.id': 'g',
      'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor, range',
      'enable.auto.commit': 'true',
      'isolation.level': 'read_committed',
    }),
  );
  expect(options).toEqual({ groupId: 'g', assignors: ['cooperative-sticky', 'range'], readCommitted: true });
  expect(problems.map(({ key }) => key)).toEqual(['enable.auto.commit']);
});

test.each([
  ['consumer', 'session.timeout.ms', '6000'],
  ['consumer', 'heartbeat.interval.ms', '100'],
  ['consumer', 'partition.assignment.strategy', 'range'],
  ['classic', 'group.remote.assignor', 'uniform'],
])('with group.protocol=%s Kafka refuses %s', (protocol, key, value) => {
  const { problems } = consumerOptionsFrom(map({ 'group.protocol': protocol, [key]: value }));
  const fault = { key, message: `has no meaning with group.protocol=${protocol}`, fatal: true };
  expect(problems).toContainEqual(expect.objectContaining(fault));
  const other = protocol === 'classic' ? 'consumer' : 'classic';
  const without = consumerOptionsFrom(map({ 'group.protocol': other, [key]: value })).problems;
  expect(without.filter((problem) => problem.fatal)).toEqual([]);
});
