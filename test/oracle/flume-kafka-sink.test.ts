/** The recorded order of mapped headers, held to a real Flume 1.11. */
import { expect, it } from 'vitest';
import { kafkaSinkCases } from '../golden/kafka-sink-cases.ts';
import { caseBroker, kafkaSinkConf, sentHeaders } from '../support/kafka-sink-agent.ts';
import { RealFlume } from '../support/real-flume.ts';
import { tempDir } from '../support/temp-dir.ts';

it('Flume puts mapped headers into a record in the order that is written down', async () => {
  using dir = tempDir('millrace-kafka-sink-');
  await using broker = await caseBroker();
  const conf = kafkaSinkConf(broker.bootstrapServers);
  await using flume = await RealFlume.start({ conf, dir: dir.path });
  const sent = await sentHeaders(broker.bootstrapServers);
  expect(sent, flume.process.stdout.slice(-2000)).toEqual(kafkaSinkCases.map((each) => each.sent));
});
