import { randomInt } from 'node:crypto';
import type { BatchProgress, SourceProgress } from '../../component/source.ts';
import type { JournalTail } from '../../tracking/position-journal.ts';
import type { FilePlace } from './deliveries.ts';

const mostId = 2 ** 48 - 1;

/** Where a file goes on, and the places ahead of it at which some of its channels stand. */
export interface GoingOn {
  readonly place: FilePlace;
  /** Positions behind `place`, in order; empty: all channels lack the same. */
  readonly ahead: readonly number[];
  /** The file in which the first event of this one began, and up to where that is done. */
  readonly tail?: JournalTail | undefined;
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
export function goOnFrom(
  id: number | undefined,
  journaled: FilePlace,
  progress?: SourceProgress,
  journaledTail?: JournalTail,
): GoingOn {
  const journal: GoingOn = { place: journaled, ahead: [], tail: journaledTail };
  if (id === undefined || progress === undefined) return journal;
  const stands = progress.placesOf(progressKey(id)).map((text) => standOf(text) ?? journal);
  const least = stands.reduce((a, b) => (b.place.position < a.place.position ? b : a));
  const isFurther = progress.complete && least.place.position > journaled.position;
  const place = isFurther ? least.place : journaled;
  const isThere = progress.complete && least.place.position >= place.position;
  const ahead = stands.map((it) => it.place.position).filter((position) => position > place.position);
  const tail = (isThere ? least.tail : undefined) ?? journaledTail;
  return { place, ahead: ahead.sort((a, b) => a - b), tail };
}

/**
 * What goes with a batch that ends at a place; `catchingUp`: some channels may have it already. `tail`: the first event
 * of the file began in another one. That is told with each place of the file, since channels keep the newest alone.
 */
export function batchProgress(
  id: number,
  to: FilePlace,
  catchingUp: boolean,
  tail: JournalTail | null,
): BatchProgress {
  const key = progressKey(id);
  const place = tail === null ? textOf(to) : `${textOf(to)} ${tail.progressId} ${textOf(tail)}`;
  if (!catchingUp) return { key, place };
  return { key, place, has: (other) => (standOf(other)?.place.position ?? -1) >= to.position };
}

function textOf({ position, mark }: FilePlace): string {
  const { headBytes, headCrc, tailBytes, tailCrc } = mark;
  return `${position} ${headBytes} ${headCrc} ${tailBytes} ${tailCrc}`;
}

/** Null for what no place of ours says. */
function standOf(text: string | undefined): Pick<GoingOn, 'place' | 'tail'> | null {
  const numbers = (text ?? '').split(' ').map(Number);
  if (!numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) return null;
  if (numbers.length === 5) return { place: placeOf(numbers) };
  if (numbers.length !== 11) return null;
  return { place: placeOf(numbers), tail: { progressId: numbers[5]!, ...placeOf(numbers.slice(6)) } };
}

function placeOf(numbers: readonly number[]): FilePlace {
  const [position, headBytes, headCrc, tailBytes, tailCrc] = numbers as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { position, mark: { headBytes, headCrc, tailBytes, tailCrc } };
}
