import { type NodeOptions, readNode, watchNode } from '../../../clients/zookeeper/node-watch.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import type { Logger } from '../../../runtime/logger.ts';
import type { ConfigOrigin, ConfigText, OriginPlan, OriginWatch } from './config-origin.ts';

type ZooKeeperPlan = Extract<OriginPlan, { kind: 'zookeeper' }>;

/**
 * A node of ZooKeeper, whose data is the text. It is watched, not polled. A node that goes away leaves the configuration
 * that runs; Flume would stop the agent.
 */
export class ZooKeeperOrigin implements ConfigOrigin {
  readonly names: readonly string[];
  readonly #plan: ZooKeeperPlan;
  readonly #log: Logger;
  readonly #options: NodeOptions;
  /** Null until it was read. */
  #held: Buffer | null = null;
  /** What was told last: the same is told once. */
  #trouble = '';

  constructor(plan: ZooKeeperPlan, log: Logger, options: NodeOptions = {}) {
    this.names = [`zookeeper:${plan.path}`];
    this.#plan = plan;
    this.#log = log;
    this.#options = options;
  }

  texts(): readonly ConfigText[] {
    return [{ name: this.names[0]!, bytes: this.#held ?? new Uint8Array() }];
  }

  async open(signal?: AbortSignal): Promise<void> {
    try {
      await this.refresh(signal);
    } catch (error) {
      if (!this.#plan.waits) throw error;
      this.#tell(`${errorText(error)}; the agent waits for it`);
    }
  }

  async refresh(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const { path } = this.#plan;
    let data: Buffer | null;
    try {
      data = await readNode(this.#plan, signal, this.#options);
    } catch (error) {
      throw this.#fault(errorText(error), error);
    }
    if (data === null) throw this.#fault(`there is no node ${path}`);
    this.#held = data;
  }

  watch(changed: (line: string) => Promise<void>): OriginWatch {
    const abort = new AbortController();
    const take = async (data: Buffer | null): Promise<void> => {
      if (data === null) return this.#tell(this.#fault(`there is no node ${this.#plan.path}`).message);
      if (this.#trouble !== '') this.#log.info(`${this.names[0]} can be read`);
      this.#trouble = '';
      if (this.#held?.equals(data) === true) return;
      this.#held = data;
      try {
        await changed('Refreshing configuration from ZooKeeper');
      } catch (error) {
        this.#log.error(`Failed to load configuration data: ${errorText(error)}`, { error });
      }
    };
    const trouble = (error: Error): void => this.#tell(this.#fault(error.message).message);
    const running = watchNode(this.#plan, { value: take, trouble }, abort.signal, this.#options);
    return {
      stop: () => {
        abort.abort();
        return running;
      },
    };
  }

  async close(): Promise<void> {}

  #tell(trouble: string): void {
    const more = this.#held === null ? '' : '; the configuration that runs goes on';
    if (this.#trouble !== trouble) this.#log.error(`${trouble}${more}`);
    this.#trouble = trouble;
  }

  #fault(why: string, cause?: unknown): MillraceError {
    return new MillraceError('CONFIG_INVALID', `can't read ${this.names[0]}: ${why}`, {
      ...(cause === undefined ? {} : { cause }),
      remedy: 'Check the servers that -z gives, and the path of -p; the node is PATH/NAME of the agent.',
      details: { file: this.names[0] },
    });
  }
}
