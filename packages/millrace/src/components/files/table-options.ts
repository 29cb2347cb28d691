/** How events of JSON become the rows of a table: what the file types parquet and avro of all sinks have in common. */
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { containerCodecs } from '../../formats/avro/codecs.ts';
import { isAvroName } from '../../formats/avro/table-schema.ts';
import { parquetCodecs } from '../../formats/parquet/pages.ts';
import { isColumnName } from '../../formats/table/infer-columns.ts';

/** The file types whose files are tables. */
export const tableTypes = ['parquet', 'avro'] as const;
export type TableType = (typeof tableTypes)[number];

export function isTableType(name: string): name is TableType {
  return (tableTypes as readonly string[]).includes(name);
}

/** What a sink says of them on its page. */
export const tablesDiffer =
  'The file types parquet and avro are tables of JSON events: [tables.md](../../tables.md) says how columns come about, what fits into none, and that events are acknowledged when their file is whole.';

export const tableOptions = {
  'table.schemaFile': opt.path({
    doc: 'The columns, as an Avro schema of a record (`.avsc`), for Parquet, too; read when the sink starts. Absent: they are made of the first events of each file.',
  }),
  'table.sampleEvents': opt.int({
    doc: 'Without `table.schemaFile`: the columns of a file are made of its first events, so many of them at most; they are held in memory until then.',
    unit: 'events',
    default: 1000,
    min: 1,
    max: 1_000_000,
  }),
  'table.nested': opt.enum(['struct', 'json'], {
    doc: 'What objects and arrays in an event become in columns that are made of events: structs and lists, or JSON text.',
    default: 'struct',
  }),
  'table.timestamps': opt.boolean({
    doc: 'Make a column of timestamps where all strings of the first events are times of RFC 3339, such as `2026-01-31T12:00:00.25Z`.',
    default: false,
  }),
  'table.misfits': opt.enum(['rest', 'refuse', 'drop'], {
    doc: 'What becomes of a field that is no column, or whose value is not of its column’s type. rest: it goes into the column of `table.restColumn`; refuse: its event is set aside; drop: a field that is no column is left out, a value of another type sets its event aside.',
    default: 'rest',
  }),
  'table.restColumn': opt.string({
    doc: 'The column that has what fits into no other, as a JSON object; null in rows of which nothing is left.',
    default: '_rest',
  }),
  'table.headers': opt.list({
    doc: 'Headers that become columns of strings, by their names; separated by commas or blanks.',
    separator: /[\s,]+/,
  }),
  'avro.compression': opt.enum(containerCodecs, {
    doc: 'How the blocks of an Avro file are compressed.',
    default: 'deflate',
  }),
  'parquet.compression': opt.enum(parquetCodecs, {
    doc: 'How the pages of a Parquet file are compressed.',
    default: 'zstd',
  }),
  'parquet.rowGroupBytes': opt.bytes({
    doc: 'A row group ends when its values have so many bytes before compression; so much is held in memory for each open file.',
    default: 16 * 1024 * 1024,
    min: 64 * 1024,
    max: 512 * 1024 * 1024,
  }),
  'parquet.rowGroupEvents': opt.int({
    doc: 'A row group ends when it has so many events; 0: never for that. It ends with a batch.',
    unit: 'events',
    default: 0,
    min: 0,
  }),
};
export type TableOptions = OptionValues<typeof tableOptions>;

/** Whether columns of such files may be called so. */
export function isNameIn(type: TableType): (name: string) => boolean {
  return type === 'avro' ? isAvroName : isColumnName;
}

/** `names`: how files are named. */
export function tableFaults(
  type: TableType,
  options: TableOptions,
  names: { readonly key: string; readonly value: string },
): OptionFinding[] {
  const findings: OptionFinding[] = [];
  const rest = options['table.restColumn'];
  const headers = options['table.headers'];
  for (const [key, names] of [
    ['table.restColumn', [rest]],
    ['table.headers', headers],
  ] as const) {
    for (const name of names)
      if (!isNameIn(type)(name))
        findings.push({ key, message: `${key}: no column of ${type} can be called '${name}'` });
  }
  for (const [i, name] of headers.entries())
    if (name === rest || headers.indexOf(name) !== i)
      findings.push({ key: 'table.headers', message: `table.headers: there are two columns '${name}'` });
  const isMadeOfEvents = options['table.schemaFile'] === undefined;
  if (names.value === 'deterministic' && isMadeOfEvents && options['table.misfits'] !== 'rest')
    findings.push({
      key: 'table.misfits',
      message: `table.misfits: with ${names.key} = deterministic an event has to be refused whenever it comes, or never; columns that are made of events differ from file to file`,
      suggestion: 'leave it at rest, or give the columns with table.schemaFile',
    });
  return findings;
}
