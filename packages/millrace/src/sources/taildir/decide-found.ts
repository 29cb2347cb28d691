import { basename, dirname, join } from 'node:path';
import { type Draft, groupOf } from './decide.ts';
import { liveNamesOf } from './generations.ts';
import { type FileKey, type Identity, maxHeadBytes, noMark } from './identity.ts';
import { byAge, type SeenFile } from './snapshot.ts';
import {
  type Awaited,
  copyDoubtMs,
  type Doubt,
  type KnownFile,
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
    if (seen?.state === 'listed' && !seen.whole) {
      draft.wanted.add(folder);
      continue;
    }
    const { generations, strangers } = free.get(folder) ?? noFree;
    let known: Identity = 'other';
    for (const copy of [...(generations.get(basename(awaited.path)) ?? []), ...strangers]) {
      if (draft.claimed.has(copy.key)) continue;
      const content = probe.holds(copy, awaited.mark, awaited.position) ?? 'unknown';
      if (content === 'unknown') known = 'unknown';
      if (content !== 'same') continue;
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

/** What nobody reads, by folder. */
function freeFiles({ snapshot, claimed }: Draft): ReadonlyMap<string, Free> {
  const free = new Map<string, Free>();
  for (const { path, files } of snapshot.folders.values()) {
    const own: Free = { generations: new Map(), strangers: [] };
    for (const file of files) {
      if (claimed.has(file.key)) continue;
      const names = liveNamesOf(file.name);
      if (names.length === 0 && own.strangers.length < mostStrangers) own.strangers.push(file);
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
  const knownAt = filesByPath(draft.known);
  for (const seen of snapshot.matching) {
    if (claimed.has(seen.key)) continue;
    const group = seen.group!;
    const folder = snapshot.folders.get(seen.folder)!;
    if (folder.changed && !folder.whole && knownAt.has(seen.path)) draft.wanted.add(folder.path);
    if (settings.skipToEnd && memory.fresh.has(seen.folder)) {
      begin(draft, { seen, position: seen.size, mark: noMark, path: seen.path, group });
      continue;
    }
    const read = holdsStartOfAwaited(draft, seen);
    if (read === 'same') {
      begin(draft, { seen, position: seen.size, mark: noMark, path: seen.path, group });
      continue;
    }
    const doubt = read === 'unknown' ? newDoubt(draft, seen) : doubtOf(draft, seen);
    if (doubt !== null) {
      doubts.set(seen.key, doubt);
      claimed.add(seen.key);
    } else begin(draft, { seen, position: 0, mark: noMark, path: seen.path, group });
  }
  missedGenerations(draft, knownAt);
  return doubts;
}

/** Whether a file is a copy that ends before what was read of the original: reading was ahead of the copying. */
function holdsStartOfAwaited({ awaited, probe }: Draft, seen: SeenFile): Identity {
  if (awaited.length === 0) return 'other';
  const live = liveNamesOf(seen.name).map((name) => join(seen.folder, name));
  let known: Identity = 'other';
  for (const { path, position, mark } of awaited) {
    if (seen.size >= position || seen.size < mark.headBytes || !live.includes(path)) continue;
    const head = { ...mark, tailBytes: 0, tailCrc: 0 };
    const content = probe.holds(seen, head, mark.headBytes) ?? 'unknown';
    if (content === 'same') return 'same';
    if (content === 'unknown') known = 'unknown';
  }
  return known;
}

/** The doubt whether a file is a copy in the making; null where it is none, or where it has stood still for long. */
function doubtOf(draft: Draft, seen: SeenFile): Doubt | null {
  const { snapshot, probe } = draft;
  for (const name of liveNamesOf(seen.name)) {
    const original = snapshot.byPath.get(join(seen.folder, name));
    if (original === undefined || original.key === seen.key || seen.size > original.size) continue;
    if (!draft.keys.has(original.key)) continue;
    const content =
      seen.size === 0 ? 'same' : probe.startsLike(seen, original, Math.min(seen.size, maxHeadBytes));
    if (content !== 'other') return newDoubt(draft, seen);
  }
  return null;
}

function newDoubt({ memory, nowMs }: Draft, { key, size }: SeenFile): Doubt | null {
  const before = memory.doubts.get(key);
  if (before === undefined || before.size !== size) return { size, quietSinceMs: nowMs };
  return nowMs - before.quietSinceMs < copyDoubtMs ? before : null;
}

/** Known files by the path at which their lines were written. */
function filesByPath(known: readonly KnownFile[]): ReadonlyMap<string, KnownFile[]> {
  const byPath = new Map<string, KnownFile[]>();
  for (const file of known) {
    if (file.path === null) continue;
    const files = byPath.get(file.path);
    if (files === undefined) byPath.set(file.path, [file]);
    else files.push(file);
  }
  return byPath;
}

/** Generations that were made after a known one, written, and rotated away before anybody looked. */
function missedGenerations(draft: Draft, knownAt: ReadonlyMap<string, readonly KnownFile[]>): void {
  const { snapshot, claimed } = draft;
  const missed: (Omit<Start, 'do'> & { seen: SeenFile })[] = [];
  for (const folder of snapshot.folders.values()) {
    if (!folder.whole) continue;
    for (const seen of folder.files) {
      if (seen.group !== null || claimed.has(seen.key)) continue;
      for (const name of liveNamesOf(seen.name)) {
        const path = join(folder.path, name);
        const group = knownAt.has(path) ? groupOf(draft.settings, path) : undefined;
        if (group === undefined || !cameAfterKnown(draft, seen, path, knownAt.get(path)!)) continue;
        missed.push({ seen, position: 0, mark: noMark, path, group });
        break;
      }
    }
  }
  missed.sort((a, b) => a.seen.birthMs - b.seen.birthMs || byAge(a.seen, b.seen));
  for (const start of missed) if (!claimed.has(start.seen.key)) begin(draft, start);
}

/** Whether a file was made after the newest known generation of a path, and before what stands there now. */
function cameAfterKnown(
  { snapshot }: Draft,
  seen: SeenFile,
  path: string,
  known: readonly KnownFile[],
): boolean {
  const now = snapshot.byPath.get(path);
  let last: KnownFile | null = null;
  for (const file of known) {
    // What was rewritten in place was copied, not rotated: without a time of birth it proves nothing.
    const isNow = now !== undefined && file.ino === now.ino;
    if (isNow && (file.birthMs === 0 || file.birthMs === now.birthMs)) continue;
    if (last === null || file.birthMs > last.birthMs) last = file;
  }
  if (last === null) return false;
  if (now !== undefined && seen.birthMs > now.birthMs) return false;
  if (last.birthMs > 0 && seen.birthMs > last.birthMs) return true;
  return seen.birthMs >= last.birthMs && seen.mtimeMs >= (last.last?.mtimeMs ?? 0);
}
