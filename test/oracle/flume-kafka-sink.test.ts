/** The recorded order of mapped headers, held to a real Flume 1.11. */
import { expect, it } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { caseBroker, kafkaSinkConf, sentHeaders } from '../../packages/testkit/src/kafka/kafka-sink-agent.ts';
import { kafkaSinkCases } from '../golden/kafka-sink-cases.ts';

it('Flume puts mapped headers into a record in the order that is written down', async () => {
  using dir = tempDir('millrace-kafka-sink-');
  await using broker = await caseBroker();
  const conf = kafkaSinkConf(broker.bootstrapServers);
  await using flume = await RealFlume.start({ conf, dir: dir.path });
  const sent = await sentHeaders(broker.bootstrapServers);
  expect(sent, flume.process.stdout.slice(-2000)).toEqual(kafkaSinkCases.map((each) => each.sent));
});
