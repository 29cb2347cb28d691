import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../component/channel.ts';
import type { Counter } from '../component/counters.ts';
import { Deadline } from '../runtime/deadline.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { AgentGraph, BuiltChannel, BuiltSink, BuiltSource, SinkUnit } from './graph.ts';
import { contextOf } from './graph.ts';
import { SinkRunner } from './sink-runner.ts';
import { isPollable, PollableSourceRunner } from './source-runner.ts';
import { Supervisor, stopInTime } from './supervisor.ts';

/** Events that were in a channel that does not keep them when it was stopped. */
export interface Undelivered {
  readonly channel: string;
  readonly events: number;
}

/** How often the drain looks whether a channel is empty. */
const drainLookMs = 20;

/** Starts and stops the components of a graph in Flume's order, each on its own. */
export class GraphRun {
  readonly graph: AgentGraph;
  readonly #log: Logger;
  readonly #channels: Supervisor[];
  readonly #sinks: Supervisor[] = [];
  readonly #runners: { readonly name: string; readonly runner: SinkRunner }[] = [];
  readonly #sources: Supervisor[];
  /** Channels whose content outlives the stop that is under way. */
  #keeps: (channel: Channel) => boolean = () => false;

  constructor(graph: AgentGraph, log: Logger) {
    this.graph = graph;
    this.#log = log;
    this.#channels = graph.channels.map((built) => this.#superviseChannel(built));
    for (const unit of graph.units) this.#addUnit(unit);
    this.#sources = graph.sources.map((built) => this.#superviseSource(built));
  }

