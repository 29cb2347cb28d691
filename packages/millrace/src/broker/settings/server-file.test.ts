import { expect, test } from 'vitest';
import { parseProperties } from '../../config/properties.ts';
import { inertNames } from './inert-names.ts';
import { placeOf, serverFileOf } from './server-file.ts';
import { optionsOf, settingNames } from './setting-table.ts';

const parsed = (text: string) => parseProperties(Buffer.from(text), 'server.properties').properties;

/** As the distribution of Kafka 4.3 has it for one machine, its comments left out. */
const shipped = `
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/tmp/kraft-combined-logs
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
`;

test("Kafka's own file for one machine is taken: what it says here, what has no effect, nothing unknown", () => {
  const { settings, dataDir, nodeId, notes, unknown } = serverFileOf(parsed(shipped));
  expect([dataDir, nodeId, unknown]).toEqual(['/tmp/kraft-combined-logs', 1, []]);
  expect(notes).toContainEqual(
    expect.stringMatching(/^no effect, there is one node: process\.roles, controller\.quorum/),
  );
  expect(notes).toContainEqual(expect.stringContaining('num.network.threads, num.io.threads'));
  expect(optionsOf(settings)).toMatchObject({
    maxRequestBytes: 104_857_600,
    defaultPartitions: 1,
    topicDefaults: { 'retention.ms': '604800000', 'segment.bytes': '1073741824' },
    listeners: [
      { name: 'PLAINTEXT', host: '0.0.0.0', port: 9092, advertised: { host: 'localhost', port: 9092 } },
    ],
  });
});

test.each([
  ['log.retention.hours=2', '7200000'],
  ['log.retention.hours=2\nlog.retention.minutes=5', '300000'],
  ['log.retention.minutes=5\nlog.retention.hours=2', '300000'],
  ['log.retention.hours=2\nlog.retention.ms=7', '7'],
  ['log.retention.hours=-1', '-1'],
])('%j keeps records for %s ms', (text, ms) => {
  expect(serverFileOf(parsed(text)).settings.get('log.retention.ms')).toBe(ms);
});

test('an unknown name is told with its line and the nearest, also below a listener', () => {
  const text =
    '# a\n\nnum.io.thread=1\nlistener.name.a.ssl.keystore.locatoin=x\nmy.own.reporter=1\nssl.client.auht=required\n';
  const told = 'is known neither here nor to Kafka, and has no effect';
  expect(serverFileOf(parsed(text)).unknown).toEqual([
    `server.properties:3: num.io.thread ${told}; did you mean num.io.threads?`,
    `server.properties:4: listener.name.a.ssl.keystore.locatoin ${told}; did you mean ssl.keystore.location?`,
    `server.properties:5: my.own.reporter ${told}`,
    `server.properties:6: ssl.client.auht ${told}; did you mean ssl.client.auth?`,
  ]);
});

test('users of PLAIN are taken from the file; what is no setting of one listener is told', () => {
  const text = [
    'listeners=SASL_PLAINTEXT://:1',
    'sasl.enabled.mechanisms=PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config=o.PlainLoginModule required user_alice="word";',
    'listener.name.sasl_plaintext.max.connections=3',
  ];
  const { settings, notes, unknown } = serverFileOf(parsed(text.join('\n')));
  expect(optionsOf(settings)).toMatchObject({ listeners: [{ sasl: { plainUsers: { alice: 'word' } } }] });
  expect([notes, unknown]).toEqual([
    ['no effect, it is not of one listener but of the broker: listener.name.sasl_plaintext.max.connections'],
    [],
  ]);
});

test('classes that are built in are no news; others have no effect', () => {
  const text =
    'principal.builder.class=org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder\n';
  expect(serverFileOf(parsed(text)).notes).toEqual([]);
  expect(serverFileOf(parsed('principal.builder.class=my.Own\n')).notes).toEqual([
    'no effect, names in a configuration never become code: principal.builder.class',
  ]);
});

test.each([
  ['\nlog.dirs=/a,/b', 'server.properties:2: log.dirs: this broker keeps its data in one folder'],
  ['node.id=x', "server.properties:1: node.id: 'x' is not a whole number"],
  ['\n\nlog.retention.hours=long', "server.properties:3: log.retention.hours: 'long' is not a whole number"],
])('%j can not be', (text, message) => {
  expect(() => serverFileOf(parsed(text))).toThrow(message);
});

test.each([
  ['\nnum.partitions=many', 'server.properties:2'],
  [
    'listeners=SASL_SSL://:1\n\nlistener.name.sasl_ssl.sasl.enabled.mechanisms=PLAN\nssl.keystore.location=x',
    'server.properties:3',
  ],
  ['listeners=SSL//:1', 'server.properties:1'],
])('what is wrong with %j has its line', (text, place) => {
  const properties = parsed(text);
  const error = (() => {
    try {
      return optionsOf(serverFileOf(properties).settings);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(placeOf(error, properties)).toBe(place);
});

test('nothing that is followed here is told to have no effect', () => {
  const names = inertNames.flatMap(([, each]) => each.split(/\s+/));
  const own = settingNames();
  expect(names.filter((name) => own.includes(name))).toEqual([]);
  expect(names.length).toBe(new Set(names).size);
});
