import { basename, dirname, join } from 'node:path';
import {
  type ContentMark,
  type FileKey,
  type Identity,
  maxHeadBytes,
  noMark,
} from '../../tracking/content-mark.ts';
import { type Draft, groupOf, isOther } from './decide.ts';
import { familyOf, holdsMore, packedForm } from './decide-packed.ts';
import { byAge, liveNames, type SeenFile } from './snapshot.ts';
import {
  type Awaited,
  copyDoubtMs,
  copyWaitMs,
  type Doubt,
  type KnownFile,
  type Memory,
  mostKept,
  type Start,
  unreadableCopyWaitMs,
} from './table.ts';

/** Neighbours with any name among which a copy is looked for; generations by name are all looked at. */
const mostStrangers = 32;

function begin(draft: Draft, start: Omit<Start, 'do'>): void {
  draft.claimed.add(start.seen.key);
  draft.starts.push({ do: 'start', ...start });
}

/** Looks for copies of what dissolved files held; tells what is lost where none turned up in time. */
export function findCopies(draft: Draft): void {
  if (draft.awaited.length === 0) return;
  const { snapshot, probe, nowMs } = draft;
  const free = freeFiles(draft);
  const waiting: Awaited[] = [];
  for (const awaited of draft.awaited) {
    const folder = dirname(awaited.path);
    const seen = snapshot.folders.get(folder);
    if (seen?.state === 'unreadable') {
      waiting.push(awaited); // it is there, so a copy is there when it can be looked at
      continue;
    }
    if (seen?.state !== 'listed' || isOther(seen, awaited.file)) {
      waiting.push({ ...awaited, untilMs: nowMs + copyWaitMs }); // with its folder the copy is away, too
      continue;
    }
    if (!seen.whole && !seen.blind) {
      draft.wanted.add(folder);
      waiting.push(awaited);
      continue;
    }
    const { generations, strangers } = free.get(folder) ?? noFree;
    // Where a name can't be looked at, the copy may be there.
    let known: Identity = seen.blind ? 'unknown' : 'other';
    const named = awaited.names.flatMap((path) => generations.get(basename(path)) ?? []);
    for (const path of familyOf(awaited.names))
      for (const copy of generations.get(basename(path)) ?? []) if (copy.packing !== null) named.push(copy);
    for (const copy of [...named, ...strangers]) {
      if (isTaken(draft, copy)) continue;
      const content = probe.holds(copy, awaited.mark, awaited.position) ?? 'unknown';
      const isHeld = draft.held.has(copy.key);
      if (content === 'unknown' || (content === 'same' && isHeld)) known = 'unknown';
      if (content !== 'same' || isHeld) continue;
      const { position, mark, path, group, file } = awaited;
      begin(draft, { seen: copy, position, mark, path, group, continues: file });
      known = 'same';
      break;
    }
    if (known === 'same') continue;
    const patienceMs = known === 'unknown' ? unreadableCopyWaitMs : 0;
    if (nowMs < awaited.untilMs + patienceMs) waiting.push(awaited);
    else if (awaited.unreadBytes > 0) draft.losses.push({ path: awaited.path, bytes: awaited.unreadBytes });
  }
  draft.awaited = waiting;
}

interface Free {
  /** By the live name of which they may be generations. */
  readonly generations: Map<string, SeenFile[]>;
  readonly strangers: SeenFile[];
}
const noFree: Free = { generations: new Map(), strangers: [] };

/** Whether somebody reads a file. What is held is taken by nobody for sure. */
function isTaken({ claimed, held }: Draft, { key }: SeenFile): boolean {
  return claimed.has(key) && !held.has(key);
}

/** What nobody reads, by folder. */
function freeFiles(draft: Draft): ReadonlyMap<string, Free> {
  const { snapshot, held } = draft;
  const free = new Map<string, Free>();
  for (const { path, files } of snapshot.folders.values()) {
    const own: Free = { generations: new Map(), strangers: [] };
    for (const file of files) {
      if (isTaken(draft, file)) continue;
      const names = liveNames(file);
      if (
        names.length === (file.packing === null ? 0 : 1) &&
        !held.has(file.key) &&
        own.strangers.length < mostStrangers
      )
        own.strangers.push(file);
      for (const live of names) {
        const generations = own.generations.get(live);
        if (generations === undefined) own.generations.set(live, [file]);
        else generations.push(file);
      }
    }
    free.set(path, own);
  }
  return free;
}

