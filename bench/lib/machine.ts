import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem, type } from 'node:os';
import { javaProgram, javaSets } from '../../scripts/lib/test-needs.ts';
import { otelSources, otelVersion } from './otel-collector.ts';

/** What a figure depends on beside the code. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly java: string;
  readonly kafka: string;
  readonly flume: string;
  readonly kcat: string;
  readonly rsyslog: string;
  /** The release of the OpenTelemetry collector. */
  readonly otel: string;
  readonly commit: string;
  /** Load of the last minute when the bench began: well below the number of cores, or the figures are noisy. */
  readonly loadAtStart: number;
}

function firstLine(command: string, args: readonly string[]): string {
  try {
    const text = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return text.trim().split('\n')[0] ?? '';
  } catch {
    return 'not found';
  }
}

/** The line that names a version, wherever a program prints it. */
function javaVersion(): string {
  const version = firstLine(javaProgram(), ['--version']);
  return version === 'not found' ? 'not found' : version;
}

export function describeMachine(): Machine {
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  const dirty =
    firstLine('git', ['status', '--porcelain', '--untracked-files=no']) === '' ? '' : ' with changes';
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${kernel}`,
    node: process.version,
    java: javaVersion(),
    kafka: javaSets.kafka.replace('kafka-', ''),
    flume: javaSets.flume.replace('flume-', ''),
    kcat: packageVersion('kcat'),
    rsyslog: packageVersion('rsyslog'),
    otel: otelVersion(otelSources().get('go.mod')!),
    commit: firstLine('git', ['rev-parse', '--short', 'HEAD']) + dirty,
    loadAtStart: loadavg()[0] ?? Number.NaN,
  };
}

function packageVersion(name: string): string {
  const line = firstLine('dpkg-query', ['-W', name]);
  return line.split('\t')[1] ?? 'not found';
}
