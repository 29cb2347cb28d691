import type { JsonTape } from '../json/json-tape.ts';

/** One column of a file that is being written, a value a row. */
export interface FieldWriter {
  /** Writes a value. False: it has no place in the column, and nothing is written. */
  write(tape: JsonTape, node: number): boolean;
  /** False: the column takes no null. */
  writeNull(): boolean;
  /** UTF-8, for a column of text. */
  writeText(bytes: Buffer, from: number, to: number): void;
}

/** A file of rows. Its bytes go out in pieces; rows since the last `mark` can be taken back. */
export interface TableWriter {
  /** In the order in which a row's values have to be written. */
  readonly fields: readonly FieldWriter[];
  /** What the file begins with. */
  head(): Buffer;
  endRow(): void;
  mark(): void;
  takeBack(): void;
  /** Of the rows so far, the bytes that are whole; called where no row will be taken back. */
  take(): Promise<readonly Buffer[]>;
  /** The rest of the file. */
  end(): Promise<readonly Buffer[]>;
}
