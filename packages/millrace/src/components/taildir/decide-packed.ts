import { basename, dirname, join } from 'node:path';
import { type Identity, maxHeadBytes } from '../../tracking/content-mark.ts';
import type { Draft } from './decide.ts';
import { liveNamesOf } from './generations.ts';
import { liveNames, type SeenFile } from './snapshot.ts';
import type { KnownFile } from './table.ts';

/**
 * Whether a compressed file holds what a file held, or holds still, that is known or about to be: by its name it may be
 * a generation of it. `other` for a file that is not compressed.
 */
export function packedForm(draft: Draft, seen: SeenFile): Identity {
  if (seen.packing === null) return 'other';
  const { snapshot, keys } = draft;
  const names = liveNames(seen).map((name) => join(seen.folder, name));
  let known: Identity = 'other';
  const original = snapshot.byPath.get(names[0]!);
  if (original !== undefined && original.group !== null && !keys.has(original.key))
    known = startsLike(draft, seen, original);
  for (const file of relativesOf(draft, names)) {
    if (known === 'same') break;
    if (file.key === seen.key) continue;
    const content = holdsKnown(draft, seen, file);
    if (content !== 'other') known = content;
  }
  return known;
}

function holdsKnown(draft: Draft, seen: SeenFile, file: KnownFile): Identity {
  const { key, mark, position, isOpen } = file;
  const [there] = draft.snapshot.byKey.get(key ?? '') ?? [];
  if (mark.headBytes === 0) {
    // Under a name that is none of its own it is another file with its inode.
    if (there !== undefined && isNamedAs(there, file)) return startsLike(draft, seen, there);
    return isOpen ? 'same' : 'other'; // without a name, but read to its end first: then there is more to tell it by
  }
  // One that holds more than there is to hold is another. What can't be looked into may be another file by now.
  const mostBytes = there === undefined || draft.held.has(there.key) ? Number.POSITIVE_INFINITY : there.size;
  if (mostBytes < maxHeadBytes && holdsMore(draft, seen, mostBytes)) return 'other';
  return draft.probe.holdsSince(seen, key, mark, position) ?? 'unknown';
}

function isNamedAs(there: SeenFile, { at, path }: KnownFile): boolean {
  const family = familyOf([at, path]);
  return [there.path, ...liveNames(there).map((name) => join(there.folder, name))].some((it) =>
    family.has(it),
  );
}

function startsLike({ probe }: Draft, seen: SeenFile, original: SeenFile): Identity {
  if (original.size === 0) return 'other';
  return probe.startsLike(seen, original, Math.min(original.size, maxHeadBytes)) ?? 'unknown';
}

/** Whether a compressed file is known to hold more than so many bytes. */
export function holdsMore({ probe }: Draft, seen: SeenFile, bytes: number): boolean {
  return (probe.bytesKnownOf(seen) ?? 0) > bytes;
}

const byDraft = new WeakMap<Draft, Map<string, KnownFile[]>>();

/**
 * Paths, and those of which they may be generations: an archive is made of `app.log.1` and moves on to `app.log.2.gz`, of
 * which the file that was known as `app.log.1` knows nothing.
 */
export function familyOf(paths: readonly (string | null)[]): ReadonlySet<string> {
  const family = new Set<string>();
  for (const path of paths) {
    if (path === null) continue;
    family.add(path);
    for (const live of liveNamesOf(basename(path))) family.add(join(dirname(path), live));
  }
  return family;
}

/** The known files of which one of these names is, or was, one. */
function relativesOf(draft: Draft, names: readonly string[]): ReadonlySet<KnownFile> {
  let byPath = byDraft.get(draft);
  if (byPath === undefined) {
    byPath = new Map();
    for (const file of draft.known) {
      for (const path of familyOf([file.at, file.path])) {
        const there = byPath.get(path);
        if (there === undefined) byPath.set(path, [file]);
        else there.push(file);
      }
    }
    byDraft.set(draft, byPath);
  }
  return new Set(names.flatMap((name) => byPath.get(name) ?? []));
}
