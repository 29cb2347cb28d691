/** What a KafkaChannel sets aside itself is in the agent's outcome and in its counters. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { cutEvery, givenSource } from '../../../../testkit/src/flume/given-source.ts';
import { fuzzRuns } from '../../../../testkit/src/fuzz/fuzz-runs.ts';
import { clusterBench } from '../../../../testkit/src/kafka/fake-cluster/bench.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { encodeAvroEvents } from '../../records/avro-event.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { Agent } from '../agent.ts';
import type { AgentInput } from '../configuration/typed-config.ts';

/** `bad put`: it names no partition. `bad record`: somebody else's, no Flume event. */
const kinds = fc.array(fc.constantFrom('good', 'good', 'bad put'), { minLength: 1, maxLength: 20 });

it('drawn: refused at the put, refused at the take', async () => {
  await fc.assert(
    fc.asyncProperty(
      kinds,
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 4 }),
      async (given, perPut, badRecords) => {
        await using dir = tempDir();
        await using b = await clusterBench();
        b.cluster.addTopic('t', 1);
        const producer = b.newProducer({ batchSizeBytes: 0 });
        const foreign = new BatchBuilder();
        foreign.add(encodeAvroEvents(eventsOf(['good'])).event(0).body);
        for (let i = 0; i < badRecords; i++) foreign.add('plain text');
        await producer.send('t', 0, foreign.build());
        const source = givenSource(cutEvery(given, perPut).map(eventsOf));
        const config = {
          name: 'a1',
          sources: { r1: { type: 'given', channels: ['c1'] } },
          channels: {
            c1: {
              type: 'org.apache.flume.channel.kafka.KafkaChannel',
              'kafka.bootstrap.servers': b.cluster.bootstrapServers,
              'kafka.topic': 't',
              'kafka.pollTimeout': 20,
              'kafka.consumer.heartbeat.interval.ms': 20,
              partitionIdHeader: 'p',
              refusedFile: dir.join('refused.jsonl'),
            },
          },
          sinks: { k1: { type: 'null', channel: 'c1', batchSize: 3 } },
        } as AgentInput;
        const agent = await Agent.fromConfig(config, { components: [source] });
        await agent.start();
        const badPuts = given.filter((kind) => kind !== 'good').length;
        const good = given.length - badPuts + 1;
        const counter = (name: string) =>
          Number(agent.counters().find(({ kind }) => kind === 'channel')!.attributes[name]);
        await waitFor('all events', () => counter('EventTakeSuccessCount') >= good, { everyMs: 5 });
        await waitFor('the refused', () => counter('EventRefusedCount') >= badPuts + badRecords, {
          everyMs: 5,
        });
        expect([counter('EventPutSuccessCount'), counter('EventTakeSuccessCount')]).toEqual([good - 1, good]);
        await agent.stop();
        expect(agent.outcome).toMatchObject([
          { channel: 'c1', delivered: good, refused: badPuts + badRecords, lost: 0 },
        ]);
      },
    ),
    fuzzRuns(15),
  );
});

function eventsOf(given: readonly string[]) {
  const builder = new BatchBuilder();
  given.forEach((kind, i) => {
    builder.add(`e${i}`, [['p', kind === 'good' ? '0' : 'none']]);
  });
  return builder.build();
}
