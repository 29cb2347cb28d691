/** kcat (librdkafka) against the embedded broker. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { kcat, kcatConsumeAll, kcatProduce, startKcat } from '../../packages/testkit/src/kafka/kcat.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start({ groupInitialRebalanceDelayMs: 100, defaultPartitions: 2 });
});
afterAll(() => broker.stop());

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

test('-L lists broker, topics, partitions', async () => {
  await broker.createTopic('listed', { partitions: 3 });
  const { stdout } = await kcat(broker.bootstrapServers, ['-L', '-t', 'listed']);
  expect(stdout).toContain(`broker 1 at ${broker.bootstrapServers} (controller)`);
  expect(stdout.match(/partition \d, leader 1, replicas: 1, isrs: 1/g)).toHaveLength(3);
});

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
  '-P and -C with %s, in order, from the beginning',
  async (codec) => {
    await kcatProduce(broker.bootstrapServers, `codec-${codec}`, lines(2000), ['-p', '0', '-z', codec]);
    const records = await kcatConsumeAll(broker.bootstrapServers, `codec-${codec}`);
    expect(records.map((record) => record.value.toString())).toEqual(lines(2000));
    expect(records.map((record) => record.offset)).toEqual(lines(2000).map((_, i) => i));
  },
);

test('idempotent with keys and headers; -Q finds offsets by time', async () => {
  const before = Date.now();
  const args = ['-X', 'enable.idempotence=true', '-K', ':', '-H', 'h=v', '-p', '1'];
  await kcatProduce(broker.bootstrapServers, 'rich', ['k:one', 'k:two'], args);
  const records = await kcatConsumeAll(broker.bootstrapServers, 'rich');
  expect(records.map(({ key, value, headers }) => [key?.toString(), value.toString(), headers])).toEqual([
    ['k', 'one', 'h=v'],
    ['k', 'two', 'h=v'],
  ]);
  const query = async (time: number) =>
    (await kcat(broker.bootstrapServers, ['-Q', '-t', `rich:1:${time}`])).stdout.trim();
  expect(await query(before)).toBe('rich [1] offset 0');
  expect(await query(-1)).toBe('rich [1] offset 2');
  expect(await query(-2)).toBe('rich [1] offset 0');
});

test('-G: two members share the partitions; when one leaves the other takes all; every record once', async () => {
  await broker.createTopic('shared', { partitions: 4 });
  const args = [
    '-u',
    '-G',
    'pair',
    '-X',
    'auto.offset.reset=earliest',
    '-X',
    'session.timeout.ms=6000',
    '-f',
    '%p:%o\\n',
    'shared',
  ];
  await using first = await startKcat(broker.bootstrapServers, args);
  await using second = await startKcat(broker.bootstrapServers, args);
  const assigned = (text: string) =>
    [
      ...(text
        .match(/assigned: (.*)$/gm)
        ?.at(-1)
        ?.matchAll(/shared \[(\d)\]/g) ?? []),
    ].map((match) => match[1]!);
  await waitFor(
    'two partitions each',
    () => assigned(first.stderr).length === 2 && assigned(second.stderr).length === 2,
  );
  expect([...assigned(first.stderr), ...assigned(second.stderr)].toSorted()).toEqual(['0', '1', '2', '3']);

  for (const partition of [0, 1, 2, 3]) {
    await kcatProduce(broker.bootstrapServers, 'shared', lines(100), ['-p', `${partition}`]);
  }
  const seen = () => `${first.stdout}${second.stdout}`.trim().split('\n');
  await waitFor('all records', () => seen().length >= 400);
  expect(new Set(seen()).size).toBe(400);
  expect(seen()).toHaveLength(400);

  await second.stop();
  await waitFor('the other to take over', () => assigned(first.stderr).length === 4);
  await kcatProduce(broker.bootstrapServers, 'shared', ['last'], ['-p', '3']);
  await waitFor('the last record', () => first.stdout.includes('3:100'));
  expect(seen()).toHaveLength(401);
});
