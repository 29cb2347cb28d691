/** One of the two brokers that are asked the same: raw requests in, answers out that can be laid side by side. */
import { type ApiName, messages, type RequestInitOf } from '../../../../millrace/src/protocol/messages.ts';
import { waitFor } from '../../process/wait.ts';
import type { Value } from '../protocol-messages.ts';
import { WireClient } from '../wire-client.ts';
import { comparable, Names } from './comparable.ts';

/** What came back: the answer, or in a word why there is none. */
export type Reply = Value | 'closed' | 'no answer';

export interface Exchange {
  readonly api: ApiName;
  readonly version: number;
  readonly request: unknown;
  readonly reply: Reply;
}

/** Longer than any request of the scenarios lets a broker wait. */
const patienceMs = 4_000;

/** Topics and settings reach a broker of Kafka's a moment after the controller has answered. */
const changes: ReadonlySet<ApiName> = new Set<ApiName>([
  'createTopics',
  'deleteTopics',
  'createPartitions',
  'alterConfigs',
  'incrementalAlterConfigs',
  'alterClientQuotas',
]);

export class Peer implements Disposable {
  readonly port: number;
  readonly names: Names;
  /** Everything that was asked since the last `take`. */
  #exchanges: Exchange[] = [];
  #client: WireClient | null = null;
  #passed = 0;
  readonly #isLate: boolean;

  /** `isLate`: what it answered to a change may not show yet. */
  constructor(port: number, isLate: boolean) {
    this.port = port;
    this.names = new Names(port);
    this.#isLate = isLate;
  }

  /** Asks, notes the exchange for the comparison, and returns the answer as it came, or null where there is none. */
  async ask<Name extends ApiName>(
    api: Name,
    version: number,
    request: RequestInitOf<Name>,
    // biome-ignore lint/suspicious/noExplicitAny: scenarios pick from answers of all kinds
  ): Promise<any> {
    const answer = await this.#answer(api, version, request);
    const reply = typeof answer === 'string' ? answer : comparable(api, answer as Value, this.names);
    this.#exchanges.push({ api, version, request, reply });
    if (changes.has(api) && typeof answer !== 'string') await this.settle();
    return typeof answer === 'string' ? null : answer;
  }

  /** Asks without noting it: what a scenario needs before it begins. */
  async prepare<Name extends ApiName>(
    api: Name,
    version: number,
    request: RequestInitOf<Name>,
    // biome-ignore lint/suspicious/noExplicitAny: as above
  ): Promise<any> {
    const answer = await this.#answer(api, version, request);
    if (typeof answer === 'string') throw new Error(`${api} version ${version}: ${answer}`);
    comparable(api, answer as Value, this.names);
    if (changes.has(api)) await this.settle();
    return answer;
  }

  /** Makes a topic and waits until it can be written to. */
  async topic(name: string, partitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<void> {
    const pairs = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const topic = { name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs: pairs };
    const { topics } = await this.prepare('createTopics', 7, { topics: [topic] });
    if (topics[0].errorCode !== 0 && !(topics[0].errorCode === 36 && name === 'barrier'))
      throw new Error(`${name}: ${topics[0].errorMessage}`);
    await this.ready(name, partitions);
  }

  /** Waits until every partition tells its offsets. */
  async ready(name: string, partitions: number): Promise<void> {
    await waitFor(`offsets of ${name}`, async () => {
      const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({
        partitionIndex,
        timestamp: -1,
      }));
      const { topics } = await this.prepare('listOffsets', 7, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name, partitions: asked }],
      });
      return topics[0].partitions.every((each: { errorCode: number }) => each.errorCode === 0);
    });
  }

  /** What was exchanged, for the comparison; begins anew. */
  take(): Exchange[] {
    const taken = this.#exchanges;
    this.#exchanges = [];
    return taken;
  }

  /**
   * Waits until all that was changed shows. Metadata comes in order: the second of two changes that were made one
   * after the other shows when everything before it has been applied.
   */
  async settle(): Promise<void> {
    if (!this.#isLate) return;
    await this.#pass();
    await this.#pass();
  }

  /** To be called once, before the first scenario. */
  async begin(): Promise<void> {
    await this.topic('barrier');
    await waitFor('the coordinator of groups', async () => {
      const answer = await this.prepare('offsetFetch', 7, { groupId: 'first', topics: null });
      if (answer.errorCode === 0) return true;
      await this.prepare('findCoordinator', 3, { key: 'first', keyType: 0 });
      return false;
    });
    await waitFor('ids for producers', async () => {
      const request = { transactionalId: null, transactionTimeoutMs: 60_000 };
      return (await this.prepare('initProducerId', 1, request)).errorCode === 0;
    });
  }

  async #pass(): Promise<void> {
    const value = String(1_000_000 + this.#passed++);
    const config = { name: 'segment.ms', configOperation: 0, value };
    const resource = { resourceType: 2, resourceName: 'barrier' };
    await waitFor('the barrier to be set', async () => {
      const answer = await this.#must('incrementalAlterConfigs', 1, {
        validateOnly: false,
        resources: [{ ...resource, configs: [config] }],
      });
      return answer.responses[0].errorCode === 0;
    });
    await waitFor('the barrier to be passed', async () => {
      const answer = await this.#must('describeConfigs', 4, {
        resources: [{ ...resource, configurationKeys: ['segment.ms'] }],
      });
      return answer.results[0].configs[0]?.value === value;
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  async #must<Name extends ApiName>(api: Name, version: number, request: RequestInitOf<Name>): Promise<any> {
    const answer = await this.#answer(api, version, request);
    if (typeof answer === 'string') throw new Error(`${api} version ${version}: ${answer}`);
    return answer;
  }

  async #answer(api: ApiName, version: number, request: unknown): Promise<object | 'closed' | 'no answer'> {
    this.#client ??= await WireClient.connect(this.port);
    const client = this.#client;
    const { promise: late, resolve } = Promise.withResolvers<'no answer'>();
    const timer = setTimeout(resolve, patienceMs, 'no answer');
    try {
      const resolved = this.names.resolve(request);
      const id = client.post(api, version, resolved as never);
      const answer = await Promise.race([client.receive(api, version, id), late]);
      if (answer === 'no answer') this.#drop();
      return answer as object | 'no answer';
    } catch (error) {
      if (!/closed the connection/.test(String(error))) {
        throw new Error(`${messages[api].name} version ${version}: ${String(error)}`, { cause: error });
      }
      this.#drop();
      return 'closed';
    } finally {
      clearTimeout(timer);
    }
  }

  #drop(): void {
    this.#client?.[Symbol.dispose]();
    this.#client = null;
  }

  [Symbol.dispose](): void {
    this.#drop();
  }
}
