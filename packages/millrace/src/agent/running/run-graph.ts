import type { Channel } from '../../component/channel.ts';
import type { Counter } from '../../component/counters.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/timers.ts';
import { type ChannelOutcome, outcomeOf, volatileOf } from './channel-outcome.ts';
import type { ComponentState } from './component-state.ts';
import { stateOf } from './component-state.ts';
import { drainChannels, drainLookMs } from './drain-channels.ts';
import type { AgentGraph, BuiltChannel, BuiltSource } from './graph.ts';
import { contextOf } from './graph.ts';
import { SinkUnitRun } from './sink-unit.ts';
import { isPollable, PollableSourceRunner } from './source-runner.ts';
import { Supervisor, stopInTime } from './supervisor.ts';

/** Kept back of a stop's time for each of the steps after the drain: the sinks; channels and sources' positions. */
const mostReserveMs = 2000;
const reserveShare = 0.2;
/** Of the time for a source's turn to end, what puts have that only some channels have taken. */
const lastPutsShare = 0.8;

/** What a stop is told of what comes after it; both default to nothing. */
export interface StopHeirs {
  /** Channels whose content goes on in the graph that comes next. */
  keeps(channel: Channel): boolean;
  /** Channels that hold their content beyond the process, where nobody reads it from then on. */
  leaves(channel: Channel): boolean;
}

const noHeirs: StopHeirs = { keeps: () => false, leaves: () => false };

/** A source with what supervises and drives it. */
interface SourceRun {
  readonly built: BuiltSource;
  readonly supervisor: Supervisor;
  readonly runner: PollableSourceRunner | null;
}

/** Starts and stops the components of a graph in Flume's order, each on its own. */
export class GraphRun {
  readonly graph: AgentGraph;
  readonly #log: Logger;
  readonly #channels: { readonly built: BuiltChannel; readonly supervisor: Supervisor }[];
  readonly #units: SinkUnitRun[];
  readonly #sources: SourceRun[];
  /** Until when the stop that is under way may wait for sinks. */
  #drainBy = Deadline.never();
  /** Channels whose content outlives the stop that is under way. */
  #keeps: (channel: Channel) => boolean = () => false;

