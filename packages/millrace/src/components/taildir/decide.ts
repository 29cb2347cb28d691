import { basename, dirname, join } from 'node:path';
import { type FileKey, type Identity, noMark } from '../../tracking/content-mark.ts';
import { findCopies, foundFiles, sinceWhen } from './decide-found.ts';
import type { Probe } from './probe.ts';
import { liveNames, type SeenFile, type SeenFolder, type Snapshot } from './snapshot.ts';
import {
  type Awaited,
  copyWaitMs,
  type Decision,
  type KnownFile,
  type Loss,
  type Memory,
  mostKept,
  type Settings,
  type Start,
  type Step,
} from './table.ts';

/** What a decision is made of, and what of it stands so far. */
export interface Draft<K extends KnownFile = KnownFile> {
  readonly known: readonly K[];
  readonly memory: Memory;
  readonly snapshot: Snapshot;
  readonly probe: Probe;
  readonly settings: Settings;
  readonly nowMs: number;
  /** Of all known files. */
  readonly keys: ReadonlySet<FileKey | null>;
  /** Paths beside which a file turned up that may be a copy of what stands there, and the size of the largest. */
  readonly suspects: ReadonlyMap<string, number>;
  /** Paths of known files of which can't be told now whether they hold what they held. */
  readonly unsure: Set<string>;
  readonly steps: Step<K>[];
  readonly starts: Start[];
  readonly losses: Loss[];
  readonly wanted: Set<string>;
  /** Folders with a neighbour of which can't be told yet whether it is to be read. */
  readonly unclear: Set<string>;
  /** Keys of seen files that somebody has: no second reader begins. */
  readonly claimed: Set<FileKey>;
  /** Those of them that can't be looked into now: another file may have the inode by now, a copy perhaps. */
  readonly held: Set<FileKey>;
  awaited: Awaited[];
}

/**
 * The decision table (table.ts) as a function of what is known, one snapshot, and the probe's answers. It changes
 * nothing. Where the probe has not looked yet, or `wanted` names folders, the decision does not count: answer, look, and
 * decide again.
 */
export function decide<K extends KnownFile>(
  known: readonly K[],
  memory: Memory,
  snapshot: Snapshot,
  probe: Probe,
  settings: Settings,
  nowMs: number,
): Decision<K> {
  const keys = new Set(known.map(({ key }) => key));
  const draft: Draft<K> = {
    ...{ known, memory, snapshot, probe, settings, nowMs },
    ...{ keys, steps: [], starts: [], losses: [] },
    ...{
      wanted: new Set(),
      unclear: new Set(),
      claimed: new Set(),
      held: new Set(),
      awaited: memory.awaited.slice(),
    },
    suspects: suspectsOf(snapshot, keys),
    unsure: new Set(),
  };
  const replaced = settings.continueReplaced ? replacedFiles(draft) : new Set<K>();
  const absent: K[] = [];
  for (const file of known) {
    if (!replaced.has(file)) knownFile(draft, file, absent);
  }
  findCopies(draft);
  const doubts = foundFiles(draft);
  for (const file of absent) absentFile(draft, file);
  letGoTooMany(draft);
  draft.steps.push(...draft.starts);
  const fresh = new Set(
    [...memory.fresh].filter((path) => snapshot.folders.get(path)?.state === 'unreadable'),
  );
  const { steps, wanted, unclear, losses } = draft;
  return {
    steps,
    memory: { awaited: draft.awaited, doubts, fresh, since: sinceWhen(draft) },
    wanted,
    unclear,
    losses,
  };
}

/** The first half of the table: files that are known. Those that are nowhere are left for the end. */
function knownFile<K extends KnownFile>(draft: Draft<K>, file: K, absent: K[]): void {
  const place = whereIs(draft, file);
  if (place === null) {
    absent.push(file);
    return;
  }
  const { seen, content } = place;
  if (file.isOpen && !isRewritten(draft, file, seen)) {
    claim(draft, { do: 'follow', file, seen });
    return;
  }
  const answer = content ?? contentOf(draft, file, seen);
  if (answer === 'unknown') draft.unsure.add(seen.path);
  if (answer === 'other') {
    dissolve(draft, file, seen);
    return;
  }
  if (answer === 'unchanged') claim(draft, { do: 'rest', file, seen });
  else claim(draft, { do: answer === 'same' ? 'resume' : 'hold', file, seen });
}