  /** Whether every component is up; false while one is tried again. */
  get ready(): boolean {
    return [...this.#channels, ...this.#sinks, ...this.#sources].every(({ started }) => started);
  }

  /** Channels, then sinks, then sources; a component that can't start is tried again and holds nobody up. */
  async start(): Promise<void> {
    const { channels, units, sources } = this.graph;
    const names = (list: readonly { name: string }[]) => `{${list.map(({ name }) => name).join(', ')}}`;
    this.#log.info(
      `Starting new configuration:{ sourceRunners:${names(sources.map((s) => s.model))} sinkRunners:${names(units)} channels:${names(channels.map((c) => c.model))} }`,
    );
    for (const built of channels.filter(({ reused }) => reused)) this.#reconfigure(built);
    for (const group of [this.#channels, this.#sinks, this.#sources]) {
      await Promise.all(group.map((supervisor) => supervisor.start()));
    }
  }

  /**
   * Sources first; then the sinks go on until the channels that would lose their events are empty, at most
   * `drainMs`; then sinks and channels. `keeps`: channels whose content outlives this stop. Tells what is left.
   */
  async stop(drainMs: number, keeps: (channel: Channel) => boolean = () => false): Promise<Undelivered[]> {
    this.#keeps = keeps;
    this.#log.info('Shutting down configuration');
    await Promise.all(this.#sources.map((supervisor) => supervisor.stop()));
    const volatile = this.graph.channels
      .map(({ channel }) => channel)
      .filter((channel) => channel.durable !== true && !keeps(channel));
    await this.#drain(volatile, drainMs);
    await Promise.all(
      this.#runners.map(({ name, runner }) =>
        stopInTime(`the runner of ${name}`, () => runner.stop(), this.#log),
      ),
    );
    await Promise.all(this.#sinks.map((supervisor) => supervisor.stop()));
    const undelivered = volatile
      .map((channel) => ({ channel: channel.name, events: channel.eventCount ?? 0 }))
      .filter(({ events }) => events > 0);
    for (const { channel, events } of undelivered) {
      this.#log.warn(
        `Channel ${channel}: ${events} events could not be delivered before the stop and are lost`,
        {
          channel,
          events,
        },
      );
    }
    await Promise.all(this.#channels.map((supervisor) => supervisor.stop()));
    await Promise.all(
      this.graph.sources.map(({ model, source }) =>
        stopInTime(`Source ${model.name}`, async () => await source.settle?.(), this.#log),
      ),
    );
    await this.graph.refused.close();
    return undelivered;
  }

  #reconfigure({ model, channel, background }: BuiltChannel): void {
    const refused = this.graph.refused.of(model, this.#log.child(model.name));
    try {
      model.definition.reconfigure?.(
        channel,
        contextOf(this.graph.model, model, this.#log, { refused, spawn: background.spawn }),
      );
    } catch (error) {
      this.#log.error(`Channel ${model.name} keeps its old options: ${errorText(error)}`, { error });
    }
  }

  async #drain(channels: readonly Channel[], drainMs: number): Promise<void> {
    const drained = new Set(this.graph.units.flatMap((unit) => unit.sinks).map((sink) => sink.view.inner));
    const full = () => channels.filter((channel) => drained.has(channel) && (channel.eventCount ?? 0) > 0);
    if (full().length === 0) return;
    this.#log.info(
      `Draining ${full()
        .map((channel) => `${channel.name} (${channel.eventCount} events)`)
        .join(', ')}`,
    );
    const deadline = performance.now() + drainMs;
    while (full().length > 0 && performance.now() < deadline) await sleep(drainLookMs);
  }

  #superviseChannel({ model, channel }: BuiltChannel): Supervisor {
    return new Supervisor(
      {
        label: `Channel ${model.name}`,
        start: () => channel.start(),
        stop: () => {
          const stopping = channel.stop({ deadline: Deadline.never(), kept: this.#keeps(channel) });
          return this.#thenTell(stopping, 'CHANNEL', model.name, channel.counter);
        },
      },
      this.#log,
    );
  }

  #superviseSource({ model, source, processor }: BuiltSource): Supervisor {
    const log = this.#log.child(model.name);
    const runner = isPollable(source) ? new PollableSourceRunner(source, model.polling, log) : null;
    return new Supervisor(
      {
        label: `Source ${model.name}`,
        start: async () => {
          await source.start();
          runner?.start();
        },
        stop: async () => {
          await runner?.stop();
          await this.#thenTell(source.stop(), 'SOURCE', model.name, source.counter);
          processor.close();
        },
      },
      this.#log,
    );
  }

  #addUnit(unit: SinkUnit): void {
    const supervisors = unit.sinks.map((built) => this.#superviseSink(built, () => runner.start()));
    const members = unit.sinks.map(({ model, sink }, i) => ({
      name: model.name,
      process: async (signal: AbortSignal) => {
        if (!supervisors[i]!.started)
          throw new MillraceError('DELIVERY_FAILED', `sink ${model.name} is not started`);
        return await sink.process(signal);
      },
    }));
    const views = unit.sinks.map((sink) => sink.view);
    const runner = new SinkRunner(unit.processorOf(members), views, this.#log.child(unit.name));
    this.#sinks.push(...supervisors);
    this.#runners.push({ name: unit.name, runner });
  }

  #superviseSink({ model, sink }: BuiltSink, onStarted: () => void): Supervisor {
    return new Supervisor(
      {
        label: `Sink ${model.name}`,
        start: () => sink.start(),
        started: onStarted,
        stop: () => this.#thenTell(sink.stop(), 'SINK', model.name, sink.counter),
      },
      this.#log,
    );
  }

  /** Flume's shutdown lines of a counter group, when its component has stopped. */
  async #thenTell(
    stopping: Promise<void>,
    type: string,
    name: string,
    counter: Counter | undefined,
  ): Promise<void> {
    try {
      await stopping;
    } finally {
      if (counter !== undefined) {
        this.#log.info(`Component type: ${type}, name: ${name} stopped`);
        for (const [metric, value] of counter.shutdownMetrics()) {
          this.#log.info(`Shutdown Metric for type: ${type}, name: ${name}. ${metric} == ${value}`);
        }
      }
    }
  }
}
