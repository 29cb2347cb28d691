import type { Channel } from '../../component/channel.ts';
import { LastAttempt } from '../../component/last-attempt.ts';
import { Deadline } from '../../runtime/deadline.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type ComponentState, stateOf } from './component-state.ts';
import type { BuiltSink, SinkUnit } from './graph.ts';
import { type Flight, giveBackHeld } from './sink-driver/flight.ts';
import { SinkDriver } from './sink-driver/sink-driver.ts';
import { SinkRunner } from './sink-runner.ts';
import { Supervisor, stopInTime } from './supervisor.ts';

/** How long a stop waits for a turn to end whose sinks have ended. */
const turnEndMs = 200;

/** A sink with its driver, in its unit. */
interface Member {
  readonly built: BuiltSink;
  readonly driver: SinkDriver;
  readonly supervisor: Supervisor;
  readonly lastAttempt: LastAttempt;
  /** Its stop; null while it works. */
  ending: Promise<void> | null;
  /** Its stop does not wait for what is under way: that has had its time. */
  isGivenUp: boolean;
  /** The failure of its driver that is shown; null: none. */
  shownError: unknown;
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
            await driver.ground(member.isGivenUp ? Deadline.in(0) : deadline.within(deadline.leftMs / 2));
            await stopSink(built, deadline);
            await driver.giveBack(deadline);
          },
        },
        log,
        built.background.state,
      );
      built.background.onFailure = (what, error) => supervisor.fail(what, error);
      const member: Member = {
        ...{ built, driver, supervisor, lastAttempt: new LastAttempt(), ending: null, isGivenUp: false },
        shownError: null,
      };
      return member;
    });
    const drivers = this.members.map(({ driver }) => driver);
    this.#runner = new SinkRunner(unit.processorOf(drivers), drivers, log.child(unit.name));
    this.#runner.noteFailure = () => this.#noteFailures();
  }

  get channels(): ReadonlySet<Channel> {
    return new Set(this.members.map(({ driver }) => driver.channel));
  }

  /** What each of its sinks does. */
  states(): ComponentState[] {
    this.#noteFailures();
    return this.members.map(({ built, supervisor }) =>
      stateOf('sink', built.model.name, supervisor, built.background.state),
    );
  }

  /** A group's processor may keep a failure of one sink to itself, as others take its events. */
  #noteFailures(): void {
    for (const member of this.members) {
      const { lastError } = member.driver;
      const { state } = member.built.background;
      if (lastError === null) state.works();
      else if (lastError !== member.shownError || state.failure === null) state.failing(lastError);
      member.shownError = lastError;
    }
  }

  /** Whether any of its sinks still takes events of the channel. */
  takesFrom(channel: Channel): boolean {
    return this.members.some(({ driver, ending }) => driver.channel === channel && ending === null);
  }

  /** Whether any of its sinks takes events of the channel, and gets rid of them as far as is known. */
  worksOff(channel: Channel): boolean {
    return this.members.some(
      ({ driver, supervisor, ending }) =>
        driver.channel === channel && ending === null && supervisor.started && !driver.isDown,
    );
  }

  /**
   * A look at the sinks while channels are drained. One whose destination is down, or that is not started, is tried
   * again at once, and ends after that attempt: the others of its group and of its channel go on with its events. One
   * that has nothing to drain any more leaves the turns to those of its group that have. `full`: channels to be drained
   * that have events.
   */
  drain(full: ReadonlySet<Channel>, deadline: Deadline): void {
    const working = this.members.filter(({ ending }) => ending === null);
    if (!working.some(({ driver }) => full.has(driver.channel))) return;
    for (const member of working) {
      const { driver, supervisor, lastAttempt } = member;
      const isDown = !supervisor.started || driver.isDown;
      const wasOn = lastAttempt.isOn;
      if (lastAttempt.isOver(isDown, driver.failures, driver.successes)) this.#end(member, deadline, true);
      else if (isDown && !wasOn) this.#runner.hurry();
      else if (!full.has(driver.channel) && working.some((other) => full.has(other.driver.channel)))
        this.#end(member, deadline, false);
    }
  }

  /** No more takes; what is under way may end until the deadline, the rest is in its channel again. */
  async stop(deadline: Deadline): Promise<void> {
    this.#runner.abort();
    await Promise.all(this.members.map((member) => this.#end(member, deadline, false)));
    // Its sinks have ended: a turn that is still not over waits for a delivery that nobody waits for any more.
    const limit = deadline.within(turnEndMs);
    await stopInTime(`The runner of ${this.name}`, () => this.#runner.stop(), limit, this.#log);
    await this.#giveBackHeld();
  }

  /** Ends one sink. The last one of a channel gives back what is held for another attempt. */
  #end(member: Member, deadline: Deadline, isGivenUp: boolean): Promise<void> {
    if (member.ending !== null) return member.ending;
    member.isGivenUp = isGivenUp;
    // Its group goes on at once, without another turn of it.
    if (isGivenUp) void member.driver.ground(Deadline.in(0));
    member.ending = member.supervisor.stop(deadline).then(async () => {
      if (!this.takesFrom(member.driver.channel)) await this.#giveBackHeld(member.driver.channel);
    });
    return member.ending;
  }

  async #giveBackHeld(of?: Channel): Promise<void> {
    for (const [channel, held] of this.#held)
      if (of === undefined || of === channel) await giveBackHeld(held);
  }

  #driverOf({ model, sink, channel, refused, background }: BuiltSink): SinkDriver {
    let held = this.#held.get(channel);
    if (held === undefined) {
      held = [];
      this.#held.set(channel, held);
    }
    return new SinkDriver({
      name: model.name,
      ...{ sink, channel, refused, held },
      onRefused: model.options.onRefused === 'retry' ? 'retry' : 'setAside',
      onAcknowledged: () => {
        background.state.works();
        this.#runner.noteAcknowledged();
      },
    });
  }
}
