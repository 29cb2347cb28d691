import { expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { brokerSettings } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';

async function described(port: number, version = 4) {
  using client = await WireClient.connect(port);
  const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: null }];
  const { results } = await client.request('describeConfigs', version, {
    resources,
    ...(version >= 3 ? { includeDocumentation: true } : {}),
  });
  return new Map(results[0]!.configs.map((config) => [config.name, config]));
}

test('DescribeConfigs shows every setting of the table with its meaning, and whether it is the default', async () => {
  await using broker = await Broker.start({ maxConnections: 7, offsetsRetentionMs: 120_000 });
  const configs = await described(broker.port);
  for (const setting of brokerSettings) {
    expect(configs.get(setting.name)).toMatchObject({ readOnly: true, documentation: setting.what });
  }
  const value = (name: string) => [configs.get(name)?.value, configs.get(name)?.configSource];
  expect(value('max.connections')).toEqual(['7', 4]);
  expect(value('offsets.retention.minutes')).toEqual(['2', 4]);
  expect(value('max.connections.per.ip')).toEqual(['2147483647', 5]);
  expect(value('queued.max.request.bytes')).toEqual([String(128 << 20), 5]);
  expect((await described(broker.port, 1)).get('max.connections')).toMatchObject({ value: '7' });
});

test.each([
  ['broker', ['--memory']],
  ['start', ['--http', '127.0.0.1:0']],
])('millrace %s --set gives the broker its settings', async (command, args) => {
  await using dir = tempDir();
  const set = ['max.connections=50', 'queued.max.request.bytes=1000000', 'retention.ms=3600000'];
  await using millrace = await startMillrace(
    [command, ...args, '--listen', '127.0.0.1:0', ...set.flatMap((each) => ['--set', each])],
    { cwd: dir.path },
  );
  await millrace.waitForLine(/^ready/);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(millrace.stdout)![1]);
  const configs = await described(port);
  expect(configs.get('max.connections')).toMatchObject({ value: '50' });
  expect(configs.get('queued.max.request.bytes')).toMatchObject({ value: '1000000' });
  expect(configs.get('log.retention.ms')).toMatchObject({ value: '3600000' });
});
