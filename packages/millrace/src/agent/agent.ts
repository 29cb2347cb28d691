import type { StopOptions } from '../component/lifetime.ts';
import { Deadline } from '../runtime/deadline.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { formatDiagnostic } from '../runtime/diagnostics.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import { type Logger, silentLogger } from '../runtime/logger.ts';
import { type LoadOptions, loadTexts } from './configuration/load-config.ts';
import type { ConfigOrigin, OriginWatch } from './configuration/origin/config-origin.ts';
import { FileText } from './configuration/origin/file-text.ts';
import { PolledTexts } from './configuration/origin/polled-texts.ts';
import { type AgentInput, agentModelOf, programFaults } from './configuration/typed-config.ts';
import { type AgentModel, agentToRun, missingAgent } from './model.ts';
import type { ChannelOutcome } from './running/channel-outcome.ts';
import type { ComponentState } from './running/component-state.ts';
import { type AgentGraph, buildGraph } from './running/graph.ts';
import { heirsOf, reloadFaults } from './running/reload.ts';
import { GraphRun } from './running/run-graph.ts';

export type { ChannelOutcome } from './running/channel-outcome.ts';
export type { ComponentState } from './running/component-state.ts';

/** Events that were in a channel that does not keep them when it was stopped. */
export interface Undelivered {
  readonly channel: string;
  readonly events: number;
}

export interface AgentOptions extends LoadOptions {
  /** Default: nothing is logged. */
  readonly log?: Logger;
  /**
   * How long a stop that is given no deadline lets the sinks go on for channels that would lose their events. Default
   * 10 000 ms; 0: not at all.
   */
  readonly drainMs?: number;
  /** How often files are looked at for changes; 0: never. Default 30 000 ms, as Flume's. */
  readonly reloadIntervalMs?: number;
}

/** The counters of one component, as `/metrics` shows them. */
export interface CounterSnapshot {
  readonly kind: 'source' | 'channel' | 'sink';
  readonly name: string;
  /** Flume's attribute names; every value a text. */
  readonly attributes: Readonly<Record<string, string>>;
}

export type ReloadResult =
  | { readonly reloaded: true; readonly undelivered: readonly Undelivered[] }
  /** What ran goes on running. */
  | {
      readonly reloaded: false;
      readonly reasons: readonly string[];
      readonly diagnostics: readonly Diagnostic[];
    };

/** What a stop without a deadline has beyond the time to drain, for components to end. */
const endMs = 4000;

/** What an agent is made from: where its model comes from, each time it is wanted. */
interface Maker {
  load(): Promise<AgentModel>;
  /** What is looked at for changes while the agent runs; null: nothing. */
  readonly watched: ConfigOrigin | null;
}

/**
 * An agent: the sources, channels and sinks of one configuration, running together.
 *
 * `start` brings up what can be brought up; a component that can't start (its port is taken) is tried again every 3 s
 * and holds up nobody. `stop` ends the sources, drains channels that would lose their events, then ends the rest.
 * `await using` stops it at the end of a block.
 */
export class Agent extends Lifecycle {
  readonly name: string;
  readonly #maker: Maker;
  readonly #options: AgentOptions;
  readonly #log: Logger;
  #model: AgentModel;
  #run: GraphRun | null = null;
  #watch: OriginWatch | null = null;
  #reloading: Promise<unknown> = Promise.resolve();
  /** Aborts when the agent is to stop: nothing is started any more. */
  #ending = new AbortController();
  #outcome: readonly ChannelOutcome[] = [];

  private constructor(name: string, maker: Maker, model: AgentModel, options: AgentOptions) {
    super();
    this.name = name;
    this.#maker = maker;
    this.#model = model;
    this.#options = options;
    this.#log = options.log ?? silentLogger;
  }

  /**
   * The agent `name` of one or more Flume properties files; of several, later ones override. Faults in them are in
   * `diagnostics`; an agent that isn't there or isn't valid runs empty, as in Flume. Throws `CONFIG_INVALID` when a
   * file can't be read.
   */
  static async fromFile(
    paths: string | readonly string[],
    name: string,
    options: AgentOptions = {},
  ): Promise<Agent> {
    const files = typeof paths === 'string' ? [paths] : paths;
    const { reloadIntervalMs = 30_000, log = silentLogger } = options;
    const texts = files.map((file) => new FileText(file));
    const origin = new PolledTexts(texts, reloadIntervalMs, log);
    const load = async () => {
      await origin.refresh();
      return modelFrom(origin, name, options);
    };
    const watched = reloadIntervalMs === 0 ? null : origin;
    return new Agent(name, { load, watched }, await load(), options);
  }