/** The second half of the table: files that nobody knows yet. Returns the doubts that go on. */
export function foundFiles(draft: Draft): ReadonlyMap<FileKey, Doubt> {
  const doubts = new Map<FileKey, Doubt>();
  const { snapshot, settings, memory, claimed } = draft;
  for (const seen of snapshot.matching) {
    if (claimed.has(seen.key)) continue;
    const group = seen.group!;
    const form = packedForm(draft, seen);
    if (form === 'same') {
      claimed.add(seen.key); // it goes on in the place of what it holds once that is gone
      continue;
    }
    if (settings.skipToEnd && memory.fresh.has(seen.folder)) {
      begin(draft, { seen, ...endOf(seen), path: seen.path, group });
      continue;
    }
    const read = holdsStartOfAwaited(draft, seen);
    if (read === 'same') {
      begin(draft, { seen, ...endOf(seen), path: seen.path, group });
      continue;
    }
    const doubt =
      read === 'unknown' || form === 'unknown' ? newDoubt(draft, seen, true) : doubtOf(draft, seen);
    if (doubt !== null) {
      doubts.set(seen.key, doubt);
      claimed.add(seen.key);
    } else begin(draft, { seen, position: 0, mark: noMark, path: seen.path, group });
  }
  missedGenerations(draft);
  return doubts;
}

/** A place behind all that a file holds. */
function endOf({ packing, size }: SeenFile): Pick<Start, 'position' | 'mark' | 'isRead'> {
  return packing === null ? { position: size, mark: noMark } : { position: 0, mark: noMark, isRead: true };
}

/** Where names came or went beside a path that had a file before, one of them may be a generation of it. */
function wantGenerations({ snapshot, memory, wanted }: Draft): void {
  const changed = [...snapshot.folders.values()].filter(
    ({ state, whole, changed }) => state === 'listed' && changed && !whole,
  );
  if (changed.length === 0) return;
  const known = new Set<string>();
  for (const path of memory.since.keys()) known.add(dirname(path));
  for (const { path } of changed) if (known.has(path)) wanted.add(path);
}

/**
 * Whether a file is a copy that ends before what was read of the original: reading was ahead of the copying. `unknown`
 * also where it may be a copy that reading goes on in, and can't be looked at.
 */
function holdsStartOfAwaited(draft: Draft, seen: SeenFile): Identity {
  const { awaited, probe } = draft;
  if (awaited.length === 0) return 'other';
  const live = liveNames(seen).map((name) => join(seen.folder, name));
  let known: Identity = 'other';
  for (const { names, position, mark } of awaited) {
    const family = seen.packing === null ? new Set(names) : familyOf(names);
    if (seen.size < mark.headBytes || !live.some((path) => family.has(path))) continue;
    const isWhole = seen.size >= position;
    const content = isWhole
      ? probe.holds(seen, mark, position)
      : probe.holds(seen, { ...mark, tailBytes: 0, tailCrc: 0 }, mark.headBytes);
    if (content === 'same' && !isWhole) return 'same';
    if (content === 'other' && isPackedStart(draft, seen, position, mark)) return 'same';
    if (content === null || content === 'unknown') known = 'unknown';
  }
  return known;
}

/** The same of a compressed file, of which the decision learns late how much it holds. */
function isPackedStart(draft: Draft, seen: SeenFile, position: number, mark: ContentMark): boolean {
  if (seen.packing === null || holdsMore(draft, seen, position - 1)) return false;
  return draft.probe.holds(seen, { ...mark, tailBytes: 0, tailCrc: 0 }, mark.headBytes) === 'same';
}

/** The doubt whether a file is a copy in the making; null where it is none, or where it has stood still for long. */
function doubtOf(draft: Draft, seen: SeenFile): Doubt | null {
  const { snapshot, probe } = draft;
  for (const name of liveNames(seen)) {
    const live = join(seen.folder, name);
    if (draft.unsure.has(live) || snapshot.folders.get(seen.folder)!.unseen.has(live))
      return newDoubt(draft, seen, true);
    const original = snapshot.byPath.get(live);
    if (original === undefined || original.key === seen.key || seen.size > original.size) continue;
    if (!draft.keys.has(original.key)) continue;
    const content =
      seen.size === 0 ? 'same' : probe.startsLike(seen, original, Math.min(seen.size, maxHeadBytes));
    if (content !== 'other') return newDoubt(draft, seen, content !== 'same');
  }
  return null;
}

