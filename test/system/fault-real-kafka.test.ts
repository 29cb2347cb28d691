/** Real Kafka as it fails: stopped and started again, its topic deleted; nothing is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { kcatConsumeAll } from '../../packages/testkit/src/kafka/kcat.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { kafkaChain } from '../../packages/testkit/src/oracle/chains.ts';
import { strayArrivals } from '../../packages/testkit/src/oracle/kafka.ts';
import { faultsOf, judge, rolledKafkaArrivals } from '../../packages/testkit/src/oracle/lines.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill, BusyWriters } from '../../packages/testkit/src/oracle/tailing.ts';

/** How long the broker is down. */
const downMs = Number(process.env.MILLRACE_AWAY_MS ?? 20_000);

test('the broker stopped, killed and started again, agents killed meanwhile', async () => {
  await using kafka = await RealKafka.start();
  await kafka.tools.createTopic('events', { partitions: 4 });
  await using dir = tempDir('millrace-fault-');
  const chance = chanceOf('real Kafka');
  const chain = kafkaChain(dir, kafka.bootstrap);
  await using a1 = agentProgram(chain.configFile, 'a1');
  await using a2 = agentProgram(chain.configFile, 'a2');
  await Promise.all([a1.start(), a2.start()]);
  const writers = new BusyWriters(chain.input, chance.fork(), { pauseMs: 20 }).start();
  await sleep(2000);
  await kafka.stop();
  await sleep(downMs);
  await kafka.restart();
  await sleep(2000);
  await a1.kill();
  await a1.start();
  await kafka.kill();
  await a2.kill();
  await a2.start();
  await kafka.restart();
  await sleep(1000);
  const { obligations, count } = await writers.stop();
  const arrivals = () => rolledKafkaArrivals(chain.output);
  await arrivedOrStill(() => count - judge(obligations, arrivals()).missing.length, count, 60_000);
  await Promise.all([a1.stop(), a2.stop()]);
  const records = await kcatConsumeAll(kafka.bootstrap, 'events');
  const verdict = judge(obligations, arrivals());
  console.log(`real Kafka down ${downMs} ms: ${verdict.promised} lines, ${verdict.doubles} doubles`);
  expect(faultsOf(verdict)).toEqual([]);
  expect(strayArrivals(records, arrivals())).toEqual([]);
});

test('a topic deleted and made again by whoever sends: what comes then arrives, in order, from its first record on', async () => {
  await using kafka = await RealKafka.start();
  await kafka.tools.createTopic('events', { partitions: 2 });
  await using dir = tempDir('millrace-fault-');
  // Lines whose partition is no more wait for the delivery timeout, as in Kafka's own producer; then they are sent anew.
  const timeouts = ['request.timeout.ms = 3000', 'delivery.timeout.ms = 6000'];
  const chain = kafkaChain(dir, kafka.bootstrap, {
    more: timeouts.map((line) => `a1.sinks.k1.kafka.producer.${line}`).join('\n'),
  });
  await using a1 = agentProgram(chain.configFile, 'a1');
  await using a2 = agentProgram(chain.configFile, 'a2');
  await Promise.all([a1.start(), a2.start()]);
  const before = new BusyWriters(chain.input, chanceOf('topic deleted'), {
    pauseMs: 20,
    rotate: false,
  }).start();
  await sleep(2000);
  await before.stop();
  const arrivals = () => rolledKafkaArrivals(chain.output);
  const missing = () => judge(before.lines.obligations, arrivals()).missing;
  await arrivedOrStill(() => before.lines.count - missing().length, before.lines.count, 60_000);
  expect(missing()).toEqual([]);
  await kafka.tools.run('kafka-topics', ['--delete', '--topic', 'events']);
  // Records that the topic held are gone by order; those that come now must find it again.
  before.lines.append(dir.join('in', 'w0.log'), 'late', 2000);
  await sleep(3000);
  before.lines.append(dir.join('in', 'w1.log'), 'later', 2000);
  await arrivedOrStill(() => before.lines.count - missing().length, before.lines.count, 90_000);
  expect(faultsOf(judge(before.lines.obligations, arrivals()))).toEqual([]);
});
