import { readFile, stat } from 'node:fs/promises';
import { NotWritable } from '../../component/serializer.ts';
import { readTableSchema, schemaOf, type TableSchema } from '../../formats/avro/table-schema.ts';
import { AvroTableWriter } from '../../formats/avro/table-writer.ts';
import { JsonTape, tapeKind } from '../../formats/json/json-tape.ts';
import { ParquetWriter } from '../../formats/parquet/parquet-writer.ts';
import type { Column } from '../../formats/table/column-type.ts';
import { ColumnInference } from '../../formats/table/infer-columns.ts';
import { JsonRows } from '../../formats/table/json-rows.ts';
import type { TableWriter } from '../../formats/table/table-writer.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { HeaderColumn } from '../../records/header-column.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { type FileEncoder, type FileFormat, FormatBroken } from './file-format.ts';
import { isNameIn, type TableOptions, type TableType } from './table-options.ts';

const extensions: Readonly<Record<TableType, string>> = { parquet: '.parquet', avro: '.avro' };

/** A larger one is no schema. */
const mostSchemaBytes = 16 * 1024 * 1024;

/**
 * Files that are tables, a row for each event, whose body is a JSON object. Such a file can be read once it is whole:
 * it is for sinks that acknowledge whole files.
 */
export function tableFormat(type: TableType, options: TableOptions): FileFormat {
  const path = options['table.schemaFile'];
  let schema: TableSchema | null = null;
  return {
    extension: extensions[type],
    prepare: async () => {
      if (path !== undefined) schema = await readSchemaFile(path, options);
    },
    open: () => new TableEncoder(type, options, schema),
  };
}

async function readSchemaFile(path: string, options: TableOptions): Promise<TableSchema> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > mostSchemaBytes)
      throw new Error(`it is no file of at most ${mostSchemaBytes} bytes`);
    const schema = readTableSchema(await readFile(path, 'utf8'));
    const fault = columnFault(schema.columns, options);
    if (fault !== null) throw new Error(fault);
    return schema;
  } catch (error) {
    throw new MillraceError('DELIVERY_FAILED', `table.schemaFile: ${path}: ${errorText(error)}`, {
      cause: error,
      remedy: 'Put the Avro schema of a record there; the sink tries again by itself.',
    });
  }
}

/** Why columns that are given don't go with those that the sink adds. */
function columnFault(columns: readonly Column[], options: TableOptions): string | null {
  for (const { name, type } of columns) {
    if (name === options['table.restColumn'] && options['table.misfits'] === 'rest')
      return `it has a field '${name}', which is table.restColumn: give that another name`;
    if (options['table.headers'].includes(name) && type.kind !== 'string')
      return `its field '${name}' is that of a header, and no string`;
  }
  return null;
}

/** What a row is made of beside the event's body. */
interface Layout {
  readonly columns: readonly Column[];
  /** Of them, those that no schema has. */
  readonly more: readonly Column[];
  readonly given: readonly number[];
  readonly rest: number | null;
}

/** Events that are held until the columns are made of them. */
interface Sample {
  readonly batches: EventBatch[];
  events: number;
  bytes: number;
}

/** Bodies of more bytes are not held for the columns to be made of. */
const mostSampleBytes = 8 * 1024 * 1024;

class TableEncoder implements FileEncoder {
  /** A row group ends between batches: it gets no larger than it should by more than this, or by one event. */
  readonly mostBatchBytes = 1024 * 1024;
  readonly #type: TableType;
  readonly #options: TableOptions;
  readonly #schema: TableSchema | null;
  readonly #tape = new JsonTape();
  readonly #headers: readonly string[];
  readonly #inference: ColumnInference;
  /** What the columns are made of; null: they are there. */
  #sample: Sample | null = { batches: [], events: 0, bytes: 0 };
  #writer: TableWriter | null = null;
  #rows: JsonRows | null = null;

  constructor(type: TableType, options: TableOptions, schema: TableSchema | null) {
    this.#type = type;
    this.#options = options;
    this.#schema = schema;
    this.#headers = options['table.headers'];
    this.#inference = new ColumnInference({
      nested: options['table.nested'],
      timestamps: options['table.timestamps'],
      except: new Set([...this.#headers, options['table.restColumn']]),
      isName: isNameIn(type),
    });
  }

  /** Given columns are there from the beginning. */
  async begin(): Promise<readonly Buffer[]> {
    return this.#schema === null ? [] : await this.#open();
  }

