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
import { charsetFaults } from '../../config/charset-faults.ts';
import { opt } from '../../config/options.ts';
import { findCharset } from '../../java/charsets.ts';
import { TextReader } from '../../java/text-reader.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import { encodeLines } from '../../records/encode-lines.ts';
import type { EventBatch } from '../../records/event-batch.ts';

const options = {
  maxLineLength: opt.int({
    doc: 'Most characters of a line (UTF-16 units, as Java counts); the rest of a longer one becomes further events.',
    default: 2048,
    min: 1,
    onOutside: 'clamp',
  }),
  outputCharset: opt.string({ doc: 'How bodies are encoded, by the names of Java.', default: 'UTF-8' }),
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
  /** Null: bodies are UTF-8. */
  readonly #encode: ((text: string) => Buffer) | null;
  readonly #passesThrough: boolean;
  /** Bytes of the head that are a byte order mark; null: not looked at yet. */
  #markBytes: number | null = null;
  #toldCut = false;

  constructor({ options: { maxLineLength, outputCharset }, log }: Context, input: ResettableInput) {
    const output = findCharset(outputCharset)!;
    const isUtf8 = output.form.kind === 'utf8';
    this.#input = input;
    this.#text = input.text;
    this.#log = log;
    this.#maxChars = maxLineLength;
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
        const { name } = this.#text.charset;
        unreadable.push({
          bytes: Buffer.from(bytes.subarray(at, at + found.bytes)),
          reason: `the bytes at ${start + at + found.fault} are no ${name} (decodeErrorPolicy is FAIL)`,
          position: start + at,
        });
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
  ],
  options,
  validate: ({ outputCharset }) => charsetFaults('outputCharset', outputCharset),
  create: (context, input) => new LineDeserializer(context, input),
});
