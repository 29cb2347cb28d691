/** Requests of a connection that its client has reset: what was sent can still be read, from where can not be told. */
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { certificates } from '../../packages/testkit/src/net/certificates.ts';

let broker: Broker;
let root: WireClient;

beforeAll(async () => {
  broker = await Broker.start({
    ...optionsOf([
      ['listeners', 'PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0,LOGIN://127.0.0.1:0'],
      ['listener.security.protocol.map', 'LOGIN:SASL_PLAINTEXT'],
      ['ssl.keystore.location', certificates.pem],
      ['sasl.enabled.mechanisms', 'PLAIN'],
      ['listener.name.login.plain.sasl.jaas.config', 'o.PlainLoginModule required user_root="word";'],
      ['authorizer.class.name', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
      ['super.users', 'User:root'],
    ]),
  });
  root = await WireClient.connect(broker.ports[2]!);
  await root.request('saslHandshake', 1, { mechanism: 'PLAIN' });
  await root.request('saslAuthenticate', 2, { authBytes: Buffer.from('\0root\0word') });
  const everything = {
    resourceType: 4,
    resourceName: 'kafka-cluster',
    resourcePatternType: 3,
    principal: 'User:*',
    host: '*',
    operation: 2,
    permissionType: 3,
  };
  const denied = { ...everything, host: '127.0.0.1', permissionType: 2 };
  await root.request('createAcls', 3, { creations: [everything, denied] });
});
afterAll(async () => {
  root[Symbol.dispose]();
  await broker.stop();
});

const creation = (name: string) => ({
  topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
  timeoutMs: 1000,
});
/** The topics, once what came before is done. */
async function topicsAfter(name: string): Promise<(string | null)[]> {
  expect((await root.request('createTopics', 7, creation(name))).topics[0]!.errorCode).toBe(0);
  const { topics } = await root.request('metadata', 9, { topics: null });
  return topics.map((topic) => topic.name).filter((each) => !each!.startsWith('after'));
}

test('a rule that denies an address holds for what was sent before a reset, whenever it is taken', async () => {
  const request = Buffer.concat(root.encode('createTopics', 7, creation('blind')));
  // Nothing is accepted meanwhile: the reset is there first.
  execFileSync(process.execPath, [
    '-e',
    `const socket = require('node:net').connect(${broker.ports[0]}, '127.0.0.1');
     socket.write(Buffer.from('${request.toString('hex')}', 'hex'), () => socket.resetAndDestroy());`,
  ]);
  using _ = await WireClient.connect(broker.ports[0]!);
  expect(await topicsAfter('after-plain')).toEqual([]);
});

test('so it does over TLS, where the handshake ends with the reset', async () => {
  const request = Buffer.concat(root.encode('createTopics', 7, creation('blind')));
  await new Promise<void>((resolve) => {
    const below = connect(broker.ports[1]!, '127.0.0.1');
    const socket = connectTls({ socket: below, rejectUnauthorized: false });
    socket.on('secureConnect', () => {
      socket.write(request, () => below.resetAndDestroy());
    });
    below.on('close', () => resolve()).on('error', () => {});
    socket.on('error', () => {});
  });
  expect(await topicsAfter('after-tls')).toEqual([]);
});
