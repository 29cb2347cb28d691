import { delimiter, join } from 'node:path';
import { pythonSetDir } from '../../../../scripts/lib/python-sets.ts';
import { classPath, type JavaSet } from '../../../../scripts/lib/test-needs.ts';
import { runToEnd } from '../process/processes.ts';

export interface SparkRun {
  readonly args?: readonly string[];
  /** What the program needs beside pyspark's jars. */
  readonly jars: JavaSet;
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** `python3 PROGRAM`, as spark-submit would start it on one thread. Resolves with what it printed. */
export async function runSpark(program: string, { args = [], jars, stdin, env }: SparkRun): Promise<string> {
  const paths = (await classPath(jars)).split(delimiter);
  const submit = [
    ...['--master local[1]', '--driver-memory 600m', '--conf spark.ui.enabled=false'],
    ...[`--jars ${paths.join(',')}`, 'pyspark-shell'],
  ];
  const { stdout } = await runToEnd('python3', [program, ...args], {
    env: {
      ...process.env,
      PYTHONPATH: await pythonSetDir('pyspark'),
      PYSPARK_SUBMIT_ARGS: submit.join(' '),
      SPARK_LOCAL_IP: '127.0.0.1',
      ...env,
    },
    ...(stdin === undefined ? {} : { stdin }),
    timeoutMs: 500_000,
  });
  return stdout;
}

export interface SparkTable {
  /** As `struct<a:bigint,b:array<string>>`. */
  readonly schema: string;
  /** JSON, in which what is null is left out. */
  readonly rows: readonly string[];
}

/** What Spark finds in folders and files; `user`: as whom it reads in HDFS. */
export async function readBySpark(
  asked: readonly { readonly format: 'parquet' | 'avro'; readonly path: string }[],
  user: string,
): Promise<SparkTable[]> {
  const said = await runSpark(join(import.meta.dirname, 'read-spark.py'), {
    jars: 'spark-avro',
    stdin: JSON.stringify(asked),
    env: { HADOOP_USER_NAME: user },
  });
  const lines = said.split('\n').filter((line) => line.startsWith('{"schema"'));
  return lines.map((line) => JSON.parse(line) as SparkTable);
}
