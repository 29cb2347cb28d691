/**
 * Charsets by the names that Java gives them, so that `ISO-8859-1` is ISO-8859-1: the names of the web's own decoder
 * mean other things (there `latin1` is windows-1252). UTF-8, ISO-8859-1 and US-ASCII are Node's; the others are
 * iconv-lite's, which is loaded when a configuration names one.
 */
import { onFirstUse } from '../runtime/on-first-use.ts';

/** Decodes one stream. Bytes that are no text of the charset end in `fault`; what stands before them is in `text`. */
export interface StreamDecoder {
  decode(chunk: Buffer): { readonly text: string; readonly fault: boolean };
}

export interface Charset {
  /** As it was asked for. */
  readonly name: string;
  /** Whether the byte 0x0A is a newline and nothing else, so that lines can be found without decoding. */
  readonly newlineIsByte: boolean;
  /** How its characters lie in bytes, for whoever has to know where each one ends. */
  readonly form: CharsetForm;
  /** `replace`: bytes that are no text become U+FFFD instead of a fault. */
  decoder(options?: { replace?: boolean }): StreamDecoder;
  /** Encodes one stream as Java's OutputStreamWriter: a byte order mark goes before the first text alone. */
  encoder(): (text: string) => Buffer;
}

export type CharsetForm =
  | { readonly kind: 'utf8' }
  /** A byte is a character, up to `highest`. */
  | { readonly kind: 'byte'; readonly highest: number }
  | ({ readonly kind: 'wide' } & WideUnits)
  /** A table of iconv-lite's, of one byte to four. */
  | { readonly kind: 'table'; decoder(): { write(bytes: Buffer): string } };

/** Names that are in use, for "did you mean". */
export const knownCharsets: readonly string[] = [
  ...[
    'UTF-8',
    'US-ASCII',
    'ISO-8859-1',
    'ISO-8859-2',
    'ISO-8859-5',
    'ISO-8859-7',
    'ISO-8859-9',
    'ISO-8859-15',
  ],
  ...['UTF-16', 'UTF-16LE', 'UTF-16BE', 'UTF-32', 'UTF-32LE', 'UTF-32BE', 'windows-1250', 'windows-1251'],
  ...[
    'windows-1252',
    'IBM437',
    'IBM850',
    'KOI8-R',
    'GBK',
    'GB18030',
    'Big5',
    'Shift_JIS',
    'EUC-JP',
    'EUC-KR',
  ],
];

type Kind = 'utf8' | 'latin1' | 'ascii' | 'wide' | 'table';

/** Java's aliases (java.nio.charset) of the charsets that are not looked up in iconv-lite under their own name. */
const kinds: readonly { readonly kind: Kind; readonly names: readonly string[] }[] = [
  { kind: 'utf8', names: ['utf-8', 'utf8', 'unicode-1-1-utf-8'] },
  {
    kind: 'latin1',
    names: [
      ...['iso-8859-1', 'iso8859-1', 'iso8859_1', 'iso_8859-1', 'iso_8859_1', 'iso_8859-1:1987', '8859_1'],
      ...['latin1', 'l1', 'iso-ir-100', 'csisolatin1', '819', 'cp819', 'ibm819', 'ibm-819'],
    ],
  },
  {
    kind: 'ascii',
    names: [
      ...['us-ascii', 'ascii', 'ascii7', 'us', '646', 'iso646-us', 'iso_646.irv:1983', 'iso_646.irv:1991'],
      ...['ansi_x3.4-1968', 'ansi_x3.4-1986', 'iso-ir-6', 'csascii', 'cp367', 'ibm367', 'default'],
    ],
  },
];

/** Charsets of units wider than a byte, and how Java treats a byte order mark. */
export interface WideUnits {
  readonly bytes: 2 | 4;
  /** Without a mark. */
  readonly order: 'le' | 'be';
  /** Whether a mark decides the order, is only skipped where it fits the order, or is text like any other. */
  readonly mark: 'decides' | 'skipped' | 'text';
  readonly writesMark: boolean;
}
const wide = new Map<string, WideUnits>();
function addWide(
  names: string,
  bytes: 2 | 4,
  order: WideUnits['order'],
  mark: WideUnits['mark'],
  writesMark = false,
): void {
  for (const name of names.split(' ')) wide.set(name, { bytes, order, mark, writesMark });
}
addWide('utf-16 utf16 utf_16 unicode unicodebig', 2, 'be', 'decides', true);
addWide('utf-16be utf_16be x-utf-16be unicodebigunmarked iso-10646-ucs-2', 2, 'be', 'text');
addWide('utf-16le utf_16le x-utf-16le unicodelittleunmarked', 2, 'le', 'text');
addWide('x-utf-16le-bom unicodelittle', 2, 'le', 'decides', true);
addWide('utf-32 utf32 utf_32 iso-10646-ucs-4', 4, 'be', 'decides');
addWide('utf-32be utf_32be x-utf-32be', 4, 'be', 'skipped');
addWide('utf-32le utf_32le x-utf-32le', 4, 'le', 'skipped');

/** What iconv-lite also takes for an encoding, and Java for none. */
const notCharsets = /^(base64|hex|binary|internal|ucs-?2|utf-?7(imap)?|utf-?7-imap)$/i;

const iconv = onFirstUse<typeof import('iconv-lite')>('iconv-lite');

