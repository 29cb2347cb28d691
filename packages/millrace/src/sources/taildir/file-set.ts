import { basename, dirname } from 'node:path';
import type { Headers } from '../../records/event-batch.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type FileGroup, type FoundFile, isGenerationOf } from './file-groups.ts';
import { type FileIdentity, identityAt, identityKey, pathHoldsIdentity } from './identity.ts';
import type { Position } from './position-file.ts';
import type { JournalEntry } from './position-journal.ts';
import { TailedFile } from './tailed-file.ts';

export interface FileSetOptions {
  readonly groups: readonly FileGroup[];
  readonly skipToEnd: boolean;
  /** Header that shows the path, or undefined. */
  readonly fileHeaderKey: string | undefined;
  readonly log: Logger;
  /** Tells of bytes that are lost for good, and why. */
  readonly lost: (file: string, bytes: number, why: string) => void;
}

/** What stood in a file before it was truncated; its copy may still turn up. */
interface Truncated {
  readonly path: string;
  readonly group: FileGroup;
  readonly identity: FileIdentity;
  readonly position: number;
  readonly unreadBytes: number;
  readonly untilMs: number;
}

/** Whether a file is a copy that ends before the position: reading was ahead of the copying. */
function holdsStartOf({ path, stat }: FoundFile, { identity, position, ...original }: Truncated): boolean {
  if (stat.size >= position || stat.size < identity.headBytes || identity.headBytes === 0) return false;
  const head = { ...identity, tailBytes: 0, tailCrc: 0 };
  return (
    isGenerationOf(basename(original.path), basename(path)) &&
    pathHoldsIdentity(path, head, identity.headBytes)
  );
}

/** How long a copy made by copytruncate may take to turn up. */
const copyWaitMs = 3_000;
/** How long a file that looks like a copy in the making is left alone before it counts as a file of its own. */
const copyDoubtMs = 3_000;

/**
 * Which files are tailed, and from where: finds files by the groups' patterns and knows them by identity, so that
 * a renamed file goes on where it was, a generation that was rotated away is read to its end before its successor,
 * and a reused inode starts at 0. (Flume knows a file by inode and path and reads a renamed one again.)
 */
export class FileSet {
  readonly #options: FileSetOptions;
  readonly #files = new Map<string, TailedFile>();
  /** Which identity stood at a path at the last scan. */
  readonly #atPath = new Map<string, string>();
  readonly #absent = new Set<string>();
  readonly #doubtful = new Map<string, number>();
  #storedPositions: Position[];
  #storedIdentities: Map<number, JournalEntry>;
  #truncated: Truncated[] = [];
  #order: readonly TailedFile[] = [];
  #firstScan = true;

  constructor(options: FileSetOptions, positions: readonly Position[], journal: readonly JournalEntry[]) {
    this.#options = options;
    this.#storedPositions = [...positions];
    this.#storedIdentities = new Map(journal.map((entry) => [entry.identity.ino, entry]));
  }

  /** The files, in the order they are to be read: old generations first, then group by group, oldest first. */
  get files(): readonly TailedFile[] {
    return this.#order;
  }

  get size(): number {
    return this.#files.size;
  }

