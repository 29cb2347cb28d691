/** The audit log of the embedded broker: what it says, and that `millrace audit verify` finds whatever is done to it. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { run as runAudit } from '../../packages/millrace/src/cli/audit.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { runCli } from '../../packages/testkit/src/process/cli-io.ts';

const dir = tempDir('millrace-audit-');
const file = dir.join('audit.log');
const options = {
  ...optionsOf([
    ['listeners', 'SASL_PLAINTEXT://127.0.0.1:0'],
    ['sasl.enabled.mechanisms', 'PLAIN'],
    [
      'listener.name.sasl_plaintext.plain.sasl.jaas.config',
      'o.PlainLoginModule required user_root="root-word" user_bob="bob-word";',
    ],
    ['connection.failed.authentication.delay.ms', '0'],
    ['authorizer.class.name', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
    ['super.users', 'User:root'],
    ['millrace.audit.log', file],
  ]),
  dataDir: dir.join('data'),
};

async function login(broker: Broker, user: string, word = `${user}-word`): Promise<WireClient> {
  const client = await WireClient.connect(broker.port);
  await client.request('saslHandshake', 1, { mechanism: 'PLAIN' });
  await client.request('saslAuthenticate', 2, { authBytes: Buffer.from(`\0${user}\0${word}`) });
  return client;
}
const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
const verify = (...args: string[]) => runCli(runAudit, ['verify', file, ...args]);
let whole = '';

beforeAll(async () => {
  const broker = await Broker.start(options);
  using root = await login(broker, 'root');
  using bob = await login(broker, 'bob');
  using nobody = await login(broker, 'bob', 'wrong-word');
  const topic = { name: 'orders\n"', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
  await bob.request('createTopics', 7, { topics: [{ ...topic, name: 'orders' }], timeoutMs: 1000 });
  await root.request('createTopics', 7, { topics: [{ ...topic, name: 'orders' }, topic], timeoutMs: 1000 });
  const creation = {
    resourceType: 2,
    resourceName: 'ord',
    resourcePatternType: 4,
    principal: 'User:bob',
    host: '*',
    operation: 3,
    permissionType: 3,
  };
  await root.request('createAcls', 3, { creations: [creation] });
  const setting = { name: 'retention.ms', configOperation: 0, value: '777777' };
  await root.request('incrementalAlterConfigs', 1, {
    resources: [{ resourceType: 2, resourceName: 'orders', configs: [setting] }],
    validateOnly: false,
  });
  const salted = {
    name: 'eve',
    mechanism: 1,
    iterations: 4096,
    salt: Buffer.from('salt-bytes'),
    saltedPassword: Buffer.from('salted-bytes'),
  };
  await root.request('alterUserScramCredentials', 0, { deletions: [], upsertions: [salted] });
  await root.request('metadata', 9, { topics: null });
  await root.request('metadata', 9, { topics: [{ name: 'asked-for' }], allowAutoTopicCreation: true });
  await root.request('metadata', 9, { topics: [{ name: 'asked-for' }], allowAutoTopicCreation: true });
  const marker = {
    producerId: 7,
    producerEpoch: 0,
    transactionResult: false,
    coordinatorEpoch: 0,
    topics: [{ name: 'orders', partitionIndexes: [0, 9] }],
  };
  await bob.request('writeTxnMarkers', 1, { markers: [marker] });
  await nobody.closed;
  await broker.stop();
  whole = readFileSync(file, 'utf8');
});
afterAll(() => dir[Symbol.dispose]());

test('it says who came, who was refused, and who changed what; no secret and no value', () => {
  const told = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  const short = told.map(({ event, principal, api, what, outcome }) =>
    [event, principal, api, what, outcome].filter((each) => each !== undefined),
  );
  expect(short).toEqual([
    ['broker-started'],
    ['login', 'User:root'],
    ['login', 'User:bob'],
    ['login-refused', 'bob'],
    ['request', 'User:bob', 'CreateTopics', ['orders: 1 partitions'], ['TOPIC_AUTHORIZATION_FAILED']],
    [
      'request',
      'User:root',
      'CreateTopics',
      ['orders: 1 partitions', 'orders\n": 1 partitions'],
      ['NONE', 'INVALID_TOPIC_EXCEPTION'],
    ],
    ['request', 'User:root', 'CreateAcls', ['ALLOW User:bob from *: READ TOPIC PREFIXED ord'], ['NONE']],
    ['request', 'User:root', 'IncrementalAlterConfigs', ['topic orders: retention.ms'], ['NONE']],
    ['request', 'User:root', 'AlterUserScramCredentials', ['set eve'], ['NONE']],
    ['request', 'User:root', 'Metadata', ['asked-for: 1 partitions'], ['NONE']],
    [
      'request',
      'User:bob',
      'WriteTxnMarkers',
      ['abort of producer 7: orders-0,9'],
      ['CLUSTER_AUTHORIZATION_FAILED'],
    ],
    ['broker-stopped'],
  ]);
  for (const secret of ['-word', 'salt', '777777']) expect(whole).not.toContain(secret);
});

test('a broker that starts again goes on with the chain, also behind half a line', async () => {
  appendFileSync(file, '{"number":13,"time":"20');
  const broker = await Broker.start(options);
  await broker.stop();
  expect(lines()).toHaveLength(14);
  const { code, stdout } = await verify();
  expect([code, stdout]).toEqual([0, expect.stringContaining('14 lines, 1 to 14, the chain is unbroken')]);
  expect(stdout).toContain(JSON.parse(lines().at(-1)!).hash);
  expect((await verify('--expect', JSON.parse(lines()[4]!).hash)).code).toBe(0);
});

describe('what is done to it is found, with the line', () => {
  const change = (edit: (all: string[]) => string[]) =>
    writeFileSync(file, `${edit(whole.trimEnd().split('\n')).join('\n')}\n`);
  test.each<[string, (all: string[]) => string[], number, RegExp]>([
    ['a changed word', (all) => all.with(4, all[4]!.replace('User:bob', 'User:eve')), 5, /it was changed/],
    [
      'a changed hash',
      (all) => all.with(4, all[4]!.replace(/..}$/, 'ff"}').slice(0, -3).concat('"}')),
      5,
      /no line of an audit log|it was changed/,
    ],
    ['a line dropped', (all) => all.toSpliced(4, 1), 5, /number 6 after 4/],
    ['a line doubled', (all) => all.toSpliced(4, 0, all[4]!), 6, /number 5 after 5/],
    ['lines swapped', (all) => all.with(4, all[5]!).with(5, all[4]!), 5, /number 6 after 4/],
    ['a line of somebody', (all) => all.toSpliced(4, 0, 'x'), 5, /no line of an audit log/],
  ])('%s', async (_, edit, line, why) => {
    change(edit);
    const { code, stdout } = await verify();
    expect([code, stdout]).toEqual([1, expect.stringMatching(why)]);
    expect(stdout).toContain(`${file}:${line}: `);
  });

  test('a line that was written anew with a right hash of its own: the next one does not follow', async () => {
    const { auditLine } = await import('../../packages/millrace/src/broker/security/audit-chain.ts');
    change((all) => {
      const before = JSON.parse(all[3]!) as { number: number; hash: string };
      return all.with(4, auditLine({ event: 'login', principal: 'User:eve' }, 0, before).line.trimEnd());
    });
    const { code, stdout } = await verify();
    expect([code, stdout]).toEqual([1, expect.stringMatching(/:6: it does not follow on the line before/)]);
  });

  test('an end that was cut off is seen by a hash that was noted before', async () => {
    const noted = JSON.parse(whole.trimEnd().split('\n').at(-1)!).hash as string;
    change((all) => all.slice(0, 6));
    expect((await verify()).code).toBe(0);
    const { code, stdout } = await verify('--expect', noted);
    expect([code, stdout]).toEqual([1, expect.stringContaining('no line has the expected hash')]);
  });

  test('a beginning that was cut off is told', async () => {
    change((all) => all.slice(3));
    const { code, stdout } = await verify();
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/:1: it has number 4 after 0: lines are missing/),
    ]);
  });

  test('the broker does not go on with a file whose end is not its own', async () => {
    change((all) => [...all.slice(0, -1), all.at(-1)!.replace('stopped', 'stoppes')]);
    await expect(Broker.start(options)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('it was changed'),
    });
  });
});

test('a name with ends of lines in it breaks no line', async () => {
  writeFileSync(file, '');
  const broker = await Broker.start(options);
  using _ = await login(broker, 'eve\u2028\u2029\u0085\r\n{"number":3');
  await broker.stop();
  const { code, stdout } = await verify();
  expect([code, stdout]).toEqual([0, expect.stringContaining('3 lines, 1 to 3, the chain is unbroken')]);
});

test('what the command does not know is told', async () => {
  expect(await runCli(runAudit, ['verfy', file])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('audit verify FILE'),
  });
  expect((await runCli(runAudit, ['verify', dir.join('none')])).code).toBe(69);
});