  async encode(batch: EventBatch): Promise<readonly Buffer[]> {
    if (this.#sample === null) return await this.#write(batch);
    this.#see(batch, this.#sample);
    const { events, bytes } = this.#sample;
    if (events < this.#options['table.sampleEvents'] && bytes < mostSampleBytes) return [];
    return await this.#open();
  }

  /** Nothing of a table can be read before its end. */
  async settle(): Promise<readonly Buffer[]> {
    return [];
  }

  async end(): Promise<readonly Buffer[]> {
    const begun = await this.#open();
    return [...begun, ...(await this.#writer!.end())];
  }

  /** Holds the events, and sees what columns they have. Throws where one is no row, and has taken none. */
  #see(batch: EventBatch, sample: Sample): void {
    const cursor = new BodyCursor(batch);
    let bytes = 0;
    while (cursor.next()) {
      this.#read(batch, cursor);
      bytes += cursor.to - cursor.from;
      if (!this.#inference.add(this.#tape) && this.#options['table.misfits'] === 'refuse')
        throw new NotWritable('it has a field that can be no column');
    }
    sample.batches.push(batch);
    sample.events += batch.count;
    sample.bytes += bytes;
  }

  /** The columns are made; what was held is written. */
  async #open(): Promise<readonly Buffer[]> {
    const sample = this.#sample;
    if (sample === null) return [];
    this.#sample = null;
    const layout = this.#layout();
    const writer = this.#writerOf(layout);
    this.#writer = writer;
    this.#rows = new JsonRows(writer, { ...layout, misfits: this.#options['table.misfits'] });
    const bytes: Buffer[] = [writer.head()];
    try {
      for (const batch of sample.batches) bytes.push(...(await this.#write(batch)));
    } catch (error) {
      // They have their places: the columns were made of them.
      throw new FormatBroken(errorText(error), { cause: error });
    }
    return bytes;
  }

  #writerOf({ columns, more }: Layout): TableWriter {
    const options = this.#options;
    if (this.#type === 'avro') {
      const schema = this.#schema?.textWith(more) ?? schemaOf(columns);
      return new AvroTableWriter({ columns, schema, codec: options['avro.compression'] });
    }
    return new ParquetWriter({
      columns,
      codec: options['parquet.compression'],
      groupBytes: options['parquet.rowGroupBytes'],
      groupRows: options['parquet.rowGroupEvents'],
    });
  }

  #layout(): Layout {
    const known = this.#schema?.columns ?? this.#inference.columns();
    const rest = this.#options['table.restColumn'];
    const more: Column[] = this.#headers
      .filter((header) => !known.some(({ name }) => name === header))
      .map((name) => ({ name, type: { kind: 'string' }, isNullable: true }));
    const isRestThere = this.#options['table.misfits'] === 'rest' || known.length + more.length === 0;
    // A file without a column is none.
    if (isRestThere) more.push({ name: rest, type: { kind: 'json' }, isNullable: true });
    const columns = [...known, ...more];
    return {
      ...{ columns, more, rest: isRestThere ? columns.length - 1 : null },
      given: this.#headers.map((header) => columns.findIndex(({ name }) => name === header)),
    };
  }

  /** Takes none of the events where one of them is no row of the table. */
  async #write(batch: EventBatch): Promise<readonly Buffer[]> {
    const writer = this.#writer!;
    const rows = this.#rows!;
    const cursor = new BodyCursor(batch);
    const columns = this.#headers.map((name) => new HeaderColumn(batch, name));
    const given: (string | undefined)[] = [];
    writer.mark();
    try {
      for (let i = 0; cursor.next(); i++) {
        this.#read(batch, cursor);
        for (let c = 0; c < columns.length; c++) given[c] = columns[c]!.at(i);
        const fault = rows.write(this.#tape, given);
        if (fault !== null) throw new NotWritable(fault);
      }
    } catch (error) {
      writer.takeBack();
      throw error;
    }
    try {
      return await writer.take();
    } catch (error) {
      throw new FormatBroken(errorText(error), { cause: error });
    }
  }

  #read(batch: EventBatch, { from, to }: BodyCursor): void {
    const fault = this.#tape.read(batch.records, from, to);
    if (fault !== null) throw new NotWritable(fault);
    if (this.#tape.nodes[0] !== tapeKind.object) throw new NotWritable('it is JSON, and no object');
  }
}
