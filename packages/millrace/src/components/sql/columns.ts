import { pointerTokens } from '../../formats/json/json-fields.ts';

/** Where the value of a column comes from. */
export type ColumnSource =
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'header'; readonly name: string }
  /** All headers, as a JSON object of texts. */
  | { readonly kind: 'headers' }
  | { readonly kind: 'body' }
  /** The event's own time. */
  | { readonly kind: 'timestamp' }
  /** The key of its Kafka record. */
  | { readonly kind: 'key' }
  /** Parts of what names the event for good: `event-key.ts`. */
  | { readonly kind: 'stream' | 'part' | 'position' };

export interface Column {
  readonly name: string;
  readonly source: ColumnSource;
  /** Its type in a table that is made; absent: what suits the source. */
  readonly type: string | null;
}

/** A table as it is to be had: all that a database has to know of the options. */
export interface TableSpec {
  /** Null: the one that the database looks in by itself. */
  readonly schema: string | null;
  readonly name: string;
  readonly columns: readonly Column[];
  /** Names of columns; none: every event is a row. */
  readonly key: readonly string[];
  /** What a row whose key is there already does. */
  readonly onConflict: 'ignore' | 'update';
}

const words: Readonly<Record<string, ColumnSource>> = {
  body: { kind: 'body' },
  headers: { kind: 'headers' },
  timestamp: { kind: 'timestamp' },
  key: { kind: 'key' },
};

/** Null: it is no source. */
export function readSource(written: string): ColumnSource | null {
  const header = /^%\{(.+)\}$/s.exec(written);
  if (header !== null) return { kind: 'header', name: header[1]! };
  if (Object.hasOwn(words, written)) return words[written]!;
  if (written === '' || written.startsWith('/')) {
    const path = written === '' ? null : pointerTokens(written);
    return path === null ? null : { kind: 'field', path };
  }
  return { kind: 'field', path: [written] };
}

/** What names an event for good, in columns of its own (`key = offset`). */
export const keyColumns: readonly Column[] = [
  { name: 'event_source', source: { kind: 'stream' }, type: null },
  { name: 'event_part', source: { kind: 'part' }, type: null },
  { name: 'event_position', source: { kind: 'position' }, type: null },
];

/** `a`, `a.b` or with names in double quotes: `"a.b"."c"`. Null: it is no name of a table. */
export function readTableName(written: string): { schema: string | null; name: string } | null {
  const part = '("(?:[^"]|"")+"|[^".]+)';
  const match = new RegExp(`^(?:${part}\\.)?${part}$`, 's').exec(written);
  if (match === null || written.includes('\0')) return null;
  const bare = (text: string) => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);
  return { schema: match[1] === undefined ? null : bare(match[1]), name: bare(match[2]!) };
}

/** As SQL's standard quotes names; nothing in one ever ends it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Words and numbers with brackets, as types are written: nothing that could end a statement. */
export const isType = (written: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_ ]*(\([A-Za-z0-9_ ,()]*\))?[A-Za-z0-9_ ]*(\[\])*$/.test(written) && balanced(written);

function balanced(text: string): boolean {
  let open = 0;
  for (const letter of text) {
    if (letter === '(') open++;
    if (letter === ')' && --open < 0) return false;
  }
  return open === 0;
}
