/** Lines of text to records with keys and headers, by the properties of Kafka's `LineMessageReader`. */
import { javaRegex } from '../java/regex.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { MillraceError } from '../runtime/errors.ts';

export interface LineFormat {
  readonly parseKey: boolean;
  readonly keySeparator: string;
  readonly parseHeaders: boolean;
  /** Between the headers and what follows. */
  readonly headersDelimiter: string;
  /** A regular expression between two headers. */
  readonly headersSeparator: string;
  readonly headersKeySeparator: string;
  readonly ignoreError: boolean;
  readonly nullMarker: string | null;
}

const isTrue = (text: string | undefined): boolean => text?.trim().toLowerCase() === 'true';

const known = [
  ...['parse.key', 'key.separator', 'parse.headers', 'headers.delimiter', 'headers.separator'],
  ...['headers.key.separator', 'ignore.error', 'null.marker'],
];

/** Names among the properties that have no meaning here. */
export function unknownReaderProperties(properties: ReadonlyMap<string, string>): string[] {
  return [...properties.keys()].filter((key) => key !== 'topic' && !known.includes(key));
}

/** Throws `USAGE` where two marks are the same. */
export function lineFormat(properties: ReadonlyMap<string, string>): LineFormat {
  const format: LineFormat = {
    parseKey: isTrue(properties.get('parse.key')),
    keySeparator: properties.get('key.separator') ?? '\t',
    parseHeaders: isTrue(properties.get('parse.headers')),
    headersDelimiter: properties.get('headers.delimiter') ?? '\t',
    headersSeparator: properties.get('headers.separator') ?? ',',
    headersKeySeparator: properties.get('headers.key.separator') ?? ':',
    ignoreError: isTrue(properties.get('ignore.error')),
    nullMarker: properties.get('null.marker') ?? null,
  };
  const differ = (a: string, aName: string, b: string | null, bName: string): void => {
    if (a === b) throw new MillraceError('USAGE', `${aName} and ${bName} may not be equal`);
  };
  const { headersDelimiter, headersSeparator, headersKeySeparator, nullMarker } = format;
  differ(headersDelimiter, 'headers.delimiter', headersSeparator, 'headers.separator');
  differ(headersDelimiter, 'headers.delimiter', headersKeySeparator, 'headers.key.separator');
  differ(headersSeparator, 'headers.separator', headersKeySeparator, 'headers.key.separator');
  differ(format.keySeparator, 'key.separator', nullMarker, 'null.marker');
  differ(headersSeparator, 'headers.separator', nullMarker, 'null.marker');
  differ(headersDelimiter, 'headers.delimiter', nullMarker, 'null.marker');
  differ(headersKeySeparator, 'headers.key.separator', nullMarker, 'null.marker');
  return format;
}

/** Whether lines go as they are: each a value, nothing to look for. */
export const isPlain = ({ parseKey, parseHeaders, nullMarker }: LineFormat): boolean =>
  !parseKey && !parseHeaders && nullMarker === null;

/** Why a line is not what the format asks for; what came before it is good. */
export class LineFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Parses whole lines into batches; counts them for its messages. */
export class LineReader {
  readonly #format: LineFormat;
  readonly #headersSeparator: RegExp;
  readonly #builder = new BatchBuilder();
  #lineNumber = 0;

  constructor(format: LineFormat) {
    this.#format = format;
    this.#headersSeparator = javaRegex(format.headersSeparator);
  }

  /** The lines of the text (each with its `\n`) as a batch, up to the first that is faulty. */
  read(text: string): { batch: EventBatch | null; fault: LineFault | null } {
    const builder = this.#builder;
    let fault: LineFault | null = null;
    for (let at = 0; at < text.length && fault === null; ) {
      const newline = text.indexOf('\n', at);
      const next = newline < 0 ? text.length : newline + 1;
      let end = newline < 0 ? text.length : newline;
      if (end > at && text.charCodeAt(end - 1) === 0x0d) end--;
      this.#lineNumber++;
      fault = this.#add(text.slice(at, end));
      at = next;
    }
    return { batch: builder.count === 0 ? null : builder.build(), fault };
  }

  /** Adds a line, or says what is wrong with it. */
  #add(line: string): LineFault | null {
    const { parseHeaders, headersDelimiter, parseKey, keySeparator, ignoreError, nullMarker } = this.#format;
    let at = 0;
    let headers: readonly (readonly [string, string])[] = [];
    if (parseHeaders) {
      const end = line.indexOf(headersDelimiter, at);
      if (end >= 0) {
        const found = this.#headers(line.slice(at, end));
        if (found instanceof LineFault) return found;
        headers = found;
        at = end + headersDelimiter.length;
      } else if (!ignoreError) return this.#missing('headers delimiter', line);
    }
    let key: string | null = null;
    if (parseKey) {
      const end = line.indexOf(keySeparator, at);
      if (end >= 0) {
        key = line.slice(at, end);
        at = end + keySeparator.length;
      } else if (!ignoreError) return this.#missing('key separator', line);
    }
    const value = at === 0 ? line : line.slice(at);
    this.#builder.add(value === nullMarker ? null : value, headers, key === nullMarker ? null : key);
    return null;
  }

  #missing(what: string, line: string): LineFault {
    return new LineFault(`No ${what} found on line number ${this.#lineNumber}: '${line}'`);
  }

  #headers(text: string): [string, string][] | LineFault {
    const { headersKeySeparator, ignoreError, nullMarker } = this.#format;
    if (text === nullMarker) return [];
    const pairs = text.split(this.#headersSeparator);
    // Java's split leaves out empty pieces at the end, unless there is only one.
    while (pairs.length > 1 && pairs.at(-1) === '') pairs.pop();
    const headers: [string, string][] = [];
    for (const pair of pairs) {
      const at = pair.indexOf(headersKeySeparator);
      if (at < 0) {
        if (!ignoreError) {
          return new LineFault(
            `No header key separator found in pair '${pair}' on line number ${this.#lineNumber}`,
          );
        }
        headers.push([pair, '']);
        continue;
      }
      const name = pair.slice(0, at);
      if (name === nullMarker) {
        return new LineFault(
          `Header keys should not be equal to the null marker '${nullMarker}' as they can't be null`,
        );
      }
      const value = pair.slice(at + headersKeySeparator.length);
      headers.push([name, value === nullMarker ? '' : value]);
    }
    return headers;
  }
}