/** The charset of that name, in any letter case; undefined where there is none here. */
export function findCharset(written: string): Charset | undefined {
  const name = written.trim().toLowerCase();
  const kind = kinds.find(({ names }) => names.includes(name))?.kind;
  if (kind === 'utf8') return utf8(written);
  if (kind === 'latin1') return singleByte(written, 0xff);
  if (kind === 'ascii') return singleByte(written, 0x7f);
  const units = wide.get(name);
  if (units !== undefined) return wideCharset(written, units);
  const plain = name.replace(/^x-/, ''); // Java's mark of charsets that IANA does not list
  if (notCharsets.test(plain) || !iconv().encodingExists(plain)) return undefined;
  return tableCharset(written, plain);
}

const replacement = '\ufffd';

/** Node's own decoder. It tells bad bytes, and not what stood before them in the chunk. */
function nodeDecoder(label: 'utf-8' | 'gb18030', replace: boolean): StreamDecoder {
  const decoder = new TextDecoder(label, { fatal: !replace, ignoreBOM: true });
  return {
    decode: (chunk) => {
      try {
        return { text: decoder.decode(chunk, { stream: true }), fault: false };
      } catch {
        return { text: '', fault: true };
      }
    },
  };
}

function utf8(name: string): Charset {
  return {
    name,
    newlineIsByte: true,
    form: { kind: 'utf8' },
    decoder: ({ replace = false } = {}) => nodeDecoder('utf-8', replace),
    encoder: () => (text) => Buffer.from(text),
  };
}

function singleByte(name: string, highest: number): Charset {
  return {
    name,
    newlineIsByte: true,
    form: { kind: 'byte', highest },
    decoder: ({ replace = false } = {}) => ({
      decode: (chunk) => {
        const text = chunk.toString('latin1');
        const at = highest === 0xff ? -1 : chunk.findIndex((byte) => byte > highest);
        if (at === -1) return { text, fault: false };
        // biome-ignore lint/suspicious/noControlCharactersInRegex: all that is not ASCII
        if (replace) return { text: text.replace(/[^\x00-\x7f]/g, replacement), fault: false };
        return { text: text.slice(0, at), fault: true };
      },
    }),
    encoder: () => (text) =>
      Buffer.from(
        Array.from(text, (char) => (char.charCodeAt(0) <= highest ? char : '?')).join(''),
        'latin1',
      ),
  };
}

function tableCharset(name: string, encoding: string): Charset {
  return {
    name,
    newlineIsByte: true,
    form: { kind: 'table', decoder: () => iconv().getDecoder(encoding, { stripBOM: false }) },
    decoder: ({ replace = false } = {}) => {
      // iconv-lite loses a character of four bytes that the end of a chunk cuts.
      if (encoding === 'gb18030') return nodeDecoder(encoding, replace);
      const decoder = iconv().getDecoder(encoding, { stripBOM: false });
      return { decode: (chunk) => cutAt(decoder.write(chunk), replace ? null : /\ufffd/) };
    },
    encoder: () => (text) => iconv().encode(text, encoding),
  };
}

/** A surrogate without its other half. */
const halfPair = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function wideCharset(name: string, units: WideUnits): Charset {
  const encodingOf = (order: WideUnits['order']) => `utf${units.bytes * 8}${order}`;
  return {
    name,
    newlineIsByte: false,
    form: { kind: 'wide', ...units },
    decoder: ({ replace = false } = {}) => {
      const faults = replace ? null : units.bytes === 2 ? halfPair : /\ufffd/;
      let pending: Buffer = Buffer.alloc(0);
      /** The first half of a pair that the end of a chunk has cut. */
      let half = '';
      let decoder: ReturnType<ReturnType<typeof iconv>['getDecoder']> | null = null;
      return {
        decode: (chunk) => {
          let bytes = chunk;
          if (decoder === null) {
            bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
            pending = bytes;
            if (bytes.length < units.bytes) return { text: '', fault: false };
            const { order, skip } = startOf(bytes, units);
            decoder = iconv().getDecoder(encodingOf(order), { stripBOM: false });
            bytes = bytes.subarray(skip);
          }
          const text = half + decoder.write(bytes);
          half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
          return cutAt(half === '' ? text : text.slice(0, -1), faults);
        },
      };
    },
    encoder: () => {
      let started = false;
      return (text) => {
        if (text === '') return Buffer.alloc(0); // no mark before nothing
        const bytes = iconv().encode(text, encodingOf(units.order), { addBOM: units.writesMark && !started });
        started = true;
        return bytes;
      };
    },
  };
}

/** The byte order of a stream that begins so, and how many bytes of mark to leave out. */
export function startOf(
  bytes: Buffer,
  { bytes: size, order, mark }: WideUnits,
): { order: WideUnits['order']; skip: number } {
  if (mark === 'text') return { order, skip: 0 };
  const isMark = (of: WideUnits['order']): boolean => {
    const unit = size === 2 ? bytes[`readUInt16${of === 'le' ? 'LE' : 'BE'}`](0) : readUInt32(bytes, of);
    return unit === 0xfeff;
  };
  if (isMark(order)) return { order, skip: size };
  const other = order === 'le' ? 'be' : 'le';
  return mark === 'decides' && isMark(other) ? { order: other, skip: size } : { order, skip: 0 };
}

const readUInt32 = (bytes: Buffer, order: WideUnits['order']): number =>
  order === 'le' ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);

function cutAt(text: string, faults: RegExp | null): { text: string; fault: boolean } {
  const at = faults === null ? -1 : text.search(faults);
  return at === -1 ? { text, fault: false } : { text: text.slice(0, at), fault: true };
}