  /**
   * The agent `name` of what an opened origin holds, as `fromFile`. The origin stays the caller's: who watches it calls
   * `reload` when it has something new, and closes it.
   */
  static async fromOrigin(origin: ConfigOrigin, name: string, options: AgentOptions = {}): Promise<Agent> {
    const load = () => modelFrom(origin, name, options);
    return new Agent(name, { load, watched: null }, await load(), options);
  }

  /**
   * An agent that a program describes. Throws `CONFIG_INVALID` with every finding when any component can't be had, and
   * when an option is misspelt or its value replaced, which a file may have: a program is better told at once.
   */
  static async fromConfig(input: AgentInput, options: AgentOptions = {}): Promise<Agent> {
    const load = () => agentModelOf(input, options);
    const model = await load();
    const faults = programFaults(model);
    if (faults.length > 0) {
      const message = `agent ${input.name} can't be made: ${faults.join('; ')}`;
      throw new MillraceError('CONFIG_INVALID', message, {
        remedy:
          'Mend these places of the object that describes the agent; `details.diagnostics` has all findings.',
        details: { diagnostics: model.diagnostics },
      });
    }
    return new Agent(input.name, { load, watched: null }, model, options);
  }

  /** What the configuration that runs came to. */
  get model(): AgentModel {
    return this.#model;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#model.diagnostics;
  }

