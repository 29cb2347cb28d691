/** An embedded broker with rules of access, and a client logged in for each of its users. */
import { expect } from 'vitest';
import { Broker } from '../../../millrace/src/broker/index.ts';
import { operationCodes, resourceCodes } from '../../../millrace/src/broker/security/access.ts';
import { optionsOf } from '../../../millrace/src/broker/settings/setting-table.ts';
import type { ApiName, RequestInitOf, ResponseOf } from '../../../millrace/src/protocol/messages.ts';
import { tempDir } from '../files/temp-dir.ts';
import { WireClient } from './wire-client.ts';

/** The first may do everything. */
const users = ['root', 'alice', 'bob'] as const;
export type GuardedUser = (typeof users)[number];
const jaas = `o.a.k.PlainLoginModule required ${users.map((name) => `user_${name}="${name}-word"`).join(' ')};`;

/** What Kafka answers to whom something is not allowed. */
export const refusedCodes = { topic: 29, group: 30, cluster: 31, transaction: 53 } as const;

/** Topics `open` and `shut`, of one partition each. */
export class GuardedBroker {
  readonly dir = tempDir('millrace-acls-');
  readonly #options = {
    ...optionsOf([
      ['listeners', 'SASL_PLAINTEXT://127.0.0.1:0'],
      ['sasl.enabled.mechanisms', 'PLAIN'],
      ['listener.name.sasl_plaintext.plain.sasl.jaas.config', jaas],
      ['authorizer.class.name', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
      ['super.users', 'User:root'],
      ['group.consumer.assignment.interval.ms', '0'],
    ]),
    dataDir: this.dir.join('data'),
  };
  #broker!: Broker;
  readonly #clients = new Map<GuardedUser, WireClient>();

  async start(): Promise<void> {
    this.#broker = await Broker.start(this.#options);
    for (const topic of ['open', 'shut']) await this.#broker.createTopic(topic);
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#disconnect();
    await this.#broker.stop();
    this.dir[Symbol.dispose]();
  }

  async restart(): Promise<void> {
    this.#disconnect();
    await this.#broker.stop();
    this.#broker = await Broker.start(this.#options);
    await this.#connect();
  }

  async reconnect(): Promise<void> {
    this.#disconnect();
    await this.#connect();
  }

  client(user: GuardedUser): WireClient {
    return this.#clients.get(user)!;
  }

  readonly ask = <Name extends ApiName>(
    user: GuardedUser,
    name: Name,
    version: number,
    request: RequestInitOf<Name>,
  ): Promise<ResponseOf<Name>> => this.client(user).request(name, version, request);

  /** `permissionType` 2 forbids. */
  readonly allow = async (
    user: GuardedUser,
    resource: keyof typeof resourceCodes,
    name: string,
    operation: keyof typeof operationCodes,
    permissionType = 3,
  ): Promise<void> => {
    const creation = {
      resourceType: resourceCodes[resource],
      resourceName: name,
      resourcePatternType: 3,
      principal: `User:${user}`,
      host: '*',
      operation: operationCodes[operation],
      permissionType,
    };
    const { results } = await this.ask('root', 'createAcls', 3, { creations: [creation] });
    expect(results).toEqual([{ errorCode: 0, errorMessage: null }]);
  };

  async forgetRules(): Promise<void> {
    await this.ask('root', 'deleteAcls', 3, { filters: [aclFilter({})] });
  }

  async #connect(): Promise<void> {
    for (const name of users) {
      const client = await WireClient.connect(this.#broker.port);
      await client.request('saslHandshake', 1, { mechanism: 'PLAIN' });
      const { errorCode } = await client.request('saslAuthenticate', 2, {
        authBytes: Buffer.from(`\0${name}\0${name}-word`),
      });
      expect(errorCode).toBe(0);
      this.#clients.set(name, client);
    }
  }

  #disconnect(): void {
    for (const client of this.#clients.values()) client[Symbol.dispose]();
  }
}

/** One that every rule fits, but for what is changed in it. */
export function aclFilter(change: object) {
  return {
    resourceTypeFilter: 1,
    resourceNameFilter: null,
    patternTypeFilter: 1,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
    ...change,
  };
}
