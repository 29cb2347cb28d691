import { readFileSync } from 'node:fs';
import { ErrorCode } from './error-code.ts';
import { type RequestFault, refuse } from './fault.ts';

/**
 * Open files that a partition on disk is reckoned with: its active segment and its checkpoint are held, and one more
 * for segments that are being read or rolled.
 */
const filesPerPartition = 3;
/** What the process has open besides: libraries, the lock, small files on their way. */
const ownFiles = 64;

export interface RoomOptions {
  /** Partitions of all topics together. */
  readonly maxPartitions: number;
  /** Connections may use as many files as this, but no more than a quarter of all. */
  readonly maxConnections: number;
  /** Files that the process may have open; Infinity where partitions take none, or nobody says. */
  readonly maxOpenFiles: number;
}

/**
 * How many partitions there may be: refusing one more is better than running out of files, when nothing can be written
 * or accepted any more.
 */
export class PartitionRoom {
  readonly #most: number;
  readonly #why: string;
  /** Told how many partitions there are, without those that are being made. */
  readonly #count: () => number;
  #inMaking = 0;

  constructor({ maxPartitions, maxConnections, maxOpenFiles }: RoomOptions, count: () => number) {
    const forSockets = Math.min(maxConnections, Math.floor(maxOpenFiles / 4));
    const byFiles = Number.isFinite(maxOpenFiles)
      ? Math.max(1, Math.floor((maxOpenFiles - forSockets - ownFiles) / filesPerPartition))
      : Number.POSITIVE_INFINITY;
    this.#count = count;
    this.#most = Math.min(maxPartitions, byFiles);
    this.#why =
      byFiles < maxPartitions
        ? `the process may have ${maxOpenFiles} files open, which is enough for ${byFiles} partitions: raise its limit (ulimit -n, LimitNOFILE of systemd)`
        : `the broker's setting allows ${maxPartitions} partitions: raise maxPartitions`;
  }

  /** Why the partitions that there are already are too many, or null. */
  get shortage(): string | null {
    const count = this.#count();
    return count > this.#most ? `there are ${count} partitions, ${this.#why}` : null;
  }

  /** Why so many more cannot be had, or null. Kafka's error for what the broker's owner does not allow. */
  faultOf(more: number): RequestFault | null {
    const count = this.#count() + this.#inMaking;
    if (count + more <= this.#most) return null;
    return refuse(
      ErrorCode.POLICY_VIOLATION,
      `${more} more partitions than the ${count} there are: ${this.#why}`,
    );
  }

  /** Makes so many more, or says why they cannot be had; those of requests at the same time are counted too. */
  async make<T>(more: number, task: () => Promise<T>): Promise<T | RequestFault> {
    const fault = this.faultOf(more);
    if (fault !== null) return fault;
    this.#inMaking += more;
    try {
      return await task();
    } finally {
      this.#inMaking -= more;
    }
  }
}

/** Files that this process may have open (`ulimit -n`); Infinity where the system does not tell in `/proc`. */
export function processOpenFiles(): number {
  let text: string;
  try {
    text = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
