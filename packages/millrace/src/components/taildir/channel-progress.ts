import { randomInt } from 'node:crypto';
import type { BatchProgress, SourceProgress } from '../../component/source.ts';
import type { FilePlace } from './deliveries.ts';

const mostId = 2 ** 48 - 1;

/** Where a file goes on, and the places ahead of it at which some of its channels stand. */
export interface GoingOn {
  readonly place: FilePlace;
  /** Positions behind `place`, in order; empty: all channels lack the same. */
  readonly ahead: readonly number[];
}

/**
 * The name under which channels keep a file's progress. It is drawn for each content that a file is given and lives in
 * the journal: whoever edits or deletes the position file starts files under new names, and what channels knew of them
 * counts no more.
 */
export function newProgressId(): number {
  return randomInt(1, mostId);
}

export function progressKey(id: number): string {
  return id.toString(36);
}

/**
 * Where to go on with a file of which the journal has `journaled`. The journal never is ahead of a channel that has lost
 * nothing, so the furthest of it and the channel that is least far is right: a channel whose events were deleted, or
 * one that the source had long ago, takes nobody back.
 */
export function goOnFrom(id: number | undefined, journaled: FilePlace, progress?: SourceProgress): GoingOn {
  if (id === undefined || progress === undefined) return { place: journaled, ahead: [] };
  const places = progress.placesOf(progressKey(id)).map((text) => placeOf(text) ?? journaled);
  const least = places.reduce((a, b) => (b.position < a.position ? b : a));
  const place = progress.complete && least.position > journaled.position ? least : journaled;
  const ahead = places.map(({ position }) => position).filter((position) => position > place.position);
  return { place, ahead: ahead.sort((a, b) => a - b) };
}

/** What goes with a batch that ends at a place; `catchingUp`: some channels may have it already. */
export function batchProgress(id: number, to: FilePlace, catchingUp: boolean): BatchProgress {
  const { position, mark } = to;
  const { headBytes, headCrc, tailBytes, tailCrc } = mark;
  const place = `${position} ${headBytes} ${headCrc} ${tailBytes} ${tailCrc}`;
  const key = progressKey(id);
  if (!catchingUp) return { key, place };
  return { key, place, has: (other) => (placeOf(other)?.position ?? -1) >= position };
}

/** Null for what no place of ours says. */
function placeOf(text: string | undefined): FilePlace | null {
  const numbers = (text ?? '').split(' ').map(Number);
  if (numbers.length !== 5 || !numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) return null;
  const [position, headBytes, headCrc, tailBytes, tailCrc] = numbers as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { position, mark: { headBytes, headCrc, tailBytes, tailCrc } };
}
