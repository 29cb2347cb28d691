/** The embedded broker with TLS, logins and rules of access: what Kafka's own tools and kcat make of it. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run as runAcls } from '../../packages/millrace/src/cli/kafka-acls.ts';
import { run as runConfigs } from '../../packages/millrace/src/cli/kafka-configs.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { type KafkaTool, runKafkaTool } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { kcat } from '../../packages/testkit/src/kafka/kcat.ts';
import { certificates } from '../../packages/testkit/src/net/certificates.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { runCli } from '../../packages/testkit/src/process/cli-io.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import type { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';

const dir = tempDir('millrace-access-');
const word = (user: string) => `${user}-S3CRET`;
let millrace: ManagedProcess;
let plainPort = 0;
let securePort = 0;

beforeAll(async () => {
  [plainPort, securePort] = (await freePorts(2)) as [number, number];
  millrace = await startMillrace([
    'broker',
    ...['--data', dir.join('data'), '--listen', `SASL_PLAINTEXT://127.0.0.1:${plainPort}`],
    ...[
      '--listen',
      `SASL_SSL://127.0.0.1:${securePort}`,
      '--advertise',
      `SASL_SSL://localhost:${securePort}`,
    ],
    ...['--set', `ssl.keystore.location=${certificates.pem}`],
    ...['--set', 'sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256'],
    ...['--set', 'listener.name.sasl_plaintext.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512'],
    ...[
      '--set',
      `listener.name.sasl_plaintext.plain.sasl.jaas.config=o.a.PlainLoginModule required user_alice="${word('alice')}";`,
    ],
    ...['--set', 'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
    ...['--set', 'super.users=User:admin'],
    ...['--add-scram', `SCRAM-SHA-512=[name=admin,password=${word('admin')}]`],
    ...['--add-scram', `SCRAM-SHA-512=[name=alice,password=${word('alice')}]`],
  ]);
  await millrace.waitForLine(/ready: broker/, 30_000);
  for (const user of ['admin', 'alice', 'bob']) {
    const jaas = `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${word(user)}";`;
    writeFileSync(
      dir.join(`${user}.properties`),
      `security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config=${jaas}\nssl.truststore.type=PEM\nssl.truststore.location=${certificates.certificate}\n`,
    );
  }
});
afterAll(async () => {
  await millrace?.stop();
  dir[Symbol.dispose]();
});

const configOption: Partial<Record<KafkaTool, string>> = {
  'kafka-console-producer': '--command-config',
  'kafka-console-consumer': '--command-config',
};

async function tool(user: string, name: KafkaTool, args: readonly string[], stdin?: string): Promise<string> {
  const option = configOption[name] ?? '--command-config';
  const run = await runKafkaTool(
    name,
    ['--bootstrap-server', `localhost:${securePort}`, option, dir.join(`${user}.properties`), ...args],
    { anyExit: true, timeoutMs: 120_000, ...(stdin === undefined ? {} : { stdin }) },
  );
  return run.stdout + run.stderr;
}

/** By PLAIN: of SCRAM, Kafka 4 and this broker take librdkafka from 2.6.1 on. */
const kcatLogin = (user: string, password = word(user)) => [
  ...['-X', 'security.protocol=sasl_plaintext', '-X', 'sasl.mechanisms=PLAIN'],
  ...['-X', `sasl.username=${user}`, '-X', `sasl.password=${password}`],
];

describe('with nothing allowed', () => {
  test('a user may log in, and see nothing; a super user sees everything', async () => {
    expect(await tool('admin', 'kafka-topics', ['--create', '--topic', 'orders'])).toContain(
      'Created topic orders',
    );
    expect((await tool('admin', 'kafka-topics', ['--list'])).split('\n')).toContain('orders');
    expect(await tool('alice', 'kafka-topics', ['--list'])).not.toContain('orders');
    expect(await tool('alice', 'kafka-topics', ['--create', '--topic', 'mine'])).toContain(
      'TopicAuthorizationException',
    );
  });

  test('kcat is told that the topic is not for it, and that a password is wrong', async () => {
    const at = `127.0.0.1:${plainPort}`;
    const refused = await kcat(
      at,
      ['-P', '-t', 'orders', '-X', 'message.timeout.ms=5000', ...kcatLogin('alice')],
      { stdin: 'x\n', anyExit: true },
    );
    expect(refused.stderr).toMatch(/authorization failed/i);
    const wrong = await kcat(at, ['-L', '-m', '5', ...kcatLogin('alice', 'wrong')], { anyExit: true });
    expect(wrong.stderr).toMatch(/SASL authentication error: Authentication failed/);
  });
});

