import type { Measurement } from './measurement.ts';

/** What a run may use; everything in it lives as long as the row. */
export interface RunOptions {
  readonly events: number;
  /** 0 for the first run. */
  readonly run: number;
}

/** One line of the table: a program under one configuration. */
export interface Contender {
  readonly name: string;
  /** One sentence: what runs, with which settings. */
  readonly what: string;
  /** One run, from start to checked arrival. Throws when an event is missing or the contender is misconfigured. */
  measure(options: RunOptions): Promise<Measurement>;
}

/** A set of contenders that do the same job in the same run. */
export interface Row extends AsyncDisposable {
  readonly contenders: readonly Contender[];
}

/** A row's description; `open` starts what its contenders share, such as a broker. */
export interface RowSpec {
  readonly name: string;
  readonly title: string;
  /** What is measured and how, in a few sentences, for the table. */
  readonly method: string;
  /** The contender that ratios are told against. */
  readonly baseline: string;
  /** Only with `--only` or `--all`. */
  readonly onDemand?: boolean;
  /** Names of all contenders, known before anything is started. */
  readonly contenderNames: readonly string[];
  /** Events in a run of all rows (`--all`), which is to end within half an hour; else as in any other. */
  readonly eventsOfAll?: number;
  /** Fewer or more events than asked for, where the row needs it. */
  readonly eventsOf?: (asked: number) => number;
  open(options: { events: number; contenders: readonly string[] }): Promise<Row>;
}

/** A contender was set up wrongly, or lost or doubled events: no figure may be printed. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
}
