import { after, type Timer } from '../../runtime/timers.ts';
import type { GroupEntry } from './group-store.ts';

interface GroupTimer {
  readonly timer: Timer;
  readonly at: number;
}

/** A timer for each group that has a deadline. */
export class GroupTimers {
  readonly #timers = new Map<GroupEntry, GroupTimer>();
  readonly #clock: () => number;
  readonly #due: (entry: GroupEntry) => void;
  #isClosed = false;

  /** `due` is called at a group's deadline or before it; `clock` never goes back. */
  constructor(clock: () => number, due: (entry: GroupEntry) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** Deadlines mostly move away (heartbeats); a timer that comes early finds nothing due and is set again. */
  arm(entry: GroupEntry): void {
    const deadline = Math.min(entry.group.nextDeadline(), entry.consumer?.deadlines.next ?? Infinity);
    if (deadline === Number.POSITIVE_INFINITY || deadline >= (this.#timers.get(entry)?.at ?? Infinity))
      return;
    this.armAt(entry, deadline);
  }

  armAt(entry: GroupEntry, at: number): void {
    if (this.#isClosed) return;
    this.#timers.get(entry)?.timer.cancel();
    const fire = () => {
      this.#timers.delete(entry);
      this.#due(entry);
    };
    this.#timers.set(entry, { timer: after(at - this.#clock(), fire, { background: true }), at });
  }

  forget(entry: GroupEntry): void {
    this.#timers.get(entry)?.timer.cancel();
    this.#timers.delete(entry);
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
