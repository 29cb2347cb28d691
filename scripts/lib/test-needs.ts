/**
 * What the tests and the benchmark need beside npm packages: jars of the real servers, and a few Debian packages.
 * Everything is fetched once, by its ordinary client, into `.cache/` and reused.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type GoProgram, goProgram, goPrograms, hasGoProgram } from './go-programs.ts';
import { hasPythonSet, type PythonSet, pythonSetDir, pythonSets } from './python-sets.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** The jars of each real server are listed in `scripts/lib/java-sets/NAME.xml`, a Maven project. */
export const javaSets = {
  kafka: 'kafka-4.3.1',
  flume: 'flume-1.11.0',
  'flume-http-sink': 'flume-http-sink-1.11.0',
  hadoop: 'hadoop-3.5.0',
  hdfs: 'hdfs-3.5.0',
  httpfs: 'httpfs-3.4.2',
  elasticsearch: 'elasticsearch-7.17.28',
  opensearch: 'opensearch-2.19.1',
  'kafka-connect': 'kafka-connect-4.3.1',
  'spark-kafka': 'spark-kafka-4.1.1',
  'spark-avro': 'spark-avro-4.1.1',
  hive: 'hive-2.3.10',
  storm: 'storm-2.8.2',
  flink: 'flink-2.2.1',
  mapreduce: 'mapreduce-3.5.0',
  hbase: 'hbase-2.6.1',
  'flume-hbase2-sink': 'flume-hbase2-sink-1.11.0',
} as const;
export type JavaSet = keyof typeof javaSets;

export const debianPackages = [
  'kcat',
  'rsyslog',
  'rsyslog-kafka',
  'postgresql',
  'redis-server',
  'clickhouse-server',
] as const;
export type DebianPackage = (typeof debianPackages)[number];

/** A need that can't be met here; the message is one line for a person. */
export class MissingNeed extends Error {
  override readonly name = 'MissingNeed';
}

export function cacheDir(...parts: string[]): string {
  const dir = join(root, '.cache', ...parts);
  mkdirSync(dir, { recursive: true });
  return dir;
}

export function javaProgram(): string {
  const home = process.env.JAVA_HOME;
  return home ? join(home, 'bin', 'java') : 'java';
}

async function checkJava(): Promise<void> {
  const text = await run(javaProgram(), ['-version']).then(
    ({ stderr, stdout }) => stderr + stdout,
    () => '',
  );
  const major = Number(/version "(\d+)/.exec(text)?.[1] ?? 0);
  if (major < 17) {
    const found = major === 0 ? 'none was found' : `this is ${major}`;
    throw new MissingNeed(
      `Java 17 or newer is missing (${found}): apt-get install openjdk-17-jre-headless, or set JAVA_HOME.`,
    );
  }
}

/** The folder with the jars of a set; fetches them with Maven when they aren't there or the list has changed. */
export async function javaSetDir(set: JavaSet): Promise<string> {
  const name = javaSets[set];
  const pom = join(import.meta.dirname, 'java-sets', `${name}.xml`);
  const stamp = createHash('sha256').update(readFileSync(pom)).digest('hex');
  const dir = join(cacheDir('java'), name);
  const isThere = () => existsSync(join(dir, 'stamp')) && readFileSync(join(dir, 'stamp'), 'utf8') === stamp;
  if (isThere()) return join(dir, 'lib');
  await checkJava();
  // Built beside and renamed, so that two test workers at once don't see half a folder.
  const fresh = `${dir}.${process.pid}.tmp`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  try {
    await run('mvn', [
      ...['-B', '-q', '-f', pom, 'dependency:copy-dependencies'],
      ...[`-DoutputDirectory=${join(fresh, 'lib')}`, '-DincludeScope=runtime'],
    ]);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (code === 'ENOENT')
      throw new MissingNeed(
        'Maven is missing (it fetches the jars of the real servers): apt-get install maven.',
      );
    const why =
      `${stdout ?? ''}${stderr ?? ''}`.split('\n').find((line) => line.includes('ERROR')) ?? String(error);
    throw new MissingNeed(`Maven could not fetch ${name}: ${why.trim()}`);
  }
  writeFileSync(join(fresh, 'stamp'), stamp);
  if (!isThere()) {
    rmSync(dir, { recursive: true, force: true });
    try {
      renameSync(fresh, dir);
    } catch (error) {
      if (!isThere()) throw error; // otherwise another worker was first
    }
  }
  rmSync(fresh, { recursive: true, force: true });
  return join(dir, 'lib');
}

/** A class path naming every jar of the set, in a fixed order. */
export async function classPath(set: JavaSet): Promise<string> {
  const lib = await javaSetDir(set);
  return readdirSync(lib)
    .filter((file) => file.endsWith('.jar'))
    .sort()
    .map((file) => join(lib, file))
    .join(delimiter);
}

async function missingDebianPackages(): Promise<DebianPackage[]> {
  const missing: DebianPackage[] = [];
  for (const name of debianPackages) {
    const status = await run('dpkg', ['-s', name]).then(
      ({ stdout }) => stdout,
      () => '',
    );
    if (!status.includes('Status: install ok installed')) missing.push(name);
  }
  return missing;
}

/** Installs the Debian packages where it may (as root, with apt-get); otherwise says in one line which are missing. */
export async function installDebianPackages(): Promise<void> {
  const missing = await missingDebianPackages();
  if (missing.length === 0) return;
  const command = `apt-get install -y ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new MissingNeed(`Missing: ${missing.join(', ')}. As root: ${command}`);
  }
  process.stderr.write(`Installing Debian packages: ${missing.join(' ')}…\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another run may be installing.
  const patiently = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = () =>
    run('apt-get', [...patiently, 'install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  try {
    await install().catch(async () => {
      await run('apt-get', ['update', '-qq'], { env });
      await install();
    });
  } catch (error) {
    const why = String((error as { stderr?: string }).stderr ?? error).trim();
    throw new MissingNeed(`Missing: ${missing.join(', ')}; "${command}" failed: ${why.split('\n').at(-1)}`);
  }
}

/** Everything at once; throws `MissingNeed` with one line per thing that is missing. */
export async function provideTestNeeds(): Promise<void> {
  const problems: string[] = [];
  const attempt = async (step: () => Promise<unknown>) => {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof MissingNeed)) throw error;
      problems.push(error.message);
    }
  };
  await attempt(checkJava);
  if (problems.length === 0) {
    for (const set of Object.keys(javaSets) as JavaSet[]) {
      if (!existsSync(join(cacheDir('java'), javaSets[set], 'stamp'))) {
        process.stderr.write(`Fetching the jars of ${javaSets[set]} (Maven)…\n`);
      }
      await attempt(() => javaSetDir(set));
    }
  }
  await attempt(installDebianPackages);
  for (const set of Object.keys(pythonSets) as PythonSet[]) {
    if (!hasPythonSet(set)) process.stderr.write(`Fetching ${pythonSets[set].name} (pip)…\n`);
    await attempt(() => pythonSetDir(set));
  }
  for (const name of Object.keys(goPrograms) as GoProgram[]) {
    if (!hasGoProgram(name)) process.stderr.write(`Building ${name} (Go; some minutes the first time)…\n`);
    await attempt(() => goProgram(name));
  }
  if (problems.length > 0) throw new MissingNeed(problems.join('\n'));
}
