import type { StopOptions } from '../component/lifetime.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { divideMemoryAmong } from '../runtime/memory-share.ts';
import type { Timer } from '../runtime/timers.ts';
import type { AgentThreadData } from './agent-thread.ts';
import type { BrokerThreadData } from './broker-thread.ts';
import type { GangliaPlan, GangliaReporter } from './ganglia.ts';
import type { HttpServer } from './http.ts';
import { KeptThread } from './kept-thread.ts';
import { keepLogSmall, type LogLimits } from './log-file.ts';
import { Thread, type ThreadListener } from './thread.ts';
import { type NotReady, nothingEnded, type ThreadEnd, type ThreadState } from './threads.ts';

/** What one process runs. */
export interface ProcessPlan {
  readonly broker?: BrokerThreadData;
  /** The option that set the broker's address; errors name it. Default `--listen`. */
  readonly brokerSetBy?: string;
  /**
   * Called when the broker is up, before the agents start: topics are created here, and what agents must know of the
   * broker is put into their `systemProperties`.
   */
  readonly beforeAgents?: (bootstrapServers: string) => Promise<void>;
  readonly agents: readonly AgentThreadData[];
  readonly http?: { readonly host: string; readonly port: number; readonly setBy: string };
  /** Where counters are sent to by themselves. */
  readonly ganglia?: GangliaPlan;
  /** Limits of the log file that broker and agents write, where they write one. */
  readonly logLimits?: LogLimits;
}

/** Who sits at the terminal. */
export interface Audience {
  told(text: string): void;
  /** Lines went to the terminal by another way: a living line there is gone. */
  shown(): void;
}

type Status = 'idle' | 'starting' | 'started' | 'stopping' | 'stopped';

/**
 * One Millrace process: the broker in its thread, each agent in its own, HTTP on the main thread. Starts the broker
 * first and stops it last, so that what agents drain still has a place to go. A thread that ends by itself is started
 * again and leaves the others alone; only a broker that kept everything in memory ends the process, for nothing is
 * left to go on with (`failure`).
 */
