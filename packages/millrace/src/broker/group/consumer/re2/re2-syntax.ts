import type { CharSet } from './char-set.ts';

/** What a pattern says. */
export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'chars'; readonly set: CharSet }
  | { readonly kind: 'begin' | 'end' | 'word-boundary' | 'no-word-boundary' }
  | { readonly kind: 'sequence' | 'either'; readonly parts: readonly Node[] }
  /** `max` Infinity: without end. */
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number };

/** A pattern that is none; the words are RE2/J's, which Kafka shows. */
export class PatternFault extends Error {}

/** The most times that something is repeated. */
export const mostRepeats = 1000;
