import type { Channel } from '../component/channel.ts';
import type { Deadline } from '../runtime/deadline.ts';
import type { Logger } from '../runtime/logger.ts';
import type { BuiltSink, SinkUnit } from './graph.ts';
import type { Flight } from './sink-driver/flight.ts';
import { giveBackHeld, SinkDriver } from './sink-driver/sink-driver.ts';
import { SinkRunner } from './sink-runner.ts';
import { Supervisor, stopInTime } from './supervisor.ts';

/** A sink with its driver, in its unit. */
interface Member {
  readonly built: BuiltSink;
  readonly driver: SinkDriver;
  readonly supervisor: Supervisor;
}

/** The sinks that share a runner, running: a group, or one sink alone. */
export class SinkUnitRun {
  readonly name: string;
  readonly members: readonly Member[];
  readonly #runner: SinkRunner;
  readonly #log: Logger;
  /** Takes that wait to be delivered again, by channel. */
  readonly #held = new Map<Channel, Flight[]>();

  /** `stopSink`: stops a sink and tells its counters. */
  constructor(
    unit: SinkUnit,
    log: Logger,
    stopSink: (built: BuiltSink, deadline: Deadline) => Promise<void>,
  ) {
    this.name = unit.name;
    this.#log = log;
    this.members = unit.sinks.map((built) => {
      const driver = this.#driverOf(built);
      const supervisor = new Supervisor(
        {
          label: `Sink ${built.model.name}`,
          start: (signal) => built.sink.start(signal),
          started: () => {
            driver.open();
            this.#runner.start();
          },
          stop: async ({ deadline }) => {
            await driver.ground(deadline.within(deadline.leftMs / 2));
            await stopSink(built, deadline);
            await driver.giveBack(deadline);
          },
        },
        log,
      );
      built.background.onFailure = (what, error) => supervisor.fail(what, error);
      return { built, driver, supervisor };
    });
    const drivers = this.members.map(({ driver }) => driver);
    this.#runner = new SinkRunner(unit.processorOf(drivers), drivers, log.child(unit.name));
  }

  get channels(): ReadonlySet<Channel> {
    return new Set(this.members.map(({ driver }) => driver.channel));
  }

  /** Failures since something was acknowledged. */
  get failures(): number {
    return this.#runner.failures;
  }

  /** Tries again at once where it waits after a failure. */
  hurry(): void {
    this.#runner.hurry();
  }

  /** No more takes; what is under way may end until the deadline, the rest is in its channel again. */
  async stop(deadline: Deadline): Promise<void> {
    this.#runner.abort();
    await Promise.all(this.members.map(({ supervisor }) => supervisor.stop(deadline)));
    await stopInTime(`The runner of ${this.name}`, () => this.#runner.stop(), deadline, this.#log);
    for (const held of this.#held.values()) await giveBackHeld(held);
  }

  #driverOf({ model, sink, channel, refused }: BuiltSink): SinkDriver {
    let held = this.#held.get(channel);
    if (held === undefined) {
      held = [];
      this.#held.set(channel, held);
    }
    return new SinkDriver({
      name: model.name,
      ...{ sink, channel, refused, held },
      onRefused: model.options.onRefused === 'retry' ? 'retry' : 'setAside',
      onAcknowledged: () => this.#runner.noteAcknowledged(),
    });
  }
}
