import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pythonSetDir } from '../../../../scripts/lib/python-sets.ts';

export type TableReader = 'pyarrow' | 'duckdb' | 'fastavro';

export interface ReadTable {
  /** Types by the reader's own names. */
  readonly columns: Readonly<Record<string, string>>;
  /** Texts of JSON with all digits; columns that hold JSON stand in them as it. */
  readonly rows: readonly string[];
  /** pyarrow: how many rows each row group has. */
  readonly groups?: readonly number[];
  readonly codecs?: readonly string[];
}

/** What real readers of tables find in files; throws where one can't read its file. */
export async function readTables(
  asked: readonly {
    readonly reader: TableReader;
    readonly path: string;
    /** duckdb: which rows, in SQL. */
    readonly where?: string;
  }[],
): Promise<ReadTable[]> {
  const env = { ...process.env, PYTHONPATH: await pythonSetDir('tables') };
  const answers = await new Promise<string>((resolve, reject) => {
    const script = join(import.meta.dirname, 'read-tables.py');
    const child = execFile(
      'python3',
      [script],
      { env, maxBuffer: 512 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`readers of tables: ${stderr}`, { cause: error }));
      },
    );
    child.stdin!.end(JSON.stringify(asked));
  });
  return answers
    .trimEnd()
    .split('\n')
    .map((line, i) => {
      const answer = JSON.parse(line) as ReadTable & { error?: string };
      if (answer.error !== undefined)
        throw new Error(`${asked[i]!.reader} can't read ${asked[i]!.path}: ${answer.error}`);
      return answer;
    });
}
