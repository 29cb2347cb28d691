/**
 * Editing batches by column: headers and bodies are read and written where they lie in the records, without an object,
 * a map or a view per event. What stays as it was is copied run by run.
 */
import type { EventBatch, Headers, RecordOrigin } from './event-batch.ts';
import { type EventEdit, EventEditor, type HeaderName } from './event-editor.ts';
import { RecordWriter } from './record-writer.ts';
import { rewrittenLike, writerFor } from './rewrite.ts';
import { inlineHeaders } from './transform.ts';

/**
 * Each event as `edit` leaves it, asked in order. The batch itself where nothing was changed, null where no event is
 * left. Offset deltas, keys and timestamps stay, so that metadata and provenance still name the right record.
 * `names`: all headers that `edit` may set.
 */
export function editEvents(
  batch: EventBatch,
  names: readonly HeaderName[],
  edit: (event: EventEdit, i: number) => void,
): EventBatch | null {
  // A header that metadata shows can't be set in the record.
  const source = names.some(({ text }) => hides(batch.origin, text)) ? inlineHeaders(batch) : batch;
  const editor = new EventEditor(source, names);
  let writer: RecordWriter | null = null;
  let copied = 0; // events before this one are written
  let addsHeaders = false;
  for (let i = 0; i < source.count; i++) {
    editor.step(i);
    edit(editor, i);
    if (!editor.changed) continue;
    writer ??= writerFor([source]);
    writer.copyRun(source.records, source.index, copied, i);
    copied = i + 1;
    if (editor.dropped) continue;
    addsHeaders ||= editor.setsHeaders;
    editor.writeTo(writer);
  }
  if (writer === null) return batch;
  writer.copyRun(source.records, source.index, copied, source.count);
  return rewrittenLike(source, writer, source.hasRecordHeaders || addsHeaders);
}

/**
 * The events for whose place `keep` says so, asked in order; null when none is left, the batch itself when all are.
 * Records are copied as they are, with their offset deltas, so that headers shown from metadata stay right.
 */
export function keepEvents(batch: EventBatch, keep: (i: number) => boolean): EventBatch | null {
  let writer: RecordWriter | null = null;
  let runFrom = 0; // first event of the run that is still to be copied
  for (let i = 0; i < batch.count; i++) {
    if (keep(i)) continue;
    writer ??= writerFor([batch]);
    writer.copyRun(batch.records, batch.index, runFrom, i);
    runFrom = i + 1;
  }
  if (writer === null) return batch;
  writer.copyRun(batch.records, batch.index, runFrom, batch.count);
  return rewrittenLike(batch, writer, batch.hasRecordHeaders);
}

/**
 * The events of these runs, `[from, to)` one after the other, in their order: at least one event. A single run is a
 * slice, others are copied as `keepEvents` does.
 */
export function keepRuns(batch: EventBatch, runs: readonly number[]): EventBatch {
  if (runs.length === 2) return batch.slice(runs[0]!, runs[1]!);
  const { records, index } = batch;
  let sizeBytes = 0;
  let count = 0;
  for (let r = 0; r < runs.length; r += 2) {
    sizeBytes += index[runs[r + 1]!]! - index[runs[r]!]!;
    count += runs[r + 1]! - runs[r]!;
  }
  const writer = new RecordWriter(sizeBytes, count);
  for (let r = 0; r < runs.length; r += 2) writer.copyRun(records, index, runs[r]!, runs[r + 1]!);
  return rewrittenLike(batch, writer, batch.hasRecordHeaders)!;
}

/**
 * The events whose body `keep` likes: where it lies in `bytes`, `from` = `to` where there is none. No object and no
 * allocation per event, but for what `keep` makes.
 */
export function keepBodies(
  batch: EventBatch,
  keep: (bytes: Buffer, from: number, to: number) => boolean,
): EventBatch | null {
  return editEvents(batch, [], (event) => {
    if (!keep(event.bytes, event.from, event.to)) event.drop();
  });
}

