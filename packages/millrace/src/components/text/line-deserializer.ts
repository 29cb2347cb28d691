import { isUtf8 } from 'node:buffer';
import { type DeserializerContext, defineDeserializer } from '../../component/define.ts';
import {
  type DeserializedEvents,
  type EventDeserializer,
  type InputMark,
  type ResettableInput,
  startMark,
  type UnreadableBytes,
} from '../../component/deserializer.ts';
import {
  lineGroupFaults,
  lineGroupNotes,
  lineGroupOptions,
  lineGroupRule,
} from '../../component/options/multiline.ts';
import { charsetFaults } from '../../config/charset-faults.ts';
import { opt } from '../../config/options.ts';
import { findCharset } from '../../java/charsets.ts';
import { TextReader } from '../../java/text-reader.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import { encodeLines } from '../../records/encode-lines.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { encodeLineGroups, type LineGroupRule, OpenGroup } from '../../records/line-groups.ts';

const options = {
  maxLineLength: opt.int({
    doc: 'Most characters of a line (UTF-16 units, as Java counts); the rest of a longer one becomes further events.',
    default: 2048,
    min: 1,
    onOutside: 'clamp',
  }),
  outputCharset: opt.string({ doc: 'How bodies are encoded, by the names of Java.', default: 'UTF-8' }),
  ...lineGroupOptions,
};
type Context = DeserializerContext<typeof options>;

/** A line that goes on for longer than this is cut, whatever `maxLineLength` says: no file can take all memory. */
const maxLineBytes = 64 * 1024 * 1024;
const mostSmallBytes = 64 * 1024;
/** No charset has a longer character. */
const widestBytes = 8;
/** A batch of lines that are made one by one ends when it is as large as this. */
const mostBatchBytes = 4 * 1024 * 1024;

/**
 * LINE: an event per line. Lines that are UTF-8 already, none too long, go from the input's bytes into the records as
 * they are; all others are decoded one by one.
 */
class LineDeserializer implements EventDeserializer {
  readonly #input: ResettableInput;
  readonly #text: TextReader;
  readonly #log: Context['log'];
  readonly #maxChars: number;
  /** Which lines are one event; null: each is one. */
  readonly #groups: LineGroupRule | null;
  /** Null: bodies are UTF-8. */
  readonly #encode: ((text: string) => Buffer) | null;
  readonly #passesThrough: boolean;
  /** Bytes of the head that are a byte order mark; null: not looked at yet. */
  #markBytes: number | null = null;
  #toldCut = false;

  constructor({ options, log }: Context, input: ResettableInput) {
    const { maxLineLength, outputCharset } = options;
    const output = findCharset(outputCharset)!;
    const isUtf8 = output.form.kind === 'utf8';
    this.#input = input;
    this.#text = input.text;
    this.#log = log;
    this.#maxChars = maxLineLength;
    this.#groups = lineGroupRule(options);
    // A mark of the byte order stands before each body, as in Java: each is encoded for itself.
    this.#encode = isUtf8 ? null : (text) => output.encoder()(text);
    this.#passesThrough = isUtf8 && input.text.isUtf8;
  }