type Claim<K extends KnownFile> = Extract<Step<K>, { do: 'follow' | 'rest' | 'resume' | 'hold' }>;

/**
 * A known file is what is seen. A kill between the note of a file's new content and the end of the note of its old one
 * leaves both behind, and where little was read nothing may tell them apart: one of them reads the file, never both.
 */
function claim<K extends KnownFile>({ claimed, held, steps }: Draft<K>, step: Claim<K>): void {
  const isFirst = !claimed.has(step.seen.key);
  claimed.add(step.seen.key);
  if (step.do === 'hold') held.add(step.seen.key);
  const rival = isFirst || step.do === 'hold' ? -1 : steps.findIndex((it) => isRival(it, step));
  if (rival < 0) {
    steps.push(step);
    return;
  }
  const other = steps[rival] as Claim<K>;
  const [stays, goes] = readsOn(other, step) ? [other, step] : [step, other];
  steps[rival] = stays;
  steps.push({ do: 'forget', file: goes.file, why: 'replaced' });
}

function isRival<K extends KnownFile>(step: Step<K>, { seen: { key } }: Claim<K>): boolean {
  return (step.do === 'follow' || step.do === 'rest' || step.do === 'resume') && step.seen.key === key;
}

/** Which of two that may both be the file goes on: the one that is at it, else the one that leaves nothing out. */
function readsOn({ file: one, seen }: Claim<KnownFile>, { file: other }: Claim<KnownFile>): boolean {
  if (one.isOpen !== other.isOpen) return one.isOpen;
  if (one.position !== other.position) return one.position < other.position;
  return one.birthMs === seen.birthMs;
}

/** Whether an open file holds something else by now: copied and truncated, perhaps. */
function isRewritten({ probe, suspects, unsure }: Draft, file: KnownFile, seen: SeenFile): boolean {
  if (file.rewritten || seen.size < file.position) return true;
  if (!suspects.has(seen.path)) return false;
  const content = probe.holds(seen, file.mark, file.position);
  if (content === 'unknown') unsure.add(seen.path);
  return content === 'other';
}

function suspectsOf({ matching }: Snapshot, keys: ReadonlySet<FileKey | null>): ReadonlyMap<string, number> {
  const suspects = new Map<string, number>();
  for (const seen of matching) {
    const { key, folder, size } = seen;
    if (keys.has(key)) continue;
    for (const live of liveNames(seen)) {
      const path = join(folder, live);
      suspects.set(path, Math.max(size, suspects.get(path) ?? 0));
    }
  }
  return suspects;
}

function contentOf(draft: Draft, file: KnownFile, seen: SeenFile): Identity | 'unchanged' {
  if (file.isOpen || file.rewritten) return 'other';
  if (file.last !== null && isUnchanged(file.last, seen)) return 'unchanged';
  if (seen.packing !== null && file.packedBytes > 0 && isAsLarge(file.packedBytes, seen)) {
    // Read to its end: no more is asked for that than whether it is the same one.
    const head = { ...noMark, headBytes: file.mark.headBytes, headCrc: file.mark.headCrc };
    const content = draft.probe.holds(seen, head, head.headBytes) ?? 'unknown';
    return content === 'same' ? 'unchanged' : content;
  }
  // Of an untouched file nothing but its birth and its name tells it from another under the same inode.
  if (file.position === 0 && file.mark.headBytes === 0) {
    if (seen.packing !== null) return isSameArchive(file, seen) ? 'same' : 'other';
    if (seen.size < file.largestSize) return 'other';
    const home = file.path === null || seen.path === file.path || seen.path === file.at;
    const sameBirth = file.birthMs !== 0 && file.birthMs === seen.birthMs;
    return home || sameBirth || isGeneration(file, seen) ? 'same' : 'other';
  }
  return draft.probe.holds(seen, file.mark, file.position) ?? 'unknown';
}

