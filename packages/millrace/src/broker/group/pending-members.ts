/** How many members of all groups together may have an id and not have come back with it. */
export class PendingBudget {
  left: number;

  constructor(most: number) {
    this.left = most;
  }
}

/** Members of a group that were given an id and have not come back with it yet (KIP-394). */
export class PendingMembers {
  /** Id → when it is forgotten. */
  readonly #deadlines = new Map<string, number>();
  readonly #budget: PendingBudget;
  readonly #most: number;
  /** No deadline is earlier. It may be too early itself: then `expire` finds nothing due and sets it right. */
  #earliest = Number.POSITIVE_INFINITY;

  /** `most`: of this group. */
  constructor(most: number, budget: PendingBudget) {
    this.#most = most;
    this.#budget = budget;
  }

  get size(): number {
    return this.#deadlines.size;
  }

  get nextDeadline(): number {
    return this.#deadlines.size === 0 ? Number.POSITIVE_INFINITY : this.#earliest;
  }

  /** Whether there is no room for another one. */
  get isFull(): boolean {
    return this.#deadlines.size >= this.#most || this.#budget.left <= 0;
  }

  has(memberId: string): boolean {
    return this.#deadlines.has(memberId);
  }

  add(memberId: string, deadline: number): void {
    this.#deadlines.set(memberId, deadline);
    this.#budget.left--;
    this.#earliest = Math.min(this.#earliest, deadline);
  }

  delete(memberId: string): boolean {
    if (!this.#deadlines.delete(memberId)) return false;
    this.#budget.left++;
    if (this.#deadlines.size === 0) this.#earliest = Number.POSITIVE_INFINITY;
    return true;
  }

  clear(): void {
    this.#budget.left += this.#deadlines.size;
    this.#deadlines.clear();
    this.#earliest = Number.POSITIVE_INFINITY;
  }

  /** Forgets those that are due; whether there were any. */
  expire(now: number): boolean {
    if (this.nextDeadline > now) return false;
    const before = this.#deadlines.size;
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [memberId, deadline] of this.#deadlines) {
      if (deadline <= now) this.#deadlines.delete(memberId);
      else this.#earliest = Math.min(this.#earliest, deadline);
    }
    this.#budget.left += before - this.#deadlines.size;
    return this.#deadlines.size < before;
  }
}
