/** One agent between a topic and a store, both of which are there: KafkaChannel → sink. What it says is kept. */
import { Agent } from '../../../millrace/src/agent/agent.ts';
import { recordingLogger } from '../../../millrace/src/component/testing/context.ts';
import { waitFor } from '../process/wait.ts';

export type SinkProperties = Readonly<Record<string, string | number | boolean>> & { readonly type: string };

export interface TopicToStoreOptions {
  readonly servers: string;
  readonly topic: string;
  /** Its consumer group. */
  readonly name: string;
  /** Of sink k1. */
  readonly sink: SinkProperties;
}

const timeoutMs = 60_000;

export class TopicToStore implements AsyncDisposable {
  readonly #agent: Agent;
  readonly #lines: string[];

  private constructor(agent: Agent, lines: string[]) {
    this.#agent = agent;
    this.#lines = lines;
  }

  static async start({ servers, topic, name, sink }: TopicToStoreOptions): Promise<TopicToStore> {
    const lines: string[] = [];
    const config = {
      name,
      channels: {
        c1: {
          ...{ type: 'org.apache.flume.channel.kafka.KafkaChannel', parseAsFlumeEvent: false },
          ...{ 'kafka.bootstrap.servers': servers, 'kafka.topic': topic, 'kafka.consumer.group.id': name },
        },
      },
      sinks: { k1: { channel: 'c1', ...sink } },
    };
    const agent = await Agent.fromConfig(config, { log: recordingLogger(lines) });
    await agent.start();
    return new TopicToStore(agent, lines);
  }

  /** What was logged so far, `level message`. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Events that the store has acknowledged. */
  get delivered(): number {
    const k1 = this.#agent.counters().find(({ name }) => name === 'k1');
    return Number(k1?.attributes.EventDrainSuccessCount ?? 0);
  }

  /** Resolves when the store has acknowledged so many more. */
  async goesOn(events = 500): Promise<void> {
    const enough = this.delivered + events;
    await waitFor('events to arrive', () => this.delivered >= enough, { timeoutMs });
  }

  /** Resolves when everything of the topic up to that offset is acknowledged. */
  async reaches(end: number): Promise<void> {
    await waitFor(`event ${end} to arrive`, () => this.delivered >= end, { timeoutMs });
  }

  /** Resolves with what the agent shows of the sink while it waits for its store. */
  async faultShown(pattern: RegExp): Promise<string> {
    return await waitFor(
      `k1 to show ${pattern}`,
      () => {
        const shown = this.#shown();
        const found = shown.find((text) => pattern.test(text));
        if (found === undefined) throw new Error(`it shows ${JSON.stringify(shown)}`);
        return found;
      },
      { timeoutMs },
    );
  }

  #shown(): string[] {
    const sink = this.#agent.state().find(({ name }) => name === 'k1');
    return [sink?.lastError ?? '', ...(sink?.waits ?? []).map(({ what }) => what)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.stop();
  }
}