/** Whether it is an archive that was known before: by its inode alone it may be made of any generation. */
function isSameArchive({ last, birthMs }: KnownFile, seen: SeenFile): boolean {
  if (last !== null) return last.packing !== null && last.birthMs === seen.birthMs;
  return birthMs === seen.mtimeMs;
}

/** The journal keeps the lower 32 bits. */
function isAsLarge(packedBytes: number, { storedBytes }: SeenFile): boolean {
  return packedBytes % 2 ** 32 === storedBytes % 2 ** 32;
}

/** Whether a name is one that rotation gives to a file. */
function isGeneration({ path }: KnownFile, seen: SeenFile): boolean {
  return path !== null && seen.folder === dirname(path) && liveNames(seen).includes(basename(path));
}

function isUnchanged(last: SeenFile, seen: SeenFile): boolean {
  return (
    last.key === seen.key &&
    last.storedBytes === seen.storedBytes &&
    last.mtimeMs === seen.mtimeMs &&
    last.birthMs === seen.birthMs
  );
}

/** Under which name a known file is seen, with what was learned of its content on the way; null: under none. */
function whereIs<K extends KnownFile>(
  { snapshot, probe, keys }: Draft<K>,
  file: K,
): { seen: SeenFile; content?: Identity } | null {
  if (file.key !== null) {
    const names = snapshot.byKey.get(file.key);
    if (names !== undefined) {
      const seen =
        names.find(({ path }) => path === file.at) ??
        names.find(({ path }) => path === file.path) ??
        names.find((it) => isGeneration(file, it)) ??
        names[0]!;
      return { seen };
    }
  }
  // After a reboot a device may have another number; Flume's rows have none. Then it is the inode and the path.
  for (const path of [file.at, file.path]) {
    const seen = path === null ? undefined : snapshot.byPath.get(path);
    if (seen === undefined || seen.ino !== file.ino || keys.has(seen.key)) continue;
    if (file.key === null) return { seen };
    if (file.mark.headBytes === 0) continue;
    const content = probe.holds(seen, file.mark, file.position) ?? 'unknown';
    if (content !== 'other') return { seen, content };
  }
  if (file.key !== null || file.path === null) return null;
  const [folder, live] = [dirname(file.path), basename(file.path)];
  const seen = snapshot.folders
    .get(folder)
    ?.files.find(
      (it) =>
        it.ino === file.ino && it.size >= file.position && !keys.has(it.key) && liveNames(it).includes(live),
    );
  return seen === undefined ? null : { seen };
}

/** What a file held is there no more: it may be in a copy. The file itself counts as found. */
function dissolve<K extends KnownFile>(draft: Draft<K>, file: K, seen: SeenFile): void {
  draft.steps.push({ do: 'dissolve', file, seen });
  awaitCopy(draft, file, draft.snapshot.byKey.get(seen.key) ?? []);
}

const twinsOf = new WeakMap<readonly KnownFile[], ReadonlySet<number>>();

/** Whether a copy of what a file held is known: it was found before a kill. */
function isFound({ known }: Draft, { progressId }: KnownFile): boolean {
  let twins = twinsOf.get(known);
  if (twins === undefined) {
    const ids = new Set<number>();
    const doubled = new Set<number>();
    for (const { progressId: id } of known) (ids.has(id) ? doubled : ids).add(id);
    twins = doubled;
    twinsOf.set(known, twins);
  }
  return twins.has(progressId);
}

function awaitCopy(draft: Draft, file: KnownFile, seen: readonly SeenFile[]): void {
  if (isFound(draft, file)) return;
  const { path, position, mark, largestSize } = file;
  const unreadBytes = Math.max(0, largestSize - position);
  const group = path === null ? undefined : groupOf(draft.settings, path);
  if (path === null || group === undefined || position + unreadBytes + mark.headBytes === 0) return;
  if (mark.headBytes === 0) {
    // Nothing was read of it, so no copy can be told from any other file; what a pattern matches is read for its own sake.
    if (unreadBytes > (draft.suspects.get(path) ?? 0) && !hasPacked(draft, path))
      draft.losses.push({ path, bytes: unreadBytes });
    return;
  }
  const untilMs = draft.nowMs + copyWaitMs;
  const names = [...new Set([path, file.at ?? path, ...seen.map((it) => it.path)])];
  draft.awaited.push({ file, path, names, group, position, mark, unreadBytes, untilMs });
}

