/**
 * A group of the consumer protocol (KIP-848) of two agents and Kafka's own consumer, of which each is killed: every
 * record comes to one of them at least, and no committed offset goes back.
 */
import { expect, test } from 'vitest';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { batchOf } from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
import { describeConsumerGroup } from '../../packages/testkit/src/kafka/group-probe.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { kafkaChain } from '../../packages/testkit/src/oracle/chains.ts';
import {
  type Arrival,
  faultsOf,
  judge,
  lineOf,
  rolledKafkaArrivals,
} from '../../packages/testkit/src/oracle/lines.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill } from '../../packages/testkit/src/oracle/tailing.ts';
import type { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const [topic, groupId, partitions] = ['shared', 'shared', 16];
const names = { named: 'group.instance.id = named', nameless: 'group.instance.id =' };

test('two agents and a Java consumer of one group, each killed: nothing is missing, no offset goes back', async () => {
  const chance = chanceOf('group of the consumer protocol');
  const settings = Object.fromEntries(
    ['', 'min.'].flatMap((min) => [
      [`group.consumer.${min}session.timeout.ms`, 6000],
      [`group.consumer.${min}heartbeat.interval.ms`, 500],
    ]),
  );
  await using kafka = await RealKafka.start({ jvmFlags: ['-Xmx256m'], settings });
  await using client = new KafkaClient({ bootstrapServers: [kafka.bootstrap] });
  const admin = new Admin(client);
  await admin.createTopics([{ topic, partitions, replicationFactor: 1 }]);
  await using stack = new AsyncDisposableStack();
  const agents = Object.entries(names).map(([name, instance]) => {
    const dir = stack.use(tempDir(`millrace-${name}-`));
    const at = 'a2.sources.r1.kafka.consumer';
    const more = [`${at}.group.protocol = consumer`, `${at}.group.id = ${groupId}`, `${at}.${instance}`];
    const chain = kafkaChain(dir, kafka.bootstrap, { topic, more: more.join('\n') });
    return { name, chain, program: stack.use(agentProgram(chain.configFile, 'a2', { name })) };
  });
  const ofJava: Arrival[] = [];
  let java: ManagedProcess | null = null;
  stack.defer(async () => void (await java?.kill()));
  const startJava = async () => {
    const args = ['--topic', topic, '--group-id', groupId, '--group-protocol', 'CONSUMER', '--verbose'];
    java = await kafka.tools.start('kafka-verifiable-consumer', args);
    java.onLine((line) => {
      if (!line.includes('"record_data"')) return;
      const { value, partition } = JSON.parse(line) as { value: string; partition: number };
      ofJava.push({ line: value, lane: `java/${partition}` });
    });
  };
  const arrivals = function* (): Generator<Arrival> {
    for (const { name, chain } of agents)
      for (const { line, lane } of rolledKafkaArrivals(chain.output)) yield { line, lane: `${name}/${lane}` };
    yield* ofJava;
  };
  const obligations = new Map<string, number>();
  const producer = new Producer(client, { acks: -1 });
  stack.defer(() => producer.close());
  const produce = (count: number) =>
    Promise.all(
      Array.from({ length: partitions }, async (_, partition) => {
        const [stream, first] = [`p${partition}`, obligations.get(`p${partition}`) ?? 0];
        obligations.set(stream, first + count);
        const lines = Array.from({ length: count }, (_, i) => lineOf(stream, first + i));
        await producer.send(topic, partition, batchOf(lines));
      }),
    );
  const committed = new Map<number, number>();
  const wentBack: string[] = [];
  const lookAtOffsets = async () => {
    for (const { partition, offset } of await admin.groupOffsets(groupId)) {
      const before = committed.get(partition) ?? 0;
      if (offset < before) wentBack.push(`${partition}: ${before} → ${offset}`);
      committed.set(partition, Math.max(before, offset));
    }
  };
  const present = () => judge(obligations, arrivals());
  /** All members have a share of the partitions. */
  const shared = () =>
    waitFor(
      'three members with partitions',
      async () => {
        await lookAtOffsets();
        const { members } = await describeConsumerGroup(client, groupId);
        const have = members.filter(({ assignment }) => assignment.topicPartitions.length > 0);
        return members.length === 3 && have.length === 3;
      },
      { timeoutMs: 120_000, everyMs: 200 },
    );

  await produce(50);
  await Promise.all([startJava(), ...agents.map(({ program }) => program.start())]);
  await shared();
  const kills: string[] = [];
  for (let round = 0; round < roundsOr(3); round++) {
    const victim = [...agents, null][round % 3]!;
    kills.push(victim?.name ?? 'java');
    await produce(chance.int(20, 200));
    await (victim === null ? java!.kill() : victim.program.kill());
    await produce(chance.int(1, 50));
    await (victim === null ? startJava() : victim.program.start());
    await produce(20);
    await shared();
  }
  await arrivedOrStill(() => -present().missing.length, 0, 60_000, 300);
  const ends = [...obligations.values()];
  await waitFor(
    'all offsets',
    async () => {
      await lookAtOffsets();
      return ends.every((end, partition) => committed.get(partition) === end);
    },
    { timeoutMs: 90_000, everyMs: 200 },
  );
  for (const { program } of agents) await program.stop();
  const verdict = present();
  console.log(
    `killed ${kills.join(', ')}; ${verdict.promised} records, ${verdict.doubles} doubles, ${ofJava.length} by Java`,
  );
  expect(faultsOf(verdict)).toEqual([]);
  expect(wentBack).toEqual([]);
  expect(ofJava.length).toBeGreaterThan(0);
  for (const { chain } of agents) expect([...rolledKafkaArrivals(chain.output)].length).toBeGreaterThan(0);
});