/**
 * Gives all events of a batch one header with one value. It is set beside the records: a record's own header of that
 * name wins over it, which is what `preserveExisting` asks for, and is taken out where it is to be overwritten.
 */
export class HeaderSetter {
  readonly #name: string;
  readonly #preserveExisting: boolean;
  /** The last headers seen and what they became: a source's batches mostly share one map. */
  #seen: { readonly from: Headers; readonly value: string; readonly to: Headers } | null = null;

  /** `preserveExisting`: leaves the header alone where an event has it, in whatever way. */
  constructor(name: string, preserveExisting: boolean) {
    this.#name = name;
    this.#preserveExisting = preserveExisting;
  }

  set(batch: EventBatch, value: string): EventBatch {
    const name = this.#name;
    const { origin, sharedHeaders } = batch;
    if (this.#preserveExisting) {
      const isShown = origin?.timestampHeader === name || origin?.offsetHeader === name;
      if (sharedHeaders.has(name) || isShown) return batch;
      return batch.withSharedHeaders(this.#added(sharedHeaders, value));
    }
    // Beside mapped names only a mapped one could win.
    const inTheWay = name === origin?.offsetHeader || name === origin?.keyHeader;
    const source = inTheWay || origin?.headerNames?.has(name) === true ? inlineHeaders(batch) : batch;
    const bare = removeOwn(source, (own) => own === name);
    return bare.withSharedHeaders(this.#added(bare.sharedHeaders, value));
  }

  #added(from: Headers, value: string): Headers {
    if (this.#seen?.from === from && this.#seen.value === value) return this.#seen.to;
    const to = new Map(from).set(this.#name, value);
    this.#seen = { from, value, to };
    return to;
  }
}

/** The same events without the headers whose name `matches` likes, wherever they come from. */
export function removeHeaders(batch: EventBatch, matches: (name: string) => boolean): EventBatch {
  const source = shows(batch.origin, matches) ? inlineHeaders(batch) : batch;
  const { sharedHeaders } = source;
  const kept = [...sharedHeaders].filter(([name]) => !matches(name));
  const shared = kept.length === sharedHeaders.size ? source : source.withSharedHeaders(new Map(kept));
  return removeOwn(shared, matches);
}

/** Takes headers out of the records themselves. */
function removeOwn(batch: EventBatch, matches: (name: string) => boolean): EventBatch {
  // Of records with mapped names only those show, and they stand under other names.
  if (!batch.hasRecordHeaders || batch.origin?.headerNames !== undefined) return batch;
  const editor = new EventEditor(batch, []);
  let writer: RecordWriter | null = null;
  let copied = 0;
  let someLeft = false;
  for (let i = 0; i < batch.count; i++) {
    editor.step(i);
    const left = editor.removeMatching(matches);
    someLeft ||= left > 0;
    if (!editor.changed) continue;
    writer ??= writerFor([batch]);
    writer.copyRun(batch.records, batch.index, copied, i);
    copied = i + 1;
    editor.writeTo(writer);
  }
  if (writer === null) return batch;
  writer.copyRun(batch.records, batch.index, copied, batch.count);
  return rewrittenLike(batch, writer, someLeft)!;
}

/** Whether a record's own header of that name would not show, or not under that name. */
function hides(origin: RecordOrigin | undefined, name: string): boolean {
  if (origin === undefined) return false;
  return origin.headerNames !== undefined || name === origin.offsetHeader || name === origin.keyHeader;
}

/** Whether metadata shows a header whose name is liked. */
function shows(origin: RecordOrigin | undefined, matches: (name: string) => boolean): boolean {
  if (origin === undefined) return false;
  const { offsetHeader, timestampHeader, keyHeader, headerNames } = origin;
  const named = [offsetHeader, timestampHeader, keyHeader, ...(headerNames?.keys() ?? [])];
  return named.some((name) => name !== undefined && matches(name));
}
