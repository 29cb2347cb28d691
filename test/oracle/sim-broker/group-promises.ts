import { BrokenPromise } from '../../../packages/testkit/src/sim/history.ts';

/** What a group can be asked to own: the leader of each generation shares these out. */
export const shares = ['s0', 's1', 's2', 's3'] as const;

/** A member as its client knows it. */
export interface SimMember {
  readonly groupId: string;
  /** Static members come back under the same instance (KIP-345). */
  readonly instanceId: string | null;
  /** Empty until the broker has given one. */
  memberId: string;
  generationId: number;
  /** What the leader must share out, until it has. */
  sharers: readonly string[] | null;
  isJoining: boolean;
  isSyncing: boolean;
}

/** Who a member is over its ids. */
export function ownerOf({ instanceId, memberId }: SimMember): string {
  return instanceId ?? memberId;
}

interface Generation {
  /** What each member was told that it owns. */
  readonly owned: Map<string, readonly string[]>;
}

class KnownGroup {
  /** Answered to a join in this life of the broker: the greatest. */
  joined = 0;
  /** Generations that a SyncGroup was answered of: stored, whatever happens to the machine. */
  readonly synced = new Map<number, Generation>();
  lastSynced = 0;
  /** Ids that nobody may use any more: members that have left, and earlier ids of static members. */
  readonly over = new Set<string>();
}

/** What a request said of its sender, and what had been answered to anybody when it was sent. */
export interface Credentials {
  readonly memberId: string;
  readonly generationId: number;
  /** Why it must be refused; null: it may be taken. */
  readonly mustFail: string | null;
}

/** What a broker has promised of consumer groups. */
export class GroupPromises {
  readonly #groups = new Map<string, KnownGroup>();
  #mayReload = false;

  #group(groupId: string): KnownGroup {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = new KnownGroup();
      this.#groups.set(groupId, group);
    }
    return group;
  }

  /** A join was answered: generations only grow, over restarts as far as a sync was answered. */
  joined(groupId: string, generationId: number): void {
    const group = this.#group(groupId);
    const least = this.#newest(group);
    if (generationId < least)
      throw new BrokenPromise(`${groupId} is at generation ${generationId}, it was at ${least}`);
    group.joined = generationId;
  }

  /** A sync was answered: what two members own of one generation never overlaps, nor does it change. */
  synced(member: SimMember, generationId: number, owned: readonly string[]): void {
    const { groupId } = member;
    const group = this.#group(groupId);
    let generation = group.synced.get(generationId);
    if (generation === undefined) {
      generation = { owned: new Map() };
      group.synced.set(generationId, generation);
      group.lastSynced = Math.max(group.lastSynced, generationId);
    }
    const owner = ownerOf(member);
    for (const [other, others] of generation.owned) {
      if (other === owner) {
        if (others.join() !== owned.join()) {
          throw new BrokenPromise(
            `${groupId}: ${owner} owns ${owned} of generation ${generationId}, it was told ${others}`,
          );
        }
        continue;
      }
      const both = owned.find((share) => others.includes(share));
      if (both !== undefined)
        throw new BrokenPromise(
          `${groupId}: ${other} and ${owner} both own ${both} of generation ${generationId}`,
        );
    }
    generation.owned.set(owner, owned);
  }

  /** The id is nobody's any more. */
  isOver(groupId: string, memberId: string): void {
    this.#group(groupId).over.add(memberId);
  }

  /** For a request that is sent now. */
  credentials({ groupId }: SimMember, memberId: string, generationId: number): Credentials {
    const group = this.#group(groupId);
    const newest = this.#newest(group);
    const mustFail =
      group.over.has(memberId) && !this.#mayReload
        ? 'its id is over'
        : generationId < newest
          ? `the group is at generation ${newest}`
          : null;
    return { memberId, generationId, mustFail };
  }

  /** A request of a member was answered. */
  answered(what: string, groupId: string, sent: Credentials, errorCode: number): void {
    if (errorCode !== 0 || sent.mustFail === null) return;
    throw new BrokenPromise(
      `${groupId} takes a ${what} of generation ${sent.generationId}, although ${sent.mustFail}`,
    );
  }

  /** What only memory had may be gone from now on, though the process lives: as after its end. */
  mayReload(): void {
    this.#mayReload = true;
  }

  /** The generation that the group is known to be at, or behind. */
  #newest({ joined, lastSynced }: KnownGroup): number {
    return this.#mayReload ? lastSynced : Math.max(joined, lastSynced);
  }

  /** The process has ended. What was joined and never synced was in its memory alone, as was who has left. */
  ended(): void {
    this.#mayReload = false;
    for (const group of this.#groups.values()) {
      group.joined = 0;
      group.over.clear();
    }
  }
}
