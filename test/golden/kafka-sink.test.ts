import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { caseBroker, kafkaSinkConf, sentHeaders } from '../../packages/testkit/src/kafka/kafka-sink-agent.ts';
import { kafkaSinkCases } from './kafka-sink-cases.ts';

it("KafkaSink puts mapped headers into a record in Flume's order", async () => {
  using dir = tempDir();
  await using broker = await caseBroker();
  writeFileSync(dir.join('flume.conf'), kafkaSinkConf(broker.bootstrapServers));
  await using agent = await Agent.fromFile(dir.join('flume.conf'), 'a1', { reloadIntervalMs: 0 });
  await agent.start();
  expect(await sentHeaders(broker.bootstrapServers)).toEqual(kafkaSinkCases.map(({ sent }) => sent));
});