  /** Flume's entries: what is tailed, and what was stored for files whose directory isn't there yet. */
  positions(): readonly Position[] {
    const own = this.#order.map(({ ino, position, path }) => ({ inode: ino, pos: position, file: path }));
    return [...own, ...this.#storedPositions.filter((p) => this.#absent.has(dirname(p.file)))];
  }

  /** Journal entries of files whose directory isn't there yet. */
  get unclaimed(): readonly JournalEntry[] {
    return [...this.#storedIdentities.values()];
  }

  remove(file: TailedFile): void {
    file.close();
    this.#files.delete(identityKey(file));
    this.#order = this.#order.filter((other) => other !== file);
  }

  /** Looks what is there now. */
  scan(nowMs: number): void {
    const order: TailedFile[] = [];
    const seen = new Set<TailedFile>();
    this.#truncated = this.#truncated.filter((t) => this.#stillAwaited(t, nowMs));
    for (const group of this.#options.groups) {
      const found = group.find();
      if (found === null) {
        this.#tellAbsent(group);
        continue;
      }
      this.#absent.delete(group.directory);
      for (const { path, stat } of found) {
        const key = identityKey(stat);
        let file = this.#files.get(key);
        if (file === undefined) {
          file = this.#adopt(group, { path, stat }, nowMs);
          if (file === undefined) continue;
          this.#files.set(key, file);
        }
        if (seen.has(file)) continue; // a second name (hard link) or a second group: one reader is enough
        seen.add(file);
        file.currentPath = path;
        file.gone = false;
        file.seen(stat);
        const before = this.#atPath.get(path);
        if (before !== undefined && before !== key) this.#rotated(group, path, before, nowMs);
        this.#atPath.set(path, key);
        order.push(file);
      }
      this.#claimRest(group, nowMs);
    }
    const generations = [...this.#files.values()].filter((file) => !seen.has(file));
    for (const file of generations) file.gone = true;
    generations.sort((a, b) => a.mtimeMs - b.mtimeMs);
    this.#order = [...generations, ...order];
    this.#firstScan = false;
  }

  /**
   * A file turned out shorter than what was read of it, or other than it was. Starts it again at 0; what had not been
   * read is looked for in a copy (copytruncate), and told as lost when there is none.
   */
  truncated(file: TailedFile, nowMs: number): void {
    const group = this.#options.groups.find((g) => g.name === file.group)!;
    const unreadBytes = Math.max(0, file.largestSize - file.position);
    this.#options.log.info(
      `Pos ${file.position} is larger than file size! Restarting from pos 0, file: ${file.path}, inode: ${file.ino}`,
    );
    const before: Truncated = {
      path: file.path,
      group,
      identity: { ...file.identity },
      position: file.position,
      unreadBytes,
      untilMs: nowMs + copyWaitMs,
    };
    file.restart(0);
    if (before.position > 0) this.#truncated.push(before);
    this.scan(nowMs); // its copy, where there is one, is read before its new lines
  }

  #tellAbsent(group: FileGroup): void {
    if (this.#absent.has(group.directory)) return;
    this.#absent.add(group.directory);
    this.#options.log.warn(
      `Directory does not exist: ${group.directory} (filegroups.${group.name}); waiting for it`,
    );
  }

  /** Where reading of a newly found file begins; undefined while that can't be told yet. */
  #adopt(group: FileGroup, found: FoundFile, nowMs: number): TailedFile | undefined {
    const stored = this.#storedStart(group, found, nowMs);
    if (stored !== null)
      return this.#track(group, found, found.path, stored.position, nowMs, stored.identity);
    if (this.#firstScan && this.#options.skipToEnd) {
      return this.#track(group, found, found.path, found.stat.size, nowMs);
    }
    const copyOfStored = this.#firstScan ? this.#copyOfStored(found) : undefined;
    if (copyOfStored !== undefined) {
      const { identity, position, path } = copyOfStored;
      const own = { ...identity, dev: found.stat.dev, ino: found.stat.ino };
      return this.#track(group, found, path, position, nowMs, own);
    }
    const copied = this.#truncated.find((t) => pathHoldsIdentity(found.path, t.identity, t.position));
    if (copied !== undefined) {
      this.#truncated = this.#truncated.filter((t) => t !== copied);
      const identity = { ...copied.identity, dev: found.stat.dev, ino: found.stat.ino };
      return this.#track(group, found, copied.path, copied.position, nowMs, identity);
    }
    const readAlready = this.#truncated.some((t) => holdsStartOf(found, t));
    if (readAlready) return this.#track(group, found, found.path, found.stat.size, nowMs);
    if (this.#mayBeCopy(found, nowMs)) return undefined;
    return this.#track(group, found, found.path, 0, nowMs);
  }

  /** What was stored for this file before the start: by identity where the journal knows it, else by Flume's rule. */
  #storedStart(group: FileGroup, { path, stat }: FoundFile, nowMs: number): JournalEntry | null {
    const known = this.#storedIdentities.get(stat.ino);
    const sameInode = this.#storedPositions.find((p) => p.inode === stat.ino && p.file === path);
    const samePath = this.#storedPositions.find((p) => p.file === path);
    if (known !== undefined && known.identity.dev === stat.dev) {
      this.#storedIdentities.delete(stat.ino);
      this.#forget(this.#storedPositions.find((p) => p.inode === stat.ino));
      if (pathHoldsIdentity(path, known.identity, known.position)) {
        if (samePath !== undefined && samePath !== sameInode) this.#generation(group, samePath, nowMs);
        return known;
      }
      this.#options.log.info(
        `${path} (inode ${stat.ino}) holds other lines than before; reading it from the start`,
      );
      this.#truncated.push({ path, group, ...known, unreadBytes: 0, untilMs: nowMs + copyWaitMs });
      return null;
    }
    if (sameInode !== undefined) {
      this.#forget(sameInode);
      if (sameInode.pos <= stat.size) return this.#entryAt(path, stat, sameInode.pos);
      this.#options.log.info(
        `Pos ${sameInode.pos} is larger than file size! Restarting from pos 0, file: ${path}`,
      );
      return null;
    }
    if (samePath !== undefined) this.#generation(group, samePath, nowMs);
    return null;
  }

  /** The stored file whose lines stand in this one while it was itself truncated: copytruncate during a stop. */
  #copyOfStored({ path }: FoundFile): (JournalEntry & { path: string }) | undefined {
    for (const known of this.#storedIdentities.values()) {
      const original = this.#storedPositions.find((p) => p.inode === known.identity.ino)?.file;
      if (original === undefined || !isGenerationOf(basename(original), basename(path))) continue;
      if (!pathHoldsIdentity(path, known.identity, known.position)) continue;
      if (!pathHoldsIdentity(original, known.identity, known.position)) return { ...known, path: original };
    }
    return undefined;
  }

  #entryAt(path: string, stat: FoundFile['stat'], position: number): JournalEntry {
    const identity = { dev: stat.dev, ino: stat.ino, headBytes: 0, headCrc: 0, tailBytes: 0, tailCrc: 0 };
    const file = new TailedFile({ stat, path, group: '', headers: new Map(), position, nowMs: 0 });
    try {
      file.open();
      return { identity: identityAt(file.fd, stat, position), position };
    } catch {
      return { identity, position }; // unreadable for now: it is opened again when it is its turn
    } finally {
      file.close();
    }
  }

  #forget(position: Position | undefined): void {
    if (position !== undefined) this.#storedPositions = this.#storedPositions.filter((p) => p !== position);
  }

  /** A stored file is no longer at its path: its rest, and generations that came and went meanwhile, come first. */
  #generation(group: FileGroup, stored: Position, nowMs: number): void {
    this.#forget(stored);
    const known = this.#storedIdentities.get(stored.inode);
    const siblings = group.siblings();
    const moved = siblings.find(
      ({ path, stat }) =>
        stat.ino === stored.inode &&
        path !== stored.file &&
        (known === undefined
          ? stat.size >= stored.pos && isGenerationOf(basename(stored.file), basename(path))
          : known.identity.dev === stat.dev && pathHoldsIdentity(path, known.identity, known.position)),
    );
    this.#storedIdentities.delete(stored.inode);
    if (moved === undefined) {
      this.#options.log.warn(
        `${stored.file} (inode ${stored.inode}) is gone since the last stop; what was written to it after byte ${stored.pos} can't be read`,
      );
      return;
    }
    this.#trackGeneration(group, moved, stored.file, known?.position ?? stored.pos, nowMs, known?.identity);
    this.#missedGenerations(group, stored.file, moved, siblings, nowMs);
  }

  /** Stored files of this group that no name in the pattern shows: moved away, or deleted. */
  #claimRest(group: FileGroup, nowMs: number): void {
    for (const stored of [...this.#storedPositions]) {
      if (dirname(stored.file) === group.directory && group.matches(basename(stored.file))) {
        this.#generation(group, stored, nowMs);
      }
    }
    if (this.#absent.size === 0) this.#storedIdentities.clear();
  }

  /** Another file stands at a path: the former one was rotated away, perhaps more than once. */
  #rotated(group: FileGroup, path: string, formerKey: string, nowMs: number): void {
    const former = this.#files.get(formerKey);
    if (former === undefined) return;
    const siblings = group.siblings();
    const moved = siblings.find(({ stat }) => identityKey(stat) === formerKey);
    if (moved !== undefined) {
      former.currentPath = moved.path;
      this.#missedGenerations(group, path, moved, siblings, nowMs);
    }
  }

  /** Generations of `live` that were written after `last` and rotated away before anybody looked. */
  #missedGenerations(
    group: FileGroup,
    live: string,
    last: FoundFile,
    siblings: readonly FoundFile[],
    nowMs: number,
  ): void {
    for (const sibling of siblings) {
      const name = basename(sibling.path);
      if (group.matches(name) || !isGenerationOf(basename(live), name)) continue;
      if (sibling.stat.birthtimeMs < last.stat.birthtimeMs || sibling.stat.mtimeMs < last.stat.mtimeMs)
        continue;
      if (this.#files.has(identityKey(sibling.stat)) || identityKey(sibling.stat) === identityKey(last.stat))
        continue;
      this.#trackGeneration(group, sibling, live, 0, nowMs);
    }
  }

  #trackGeneration(
    group: FileGroup,
    found: FoundFile,
    shownPath: string,
    position: number,
    nowMs: number,
    identity?: FileIdentity,
  ): void {
    const key = identityKey(found.stat);
    if (this.#files.has(key)) return;
    const file = this.#track(group, found, shownPath, position, nowMs, identity);
    file.gone = true;
    this.#files.set(key, file);
  }

  #track(
    group: FileGroup,
    found: FoundFile,
    shownPath: string,
    position: number,
    nowMs: number,
    identity?: FileIdentity,
  ): TailedFile {
    const { fileHeaderKey } = this.#options;
    this.#doubtful.delete(identityKey(found.stat)); // the next copy of that name has a doubt of its own
    const headers: Headers =
      fileHeaderKey === undefined ? group.headers : new Map([...group.headers, [fileHeaderKey, shownPath]]);
    const init = { stat: found.stat, path: shownPath, group: group.name, headers, position, nowMs };
    const file = new TailedFile(identity === undefined ? init : { ...init, identity });
    file.currentPath = found.path;
    return file;
  }

  /** A copy in the making looks like a new file with a known head; it is left alone until that is settled. */
  #mayBeCopy({ path, stat }: FoundFile, nowMs: number): boolean {
    const original = [...this.#files.values()].find(
      (file) =>
        file.identity.headBytes > 0 &&
        dirname(file.path) === dirname(path) &&
        isGenerationOf(basename(file.path), basename(path)) &&
        (stat.size < file.identity.headBytes ||
          pathHoldsIdentity(path, { ...file.identity, tailBytes: 0, tailCrc: 0 }, file.identity.headBytes)),
    );
    const key = identityKey(stat);
    if (original === undefined) {
      this.#doubtful.delete(key);
      return false;
    }
    const since = this.#doubtful.get(key) ?? nowMs;
    this.#doubtful.set(key, since);
    return nowMs - since < copyDoubtMs;
  }

  #stillAwaited(truncated: Truncated, nowMs: number): boolean {
    if (this.#findCopy(truncated, nowMs)) return false;
    if (nowMs < truncated.untilMs) return true;
    if (truncated.unreadBytes > 0) {
      this.#options.lost(
        truncated.path,
        truncated.unreadBytes,
        'it was truncated before they were read, and no copy of it was found',
      );
    }
    return false;
  }

  /** Looks among the neighbours for a copy of what a truncated file held; true when it is tailed from there. */
  #findCopy(before: Truncated, nowMs: number): boolean {
    const copy = before.group
      .siblings()
      .find(
        ({ path, stat }) =>
          stat.ino !== before.identity.ino &&
          !this.#files.has(identityKey(stat)) &&
          stat.size >= before.position &&
          pathHoldsIdentity(path, before.identity, before.position),
      );
    if (copy === undefined) return false;
    const identity = { ...before.identity, dev: copy.stat.dev, ino: copy.stat.ino };
    this.#trackGeneration(before.group, copy, before.path, before.position, nowMs, identity);
    return true;
  }
}
