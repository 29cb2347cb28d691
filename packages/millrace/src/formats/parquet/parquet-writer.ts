import type { Column } from '../table/column-type.ts';
import type { TableWriter } from '../table/table-writer.ts';
import { ParquetField } from './columns.ts';
import { encodeFooter, type RowGroup, type WrittenChunk } from './footer.ts';
import type { Leaf } from './leaf.ts';
import { chunkOf, type ParquetCodec } from './pages.ts';

export interface ParquetOptions {
  readonly columns: readonly Column[];
  readonly codec: ParquetCodec;
  /** A row group ends with the rows that bring it to so many bytes before compression, or to so many rows; 0: not for that. */
  readonly groupBytes: number;
  readonly groupRows: number;
}

const magic = Buffer.from('PAR1', 'latin1');
/** Of a page's values, before compression. */
const pageBytes = 1024 * 1024;

/**
 * Makes a Parquet file (https://parquet.apache.org/docs/file-format/): rows are held until a row group is full, then its
 * columns go out; what they are and where they lie stands at the end. Values are written as they are (PLAIN), in pages of
 * version 1, which all readers know.
 */
export class ParquetWriter implements TableWriter {
  readonly fields: readonly ParquetField[];
  readonly #options: ParquetOptions;
  readonly #leaves: readonly Leaf[];
  readonly #groups: RowGroup[] = [];
  /** Bytes of the file that are out. */
  #sizeBytes = magic.length;
  /** Of the row group at hand. */
  #rows = 0;
  #markedRows = 0;

  constructor(options: ParquetOptions) {
    this.#options = options;
    this.fields = options.columns.map((column) => new ParquetField(column));
    this.#leaves = this.fields.flatMap(({ leaves }) => leaves);
  }

  head(): Buffer {
    return magic;
  }

  endRow(): void {
    this.#rows++;
  }

  mark(): void {
    this.#markedRows = this.#rows;
    for (const leaf of this.#leaves) leaf.mark();
  }

  takeBack(): void {
    this.#rows = this.#markedRows;
    for (const leaf of this.#leaves) leaf.takeBack();
  }

  async take(): Promise<readonly Buffer[]> {
    let heldBytes = 0;
    for (const leaf of this.#leaves) {
      leaf.cutPage(pageBytes);
      heldBytes += leaf.values.length + leaf.defined.length + leaf.repeated.length;
    }
    const { groupBytes, groupRows } = this.#options;
    const isFull = (groupBytes > 0 && heldBytes >= groupBytes) || (groupRows > 0 && this.#rows >= groupRows);
    return isFull ? await this.#endGroup() : [];
  }

  async end(): Promise<readonly Buffer[]> {
    const last = this.#rows > 0 ? await this.#endGroup() : [];
    const { columns, codec } = this.#options;
    const footer = encodeFooter(columns, this.#groups, codec);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    return [...last, footer, length, magic];
  }

  async #endGroup(): Promise<readonly Buffer[]> {
    const chunks = await Promise.all(this.#leaves.map((leaf) => chunkOf(leaf, this.#options.codec)));
    const buffers: Buffer[] = [];
    const written: WrittenChunk[] = [];
    for (const { buffers: pages, ...chunk } of chunks) {
      written.push({ ...chunk, at: this.#sizeBytes });
      this.#sizeBytes += chunk.sizeBytes;
      buffers.push(...pages);
      chunk.leaf.clear();
    }
    this.#groups.push({ rows: this.#rows, chunks: written });
    this.#rows = 0;
    return buffers;
  }
}
