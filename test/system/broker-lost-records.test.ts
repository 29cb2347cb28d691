/** Real consumers of a partition whose device lost records that were acknowledged with acks=1. */
import { expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { FaultyFiles } from '../../packages/testkit/src/files/faulty-files.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { KafkaTools } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { kcat, kcatConsumeAll, kcatProduce } from '../../packages/testkit/src/kafka/kcat.ts';

test('offsets of lost records are not given again, and consumers step over them, also at the end', async () => {
  await using dir = tempDir('millrace-lost-');
  const files = new FaultyFiles(1);
  await using broker = await Broker.start({ dataDir: dir.path, files });
  const bootstrap = broker.bootstrapServers;
  await broker.createTopic('t');
  await kcatProduce(bootstrap, 't', ['kept'], ['-X', 'acks=all']);
  Object.assign(files.faults, { failSync: true, dropPages: true });
  await kcatProduce(bootstrap, 't', ['lost', 'lost too'], ['-X', 'acks=1']);
  // Healing begins when the sync has failed; kcat asks again until it is done.
  const marked = await kcat(bootstrap, ['-P', '-t', 't', '-X', 'acks=all', '-X', 'message.timeout.ms=300'], {
    stdin: 'never taken\n',
    anyExit: true,
  });
  expect(marked.code).not.toBe(0);
  Object.assign(files.faults, { failSync: false, dropPages: false });
  const end = async () => (await kcat(bootstrap, ['-Q', '-t', 't:0:-1'])).stdout;
  await expect.poll(end, { timeout: 30_000 }).toContain('offset 3');
  const offsets = async () =>
    (await kcatConsumeAll(bootstrap, 't')).map(({ offset, value }) => [offset, `${value}`]);
  expect(await offsets()).toEqual([[0, 'kept']]); // it ends: kcat reads up to the end of the log
  await kcatProduce(bootstrap, 't', ['next'], ['-X', 'acks=all']);
  expect(await offsets()).toEqual([
    [0, 'kept'],
    [3, 'next'],
  ]);
  const tools = new KafkaTools(bootstrap);
  const args = ['--topic', 't', '--from-beginning', '--max-messages', '2', '--timeout-ms', '60000'];
  const { stdout } = await tools.run('kafka-console-consumer', args);
  expect(stdout.trim().split('\n')).toEqual(['kept', 'next']);
});