  constructor(graph: AgentGraph, log: Logger) {
    this.graph = graph;
    this.#log = log;
    this.#channels = graph.channels.map((built) => ({ built, supervisor: this.#superviseChannel(built) }));
    this.#units = graph.units.map(
      (unit) =>
        new SinkUnitRun(unit, log, ({ model, sink }, deadline) =>
          this.#thenTell(sink.stop({ deadline }), 'SINK', model.name, sink.counter),
        ),
    );
    this.#sources = graph.sources.map((built) => this.#superviseSource(built));
  }

  /** What each component that could be made does now. */
  states(): ComponentState[] {
    return [
      ...this.#sources.map(({ built, supervisor }) =>
        stateOf('source', built.model.name, supervisor, built.background.state),
      ),
      ...this.#channels.map(({ built, supervisor }) =>
        stateOf('channel', built.model.name, supervisor, built.background.state),
      ),
      ...this.#units.flatMap((unit) => unit.states()),
    ];
  }

  /**
   * Channels, then sinks, then sources; a component that can't start is tried again and holds nobody up, but a source
   * waits for its channels' first try. Resolves early when the signal aborts; `stop` is for what has started by then.
   */
  async start(signal?: AbortSignal): Promise<void> {
    const { channels, units, sources } = this.graph;
    const names = (list: readonly { name: string }[]) => `{${list.map(({ name }) => name).join(', ')}}`;
    this.#log.info(
      `Starting new configuration:{ sourceRunners:${names(sources.map((s) => s.model))} sinkRunners:${names(units)} channels:${names(channels.map((c) => c.model))} }`,
    );
    for (const built of channels.filter(({ reused }) => reused)) this.#reconfigure(built);
    const steps = [
      this.#channels.map(({ supervisor }) => supervisor),
      this.#units.flatMap(({ members }) => members.map(({ supervisor }) => supervisor)),
      this.#sources.map(({ supervisor }) => supervisor),
    ];
    const aborted = signal === undefined ? null : whenAborted(signal);
    for (const supervisors of steps) {
      if (signal?.aborted) return;
      const started = Promise.all(supervisors.map((supervisor) => supervisor.start()));
      await (aborted === null ? started : Promise.race([started, aborted]));
    }
  }

  /**
   * Sources first; then the sinks go on until the channels that would lose or leave their events are empty, at most
   * until `drain`; then sinks, channels, and what sources have to take back.
   */
  async stop(
    deadline: Deadline,
    drain: Deadline = deadline,
    { keeps, leaves }: StopHeirs = noHeirs,
  ): Promise<ChannelOutcome[]> {
    this.#keeps = keeps;
    this.#drainBy = drain;
    this.#log.info('Shutting down configuration');
    const reserveMs = Math.min(mostReserveMs, deadline.leftMs * reserveShare);
    const beforeSinks = deadline.reserve(2 * reserveMs);
    await Promise.all(this.#sources.map(({ supervisor }) => supervisor.stop(beforeSinks)));
    const channels = this.graph.channels.map(({ channel }) => channel);
    const volatile = channels.filter((channel) => channel.durable !== true && !keeps(channel));
    const toDrain = channels.filter((channel) => volatile.includes(channel) || leaves(channel));
    const restOf = (channel: Channel) => (leaves(channel) ? (channel.eventCount ?? 0) : volatileOf(channel));
    await drainChannels(toDrain, restOf, this.#units, this.#log, beforeSinks.within(drain.leftMs));
    await Promise.all(this.#units.map((unit) => unit.stop(deadline.reserve(reserveMs))));
    await Promise.all(this.#channels.map(({ supervisor }) => supervisor.stop(deadline)));
    // Only now: a channel may have saved at its stop what it had in memory.
    const outcomes = channels.map((channel) =>
      outcomeOf(channel, volatile.includes(channel), this.#refusedOf(channel), this.#setAsideBy(channel)),
    );
    this.#tellLost(outcomes);
    for (const [i, { held }] of outcomes.entries())
      if (leaves(channels[i]!) && held !== null && held > 0) this.#tellLeft(channels[i]!, held);
    await this.#settle(deadline);
    return outcomes;
  }

  #refusedOf(channel: Channel): number {
    const drivers = this.#units.flatMap(({ members }) => members.map(({ driver }) => driver));
    return drivers.reduce((sum, one) => sum + (one.channel === channel ? one.refusedEvents : 0), 0);
  }

  /** What the channel itself has set aside: its own destination did not take it, or gave what is no event. */
  #setAsideBy(channel: Channel): number {
    return this.graph.refused.countOf('channel', channel.name);
  }

  #tellLost(outcomes: readonly ChannelOutcome[]): void {
    for (const { channel, lost } of outcomes) {
      if (lost === 0) continue;
      this.#log.warn(
        `Channel ${channel}: ${lost} events could not be delivered before the stop and are lost`,
        { channel, events: lost },
      );
    }
  }

  #tellLeft({ name, folder }: Channel, events: number): void {
    const where = folder === undefined ? '' : ` below ${folder}`;
    this.#log.warn(
      `Channel ${name}: ${events} events stay where it has kept them${where}; the new configuration has no such channel there`,
      { channel: name, events },
    );
  }

  /** The fate of all events is known: sources put their positions right. */
  async #settle(deadline: Deadline): Promise<void> {
    const settling = this.graph.sources.map(({ model, source }) =>
      stopInTime(
        `Source ${model.name}`,
        async () => await source.settle?.({ deadline }),
        deadline,
        this.#log,
      ),
    );
    await Promise.all(settling);
    await this.graph.refused.close();
  }

  #reconfigure({ model, channel, background }: BuiltChannel): void {
    const refused = this.graph.refused.of(model, this.#log.child(model.name));
    try {
      model.definition.reconfigure?.(
        channel,
        contextOf(this.graph.model, model, this.#log, {
          refused,
          spawn: background.spawn,
          state: background.state,
        }),
      );
    } catch (error) {
      this.#log.error(`Channel ${model.name} keeps its old options: ${errorText(error)}`, { error });
    }
  }

  /**
   * Ends the waits of a source's puts. What some channels have already waits on for room in the others while their sinks
   * work, so that it need not be read and put again; it leaves the turn a part of its time to end.
   */
  async #lastPuts(processor: BuiltSource['processor'], turns: Deadline, stopped: AbortSignal): Promise<void> {
    const limit = turns.within(Math.min(turns.leftMs * lastPutsShare, this.#drainBy.leftMs / 2));
    processor.endWaits();
    while (!limit.passed && !stopped.aborted) {
      const channel = processor.stuckAt;
      if (channel !== null && !this.#units.some((unit) => unit.worksOff(channel))) break;
      await pause(Math.min(drainLookMs, limit.leftMs), stopped);
    }
    processor.giveUp();
  }

  #superviseChannel({ model, channel, background }: BuiltChannel): Supervisor {
    const supervisor = new Supervisor(
      {
        label: `Channel ${model.name}`,
        start: (signal) => channel.start(signal),
        stop: ({ deadline, restarts }) => {
          const stopping = channel.stop({ deadline, kept: restarts || this.#keeps(channel) });
          return this.#thenTell(stopping, 'CHANNEL', model.name, channel.counter);
        },
      },
      this.#log,
      background.state,
    );
    background.onFailure = (what, error) => supervisor.fail(what, error);
    return supervisor;
  }

  /**
   * As in Flume, a source does not begin before its channels have: what a file channel replays may take minutes, and a
   * source that can't wait would lose its events meanwhile. A channel that has failed is not waited for.
   */
  async #channelsTried(names: readonly string[], signal: AbortSignal): Promise<void> {
    const channels = this.#channels.filter(({ built }) => names.includes(built.model.name));
    const tried = Promise.all(channels.map(({ supervisor }) => supervisor.firstTry));
    await Promise.race([tried, whenAborted(signal)]);
    signal.throwIfAborted();
  }

  #superviseSource(built: BuiltSource): SourceRun {
    const { model, source, processor, background } = built;
    const log = this.#log.child(model.name);
    const runner = isPollable(source)
      ? new PollableSourceRunner(source, model.polling, log, background.state)
      : null;
    const supervisor = new Supervisor(
      {
        label: `Source ${model.name}`,
        start: async (signal) => {
          await this.#channelsTried(model.channels, signal);
          await processor.start(signal);
          await source.start(signal);
          runner?.start();
        },
        stop: async ({ deadline, restarts }) => {
          // A turn that does not hear its signal leaves the source time for its own end.
          const turns = deadline.within(deadline.leftMs / 2);
          const stopped = new AbortController();
          if (runner !== null) {
            void this.#lastPuts(processor, turns, stopped.signal);
            await turns.race(runner.stop());
          }
          const stopping = source.stop({ deadline }).finally(() => stopped.abort());
          await this.#thenTell(stopping, 'SOURCE', model.name, source.counter);
          if (!restarts) await processor.close();
        },
      },
      this.#log,
      background.state,
    );
    background.onFailure = (what, error) => supervisor.fail(what, error);
    return { built, supervisor, runner };
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

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
