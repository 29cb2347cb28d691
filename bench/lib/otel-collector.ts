/** The OpenTelemetry collector as a contender: built once from `bench/peers/otel` with Go, then kept in `.cache/otel/`. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ManagedProcess, runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { cacheDir, MissingNeed } from '../../scripts/lib/test-needs.ts';
import { type OtelConf, otelConf } from './otel-conf.ts';
import { Measured } from './programs.ts';

const run = promisify(execFile);
const sources = resolve(import.meta.dirname, '../peers/otel');

/** What the program is built from, by file name. */
export function otelSources(): ReadonlyMap<string, string> {
  const names = readdirSync(sources).filter((name) => /\.go$|^go\.(mod|sum)$/.test(name));
  return new Map(names.sort().map((name) => [name, readFileSync(join(sources, name), 'utf8')]));
}

/** Another program for any other text of any file. */
export function stampOf(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [name, text] of files) hash.update(`${name}\0${Buffer.byteLength(text)}\0${text}`);
  return hash.digest('hex').slice(0, 16);
}

/** The release that `go.mod` pins, without its `v`. */
export function otelVersion(goMod: string): string {
  const version = /\/exporter\/kafkaexporter v(\S+)/.exec(goMod)?.[1];
  if (version === undefined) throw new Error('bench/peers/otel/go.mod does not require the Kafka exporter');
  return version;
}

/** Why a build did not come about, in one line for a person. */
export function buildFault(
  goMod: string,
  failure: { code?: unknown; stderr?: string; message?: string },
): string {
  if (failure.code === 'ENOENT') {
    const needed = /^go (\S+)$/m.exec(goMod)?.[1];
    return `Go is missing (it builds the OpenTelemetry collector): install Go ${needed} or newer and put it on the PATH.`;
  }
  const lines = (failure.stderr ?? '').split('\n').filter((line) => line.trim() !== '');
  // Downloads are told before the fault, and a package's name in a line that begins with #.
  const why =
    lines.find((line) => !/^go: downloading |^#/.test(line)) ?? failure.message ?? 'no reason given';
  return `Go could not build the OpenTelemetry collector: ${why.trim()}`;
}

/** The path of the collector's program; builds it, which takes minutes, when it isn't there or its sources have changed. */
export async function provideOtelCollector(): Promise<string> {
  const files = otelSources();
  const goMod = files.get('go.mod')!;
  const program = join(cacheDir('otel'), `otelcol-${stampOf(files)}`);
  if (existsSync(program)) return program;
  process.stderr.write(`Building the OpenTelemetry collector ${otelVersion(goMod)} (Go)…\n`);
  const fresh = `${program}.${process.pid}.tmp`;
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w -X main.version=${otelVersion(goMod)}`];
  try {
    // Without cgo, as the collector's own releases are built: no C compiler is needed.
    await run('go', ['build', ...flags, '-o', fresh, '.'], {
      cwd: sources,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new MissingNeed(buildFault(goMod, error as Parameters<typeof buildFault>[1]));
  }
  renameSync(fresh, program);
  return program;
}

/** Starts the collector, after its own check of the configuration. */
export async function startOtelCollector(conf: OtelConf): Promise<Measured> {
  const program = await provideOtelCollector();
  mkdirSync(conf.dir, { recursive: true });
  const file = join(conf.dir, 'otel.yaml');
  writeFileSync(file, otelConf(conf));
  await runToEnd(program, ['validate', '--config', file], { name: 'otelcol validate' });
  const args = ['--config', file];
  // Without this gate up to a hundred lines that were read are in memory only when the position is written down.
  if (conf.queue !== 'memory') args.push('--feature-gates=stanza.synchronousLogEmitter');
  return new Measured(
    await ManagedProcess.spawn(program, args, { name: 'OpenTelemetry collector', cwd: conf.dir }),
  );
}
