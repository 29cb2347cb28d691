import { MillraceError } from '../runtime/errors.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import type { AgentThreadData } from './agent-thread.ts';
import type { BrokerThreadData } from './broker-thread.ts';
import type { HttpServer } from './http.ts';
import { Thread } from './thread.ts';
import type { Metric } from './threads.ts';

/** What one process runs. */
export interface ProcessPlan {
  readonly broker?: BrokerThreadData;
  /** The option that set the broker's address; errors name it. Default `--listen`. */
  readonly brokerSetBy?: string;
  /** Called when the broker is up, before the agents start (topics are created here). */
  readonly beforeAgents?: (bootstrapServers: string) => Promise<void>;
  readonly agents: readonly AgentThreadData[];
  readonly http?: { readonly host: string; readonly port: number; readonly setBy: string };
  /** How long agents may take to empty their channels at a stop. */
  readonly drainMs: number;
}

/**
 * One Millrace process: the broker in its thread, each agent in its own, HTTP on the main thread. Starts the broker
 * first and stops it last, so that what agents drain still has a place to go.
 */
export class MillraceProcess extends Lifecycle {
  readonly #plan: ProcessPlan;
  readonly #failure = Promise.withResolvers<MillraceError>();
  broker: Thread | null = null;
  readonly agents: Thread[] = [];
  http: HttpServer | null = null;

  constructor(plan: ProcessPlan) {
    super();
    this.#plan = plan;
  }

  /** Resolves if a thread ends by itself: the process can't do its work any more. */
  get failure(): Promise<MillraceError> {
    return this.#failure.promise;
  }

  /** What agents could not drain, a sentence each. */
  get summaries(): readonly string[] {
    return this.agents.map((agent) => agent.summary).filter((summary) => summary !== '');
  }

  async snapshot(): Promise<{ metrics: readonly Metric[]; ready: boolean }> {
    const answers = await Promise.all(this.agents.map((agent) => agent.metrics()));
    return {
      metrics: answers.flatMap(({ metrics }) => metrics),
      ready: this.status === 'started' && answers.every(({ ready }) => ready),
    };
  }

  protected async open(): Promise<void> {
    const { broker, agents, http, drainMs, beforeAgents } = this.#plan;
    if (http !== undefined) {
      // Loaded on demand: an agent without metrics starts without the HTTP framework.
      const { HttpServer } = await import('./http.ts');
      this.http = new HttpServer({ ...http, snapshot: () => this.snapshot() });
      await this.http.start();
    }
    if (broker !== undefined) {
      this.broker = this.#thread('broker', './broker-thread.ts', broker, drainMs);
      await this.broker.start().catch((error: unknown) => {
        throw withOption(error, this.#plan.brokerSetBy ?? '--listen');
      });
      await beforeAgents?.(String(this.broker.info.bootstrapServers));
    }
    await Promise.all(
      agents.map((data) => {
        const thread = this.#thread(`agent ${data.agentName}`, './agent-thread.ts', data, drainMs);
        this.agents.push(thread);
        return thread.start();
      }),
    );
  }

  protected async close(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop()));
    await this.broker?.stop();
    await this.http?.stop();
  }

  #thread(
    name: string,
    entry: './broker-thread.ts' | './agent-thread.ts',
    data: unknown,
    drainMs: number,
  ): Thread {
    // Compiled, the neighbours end in .js, as this file does.
    const file = import.meta.url.endsWith('.js') ? entry.replace('.ts', '.js') : entry;
    const thread = new Thread(name, new URL(file, import.meta.url), data, drainMs);
    thread.onFailure((error) => this.#failure.resolve(error));
    return thread;
  }
}

/** A taken port, told with the option that changes it. */
function withOption(error: unknown, option: string): unknown {
  if (!(error instanceof MillraceError) || error.code !== 'ADDRESS_IN_USE') return error;
  return new MillraceError('ADDRESS_IN_USE', `${error.message} (${option})`, {
    cause: error,
    remedy: `Stop the program that holds the port, or choose another with ${option}.`,
    details: error.details,
  });
}
