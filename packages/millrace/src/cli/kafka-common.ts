/** What the four commands with the flags of Kafka's own tools share. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Admin } from '../clients/kafka/admin/admin.ts';
import { KafkaClient } from '../clients/kafka/client.ts';
import type { ClientOptions } from '../clients/kafka/options.ts';
import { consumerOptionsFrom } from '../clients/kafka/settings/properties.ts';
import { splitServers } from '../config/host-ports.ts';
import type { PropertyProblem } from '../config/options.ts';
import { parseProperties } from '../config/properties.ts';
import { javaRegex } from '../java/regex.ts';
import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { type CommandText, command, runCommand, tellError } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import { packageVersion } from './version.ts';

export const defaultBootstrap = 'localhost:9092';

export interface ConnectionFlags {
  readonly bootstrapServer: string;
  readonly commandConfig?: string;
}

/** A command with the options that all of Kafka's tools take. */
export function kafkaCommand(text: CommandText, io: Io): Command {
  return command(text, io)
    .option('--bootstrap-server <host:port,…>', 'the brokers to ask first', defaultBootstrap)
    .option('--command-config <file>', 'properties file of the client')
    .version(packageVersion(), '--version', 'print the version');
}

/** Runs a command of Kafka's; `--zookeeper` is answered with the command line that does it today. */
export async function runKafkaCommand(
  parsed: Command,
  argv: readonly string[],
  io: Io,
  action: () => Promise<number>,
): Promise<number> {
  const advice = withoutZookeeper(parsed.name(), argv);
  if (advice === undefined) return runCommand(parsed, argv, io, action);
  const error = new MillraceError('USAGE', '--zookeeper is gone: Kafka keeps its own metadata since 4.0', {
    remedy: `Write instead:\n    ${advice}`,
  });
  return tellError(parsed.name(), error, io);
}

/** Flags of Kafka before 2.0 under the names they have now; '' is a flag that is not needed any more. */
const oldFlags: ReadonlyMap<string, string> = new Map([
  ['--broker-list', '--bootstrap-server'],
  ['--whitelist', '--include'],
  ['--new-consumer', ''],
]);

/**
 * The same command line for a Kafka without ZooKeeper; undefined where `--zookeeper` is not in it. The brokers are
 * taken to run where ZooKeeper ran, on Kafka's port.
 */
export function withoutZookeeper(name: string, argv: readonly string[]): string | undefined {
  let servers: string | undefined;
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    const equals = word.indexOf('=');
    const flag = word.startsWith('--') && equals > 0 ? word.slice(0, equals) : word;
    if (flag === '--zookeeper') {
      const value = flag === word ? (argv[++i] ?? '') : word.slice(equals + 1);
      servers = brokersBeside(value);
    } else {
      const renamed = oldFlags.get(flag);
      if (renamed !== '') words.push(renamed === undefined ? word : renamed + word.slice(flag.length));
    }
  }
  if (servers === undefined) return undefined;
  const given = words.some((word) => /^--bootstrap-server(=|$)/.test(word));
  return [name, ...(given ? [] : ['--bootstrap-server', servers]), ...words.map(quoted)].join(' ');
}

/** `zk1:2181,zk2:2181/kafka` → `zk1:9092,zk2:9092`. */
function brokersBeside(zookeeper: string): string {
  const hosts = splitServers(zookeeper.replace(/\/.*$/, '')).map((server) => server.replace(/:\d+$/, ''));
  return hosts.length === 0 ? defaultBootstrap : hosts.map((host) => `${host}:9092`).join(',');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The properties of a file that an option names. */
export function propertiesFile(option: string, file: string | undefined, io: Io): Map<string, string> {
  if (file === undefined) return new Map();
  const path = resolve(io.cwd, file);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const why = hasErrno(error, 'ENOENT') ? 'there is no such file' : errorText(error);
    throw new MillraceError('CONFIG_INVALID', `${option} ${path}: ${why}`, { remedy: 'Check the path.' });
  }
  const { properties } = parseProperties(bytes, path);
  return new Map([...properties.values()].map(({ key, value }) => [key, value]));
}

/** Topics by a Java regular expression that the whole name matches. Throws `USAGE` with the option and the place. */
export function topicPattern(option: string, pattern: string): RegExp {
  try {
    return javaRegex(pattern, { fullMatch: true });
  } catch (error) {
    throw new MillraceError('USAGE', `${option}: ${errorText(error)}`, { cause: error });
  }
}

