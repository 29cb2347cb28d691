import { dirname } from 'node:path';
import type { SeenFile, Snapshot } from './snapshot.ts';
import type { KnownFile } from './table.ts';

/** Closed neighbours are looked at this often though no name came or went: somebody may still write to one. */
const neighbourMs = 10_000;
/** What could not be told is looked at again after this long, then after twice as long each time. */
const firstUndecidedMs = 500;

/**
 * Which folders are looked at name by name although nothing in them asks for it: what no pattern matches is not seen
 * otherwise, and a file that may not be read yet must not wait until some name comes or goes.
 */
export class WholeLooks {
  /** Folders in which something could not be told, and when they are looked at again. */
  readonly #undecided = new Map<string, { atMs: number; waitMs: number }>();
  #neighboursAtMs = 0;

  due(files: Iterable<KnownFile>, nowMs: number): Set<string> {
    const due = new Set<string>();
    for (const [folder, { atMs }] of this.#undecided) if (nowMs >= atMs) due.add(folder);
    if (nowMs < this.#neighboursAtMs) return due;
    this.#neighboursAtMs = nowMs + neighbourMs;
    for (const { at, isOpen, last } of files) {
      if (at !== null && !isOpen && last?.group === null) due.add(dirname(at));
    }
    return due;
  }

  /** After a scan: what could not be told in it. `looked`: folders of which every name was asked for. */
  note(
    files: Iterable<KnownFile>,
    snapshot: Snapshot,
    looked: ReadonlySet<string>,
    unclear: ReadonlySet<string>,
    nowMs: number,
  ): void {
    const undecided = new Set(unclear);
    for (const { path, state, whole } of snapshot.folders.values()) {
      if (state === 'listed' && (looked.has(path) ? !whole : this.#undecided.has(path))) undecided.add(path);
    }
    for (const file of files) {
      const home = file.at ?? file.path;
      if (home === null || file.isOpen) continue;
      // Missing once, or not looked into: where no pattern matches it, or another has its name, nothing else shows it.
      const isHeld = file.last === null && !isMatching(snapshot.byPath.get(home));
      if (file.missedLooks === 0 && !isHeld) continue;
      const folder = dirname(home);
      if (snapshot.folders.get(folder)?.state === 'listed') undecided.add(folder);
    }
    for (const folder of this.#undecided.keys()) if (!undecided.has(folder)) this.#undecided.delete(folder);
    for (const folder of undecided) {
      const before = this.#undecided.get(folder);
      if (before !== undefined && nowMs < before.atMs) continue;
      const waitMs = before === undefined ? firstUndecidedMs : Math.min(neighbourMs, before.waitMs * 2);
      this.#undecided.set(folder, { atMs: nowMs + waitMs, waitMs });
    }
  }
}

function isMatching(seen: SeenFile | undefined): boolean {
  return seen !== undefined && seen.group !== null;
}