/** Whether a generation of a path stands beside it in compressed form. */
function hasPacked({ snapshot }: Draft, path: string): boolean {
  const files = snapshot.folders.get(dirname(path))?.files ?? [];
  return files.some((seen) => seen.packing !== null && liveNames(seen).includes(basename(path)));
}

/** A known file that no name shows. */
function absentFile<K extends KnownFile>(draft: Draft<K>, file: K): void {
  const home = file.at ?? file.path;
  const folder = home === null ? undefined : draft.snapshot.folders.get(dirname(home));
  if (home === null ? !allWhole(draft.snapshot) : folder?.state !== 'listed') {
    if (home !== null && folder === undefined) draft.steps.push({ do: 'forget', file, why: 'gone' });
    else draft.steps.push({ do: 'keep', file });
    return;
  }
  if (folder !== undefined) {
    if (isOther(folder, file)) {
      draft.steps.push({ do: 'keep', file });
      return;
    }
    if (!folder.whole) {
      // As it was, until all names are looked at again.
      if (folder.blind) draft.steps.push({ do: 'keep', file });
      else if (folder.changed) draft.wanted.add(folder.path);
      return;
    }
  }
  if (file.isOpen) draft.steps.push({ do: 'drain', file });
  else if (file.missedLooks === 0) draft.steps.push({ do: 'missed', file });
  else {
    draft.steps.push({ do: 'forget', file, why: 'gone' });
    awaitCopy(draft, file, []);
  }
}

/** Whether another folder has the name of a file's own: an empty mount point, perhaps. */
export function isOther(folder: SeenFolder, { folderDev }: KnownFile): boolean {
  return folderDev === null ? folder.files.length === 0 : folderDev !== folder.dev;
}

function allWhole({ folders }: Snapshot): boolean {
  return [...folders.values()].every(({ whole }) => whole);
}

export function groupOf({ groups }: Settings, path: string): Settings['groups'][number] | undefined {
  const [folder, name] = [dirname(path), basename(path)];
  return groups.find((group) => group.folder === folder && group.matches(name));
}

/** Files in whose place another one goes on (`continueReplaced`). */
function replacedFiles<K extends KnownFile>(draft: Draft<K>): Set<K> {
  const replaced = new Set<K>();
  const { snapshot, probe, keys } = draft;
  for (const file of draft.known) {
    const path = file.at ?? file.path;
    const seen = path === null ? undefined : snapshot.byPath.get(file.path ?? path);
    if (seen === undefined || seen.group === null || seen.key === file.key || keys.has(seen.key)) continue;
    if (file.key === null && seen.ino === file.ino) continue;
    if (file.mark.headBytes === 0 || draft.claimed.has(seen.key)) continue;
    const content = probe.holds(seen, file.mark, file.position);
    if (content === 'other') continue;
    draft.claimed.add(seen.key);
    if (content !== 'same') continue; // the next look will tell
    replaced.add(file);
    draft.steps.push({ do: 'forget', file, why: 'replaced' });
    const { position, mark } = file;
    draft.starts.push({
      do: 'start',
      seen,
      position,
      mark,
      path: seen.path,
      group: seen.group,
      continues: file,
    });
  }
  return replaced;
}

/** Positions of files that are away are kept, but not without end. */
function letGoTooMany<K extends KnownFile>({ steps }: Draft<K>): void {
  let tooMany = steps.reduce((sum, step) => sum + (step.do === 'keep' ? 1 : 0), 0) - mostKept;
  for (let i = 0; i < steps.length && tooMany > 0; i++) {
    const step = steps[i]!;
    if (step.do !== 'keep') continue;
    steps[i] = { do: 'forget', file: step.file, why: 'too many' };
    tooMany--;
  }
}