/** `blind`: one of the two can't be looked at; that is no reason to take the file for one of its own. */
function newDoubt(
  { memory, nowMs }: Draft,
  { key, storedBytes: size }: SeenFile,
  blind = false,
): Doubt | null {
  const before = memory.doubts.get(key);
  const sinceMs = before?.sinceMs ?? nowMs;
  const patient = blind && nowMs - sinceMs < unreadableCopyWaitMs;
  if (before === undefined || before.size !== size || patient) return { size, quietSinceMs: nowMs, sinceMs };
  return nowMs - before.quietSinceMs < copyDoubtMs ? before : null;
}

/** Generations that were made after a known one, written, and rotated away before anybody looked. */
function missedGenerations(draft: Draft): void {
  const { snapshot, claimed, memory } = draft;
  wantGenerations(draft);
  const missed: (Omit<Start, 'do'> & { seen: SeenFile })[] = [];
  for (const folder of snapshot.folders.values()) {
    if (!folder.whole && !folder.blind) continue;
    for (const seen of folder.files) {
      if (seen.group !== null || claimed.has(seen.key)) continue;
      for (const name of liveNames(seen)) {
        const path = join(folder.path, name);
        if (folder.unseen.has(path)) continue; // whether it is a copy of what stands there can't be told
        const group = memory.since.has(path) ? groupOf(draft.settings, path) : undefined;
        if (group === undefined || !cameBetween(draft, seen, path)) continue;
        const read = holdsStartOfAwaited(draft, seen);
        if (read === 'same') missed.push({ seen, ...endOf(seen), path, group });
        else if (read === 'unknown' || packedForm(draft, seen) !== 'other') draft.unclear.add(folder.path);
        else missed.push({ seen, position: 0, mark: noMark, path, group });
        break;
      }
    }
  }
  missed.sort((a, b) => a.seen.birthMs - b.seen.birthMs || byAge(a.seen, b.seen));
  for (const start of missed) if (!claimed.has(start.seen.key)) begin(draft, start);
}

/**
 * Whether a file was made after a known generation of a path, and before what stands there now: what is known is
 * remembered for as long as its file is there, so one in between was never seen.
 */
function cameBetween({ snapshot, memory }: Draft, seen: SeenFile, path: string): boolean {
  const since = memory.since.get(path);
  if (since === undefined) return false;
  // Of compressed files the time of the content is kept, and no other: what was written last after it came after it.
  const now = snapshot.byPath.get(path);
  if (seen.packing !== null) {
    const isSame = now?.key === since.key && now.birthMs === since.birthMs;
    return !isSame && seen.mtimeMs >= (since.mtimeMs || since.birthMs);
  }
  if (seen.birthMs < since.birthMs) return false;
  if (now !== undefined && seen.birthMs > now.birthMs) return false;
  // Equal times tell nothing, as where a file system keeps none: then it is when they were written.
  return (
    seen.birthMs > since.birthMs ||
    (seen.birthMs === 0 && now?.key !== since.key && seen.mtimeMs >= since.mtimeMs)
  );
}

/** When the content of a file began, as far as that is known: a compressor makes a new file for it. */
export function birthOf({ packing, birthMs, mtimeMs }: SeenFile, continues?: KnownFile): number {
  return packing === null ? birthMs : continues?.birthMs || mtimeMs;
}

/** Of each path the oldest file that is known to have stood there; of paths that had one once, not without end. */
export function sinceWhen({ known, memory, starts }: Draft): Memory['since'] {
  const since = new Map(memory.since);
  const current = new Set<string>();
  const note = (path: string, key: FileKey | null, birthMs: number, mtimeMs: number): void => {
    current.add(path);
    const before = since.get(path);
    const isOlder = before === undefined || birthMs < before.birthMs;
    // Another file may have its inode by now, and is not the oldest.
    const isSame = before?.key === key && before.birthMs === birthMs;
    if (isOlder || (isSame && mtimeMs > before.mtimeMs)) since.set(path, { key, birthMs, mtimeMs });
  };
  for (const { path, key, birthMs, last } of known) {
    if (path !== null) note(path, key, birthMs, last?.mtimeMs ?? 0);
  }
  for (const { path, seen, continues } of starts)
    note(path, seen.key, birthOf(seen, continues), seen.mtimeMs);
  let tooMany = since.size - current.size - mostKept;
  for (const path of since.keys()) {
    if (tooMany <= 0) break;
    if (current.has(path)) continue;
    since.delete(path);
    tooMany--;
  }
  return since;
}