  async read(maxEvents: number): Promise<DeserializedEvents | null> {
    if (this.#markBytes === null) await this.#begin();
    for (let wanted = 1; ; ) {
      const bytes = await this.#input.ahead(wanted);
      if (bytes.length === 0) return null;
      const isLast = this.#input.tell() + bytes.length >= this.#input.length;
      const found = this.#take(bytes, maxEvents, isLast || bytes.length >= maxLineBytes);
      if (found !== null) return found;
      if (isLast) return this.#leftover(bytes);
      if (bytes.length >= maxLineBytes) {
        // Nothing but bytes that are ignored; what they end in may be the first half of a character.
        this.#advance(bytes.length - widestBytes);
        wanted = widestBytes + 1;
        continue;
      }
      wanted = Math.min(maxLineBytes, bytes.length * 2);
    }
  }

  mark(): InputMark {
    return { offset: this.#input.tell(), events: 0 };
  }

  reset({ offset }: InputMark): void {
    this.#input.seek(Math.max(offset, this.#markBytes ?? 0));
  }

  /** Learns the byte order from the head, wherever reading goes on. */
  async #begin(): Promise<void> {
    const at = this.#input.tell();
    this.#input.seek(startMark.offset);
    const head = await this.#input.ahead(TextReader.headBytes);
    this.#markBytes = this.#text.begin(head.subarray(0, TextReader.headBytes));
    this.#input.seek(Math.max(at, this.#markBytes));
  }

  /** What there is in these bytes; null: no whole line. */
  #take(bytes: Buffer, maxEvents: number, isLast: boolean): DeserializedEvents | null {
    if (this.#groups !== null) return this.#takeGroups(this.#groups, bytes, maxEvents, isLast);
    if (this.#passesThrough && !(isLast && isSmallAndOpen(bytes))) {
      const passed = this.#passLines(bytes, maxEvents);
      if (passed !== null) return passed;
    }
    return this.#decodeLines(bytes, maxEvents, isLast);
  }

  /** Whole lines as they stand; null where the first is none that may pass. */
  #passLines(bytes: Buffer, maxEvents: number): DeserializedEvents | null {
    const { batch, consumed } = encodeLines(bytes, 0, bytes.length, { maxEvents, timestampMs: Date.now() });
    if (batch === null || !isUtf8(bytes.subarray(0, consumed))) return null;
    const fitting = this.#fitting(batch);
    if (fitting === 0) return null;
    const passed = batch.slice(0, fitting);
    this.#advance(fitting === batch.count ? consumed : lineBytes(passed));
    return { batch: passed, unreadable: [] };
  }

  #takeGroups(
    rule: LineGroupRule,
    bytes: Buffer,
    maxEvents: number,
    isLast: boolean,
  ): DeserializedEvents | null {
    if (!this.#passesThrough) return this.#decodeGroups(rule, bytes, maxEvents, isLast);
    const encoding = { maxEvents, timestampMs: Date.now() };
    const end = isLast ? 'all' : 'more';
    const { batch, consumed } = encodeLineGroups(bytes, 0, bytes.length, rule, end, encoding);
    if (batch === null) return null;
    if (!isUtf8(bytes.subarray(0, consumed))) return this.#decodeGroups(rule, bytes, maxEvents, isLast);
    this.#advance(consumed);
    return { batch, unreadable: [] };
  }

  /** As `encodeLineGroups`, of lines that are decoded one by one; bytes that are no text end an event. */
  #decodeGroups(
    rule: LineGroupRule,
    bytes: Buffer,
    maxEvents: number,
    isLast: boolean,
  ): DeserializedEvents | null {
    const builder = new BatchBuilder();
    const unreadable: UnreadableBytes[] = [];
    const start = this.#input.tell();
    const group = new OpenGroup(rule);
    let lines: string[] = [];
    /** Where the event in hand begins, and the next line. */
    let from = 0;
    let at = 0;
    const endEvent = () => {
      if (lines.length > 0) builder.add(this.#body(lines.join('\n')));
      lines = [];
      group.end();
      from = at;
    };
    const isFull = () =>
      builder.count + unreadable.length >= maxEvents || builder.sizeBytes >= mostBatchBytes;
    while (at < bytes.length && !isFull()) {
      const found = this.#text.line(bytes, at, bytes.length, Number.MAX_SAFE_INTEGER, isLast);
      if (found.kind === 'more') break;
      if (found.kind === 'fault' && lines.length > 0) {
        endEvent(); // the fault is found again, if there is room for it
        continue;
      }
      if (found.kind === 'fault') {
        unreadable.push(this.#unreadable(bytes, at, start, found));
      } else {
        const { text } = found;
        const line = text.endsWith('\r') ? text.slice(0, -1) : text;
        if (group.isTooLong(at + found.bytes - 1 - from) || group.endsBefore(line)) {
          endEvent();
          if (isFull()) break;
        }
        lines.push(text);
      }
      at += found.bytes;
      if (found.kind === 'fault' || group.take()) endEvent();
    }
    if (isLast && at === bytes.length && !isFull()) endEvent();
    if (from === 0) return null;
    this.#advance(from);
    return { batch: builder.count === 0 ? null : builder.build(), unreadable };
  }

  #unreadable(
    bytes: Buffer,
    at: number,
    start: number,
    found: { bytes: number; fault: number },
  ): UnreadableBytes {
    const { name } = this.#text.charset;
    return {
      bytes: Buffer.from(bytes.subarray(at, at + found.bytes)),
      reason: `the bytes at ${start + at + found.fault} are no ${name} (decodeErrorPolicy is FAIL)`,
      position: start + at,
    };
  }

  /** How many of the first lines are surely short enough: a record is longer than its body has characters. */
  #fitting({ index, count }: EventBatch): number {
    for (let i = 0; i < count; i++) if (index[i + 1]! - index[i]! > this.#maxChars) return i;
    return count;
  }

  #decodeLines(bytes: Buffer, maxEvents: number, isLast: boolean): DeserializedEvents | null {
    const builder = new BatchBuilder();
    const unreadable: UnreadableBytes[] = [];
    const start = this.#input.tell();
    let at = 0;
    while (
      builder.count + unreadable.length < maxEvents &&
      at < bytes.length &&
      builder.sizeBytes < mostBatchBytes
    ) {
      const found = this.#text.line(bytes, at, bytes.length, this.#maxChars, isLast);
      if (found.kind === 'more') break;
      if (found.kind === 'line') {
        builder.add(this.#body(found.text));
        if (found.isCut) this.#tellCut(start + at);
      } else {
        unreadable.push(this.#unreadable(bytes, at, start, found));
      }
      at += found.bytes;
    }
    if (at === 0) return null;
    this.#advance(at);
    return { batch: builder.count === 0 ? null : builder.build(), unreadable };
  }

  /** What the end of the input has left of a character. Flume drops it without a word. */
  #leftover(bytes: Buffer): DeserializedEvents | null {
    const position = this.#input.tell();
    this.#advance(bytes.length);
    if (this.#text.policy !== 'FAIL') return null;
    const reason = `the input ends within a character of ${this.#text.charset.name}`;
    return { batch: null, unreadable: [{ bytes: Buffer.from(bytes), reason, position }] };
  }

  #body(text: string): Buffer | string {
    if (this.#encode !== null) return this.#encode(text);
    return text.isWellFormed() ? text : text.replace(halfPairs, '?');
  }

  #tellCut(position: number): void {
    if (this.#toldCut) return;
    this.#toldCut = true;
    this.#log.warn(
      `Line length exceeds max (${this.#maxChars}), truncating line! At byte ${position}, and maybe further on`,
    );
  }

  #advance(bytes: number): void {
    this.#input.seek(this.#input.tell() + bytes);
  }
}