/** `key=value` of repeated options. A key alone has the value '', as in Kafka's tools. */
export function keyValues(option: string, pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at === 0 || pair === '')
        throw new MillraceError('USAGE', `${option} takes KEY=VALUE, not '${pair}'`);
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/**
 * Throws what Kafka's client would refuse; tells of the rest. `command` is as the user calls it, `option` names the file
 * where there are several.
 */
export function judgeProperties(
  command: string,
  problems: readonly PropertyProblem[],
  io: Io,
  option = '',
): void {
  const where = option === '' ? '' : `${option}: `;
  const fatal = problems.find((problem) => problem.fatal === true);
  if (fatal !== undefined) {
    throw new MillraceError('CONFIG_INVALID', `${where}${fatal.key}: ${fatal.message}`, {
      remedy: 'Correct the property, or leave it out.',
    });
  }
  for (const { key, message, suggestion } of problems) {
    const near = suggestion === undefined ? '' : `; ${suggestion}`;
    io.stderr.write(`${command}: warning: ${where}${key} ${message}${near}\n`);
  }
}

/** What `KafkaClient` needs; the brokers of the command line stand above those of the file. */
export function clientOptions(
  flags: ConnectionFlags,
  fromProperties: Partial<ClientOptions>,
  clientId: string,
): ClientOptions {
  const bootstrapServers = splitServers(flags.bootstrapServer);
  if (bootstrapServers.length === 0) {
    throw new MillraceError('USAGE', `--bootstrap-server takes HOST:PORT, not '${flags.bootstrapServer}'`);
  }
  return { clientId, ...fromProperties, bootstrapServers };
}

/** The same words are not repeated for so long. */
const repeatAfterMs = 30_000;

/** Warnings of the client on standard error: a person who waits must learn for what. */
export function warnings(command: string, io: Io): Logger {
  const told = new Map<string, number>();
  const tell = (message: string, fields: Record<string, unknown> = {}): void => {
    const text = [message, ...Object.values(fields)].join(': ');
    const now = Date.now();
    if (now - (told.get(text) ?? Number.NEGATIVE_INFINITY) < repeatAfterMs) return;
    if (told.size > 100) told.clear();
    told.set(text, now);
    io.stderr.write(`${command}: warning: ${text}\n`);
  };
  const logger: Logger = { debug() {}, info() {}, warn: tell, error: tell, child: () => logger };
  return logger;
}

/** Connects, runs and closes. */
export async function withAdmin<T>(
  command: string,
  flags: ConnectionFlags,
  io: Io,
  use: (admin: Admin) => Promise<T>,
  overrides: Partial<ClientOptions> = {},
): Promise<T> {
  const { client, problems } = consumerOptionsFrom(
    propertiesFile('--command-config', flags.commandConfig, io),
  );
  judgeProperties(command, problems, io);
  await using connection = new KafkaClient(
    clientOptions(flags, { ...client, ...overrides }, 'millrace-admin'),
  );
  return await use(new Admin(connection));
}

/** The broker's own words in an error of code `KAFKA`, without the place that stands before them. */
export function brokerText(error: MillraceError): string {
  const { error: name } = error.details;
  const at = typeof name === 'string' ? error.message.indexOf(`: ${name}: `) : -1;
  return at < 0 ? error.message : error.message.slice(at + String(name).length + 4);
}

/** Exactly one of the flags must be there; gives its name. */
export function oneOf<Name extends string>(
  flags: Readonly<Partial<Record<Name, unknown>>>,
  names: readonly Name[],
  message: string,
): Name {
  const given = names.filter((name) => flags[name] !== undefined);
  if (given.length !== 1) throw new MillraceError('USAGE', message);
  return given[0]!;
}

/** A line of a table: each cell padded to its width (0: as it is), one blank between. */
export function row(widths: readonly number[], cells: readonly (string | number)[]): string {
  return cells.map((cell, i) => String(cell).padEnd(widths[i] ?? 0)).join(' ');
}

export function writeJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

const interruptCodes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const;

/** Turns the first Ctrl-C or SIGTERM into an abort; a second one ends the process at once. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  #exitCode: number | undefined;
  readonly #listeners = (Object.keys(interruptCodes) as (keyof typeof interruptCodes)[]).map((name) => {
    const listener = (): void => {
      if (this.#exitCode !== undefined) process.exit(interruptCodes[name]);
      this.#exitCode = interruptCodes[name];
      this.#controller.abort();
    };
    process.on(name, listener);
    return { name, listener };
  });

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that the signal stands for; undefined where none came. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    for (const { name, listener } of this.#listeners) process.off(name, listener);
  }
}