export class MillraceProcess {
  readonly #plan: ProcessPlan;
  readonly #failure = Promise.withResolvers<MillraceError>();
  readonly #agents: KeptThread[];
  #broker: KeptThread | Thread | null = null;
  #http: HttpServer | null = null;
  #ganglia: GangliaReporter | null = null;
  #logKeepers: Timer[] = [];
  #status: Status = 'idle';
  /** Who is told; set before `start`. */
  audience: Audience = { told: () => {}, shown: () => {} };

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
    this.#agents = plan.agents.map((data) =>
      this.#kept(`agent ${data.agentName}`, './agent-thread.ts', () => data),
    );
  }

  /** Resolves when the process can't do its work any more. */
  get failure(): Promise<MillraceError> {
    return this.#failure.promise;
  }

  get status(): Status {
    return this.#status;
  }

  /** Where HTTP is served; undefined: nowhere. */
  get httpPort(): number | undefined {
    return this.#http?.port;
  }

  /** `host:port` of the broker, once it is up. */
  get bootstrapServers(): string {
    return String(this.#broker?.info.bootstrapServers ?? '');
  }

  /** Where the broker listens, once it is up. */
  get brokerPort(): number | undefined {
    const port = this.#broker?.info.port;
    return typeof port === 'number' ? port : undefined;
  }

  /** Every part as it is now. */
  async state(): Promise<ThreadState> {
    const parts = [...(this.#broker === null ? [] : [this.#broker]), ...this.#agents];
    const states = (await Promise.all(parts.map((part) => part.state()))).filter((state) => state !== null);
    const own: NotReady[] =
      this.#status === 'started' ? [] : [{ component: 'process', reason: `it is ${this.#status}` }];
    return {
      metrics: states.flatMap(({ metrics }) => metrics),
      notReady: [...own, ...states.flatMap(({ notReady }) => notReady)],
      broker: states.find(({ broker }) => broker !== null)?.broker ?? null,
      components: states.flatMap(({ components }) => components),
    };
  }

  /** Brings everything up. Rejects with what can't be had, all taken ports together; `stop` ends it on the way. */
  async start(): Promise<void> {
    this.#status = 'starting';
    const { broker, http, logLimits } = this.#plan;
    const steps: Promise<unknown>[] = [];
    if (http !== undefined) steps.push(this.#startHttp(http));
    if (broker !== undefined) steps.push(this.#startBroker(broker));
    const faults = (await Promise.allSettled(steps)).flatMap((step) =>
      step.status === 'rejected' ? [step.reason] : [],
    );
    if (faults.length > 0) throw together(faults);
    if (broker !== undefined) await this.#plan.beforeAgents?.(this.bootstrapServers);
    if (this.#status !== 'starting') return; // stopped meanwhile
    divideMemoryAmong(this.#agents.length);
    await Promise.all(this.#agents.map((agent) => agent.start()));
    if (logLimits !== undefined) this.#keepLogsSmall(logLimits);
    if (this.#status === 'starting') this.#status = 'started';
    if (this.#status === 'started') await this.#startGanglia();
  }

  /** Agents together, then the broker; each ends by the deadline, done or not. Tells how each ended. */
  async stop({ deadline }: StopOptions): Promise<readonly ThreadEnd[]> {
    this.#status = 'stopping';
    for (const keeper of this.#logKeepers) keeper.cancel();
    const ends = await Promise.all(this.#agents.map((agent) => agent.stop({ deadline })));
    ends.push((await this.#broker?.stop({ deadline })) ?? nothingEnded);
    this.#ganglia?.stop();
    await this.#http?.stop();
    this.#status = 'stopped';
    return ends;
  }

  /** Agents read their configuration again and tell what came of it; log files are opened anew. */
  reload(): void {
    for (const part of [...this.#agents, this.#broker]) {
      part?.post({ kind: 'reopen' });
      part?.post({ kind: 'reload' });
    }
  }

  async #startHttp(http: NonNullable<ProcessPlan['http']>): Promise<void> {
    // Loaded on demand: an agent without metrics starts without Node's HTTP.
    const { HttpServer } = await import('./http.ts');
    const server = new HttpServer({ ...http, state: () => this.state() });
    await server.start();
    this.#http = server;
  }

  async #startGanglia(): Promise<void> {
    const { ganglia } = this.#plan;
    if (ganglia === undefined) return;
    const { GangliaReporter } = await import('./ganglia.ts');
    const tell = (text: string) => this.audience.told(text);
    this.#ganglia = new GangliaReporter({ ...ganglia, state: () => this.state(), tell });
    this.#ganglia.start();
  }

  async #startBroker(data: BrokerThreadData): Promise<void> {
    const same = (): Partial<BrokerThreadData> => {
      const { port = data.port, ports = [] } = this.#broker?.info ?? {};
      const listeners = data.listeners?.map((each, i) => ({ ...each, port: portAt(ports, i) ?? each.port }));
      return { port: Number(port), listeners };
    };
    const broker =
      data.dataDir === undefined
        ? this.#thread('broker', './broker-thread.ts', data, {
            ...this.#listener,
            ended: (error) => this.#failure.resolve(error),
          })
        : // A free port that was found once is kept: clients know it.
          this.#kept('broker', './broker-thread.ts', () => ({ ...data, ...same() }), {
            losesMemory: false,
          });
    this.#broker = broker;
    await broker.start().catch((error: unknown) => {
      throw withOption(error, this.#plan.brokerSetBy ?? '--listen');
    });
  }

  #keepLogsSmall(limits: LogLimits): void {
    const { broker, agents } = this.#plan;
    const targets = [broker, ...agents].map((part) => part?.log.target);
    const files = new Set(targets.flatMap((target) => (typeof target === 'object' ? [target.file] : [])));
    const tell = (text: string) => this.audience.told(text);
    this.#logKeepers = [...files].map((file) => keepLogSmall(file, limits, tell));
  }

  get #listener(): Omit<ThreadListener, 'ended'> {
    return { told: (text) => this.audience.told(text), shown: () => this.audience.shown() };
  }

  #kept(name: string, entry: Entry, data: () => unknown, options?: { losesMemory: boolean }): KeptThread {
    const make = (listener: ThreadListener) => this.#thread(name, entry, data(), listener);
    return new KeptThread(name, make, this.#listener, options);
  }

  #thread(name: string, entry: Entry, data: unknown, listener: ThreadListener): Thread {
    // Compiled, the neighbours end in .js, as this file does.
    const file = import.meta.url.endsWith('.js') ? entry.replace('.ts', '.js') : entry;
    return new Thread(name, new URL(file, import.meta.url), data, listener);
  }
}

type Entry = './broker-thread.ts' | './agent-thread.ts';

/** Several things that can't be had are told at once, not one at each try. */
function together(faults: readonly unknown[]): unknown {
  const [first, ...others] = faults;
  if (others.length === 0 || !(first instanceof MillraceError)) return first;
  const remedies = new Set(faults.map((fault) => (fault instanceof MillraceError ? fault.remedy : '')));
  return new MillraceError(first.code, faults.map(errorText).join('; '), {
    cause: first,
    remedy: [...remedies].filter((remedy) => remedy !== '').join(' '),
    details: first.details,
  });
}

function portAt(ports: unknown, at: number): number | undefined {
  const port: unknown = Array.isArray(ports) ? ports[at] : undefined;
  return typeof port === 'number' ? port : undefined;
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
