import { errorText, MillraceError } from '../runtime/errors.ts';
import type { FileLayer } from '../runtime/files.ts';
import { after, type Timer } from '../runtime/timers.ts';
import type { CheckpointKeeper } from './checkpoint.ts';
import { writeFault } from './faults.ts';
import { GroupCommit } from './group-commit.ts';
import type { LogCut } from './log-cut.ts';
import { rewriteFrom } from './rewrite.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/** How long a log waits before it tries a device again that failed: doubled each time. */
const retryMs = { first: 100, longest: 30_000 } as const;

/** What the syncs of a log need of it. */
export interface SyncHost {
  readonly dir: string;
  readonly files: FileLayer;
  readonly segments: SegmentList;
  readonly checkpoint: CheckpointKeeper;
  readonly cut: LogCut;
  readonly startOffset: number;
  readonly endOffset: number;
  /** The offset at which segment `i` ends at the latest. */
  endOf(i: number): number;
  warn(file: string, code: string, error: unknown): void;
}

/**
 * Puts a log on the device: which segments and names are not there yet, one sync for all who wait, how far the device
 * has it. After a failure it tries again by itself: a sync that was refused (for want of descriptors) at the next
 * occasion and after a while; after one that failed, for want of room as well, the log takes nothing (`failure`) until
 * what was not durable has been written anew and synced.
 */
export class LogSync {
  readonly #host: SyncHost;
  readonly #commit = new GroupCommit(() => this.#sync());
  /** Segments with bytes or indexes that no sync covers yet. */
  readonly #unsynced = new Set<Segment>();
  /** The sync that somebody waits for, and the segments that it covers. */
  #underway: Promise<void> | null = null;
  #syncing: readonly Segment[] = [];
  #namesChanged = true;
  /** While a sync is under way: how far the log was cut back meanwhile. */
  #cutDuringSync = Number.MAX_SAFE_INTEGER;
  #durableEndOffset: number;
  #failure: MillraceError | null = null;
  #appendsHeld: MillraceError | null = null;
  #retry: Timer | null = null;
  #retryMs: number = retryMs.first;
  #healing: Promise<void> | null = null;
  #isStopped = false;

  constructor(host: SyncHost, durableEndOffset: number) {
    this.#host = host;
    this.#durableEndOffset = durableEndOffset;
  }

  get durableEndOffset(): number {
    return this.#durableEndOffset;
  }

  /** Why the log takes nothing at present; null while it works. */
  get failure(): MillraceError | null {
    return this.#failure;
  }

  /**
   * Not null while the device may still have bytes behind the end of the log, cut off or taken back: what is written
   * over them before it knows might come back with some of them behind it. The next sync ends that.
   */
  get appendsHeld(): MillraceError | null {
    return this.#appendsHeld;
  }

  holdAppends(error: MillraceError): void {
    this.#appendsHeld = error;
  }

  /** A refused write had left bytes: they are cut off, and the device is told at once. */
  tookBack(segment: Segment, error: MillraceError): void {
    this.holdAppends(error);
    this.changed(segment);
    this.flush().catch(() => {}); // it is tried again
  }

  /** Whether a sync of it is due or under way: its indexes stay in memory until then, for healing. */
  isUnsynced(segment: Segment): boolean {
    return this.#unsynced.has(segment) || this.#syncing.includes(segment);
  }

  changed(segment: Segment): void {
    this.#unsynced.add(segment);
  }

  removed(segment: Segment): void {
    this.#unsynced.delete(segment);
    this.#namesChanged = true;
  }

  namesChanged(): void {
    this.#namesChanged = true;
  }

  /** The log ends at `endOffset` now, and in this segment. */
  cutBack(segment: Segment, endOffset: number): void {
    this.#durableEndOffset = Math.min(this.#durableEndOffset, endOffset);
    this.#cutDuringSync = Math.min(this.#cutDuringSync, endOffset);
    this.#unsynced.add(segment);
  }

