import type { KafkaClient } from '../client.ts';
import type { BrokerNode } from '../cluster-metadata.ts';

/** What says that a broker does not coordinate the group (any more); '': it gave no answer. */
const moved: ReadonlySet<string> = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', '']);

/** The broker that coordinates a group: looked up when it is needed, forgotten once it is not sure any more. */
export class GroupCoordinator {
  readonly #client: KafkaClient;
  readonly #groupId: string;
  #known: BrokerNode | null = null;

  constructor(client: KafkaClient, groupId: string) {
    this.#client = client;
    this.#groupId = groupId;
  }

  /** Null: it has to be looked up. */
  get known(): BrokerNode | null {
    return this.#known;
  }

  /** Throws `KAFKA`, `KAFKA_CONNECTION`. */
  async find(timeoutMs?: number): Promise<BrokerNode> {
    this.#known ??= await this.#client.coordinator(this.#groupId, timeoutMs);
    return this.#known;
  }

  /** An answer said so, or there was none (''). */
  failed(errorName: string): void {
    if (moved.has(errorName)) this.#known = null;
  }
}
