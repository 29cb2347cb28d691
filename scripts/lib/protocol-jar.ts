/** Fetches Kafka's client jar with Maven and reads from it what the generator needs. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { KafkaError } from './protocol-emit-module.ts';

export const kafkaVersion = '4.3.0';
const slf4jVersion = '1.7.36';

const cache = resolve(import.meta.dirname, '../../.cache/protocol');

/** The jar from the cache of the checkout, else from Maven's repository. Needs `mvn` on the path. */
export function fetchJar(group: string, artifact: string, version: string): string {
  const jar = join(cache, `${artifact}-${version}.jar`);
  if (existsSync(jar)) return jar;
  mkdirSync(cache, { recursive: true });
  run('mvn', [
    '-B',
    '-q',
    'dependency:copy',
    `-Dartifact=${group}:${artifact}:${version}`,
    `-DoutputDirectory=${cache}`,
  ]);
  if (!existsSync(jar)) throw new Error(`Maven did not deliver ${jar}`);
  return jar;
}

export function fetchClientsJar(): string {
  return fetchJar('org.apache.kafka', 'kafka-clients', kafkaVersion);
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The text of every message definition in the jar, by file name. */
export function readDefinitions(): Map<string, string> {
  const jar = fetchClientsJar();
  const folder = join(cache, `messages-${kafkaVersion}`);
  if (!existsSync(folder)) {
    const unpacked = join(cache, `unpacked-${process.pid}`);
    mkdirSync(unpacked, { recursive: true });
    execFileSync('jar', ['xf', jar, 'common/message'], { cwd: unpacked });
    try {
      renameSync(join(unpacked, 'common/message'), folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
    rmSync(unpacked, { recursive: true });
  }
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The error codes, printed by a small Java program from Kafka's own class. */
export function readErrors(): KafkaError[] {
  const classPath = [fetchClientsJar(), fetchJar('org.slf4j', 'slf4j-api', slf4jVersion)].join(delimiter);
  const printed = run('java', ['-cp', classPath, join(import.meta.dirname, 'KafkaErrors.java')]);
  return printed
    .trim()
    .split('\n')
    .map((line) => {
      const [name, code, retriable] = line.split(' ');
      return { name: name!, code: Number(code), retriable: retriable === 'true' };
    });
}