describe("Kafka's tools", () => {
  test('kafka-acls adds, lists and removes; what is allowed works at once', async () => {
    const added = await tool('admin', 'kafka-acls', [
      '--add',
      '--allow-principal',
      'User:alice',
      '--producer',
      '--topic',
      'ord',
      '--resource-pattern-type',
      'prefixed',
    ]);
    expect(added).toContain('(principal=User:alice, host=*, operation=WRITE, permissionType=ALLOW)');
    await tool('admin', 'kafka-acls', [
      '--add',
      '--allow-principal',
      'User:alice',
      '--consumer',
      '--topic',
      'orders',
      '--group',
      'billing',
    ]);
    const listed = await tool('admin', 'kafka-acls', ['--list']);
    expect(listed).toContain(
      'resource `ResourcePattern(resourceType=TOPIC, name=ord, patternType=PREFIXED)`',
    );
    expect(listed).toContain(
      'resource `ResourcePattern(resourceType=GROUP, name=billing, patternType=LITERAL)`',
    );
    const lines = (text: string) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .toSorted();
    const ours = (...args: string[]) =>
      runCli(runAcls, [
        '--bootstrap-server',
        `localhost:${securePort}`,
        '--command-config',
        dir.join('admin.properties'),
        ...args,
      ]);
    expect(lines((await ours('--list')).stdout)).toEqual(lines(listed));
    const again = await ours(
      '--add',
      '--allow-principal',
      'User:alice',
      '--producer',
      '--topic',
      'ord',
      '--resource-pattern-type',
      'prefixed',
    );
    expect(lines(again.stdout)).toEqual(lines(added));
    await ours(
      '--add',
      '--deny-principal',
      'User:carl',
      '--deny-host',
      '10.0.0.1',
      '--operation',
      'DescribeConfigs',
      '--topic',
      '*',
    );
    expect(
      await tool('admin', 'kafka-acls', ['--list', '--topic', 'any', '--resource-pattern-type', 'match']),
    ).toContain('(principal=User:carl, host=10.0.0.1, operation=DESCRIBE_CONFIGS, permissionType=DENY)');
    expect((await ours('--remove', '--force', '--topic', '*')).code).toBe(0);
    expect((await ours('--list', '--principal', 'User:carl')).stdout).toBe(
      'ACLs for principal `User:carl`\n',
    );
    await tool('alice', 'kafka-console-producer', ['--topic', 'orders'], 'first\nsecond\n');
    const read = ['--topic', 'orders', '--from-beginning', '--max-messages', '2', '--timeout-ms', '60000'];
    expect(await tool('alice', 'kafka-console-consumer', [...read, '--group', 'billing'])).toContain(
      'first\nsecond',
    );
    expect(await tool('alice', 'kafka-console-consumer', [...read, '--group', 'other'])).toContain(
      'GroupAuthorizationException',
    );
    await tool('admin', 'kafka-acls', [
      '--remove',
      '--force',
      '--allow-principal',
      'User:alice',
      '--producer',
      '--topic',
      'ord',
      '--resource-pattern-type',
      'prefixed',
    ]);
    expect(await tool('admin', 'kafka-acls', ['--list', '--principal', 'User:alice'])).not.toContain('WRITE');
    expect(await tool('alice', 'kafka-acls', ['--list'])).toContain('ClusterAuthorizationException');
  });

  test('kafka-configs adds, shows and deletes users of SCRAM', async () => {
    const bob = ['--entity-type', 'users', '--entity-name', 'bob'];
    expect(await tool('bob', 'kafka-topics', ['--list'])).toContain('SaslAuthenticationException');
    const added = await tool('admin', 'kafka-configs', [
      '--alter',
      ...bob,
      '--add-config',
      `SCRAM-SHA-512=[iterations=8192,password=${word('bob')}]`,
    ]);
    expect(added).toContain('Completed updating config for user bob');
    const shown = await tool('admin', 'kafka-configs', ['--describe', ...bob]);
    expect(shown).toContain('SCRAM-SHA-512=iterations=8192');
    const connection = [
      '--bootstrap-server',
      `localhost:${securePort}`,
      '--command-config',
      dir.join('admin.properties'),
    ];
    expect((await runCli(runConfigs, [...connection, '--describe', ...bob])).stdout.trim()).toBe(
      shown.trim(),
    );
    expect(await tool('bob', 'kafka-topics', ['--list'])).toBe('\n');
    await tool('admin', 'kafka-configs', ['--alter', ...bob, '--delete-config', 'SCRAM-SHA-512']);
    expect(await tool('bob', 'kafka-topics', ['--list'])).toContain('SaslAuthenticationException');
  });
});

test('no secret is in what the broker says', () => {
  expect(millrace.tail(10_000)).toContain('is refused');
  expect(millrace.tail(10_000)).not.toContain('S3CRET');
});