/** A small file whose last line has no newline is one batch, not two: it costs a put, and a place that is stored. */
function isSmallAndOpen(bytes: Buffer): boolean {
  return bytes.length <= mostSmallBytes && bytes[bytes.length - 1] !== 0x0a;
}

/** What Java writes `?` for. */
const halfPairs = /\p{Surrogate}/gu;

/** Bytes that the lines of a batch take where they stand, newlines included. */
function lineBytes(batch: EventBatch): number {
  const cursor = new BodyCursor(batch);
  let bytes = batch.count;
  while (cursor.next()) bytes += Math.max(0, cursor.to - cursor.from);
  return bytes;
}

export const lineDeserializer = defineDeserializer({
  type: 'LINE',
  classNames: ['org.apache.flume.serialization.LineDeserializer$Builder'],
  summary: 'An event per line of text.',
  example: `
a1.sources.r1.type = spooldir
a1.sources.r1.spoolDir = /var/spool/app
a1.sources.r1.deserializer = LINE
a1.sources.r1.deserializer.maxLineLength = 100000
`,
  differs: [
    'A pair of surrogates is not cut in two at `maxLineLength` (Flume sends a `?` for each half): the event is one unit shorter.',
    'Under `decodeErrorPolicy = FAIL` a line with bytes that are no text is set aside, and the rest goes on; Flume stops for good.',
    'The byte order of UTF-16 is that of the mark at the head of the file, also after a restart in its middle.',
    'Flume drops what the end of a file leaves of a character; under `FAIL` it is set aside.',
    'A line is cut at 64 MiB, however large `maxLineLength` is.',
    '`multiline.*` is off by default. With it `maxLineLength` has no effect, and the end of the file ends its last event.',
  ],
  options,
  validate: (values) => [...charsetFaults('outputCharset', values.outputCharset), ...lineGroupFaults(values)],
  notes: (values) =>
    lineGroupRule(values) === null || values.maxLineLength === options.maxLineLength.default
      ? lineGroupNotes(values)
      : [
          {
            key: 'maxLineLength',
            message:
              'maxLineLength has no effect beside multiline.*: an event is as long as multiline.maxBytes',
          },
        ],
  create: (context, input) => new LineDeserializer(context, input),
});
