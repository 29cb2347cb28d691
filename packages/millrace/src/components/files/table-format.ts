import { NotWritable } from '../../component/serializer.ts';
import { JsonTape, tapeKind } from '../../formats/json/json-tape.ts';
import { ParquetWriter } from '../../formats/parquet/parquet-writer.ts';
import type { Column } from '../../formats/table/column-type.ts';
import { ColumnInference, isColumnName } from '../../formats/table/infer-columns.ts';
import { JsonRows } from '../../formats/table/json-rows.ts';
import type { TableWriter } from '../../formats/table/table-writer.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { HeaderColumn } from '../../records/header-column.ts';
import type { FileEncoder, FileFormat } from './file-format.ts';
import type { TableOptions, TableType } from './table-options.ts';

const extensions: Readonly<Record<TableType, string>> = { parquet: '.parquet' };

/**
 * Files that are tables, a row for each event, whose body is a JSON object. Such a file can be read once it is whole:
 * it is for sinks that acknowledge whole files.
 */
export function tableFormat(type: TableType, options: TableOptions): FileFormat {
  return { extension: extensions[type], open: () => new TableEncoder(options) };
}

/** What a row is made of beside the event's body. */
interface Layout {
  readonly columns: readonly Column[];
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
  readonly #options: TableOptions;
  readonly #tape = new JsonTape();
  readonly #headers: readonly string[];
  readonly #inference: ColumnInference;
  /** What the columns are made of; null: they are there. */
  #sample: Sample | null = { batches: [], events: 0, bytes: 0 };
  #writer: TableWriter | null = null;
  #rows: JsonRows | null = null;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#headers = options['table.headers'];
    this.#inference = new ColumnInference({
      nested: options['table.nested'],
      timestamps: options['table.timestamps'],
      except: new Set([...this.#headers, options['table.restColumn']]),
      isName: isColumnName,
    });
  }

  async begin(): Promise<readonly Buffer[]> {
    return [];
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
    const writer = new ParquetWriter({
      columns: layout.columns,
      codec: this.#options['parquet.compression'],
      groupBytes: this.#options['parquet.rowGroupBytes'],
      groupRows: this.#options['parquet.rowGroupEvents'],
    });
    this.#writer = writer;
    this.#rows = new JsonRows(writer, { ...layout, misfits: this.#options['table.misfits'] });
    const bytes: Buffer[] = [writer.head()];
    for (const batch of sample.batches) bytes.push(...(await this.#write(batch)));
    return bytes;
  }

  #layout(): Layout {
    const columns = this.#inference.columns();
    const given = this.#headers.map((name) => {
      columns.push({ name, type: { kind: 'string' }, isNullable: true });
      return columns.length - 1;
    });
    // A file without a column is none.
    if (this.#options['table.misfits'] !== 'rest' && columns.length > 0)
      return { columns, given, rest: null };
    columns.push({ name: this.#options['table.restColumn'], type: { kind: 'json' }, isNullable: true });
    return { columns, given, rest: columns.length - 1 };
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
    return await writer.take();
  }

  #read(batch: EventBatch, { from, to }: BodyCursor): void {
    const fault = this.#tape.read(batch.records, from, to);
    if (fault !== null) throw new NotWritable(fault);
    if (this.#tape.nodes[0] !== tapeKind.object) throw new NotWritable('it is JSON, and no object');
  }
}
