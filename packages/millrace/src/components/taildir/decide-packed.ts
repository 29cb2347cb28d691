import { join } from 'node:path';
import { type Identity, maxHeadBytes } from '../../tracking/content-mark.ts';
import type { Draft } from './decide.ts';
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

function holdsKnown(draft: Draft, seen: SeenFile, { key, mark, position }: KnownFile): Identity {
  const [there] = draft.snapshot.byKey.get(key ?? '') ?? [];
  if (mark.headBytes === 0) return there === undefined ? 'other' : startsLike(draft, seen, there);
  // One that holds more than there is to hold is another.
  if (there !== undefined && there.size < maxHeadBytes && holdsMore(draft, seen, there.size)) return 'other';
  return draft.probe.holdsSince(seen, key, mark, position) ?? 'unknown';
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

/** The known files of which one of these names is, or was, one. */
function relativesOf(draft: Draft, names: readonly string[]): ReadonlySet<KnownFile> {
  let byPath = byDraft.get(draft);
  if (byPath === undefined) {
    byPath = new Map();
    for (const file of draft.known) {
      for (const path of new Set([file.at, file.path])) {
        if (path === null) continue;
        const there = byPath.get(path);
        if (there === undefined) byPath.set(path, [file]);
        else there.push(file);
      }
    }
    byDraft.set(draft, byPath);
  }
  return new Set(names.flatMap((name) => byPath.get(name) ?? []));
}
