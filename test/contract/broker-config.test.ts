/** `millrace broker --config server.properties` as a process: what the file says, what options say over it, what it is told. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { certificates, keystorePassword } from '../../packages/testkit/src/net/certificates.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';

test("Kafka's file is followed, what has no effect is listed, options go before it", async () => {
  await using dir = tempDir('millrace-config-');
  const file = dir.join('server.properties');
  writeFileSync(
    file,
    `process.roles=broker,controller
node.id=7
listeners=PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0,CONTROLLER://127.0.0.1:0
advertised.listeners=SSL://kafka.example:19093
controller.listener.names=CONTROLLER
ssl.keystore.location=${certificates.pkcs12}
ssl.keystore.password=${keystorePassword}
log.dirs=${dir.join('elsewhere')}
num.partitions=3
num.io.thread=8
log.retention.hours=1
`,
  );
  const millrace = await startMillrace([
    'broker',
    '--config',
    file,
    '--data',
    dir.join('data'),
    '--set',
    'num.partitions=5',
  ]);
  const ready = await millrace.waitForLine(/ready: broker on 127\.0\.0\.1:(\d+)/, 30_000);
  using client = await WireClient.connect(Number(ready[1]));
  const { topics, controllerId } = await client.request('metadata', 9, {
    topics: [{ name: 'made' }],
    allowAutoTopicCreation: true,
  });
  expect([controllerId, topics[0]!.partitions.length]).toEqual([7, 5]);
  const { results } = await client.request('describeConfigs', 4, {
    resources: [{ resourceType: 2, resourceName: 'made', configurationKeys: ['retention.ms'] }],
  });
  expect(results[0]!.configs[0]!.value).toBe('3600000');
  const told = millrace.tail(200);
  expect(told).toContain(
    `${file}:10: num.io.thread is known neither here nor to Kafka, and has no effect; did you mean num.io.threads?`,
  );
  expect(told).toContain('no effect, there is one node: process.roles');
  expect(told).not.toContain(keystorePassword);
  await millrace.stop();
});

test('what can not be is told with its line; the folder of an Apache Kafka is left alone', async () => {
  await using dir = tempDir('millrace-config-');
  const file = dir.join('server.properties');
  writeFileSync(
    file,
    'num.partitions=2\n\nlisteners=SASL_SSL://127.0.0.1:0\nsasl.enabled.mechanisms=SCRAM-SHA-513\nssl.keystore.location=x\n',
  );
  const wrong = await startMillrace(['broker', '--config', file, '--memory']);
  expect((await wrong.exited).code).toBe(78);
  expect(wrong.tail(20)).toContain(
    `${file}:4: sasl.enabled.mechanisms: 'SCRAM-SHA-513' is none of PLAIN, SCRAM-SHA-256`,
  );
  const kafkas = dir.join('kraft-combined-logs');
  mkdirSync(`${kafkas}/__cluster_metadata-0`, { recursive: true });
  mkdirSync(`${kafkas}/orders-0`);
  const other = await startMillrace(['broker', '--data', kafkas, '--listen', '127.0.0.1:0']);
  expect((await other.exited).code).toBe(78);
  expect(other.tail(20)).toContain('is the folder of an Apache Kafka: it has __cluster_metadata-0');
});
