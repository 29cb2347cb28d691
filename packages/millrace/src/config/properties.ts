/**
 * The grammar of java.util.Properties, with the place of every key and value. Nothing in a file aborts its reading:
 * what Java would refuse is a diagnostic, and the rest counts.
 */
import { isUtf8 } from 'node:buffer';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { finding } from './finding.ts';
import { type Place, type Property, shownValue } from './properties-model.ts';

/** The properties of one or several files by full key, in the order in which keys first appear. */
export interface PropertySet {
  readonly properties: ReadonlyMap<string, Property>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Findings of one kind in one file; a damaged file must not fill the memory with messages. */
const mostDiagnostics = 1000;

/**
 * Reads one file's bytes: UTF-8, or ISO-8859-1 where the bytes are not valid UTF-8 (Java reads all as ISO-8859-1; a
 * value in UTF-8 comes out whole here). A key given twice has its last value, as in Java.
 */
export function parseProperties(bytes: Uint8Array, file: string): PropertySet {
  const wide = utf16Of(bytes);
  if (wide !== null) {
    const message = 'the file is UTF-16, which Flume cannot read; it is read here';
    return parsePropertiesText(wide, file, [finding('utf-16', { file, line: 1, column: 1 }, message)]);
  }
  const decoded = new TextDecoder('utf-8').decode(bytes);
  if (isUtf8(bytes)) return parsePropertiesText(decoded, file);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const place = placeOf(decoded, decoded.indexOf('\ufffd'), file);
  const message = 'the file is not valid UTF-8; it is read as ISO-8859-1';
  return parsePropertiesText(text, file, [finding('not-utf8', place, message)]);
}

/** The text of a file that begins with a UTF-16 byte order mark, as some editors on Windows save it. */
function utf16Of(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return null;
}

/** As `parseProperties`, of text. */
export function parsePropertiesText(
  text: string,
  file: string,
  before: readonly Diagnostic[] = [],
): PropertySet {
  const diagnostics = [...before];
  const properties = new Map<string, Property>();
  for (const line of logicalLines(text)) {
    const property = parseLine(line, file, diagnostics);
    noteDuplicate(properties, property, diagnostics);
    properties.set(property.key, property);
  }
  return { properties, diagnostics: bounded(diagnostics, file) };
}

/** Puts files together in order: a key of a later file replaces that of an earlier one, as with repeated `-f`. */
export function mergePropertySets(sets: readonly PropertySet[]): PropertySet {
  const properties = new Map<string, Property>();
  const diagnostics: Diagnostic[] = [];
  for (const set of sets) {
    diagnostics.push(...set.diagnostics);
    for (const [key, property] of set.properties) {
      noteDuplicate(properties, property, diagnostics);
      properties.set(key, property);
    }
  }
  return { properties, diagnostics };
}

function noteDuplicate(
  properties: ReadonlyMap<string, Property>,
  property: Property,
  diagnostics: Diagnostic[],
): void {
  const first = properties.get(property.key);
  if (first === undefined) return;
  const { file, line, column } = first.keyPlace;
  const where = file === property.keyPlace.file ? `line ${line}` : `${file}:${line}:${column}`;
  const message = `${property.key} was set before, at ${where}; the last value counts: ${shownValue(property)}`;
  diagnostics.push(finding('duplicate-key', property.keyPlace, message));
}

/** A logical line: its text without leading blanks and line ends, and where its parts stand in the file. */
interface LogicalLine {
  readonly text: string;
  /** One for each natural line; `at` is where its text begins in `text`. */
  readonly parts: readonly { readonly at: number; readonly line: number; readonly column: number }[];
}

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\f';

/** Natural lines joined where one ends in an odd number of backslashes; comments and blank lines left out. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let pieces: string[] = [];
  let parts: { at: number; line: number; column: number }[] = [];
  let length = 0;
  let continued = false;
  let at = 0;
  for (let line = 1; at < text.length || continued; line++) {
    let start = at;
    while (isBlank(text[start])) start++;
    let end = start;
    while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++;
    const column = start - at + 1;
    at = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
    if (length === 0 && (start === end || text[start] === '#' || text[start] === '!')) {
      continued = false;
      continue;
    }
    let backslashes = 0;
    while (end - backslashes > start && text[end - backslashes - 1] === '\\') backslashes++;
    continued = backslashes % 2 === 1;
    const piece = text.slice(start, continued ? end - 1 : end);
    parts.push({ at: length, line, column });
    pieces.push(piece);
    length += piece.length;
    if (continued && end + 1 < text.length) continue;
    // A backslash that ends the file is dropped; Java makes a line of it all the same, also where nothing else is there.
    if (length > 0 || continued) yield { text: pieces.join(''), parts };
    continued = false;
    pieces = [];
    parts = [];
    length = 0;
  }
}

function parseLine(line: LogicalLine, file: string, diagnostics: Diagnostic[]): Property {
  const { text } = line;
  let keyEnd = 0;
  while (keyEnd < text.length && text[keyEnd] !== '=' && text[keyEnd] !== ':' && !isBlank(text[keyEnd])) {
    keyEnd += text[keyEnd] === '\\' ? 2 : 1;
  }
  keyEnd = Math.min(keyEnd, text.length);
  let valueStart = keyEnd;
  while (isBlank(text[valueStart])) valueStart++;
  if (text[valueStart] === '=' || text[valueStart] === ':') {
    valueStart++;
    while (isBlank(text[valueStart])) valueStart++;
  }
  return {
    key: unescaped(line, 0, keyEnd, file, diagnostics),
    value: unescaped(line, valueStart, text.length, file, diagnostics),
    keyPlace: placeIn(line, 0, file),
    valuePlace: placeIn(line, valueStart, file),
  };
}

/** A backslash in front of these hardly ever stands there to be dropped: it belongs to an expression or to a path. */
const needsBackslash = /[A-Za-z0-9.^$()[\]{}|*+?]/;

const letterEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(
  line: LogicalLine,
  from: number,
  to: number,
  file: string,
  diagnostics: Diagnostic[],
): string {
  const { text } = line;
  let result = '';
  let copied = from;
  let lost = false; // told once a value
  for (let at = text.indexOf('\\', from); at !== -1 && at < to; at = text.indexOf('\\', copied)) {
    result += text.slice(copied, at);
    const char = text[at + 1] ?? '';
    copied = Math.min(at + 2, to);
    if (char !== 'u') {
      const letter = letterEscapes[char];
      result += letter ?? (at + 1 < to ? char : '');
      if (letter === undefined && !lost && copied === at + 2 && needsBackslash.test(char)) {
        lost = true;
        const message = `the backslash before ${char} is lost: \\${char} is read as ${char}`;
        const place = placeIn(line, at, file);
        diagnostics.push(finding('lost-backslash', place, message, `write \\\\${char}`));
      }
      continue;
    }
    const digits = text.slice(at + 2, Math.min(at + 6, to));
    if (/^[0-9A-Fa-f]{4}$/.test(digits)) {
      result += String.fromCharCode(Number.parseInt(digits, 16));
      copied = at + 6;
      continue;
    }
    result += char;
    const message = `\\u needs four hexadecimal digits, but "\\u${digits}" stands here; it is read as "u${digits}"`;
    diagnostics.push(finding('bad-escape', placeIn(line, at, file), message));
  }
  return result + text.slice(copied, to);
}

function placeIn(line: LogicalLine, at: number, file: string): Place {
  // The last part that begins at or before the character; a part may be empty.
  let low = 0;
  let high = line.parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (line.parts[middle]!.at <= at) low = middle;
    else high = middle - 1;
  }
  const part = line.parts[low]!;
  return { file, line: part.line, column: part.column + at - part.at };
}

function placeOf(text: string, at: number, file: string): Place {
  const before = text.slice(0, at).split(/\r\n|\r|\n/);
  return { file, line: before.length, column: before[before.length - 1]!.length + 1 };
}

function bounded(diagnostics: Diagnostic[], file: string): Diagnostic[] {
  if (diagnostics.length <= mostDiagnostics) return diagnostics;
  const more = diagnostics.length - mostDiagnostics;
  return [
    ...diagnostics.slice(0, mostDiagnostics),
    finding('too-many', { file, line: 0, column: 0 }, `${more} more findings are not shown`),
  ];
}