  /** Events that the last stop or reload lost, by channel: in channels that keep them in memory only. */
  get undelivered(): readonly Undelivered[] {
    return undeliveredOf(this.#outcome);
  }

  /** What became of the events of each channel, as the last stop or reload found it. */
  get outcome(): readonly ChannelOutcome[] {
    return this.#outcome;
  }

  /** What each component does, those among them that the configuration has and that could not be had. */
  state(): ComponentState[] {
    const states = this.#run?.states() ?? [];
    const dropped = (kind: ComponentState['kind'], name: string, lastError: string): ComponentState => ({
      ...{ kind, name, lastError, waits: [] },
      state: 'dropped',
    });
    for (const { kind, name, status, reason } of this.#model.components) {
      if (status === 'dropped') states.push(dropped(kind, name, reason));
    }
    for (const [label, why] of this.#run?.graph.faults ?? []) {
      const [kind = '', name = ''] = label.split(' ');
      states.push(dropped(kind.toLowerCase() as ComponentState['kind'], name, why));
    }
    return states;
  }

  /** Whether the agent runs, and every component of its configuration is up and does not fail. */
  get ready(): boolean {
    return (
      this.status === 'started' && this.#model.valid && this.state().every(({ state }) => state === 'started')
    );
  }

  /** The counters of all components that have some, as they are now. */
  counters(): CounterSnapshot[] {
    const graph = this.#run?.graph;
    if (graph === undefined) return [];
    const snapshot = (
      kind: CounterSnapshot['kind'],
      name: string,
      counter?: { flumeAttributes(): Record<string, string> },
    ) => (counter === undefined ? [] : [{ kind, name, attributes: counter.flumeAttributes() }]);
    return [
      ...graph.sources.flatMap(({ model, source }) => snapshot('source', model.name, source.counter)),
      ...graph.channels.flatMap(({ model, channel }) => snapshot('channel', model.name, channel.counter)),
      ...graph.units.flatMap(({ sinks }) =>
        sinks.flatMap(({ model, sink }) => snapshot('sink', model.name, sink.counter)),
      ),
    ];
  }

  /**
   * Reads the configuration again and, when it is sound, stops what runs and starts the new. Channels that keep their
   * content in memory hand it on. A configuration with new faults is refused: what ran goes on.
   */
  reload(): Promise<ReloadResult> {
    const reloading = this.#reloading.then(() => this.#reload());
    this.#reloading = reloading.catch(() => {});
    return reloading;
  }

  protected override async open(signal?: AbortSignal): Promise<void> {
    this.#outcome = [];
    this.#ending = new AbortController();
    this.#tell(this.#model);
    this.#run = new GraphRun(buildGraph(this.#model, this.#log), this.#log);
    await this.#run.start(signal);
    this.#watch =
      this.#maker.watched?.watch(async (line) => {
        this.#log.info(line);
        await this.reload();
      }) ?? null;
  }

  protected override async close(options?: StopOptions): Promise<void> {
    const { deadline, drain } = this.#budget(options);
    this.#ending.abort();
    const watch = this.#watch;
    this.#watch = null;
    // A reload under way spends its own time; it is not waited for longer than this stop has.
    await deadline.within(deadline.leftMs / 2).race(Promise.all([watch?.stop(), this.#reloading]));
    this.#outcome = (await this.#run?.stop(deadline, drain)) ?? [];
    this.#run = null;
  }

  #budget(options?: StopOptions): { deadline: Deadline; drain: Deadline } {
    if (options !== undefined) return { deadline: options.deadline, drain: options.deadline };
    const { drainMs = 10_000 } = this.#options;
    return { deadline: Deadline.in(drainMs + endMs), drain: Deadline.in(drainMs) };
  }

  async #reload(): Promise<ReloadResult> {
    const run = this.#run;
    const { signal } = this.#ending;
    const notRunning = () => this.#refuse([`agent ${this.name} is not running`], []);
    if (this.status !== 'started' || run === null) return notRunning();
    let next: AgentModel;
    try {
      next = await this.#maker.load();
    } catch (error) {
      return this.#refuse([errorText(error)], []);
    }
    if (signal.aborted) return notRunning();
    const faults = reloadFaults(this.#model, next);
    if (faults.length > 0) return this.#refuse(faults, next.diagnostics);
    const graph = buildGraph(next, this.#log, run.graph);
    const cannotBeMade = newFaults(run.graph, graph);
    if (cannotBeMade.length > 0) {
      await closeUnused(graph);
      return this.#refuse(cannotBeMade, next.diagnostics);
    }

    this.#tell(next);
    const { deadline, drain } = this.#budget();
    const outcome = await run.stop(deadline, drain, heirsOf(run.graph, graph));
    if (signal.aborted) {
      // The stop has not waited for this reload, and has stopped what ran; nothing new begins behind it.
      await closeUnused(graph);
      return notRunning();
    }
    this.#outcome = outcome;
    this.#model = next;
    this.#run = new GraphRun(graph, this.#log);
    await this.#run.start(signal);
    return { reloaded: true, undelivered: this.undelivered };
  }

  #refuse(reasons: readonly string[], diagnostics: readonly Diagnostic[]): ReloadResult {
    for (const diagnostic of diagnostics) {
      if (diagnostic.severity === 'error') this.#log.error(formatDiagnostic(diagnostic));
    }
    this.#log.error(`The new configuration is not taken, the old one goes on: ${reasons.join('; ')}`);
    return { reloaded: false, reasons, diagnostics };
  }

  /** What Flume says about a configuration, then what Millrace has found, with its places. */
  #tell(model: AgentModel): void {
    for (const { level, logger, text } of model.messages) this.#log.child(logger)[level](text);
    for (const diagnostic of model.diagnostics) {
      const level = diagnostic.severity === 'warning' ? 'warn' : diagnostic.severity;
      this.#log[level](formatDiagnostic(diagnostic));
    }
  }
}

/** What the texts of an origin say of one agent. */
async function modelFrom(origin: ConfigOrigin, name: string, options: LoadOptions): Promise<AgentModel> {
  const configuration = await loadTexts(origin.texts(), options);
  const agent = agentToRun(configuration, name);
  const messages = [...configuration.messages, ...agent.messages];
  const missing = missingAgent(configuration, name, origin.names) ?? [];
  return { ...agent, messages, diagnostics: configuration.diagnostics.concat(missing) };
}

function undeliveredOf(outcome: readonly ChannelOutcome[]): Undelivered[] {
  return outcome.filter(({ lost }) => lost > 0).map(({ channel, lost }) => ({ channel, events: lost }));
}

/** Closes what a graph that is not run has made. */
async function closeUnused(graph: AgentGraph): Promise<void> {
  await Promise.allSettled(graph.sources.map(({ processor }) => processor.close()));
}

function newFaults(old: AgentGraph, next: AgentGraph): string[] {
  return [...next.faults]
    .filter(([label]) => !old.faults.has(label))
    .map(([label, why]) => `${label} can't be made: ${why}`);
}
