/** Python packages that tests need, each set once in a folder of its own in `.cache/python/`. */
import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir, MissingNeed } from './test-needs.ts';

const run = promisify(execFile);

export const pythonSets = {
  moto: { name: 'moto-5.2.5', packages: ['moto[s3]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'] },
  tables: {
    name: 'tables-26.0.1',
    packages: [
      'pyarrow==26.0.1',
      'duckdb==2.0.1',
      'fastavro==1.13.1',
      'backports.zstd==1.8.0',
      'cramjam==2.14.0',
    ],
  },
  pyspark: { name: 'pyspark-4.1.1', packages: ['pyspark==4.1.1'] },
  /** Kafka clients, and what kafka-python compresses with. */
  kafka: {
    name: 'kafka-clients-2.16.1',
    packages: [
      'confluent-kafka==2.16.1',
      'kafka-python==3.0.12',
      'lz4==4.4.5',
      'python-snappy==0.7.3',
      'cramjam==2.14.0',
      'zstandard==0.25.0',
    ],
  },
  /** ClickHouse's engine as a library; what it needs for data frames is left out. */
  clickhouse: { name: 'chdb-26.9', packages: ['--no-deps', 'chdb-core==26.9.0'] },
} as const;
export type PythonSet = keyof typeof pythonSets;

export function hasPythonSet(set: PythonSet): boolean {
  return existsSync(join(pathOf(set), 'whole'));
}

/** The folder for PYTHONPATH; has pip fetch the set where it isn't there. */
export async function pythonSetDir(set: PythonSet): Promise<string> {
  const dir = pathOf(set);
  if (hasPythonSet(set)) return dir;
  const fresh = `${dir}.${process.pid}.tmp`;
  try {
    await run('python3', ['-m', 'pip', 'install', '-q', '--target', fresh, ...pythonSets[set].packages], {
      env: { ...process.env, PIP_ROOT_USER_ACTION: 'ignore', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      maxBuffer: 64 * 1024 * 1024,
    });
    writeFileSync(join(fresh, 'whole'), '');
    if (!hasPythonSet(set)) renameSync(fresh, dir);
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT' || stderr.includes('No module named pip'))
      throw new MissingNeed('Python with pip is missing: apt-get install python3-pip.');
    throw new MissingNeed(`pip could not fetch ${set}: ${stderr.trim().split('\n').at(-1) ?? String(error)}`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return dir;
}

function pathOf(set: PythonSet): string {
  return join(cacheDir('python'), pythonSets[set].name);
}
