import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { Broker } from '../broker/broker.ts';
import { optionsOf } from '../broker/settings/setting-table.ts';
import { run } from './kafka-configs.ts';

let broker: Broker;
const dir = tempDir('millrace-kafka-configs-');
beforeAll(async () => {
  const secure = optionsOf([
    ['listeners', 'PLAINTEXT://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:0'],
    ['sasl.enabled.mechanisms', 'SCRAM-SHA-256,SCRAM-SHA-512'],
  ]);
  broker = await Broker.start(secure);
  await broker.createTopic('orders');
});
afterAll(async () => {
  await broker.stop();
  dir[Symbol.dispose]();
});
const configs = (...args: string[]) => runCli(run, ['--bootstrap-server', broker.bootstrapServers, ...args]);

test('users of SCRAM are added, log in with what was given, are shown and taken away', async () => {
  const secret = 'a,b=c d';
  const added = await configs(
    '--alter',
    '--user',
    'alice',
    '--add-config',
    `SCRAM-SHA-512=[iterations=8192,password=${secret}]`,
  );
  expect(added).toMatchObject({ code: 0, stdout: 'Completed updating config for user alice.\n' });
  const file = dir.join('add.properties');
  writeFileSync(file, 'SCRAM-SHA-256=[password=other]\n');
  expect(
    (await configs('--alter', '--entity-type', 'users', '--entity-name', 'alice', '--add-config-file', file))
      .code,
  ).toBe(0);
  const line =
    "SCRAM credential configs for user-principal 'alice' are SCRAM-SHA-512=iterations=8192, SCRAM-SHA-256=iterations=4096\n";
  expect((await configs('--describe', '--entity-type', 'users')).stdout).toBe(line);
  const login = dir.join('login.properties');
  const jaas = `org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="${secret}";`;
  writeFileSync(
    login,
    `security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config=${jaas}\n`,
  );
  const secure = ['--bootstrap-server', broker.bootstrapOf('SASL_PLAINTEXT'), '--command-config', login];
  expect((await runCli(run, [...secure, '--describe', '--user', 'alice'])).stdout).toBe(line);
  expect(
    (await configs('--alter', '--user', 'alice', '--delete-config', 'SCRAM-SHA-512,SCRAM-SHA-256')).code,
  ).toBe(1);
  expect((await configs('--alter', '--user', 'alice', '--delete-config', 'SCRAM-SHA-512')).code).toBe(0);
  expect((await configs('--describe', '--user', 'alice')).stdout).toContain(
    'are SCRAM-SHA-256=iterations=4096\n',
  );
  expect(await configs('--alter', '--user', 'bob', '--delete-config', 'SCRAM-SHA-512')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('does not exist'),
  });
});

test('settings of a topic are set, shown with where they come from, and taken back', async () => {
  const topic = ['--topic', 'orders'];
  expect(
    (await configs('--alter', ...topic, '--add-config', 'retention.ms=5000,cleanup.policy=[compact,delete]'))
      .code,
  ).toBe(0);
  const { stdout } = await configs('--describe', ...topic);
  expect(stdout).toContain('Dynamic configs for topic orders are:\n');
  expect(stdout).toContain(
    '  retention.ms=5000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=5000',
  );
  expect(stdout).toContain('  cleanup.policy=compact,delete sensitive=false');
  expect(stdout).not.toContain('segment.bytes');
  expect((await configs('--alter', ...topic, '--delete-config', 'retention.ms')).code).toBe(0);
  expect((await configs('--describe', ...topic)).stdout).not.toContain('retention.ms');
  expect((await configs('--describe', '--all', '--entity-type', 'topics')).stdout).toContain(
    '  segment.bytes=1073741824 sensitive=false',
  );
  expect((await configs('--describe', '--all', '--entity-type', 'brokers')).stdout).toContain(
    'All configs for broker 1 are:\n',
  );
  expect(await configs('--alter', ...topic, '--add-config', 'retention.ms=soon')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('Error while executing config command: '),
  });
});

test.each([
  [['--describe', '--alter', '--topic', 't'], 'exactly one action'],
  [['--describe'], 'Give one entity'],
  [['--describe', '--topic', 't', '--user', 'u'], 'Give one entity'],
  [['--describe', '--entity-type', 'topcis'], 'Did you mean topics?'],
  [['--alter', '--entity-type', 'topics', '--add-config', 'a=b'], 'An entity name must be specified'],
  [['--alter', '--topic', 't'], '--add-config'],
  [['--alter', '--topic', 't', '--add-config', 'hush'], 'must be in the format "key=val"'],
  [['--alter', '--user', 'u', '--add-config', 'SCRAM-SHA-512=[hush]'], 'its value is no credential'],
  [
    ['--alter', '--user', 'u', '--add-config', 'SCRAM-SHA-512=[iterations=12,password=hush]'],
    'less than the minimum 4096',
  ],
  [['--alter', '--user', 'u', '--add-config', 'consumer_byte_rate=5'], 'SCRAM-SHA-256 and SCRAM-SHA-512'],
])('%j is told before a broker is asked, without what is secret in it', async (args, message) => {
  const { code, stderr, stdout } = await runCli(run, args);
  expect([code, stderr]).toEqual([64, expect.stringContaining(message)]);
  expect(stderr + stdout).not.toContain('hush');
});
