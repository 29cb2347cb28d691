import { oneLine } from './database.ts';

/** What a server's error says, as far as it is looked at. Fields: PostgreSQL's protocol, 55.8. */
export interface ServerError extends Error {
  readonly code?: string;
  readonly detail?: string;
  readonly where?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/**
 * - `row`: values of rows are at fault;
 * - `table`: the statement does not fit the table;
 * - `again`: it may work later.
 */
export type FaultKind = 'row' | 'table' | 'again';

/** Unique violation. */
export const alreadyThere = '23505';

/**
 * By SQLSTATE (PostgreSQL, appendix A): data exceptions (22), violated constraints (23), what triggers raise (P0),
 * cardinality (21), a view's condition (44) and values beyond the limits of a row or index (54) are of rows. Class 42 and what is not supported
 * (0A) are of the statement. All else may pass: lost connections (08, 57), transactions that were in another's way (40),
 * resources (53), locks (55), disks (58), a server that is read-only for now (25).
 */
export function faultKindOf(error: unknown): FaultKind {
  const { code = '' } = error as ServerError;
  switch (code.slice(0, 2)) {
    case '21':
    case '22':
    case '23':
    case '44':
    case '54':
    case 'P0':
      return 'row';
    case '42':
    case '0A':
    case '3F':
      return 'table';
    default:
      return 'again';
  }
}

/** Of COPY: the line at fault, from 0; null: it is not told. */
export function lineOf(error: unknown): number | null {
  const match = /^COPY .*, line (\d+)/.exec((error as ServerError).where ?? '');
  return match === null ? null : Number(match[1]) - 1;
}

/** For a person: `22P02: invalid input syntax for type integer: "x" (column n)`. */
export function reasonOf(error: unknown): string {
  const { code, message, where, column } = error as ServerError;
  const named = column ?? /^COPY .*, line \d+, column ([^:]+)/.exec(where ?? '')?.[1];
  const state = code === undefined ? '' : `${code}: `;
  return oneLine(`${state}${message}${named === undefined ? '' : ` (column ${named})`}`);
}
