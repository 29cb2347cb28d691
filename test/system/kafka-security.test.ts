/**
 * TLS and logins by the names of Kafka's own properties, of client and broker: Millrace's client against Apache Kafka, and
 * against the embedded broker with the same properties of its listeners.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { serverFileOf } from '../../packages/millrace/src/broker/settings/server-file.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { run as runTopics } from '../../packages/millrace/src/cli/kafka-topics.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { PartitionReader } from '../../packages/millrace/src/clients/kafka/consumer/partition-reader.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import {
  consumerOptionsFrom,
  producerOptionsFrom,
} from '../../packages/millrace/src/clients/kafka/settings/properties.ts';
import { parseProperties } from '../../packages/millrace/src/config/properties.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { type ExtraListener, RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { TokenIssuer } from '../../packages/testkit/src/kafka/token-issuer.ts';
import { certificates, keystorePassword } from '../../packages/testkit/src/net/certificates.ts';
import { runCli } from '../../packages/testkit/src/process/cli-io.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const password = 'S3CRET-"quoted"';
const quoted = password.replaceAll('"', '\\"');
const scram = (user: string) =>
  `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${quoted}";`;
const plain = (word = quoted) =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="${word}";`;
const bearer = (options: string) =>
  `org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required ${options};`;

const tls = {
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': certificates.pem,
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': certificates.certificate,
};
const mechanisms = {
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${quoted.replaceAll('\\', '\\\\')}";`,
  'scram-sha-256.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  'scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
};
const renewal = 2000;

const dir = tempDir('millrace-security-');
const keysFile = dir.join('keys.json');
const scramUsers = [
  `SCRAM-SHA-256=[name=bob,password=${password}]`,
  `SCRAM-SHA-512=[name=carol,password=${password}]`,
];
const handler = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler';
const listeners: readonly ExtraListener[] = [
  { name: 'TLS', protocol: 'SSL', settings: tls },
  { name: 'MUTUAL', protocol: 'SSL', settings: { ...tls, 'ssl.client.auth': 'required' } },
  { name: 'LOGIN', protocol: 'SASL_PLAINTEXT', settings: mechanisms },
  { name: 'BOTH', protocol: 'SASL_SSL', settings: { ...mechanisms, ...tls } },
  {
    name: 'SHORT',
    protocol: 'SASL_PLAINTEXT',
    settings: {
      ...mechanisms,
      'scram-sha-256.connections.max.reauth.ms': renewal,
    },
  },
  {
    name: 'TOKEN',
    protocol: 'SASL_PLAINTEXT',
    settings: {
      'sasl.enabled.mechanisms': 'OAUTHBEARER',
      'oauthbearer.sasl.jaas.config': bearer(''),
      'oauthbearer.sasl.server.callback.handler.class': handler,
      'oauthbearer.sasl.oauthbearer.jwks.endpoint.url': `file://${keysFile}`,
      'oauthbearer.sasl.oauthbearer.expected.audience': 'kafka',
      'oauthbearer.sasl.oauthbearer.expected.issuer': 'https://issuer.test',
    },
  },
  {
    name: 'UNSIGNED',
    protocol: 'SASL_PLAINTEXT',
    settings: {
      'sasl.enabled.mechanisms': 'OAUTHBEARER',
      'oauthbearer.sasl.jaas.config': bearer('unsecuredLoginStringClaim_sub="broker"'),
    },
  },
];

/** A broker with these listeners, and a plain one, whose name is ''. */
interface SecureBroker extends AsyncDisposable {
  listenerPort(name: string): number;
}

async function apacheKafka(): Promise<SecureBroker> {
  const kafka = await RealKafka.start({
    jvmFlags: ['-Xmx512m', `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${keysFile}`],
    scramUsers,
    listeners,
  });
  return {
    listenerPort: (name) => (name === '' ? kafka.port() : kafka.listenerPort(name)),
    [Symbol.asyncDispose]: () => kafka[Symbol.asyncDispose](),
  };
}

