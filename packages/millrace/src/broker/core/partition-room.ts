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
  /** What the system says, where somebody else said `maxOpenFiles`. */
  readonly systemOpenFiles?: number;
}

const unlimited = 0x7fff_ffff;
const raiseLimit = 'raise its limit (ulimit -n, LimitNOFILE of systemd)';

/**
 * How many partitions there may be: refusing one more is better than running out of files, when nothing can be written
 * or accepted any more.
 */
export class PartitionRoom {
  readonly #most: number;
  readonly #why: string;
  readonly #options: RoomOptions;
  /** Files that connections may always use. */
  readonly #forSockets: number;
  /** Told how many partitions there are, without those that are being made. */
  readonly #count: () => number;
  #inMaking = 0;

  constructor(options: RoomOptions, count: () => number) {
    const { maxPartitions, maxConnections, maxOpenFiles } = options;
    this.#options = options;
    const forSockets = Math.min(maxConnections, Math.floor(maxOpenFiles / 4));
    const byFiles = Number.isFinite(maxOpenFiles)
      ? Math.max(1, Math.floor((maxOpenFiles - forSockets - ownFiles) / filesPerPartition))
      : Number.POSITIVE_INFINITY;
    this.#forSockets = forSockets;
    this.#count = count;
    this.#most = Math.min(maxPartitions, byFiles);
    this.#why =
      byFiles < maxPartitions
        ? `the process may have ${maxOpenFiles} files open, which is enough for ${byFiles} partitions: ${raiseLimit}`
        : `the broker's setting allows ${maxPartitions} partitions: raise millrace.max.partitions (maxPartitions)`;
  }

  /** What the files that the process may have open are too few for, as things are; each with what helps. */
  shortages(): string[] {
    const { maxConnections, maxOpenFiles } = this.#options;
    const { systemOpenFiles = Number.POSITIVE_INFINITY } = this.#options;
    const count = this.#count();
    const found: string[] = [];
    if (maxOpenFiles > systemOpenFiles && Number.isFinite(maxOpenFiles))
      found.push(
        `millrace.max.open.files is ${maxOpenFiles}, the system allows the process ${systemOpenFiles}: ${raiseLimit}`,
      );
    if (count > this.#most) found.push(`there are ${count} partitions, ${this.#why}`);
    const mostConnections = this.mostConnections;
    if (maxConnections < unlimited && mostConnections < maxConnections)
      found.push(
        `max.connections is ${maxConnections}, of the ${maxOpenFiles} files that the process may have open ${mostConnections} are left for connections: ${raiseLimit}`,
      );
    return found;
  }

  /** How many connections there may be now: those that are allowed, as far as the partitions leave them files. */
  get mostConnections(): number {
    const { maxConnections, maxOpenFiles } = this.#options;
    const left = maxOpenFiles - ownFiles - filesPerPartition * (this.#count() + this.#inMaking);
    return Math.min(maxConnections, Math.max(this.#forSockets, left));
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