  /** Resolves when all that was appended before the call is on the device; concurrent callers share one sync. */
  flush(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const isDone = this.#unsynced.size === 0 && !this.#namesChanged && !this.#commit.isBusy;
    if (isDone && this.#durableEndOffset >= this.#host.endOffset) return Promise.resolve();
    return this.#commit.request();
  }

  /** A write failed on the device. The log takes nothing more until it has healed. */
  fail(error: MillraceError): MillraceError {
    if (this.#failure === null) {
      this.#failure = error;
      try {
        this.#host.checkpoint.saveFailed(this.#host.startOffset, this.#host.endOffset);
      } catch {
        // The device takes nothing: nor does a start that finds it so.
      }
      this.#tryAgainLater();
    }
    return this.#failure;
  }

  /** Nothing more is tried. Resolves when what is under way has ended. A failed log is given a last chance to heal. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#retry?.cancel();
    await this.#healing;
    if (this.#failure !== null) await this.#heal();
    this.#retry?.cancel();
  }

  /** Nothing more is tried, not even once: the log could not be opened, and its folder may be somebody else's soon. */
  abandon(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
  }

  async #sync(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    try {
      this.#underway = this.#syncAll();
      await this.#underway;
      this.#retryMs = retryMs.first;
    } catch (error) {
      const fault = writeFault(error, `${this.#host.dir}: sync failed`);
      if (fault.code === 'OUT_OF_FILES') {
        // Nothing was lost: it can be had later.
        this.#tryAgainLater();
        throw fault;
      }
      // What the kernel dropped after a failed sync is gone, and a second sync would not say so: never acknowledge. That
      // a device had no room is no better: thin volumes and NFS say so only now, of bytes that a write had taken.
      throw this.fail(fault.code === 'LOG_FAILED' ? fault : failedBy(fault));
    } finally {
      this.#underway = null;
    }
  }

  async #syncAll(): Promise<void> {
    const { dir, files, segments, checkpoint, startOffset, endOffset } = this.#host;
    const { active } = segments;
    const activeBytes = active.sizeBytes;
    const syncing = [...this.#unsynced];
    const namesChanged = this.#namesChanged;
    const held = this.#appendsHeld;
    this.#syncing = syncing;
    this.#unsynced.clear();
    this.#namesChanged = false;
    this.#cutDuringSync = Number.MAX_SAFE_INTEGER;
    try {
      for (const segment of syncing) await this.#syncSegment(segment, segment === active);
      if (namesChanged) await files.syncDir(dir);
      await checkpoint.sync();
    } catch (error) {
      for (const segment of syncing) if (!segment.isRemoved) this.#unsynced.add(segment);
      this.#namesChanged ||= namesChanged;
      throw error;
    } finally {
      this.#syncing = [];
    }
    if (this.#appendsHeld === held) this.#appendsHeld = null;
    const wasCut = this.#cutDuringSync !== Number.MAX_SAFE_INTEGER;
    this.#durableEndOffset = Math.max(
      Math.min(this.#durableEndOffset, this.#host.endOffset),
      Math.min(endOffset, this.#cutDuringSync),
    );
    for (const segment of syncing) segments.touch(segment);
    if (wasCut || active.isRemoved) return;
    const rolled = syncing.length > 1 || syncing[0] !== active;
    try {
      checkpoint.settled(startOffset, { segment: active.baseOffset, bytes: activeBytes, endOffset }, rolled);
    } catch (error) {
      // It costs a start after a crash more reading, and nothing else.
      this.#host.warn(`${dir}/log.checkpoint`, 'log-checkpoint-unsaved', error);
    }
  }

  async #syncSegment(segment: Segment, isActive: boolean): Promise<void> {
    if (segment.isRemoved) return;
    const { end } = segment;
    if (isActive) await segment.file.datasync();
    else await segment.syncAll();
    segment.synced(end); // if it was cut meanwhile, nothing is appended to it before the device knows
  }

  #tryAgainLater(): void {
    if (this.#isStopped || this.#retry !== null) return;
    const waitMs = this.#retryMs;
    this.#retryMs = Math.min(2 * waitMs, retryMs.longest);
    this.#retry = after(
      waitMs,
      () => {
        this.#retry = null;
        if (this.#failure === null) this.flush().catch(() => {});
        else this.#healing ??= this.#heal();
      },
      { background: true },
    );
  }

  /** Writes anew what no sync covers and syncs it. Never rejects. */
  async #heal(): Promise<void> {
    const { segments, checkpoint, cut } = this.#host;
    // A sync that began before the failure would otherwise end in the middle, and know nothing of what was lost.
    await this.#underway?.catch(() => {});
    try {
      cut.finish();
      for (const segment of [...segments]) {
        if (!this.#unsynced.has(segment) && segment !== segments.active) continue;
        const limitOffset = this.#host.endOf(segments.find(segment.baseOffset));
        const good = await rewriteFrom(segment, segment.durable, limitOffset);
        if (good.bytes < segment.sizeBytes) {
          cut.lost(segment, good);
          cut.finish();
          break;
        }
        if (segment !== segments.active) segment.saveIndexes();
        this.#unsynced.add(segment);
      }
      this.#namesChanged = true;
      checkpoint.saveFailed(this.#host.startOffset, this.#host.endOffset);
      await this.#syncAll();
      if (cut.hasLost) {
        cut.fill(); // only now: the device has the cut
        await this.#syncAll();
      }
      this.#failure = null;
      this.#retryMs = retryMs.first;
      this.#host.warn(
        this.#host.dir,
        'log-healed',
        new Error('the device takes bytes again: the log goes on'),
      );
    } catch (error) {
      this.#failure = new MillraceError('LOG_FAILED', `${this.#host.dir}: ${errorText(error)}`, {
        cause: error,
      });
      this.#tryAgainLater();
    } finally {
      this.#healing = null;
    }
  }
}

const failedBy = (cause: MillraceError) => new MillraceError('LOG_FAILED', cause.message, { cause });