async function embeddedBroker(): Promise<SecureBroker> {
  const all = [
    { name: 'PLAINTEXT', protocol: 'PLAINTEXT', settings: {} },
    ...listeners.filter(({ name }) => name !== 'UNSIGNED'),
  ];
  const lines = [
    ['listeners', all.map(({ name }) => `${name}://127.0.0.1:0`).join(',')],
    ['listener.security.protocol.map', all.map(({ name, protocol }) => `${name}:${protocol}`).join(',')],
    ...all.flatMap(({ name, settings }) =>
      Object.entries(settings).map(
        ([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, String(value)] as const,
      ),
    ),
  ];
  const text = lines.map(([key, value]) => `${key}=${value}\n`).join('');
  const { properties } = parseProperties(Buffer.from(text), 'server.properties');
  const options = optionsOf([...serverFileOf(properties).settings]);
  const broker = await Broker.start({ ...options, addScram: scramUsers });
  const ports = new Map(all.map(({ name }, i) => [name, broker.ports[i]!]));
  return {
    listenerPort: (name) => ports.get(name === '' ? 'PLAINTEXT' : name)!,
    [Symbol.asyncDispose]: () => broker.stop(),
  };
}

let kafka: SecureBroker;
let issuer: TokenIssuer;

beforeAll(async () => {
  issuer = await TokenIssuer.start({
    keysFile,
    issuer: 'https://issuer.test',
    audience: 'kafka',
    clientId: 'collector',
    clientSecret: password,
  });
});
afterAll(async () => {
  await issuer?.[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

type Properties = Record<string, string>;
const trust: Properties = {
  'ssl.truststore.location': certificates.certificate,
  'ssl.truststore.type': 'PEM',
};
const login = (protocol: string, mechanism: string, jaas: string): Properties => ({
  'security.protocol': protocol,
  'sasl.mechanism': mechanism,
  'sasl.jaas.config': jaas,
});

function clientOf(listener: string, properties: Properties): KafkaClient {
  const { client, problems } = consumerOptionsFrom(new Map(Object.entries(properties)));
  expect(problems).toEqual([]);
  return new KafkaClient({
    ...client,
    bootstrapServers: [`127.0.0.1:${kafka.listenerPort(listener)}`],
  });
}

async function exchange(listener: string, properties: Properties, topic: string): Promise<string> {
  const { options } = producerOptionsFrom(new Map(Object.entries(properties)));
  await using client = clientOf(listener, properties);
  const admin = new Admin(client);
  await admin.createTopics([{ topic, partitions: 1, replicationFactor: 1 }]);
  const producer = new Producer(client, options);
  const builder = new BatchBuilder();
  builder.add(Buffer.from(`by ${listener}`));
  await producer.send(topic, 0, builder.build());
  await producer.close();
  const reader = new PartitionReader(client, [{ topic, partition: 0, offset: 0 }]);
  for (;;) {
    const [found] = await reader.poll(1000);
    if (found === undefined) continue;
    await reader.close();
    return String(found.batch.event(0).body);
  }
}

const fails = async (listener: string, properties: Properties): Promise<Error> => {
  await using client = clientOf(listener, properties);
  const error = await client.metadata().then(
    () => new Error('it went well'),
    (failure: Error) => failure,
  );
  const all = JSON.stringify([error, error.message, String(error.cause), error.stack]);
  for (const secret of ['S3CRET', keystorePassword, 'wrong-one']) expect(all).not.toContain(secret);
  return error;
};

describe.each([
  ['Apache Kafka', apacheKafka],
  ['the embedded broker', embeddedBroker],
])('%s:', (broker, start) => {
  beforeAll(async () => {
    kafka = await start();
  });
  afterAll(() => kafka?.[Symbol.asyncDispose]());

  describe('events go out and come back', () => {
    const cases: [name: string, listener: string, properties: Properties][] = [
      ['TLS', 'TLS', { 'security.protocol': 'SSL', ...trust }],
      [
        'TLS, the certificate in the property',
        'TLS',
        {
          'security.protocol': 'ssl',
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.certificates': 'PEM',
        },
      ],
      [
        'a certificate of the client (PKCS12)',
        'MUTUAL',
        {
          'security.protocol': 'SSL',
          ...trust,
          'ssl.keystore.location': certificates.pkcs12,
          'ssl.keystore.password': keystorePassword,
          'ssl.keystore.type': 'PKCS12',
        },
      ],
      ['PLAIN', 'LOGIN', login('SASL_PLAINTEXT', 'PLAIN', plain())],
      ['SCRAM-SHA-256', 'LOGIN', login('SASL_PLAINTEXT', 'SCRAM-SHA-256', scram('bob'))],
      ['SCRAM-SHA-512 over TLS', 'BOTH', { ...login('SASL_SSL', 'SCRAM-SHA-512', scram('carol')), ...trust }],
      [
        'an unsigned token',
        'UNSIGNED',
        login('SASL_PLAINTEXT', 'OAUTHBEARER', bearer('unsecuredLoginStringClaim_sub="me"')),
      ],
    ];
    it.each(cases.filter(([, listener]) => listener !== 'UNSIGNED' || broker === 'Apache Kafka'))(
      '%s',
      async (name, listener, properties) => {
        const inline =
          properties['ssl.truststore.certificates'] === undefined
            ? {}
            : { 'ssl.truststore.certificates': readFileSync(certificates.certificate, 'utf8') };
        const topic = name.replace(/[^A-Za-z0-9]+/g, '-');
        expect(await exchange(listener, { ...properties, ...inline }, topic)).toBe(`by ${listener}`);
      },
    );

    it('a token of an endpoint, asked for once for several connections', async () => {
      const properties = {
        ...login(
          'SASL_PLAINTEXT',
          'OAUTHBEARER',
          bearer(`clientId="collector" clientSecret="${quoted}" scope="kafka"`),
        ),
        'sasl.oauthbearer.token.endpoint.url': issuer.url,
      };
      const before = issuer.asked;
      expect(await exchange('TOKEN', properties, 'token')).toBe('by TOKEN');
      expect(issuer.asked - before).toBe(1);
    });

    it('on one connection, over several lives of a login, with nothing lost', async () => {
      const properties = login('SASL_PLAINTEXT', 'SCRAM-SHA-256', scram('bob'));
      await using client = clientOf('SHORT', properties);
      const connection = await client.connection('any');
      const ends = performance.now() + 3 * renewal;
      let answers = 0;
      while (performance.now() < ends) {
        await Promise.all(Array.from({ length: 20 }, () => client.metadata([])));
        answers += 20;
      }
      expect(answers).toBeGreaterThan(0);
      expect(connection.alive).toBe(true);
      expect(await client.connection('any')).toBe(connection);
    });

    it('through a Flume file: sink, channel and source, with stores and a login file of the whole process', async () => {
      const jaasFile = dir.join('login.conf');
      writeFileSync(jaasFile, `KafkaClient {\n  ${scram('carol')}\n};\n`);
      const secure = (below: string, more = '') =>
        [
          `${below}.security.protocol = SASL_SSL`,
          `${below}.sasl.mechanism = SCRAM-SHA-512`,
          more === '' ? '' : `${below}.${more}`,
        ].join('\n');
      const server = `kafka.bootstrap.servers = 127.0.0.1:${kafka.listenerPort('BOTH')}`;
      const conf = dir.join('flume.conf');
      const out = mkdtempSync(dir.join('out-'));
      writeFileSync(
        conf,
        `a1.sources = r1 r2
a1.channels = c1 c2
a1.sinks = k1 k2
a1.sources.r1.type = seq
a1.sources.r1.totalEvents = 50
a1.sources.r1.channels = c1
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.${server}
a1.channels.c1.kafka.topic = secure-channel
${secure('a1.channels.c1.kafka.producer')}
${secure('a1.channels.c1.kafka.consumer', 'auto.offset.reset = earliest')}
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.channel = c1
a1.sinks.k1.${server}
a1.sinks.k1.kafka.topic = secure-topic
${secure('a1.sinks.k1.kafka.producer')}
a1.sources.r2.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r2.channels = c2
a1.sources.r2.${server}
a1.sources.r2.kafka.topics = secure-topic
a1.sources.r2.kafka.consumer.group.id = secure
a1.sources.r2.backoffSleepIncrement = 10
a1.sources.r2.maxBackoffSleep = 50
a1.sources.r2.batchSize = 50
${secure('a1.sources.r2.kafka.consumer', 'auto.offset.reset = earliest')}
a1.channels.c2.type = memory
a1.sinks.k2.type = file_roll
a1.sinks.k2.channel = c2
a1.sinks.k2.sink.directory = ${out}
`,
      );
      await using agent = await Agent.fromFile(conf, 'a1', {
        reloadIntervalMs: 0,
        systemProperties: new Map([
          ['java.security.auth.login.config', jaasFile],
          ['javax.net.ssl.trustStore', certificates.certificate],
          ['javax.net.ssl.trustStoreType', 'PEM'],
        ]),
      });
      expect(agent.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(JSON.stringify(agent.model)).not.toContain('S3CRET');
      await agent.start();
      const lines = await waitFor('all events', () => {
        const text = readdirSync(out)
          .map((name) => readFileSync(join(out, name), 'utf8'))
          .join('');
        const found = text.split('\n').filter((line) => line !== '');
        return found.length >= 50 ? found : null;
      });
      expect([...new Set(lines)].sort((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 50 }, (_, i) => String(i)),
      );
    });

    it("Kafka's commands take the properties from a file", async () => {
      const file = dir.join('client.properties');
      const lines = Object.entries({ ...login('SASL_SSL', 'SCRAM-SHA-512', scram('carol')), ...trust });
      writeFileSync(file, lines.map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`).join(''));
      const server = `127.0.0.1:${kafka.listenerPort('BOTH')}`;
      const run = await runCli(runTopics, [
        '--bootstrap-server',
        server,
        '--command-config',
        file,
        '--create',
        '--topic',
        'by-command',
      ]);
      expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('Created topic by-command') });
    });
  });

  describe('what is refused is told, with what to do', () => {
    const loginFault = { code: 'KAFKA_AUTHENTICATION', retryable: true };
    it.each<[what: string, listener: string, properties: Properties, error: object, text: RegExp]>([
      [
        'a wrong password (PLAIN)',
        'LOGIN',
        login('SASL_PLAINTEXT', 'PLAIN', plain('wrong-one')),
        loginFault,
        /127\.0\.0\.1:\d+: PLAIN: the broker refuses: Authentication failed/,
      ],
      [
        'an unknown user (SCRAM)',
        'LOGIN',
        login('SASL_PLAINTEXT', 'SCRAM-SHA-256', scram('eve')),
        loginFault,
        /SCRAM-SHA-256: the broker refuses: Authentication failed/,
      ],
      [
        'a mechanism that the broker does not have',
        'LOGIN',
        login('SASL_PLAINTEXT', 'OAUTHBEARER', bearer('unsecuredLoginStringClaim_sub="me"')),
        loginFault,
        /UNSUPPORTED_SASL_MECHANISM: the broker has .*SCRAM-SHA-512/,
      ],
      [
        'no login where one is wanted',
        'LOGIN',
        {},
        { code: 'KAFKA_CONNECTION', remedy: expect.stringContaining('security.protocol') },
        /closed the connection/,
      ],
      [
        'no TLS where it is wanted',
        'TLS',
        {},
        { code: 'KAFKA_CONNECTION', remedy: expect.stringContaining('security.protocol') },
        /speaks TLS|closed the connection/,
      ],
      [
        'TLS where none is spoken',
        '',
        { 'security.protocol': 'SSL', ...trust },
        { code: 'KAFKA_CONNECTION' },
        /closed the connection|does not speak TLS/,
      ],
      [
        'a certificate that nobody trusts',
        'TLS',
        { 'security.protocol': 'SSL' },
        { code: 'KAFKA_CONNECTION' },
        /not in the truststore/,
      ],
      [
        'no certificate where one is wanted',
        'MUTUAL',
        { 'security.protocol': 'SSL', ...trust },
        { code: 'KAFKA_CONNECTION' },
        /certificate required|bad certificate|closed the connection/i,
      ],
      [
        'a truststore that is not there',
        'TLS',
        { 'security.protocol': 'SSL', 'ssl.truststore.location': '/nowhere/trust.p12' },
        { code: 'FILE_ACCESS' },
        /\/nowhere\/trust\.p12/,
      ],
    ])('%s', async (_, listener, properties, error, text) => {
      const failure = await fails(listener, properties);
      expect(failure).toMatchObject(error);
      expect(failure.message).toMatch(text);
    });

    it('an endpoint that gives no token', async () => {
      const properties = {
        ...login('SASL_PLAINTEXT', 'OAUTHBEARER', bearer('clientId="collector" clientSecret="wrong-one"')),
        'sasl.oauthbearer.token.endpoint.url': issuer.url,
      };
      const failure = await fails('TOKEN', properties);
      expect(failure).toMatchObject(loginFault);
      expect(failure.message).toMatch(/\/token answers 401: invalid_client/);
    });

    it('a token that the broker does not take', async () => {
      const failure = await fails(
        'TOKEN',
        login('SASL_PLAINTEXT', 'OAUTHBEARER', bearer('unsecuredLoginStringClaim_sub="me"')),
      );
      expect(failure).toMatchObject(loginFault);
      expect(failure.message).toMatch(/OAUTHBEARER: .*(refuses|invalid_token)/);
    });
  });
});
