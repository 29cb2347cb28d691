import { Command, CommanderError, Help } from 'commander';
import { type ErrorCode, errorText, explainFileError, MillraceError } from '../runtime/errors.ts';
import { exitCodes, type Io } from './io.ts';

export interface CommandText {
  /** As the user calls it: `millrace agent`. */
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
}

/** A commander command that writes where `io` says and never ends the process. Unknown options are told with the nearest. */
export function command(text: CommandText, io: Io): Command {
  const examples = `\nExamples:\n${text.examples.map((example) => `  ${example}`).join('\n')}\n`;
  return new Command(text.name)
    .description(text.summary)
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({
      writeOut: (out) => io.stdout.write(out),
      writeErr: (err) => io.stderr.write(err),
    })
    .configureHelp({
      helpWidth: 100,
      // A repeatable option that was not given is no default worth telling.
      optionDescription: (option) => new Help().optionDescription(option).replace(' (default: [])', ''),
    })
    .showSuggestionAfterError(true)
    .showHelpAfterError(`See ${text.name} --help.`)
    .allowExcessArguments(false);
}

/** Parses, runs, and turns whatever happens into an exit code with a message that says what to do. */
export async function runCommand(
  parsed: Command,
  argv: readonly string[],
  io: Io,
  action: () => Promise<number>,
): Promise<number> {
  try {
    parsed.parse([...argv], { from: 'user' });
    return await action();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return tellError(parsed.name(), error, io);
  }
}

const codeOf: Partial<Record<ErrorCode, number>> = {
  USAGE: exitCodes.usage,
  CONFIG_INVALID: exitCodes.configuration,
  ADDRESS_IN_USE: exitCodes.unavailable,
  ADDRESS_UNAVAILABLE: exitCodes.unavailable,
  DIRECTORY_LOCKED: exitCodes.unavailable,
  DISK_FULL: exitCodes.unavailable,
  FILE_ACCESS: exitCodes.unavailable,
  KAFKA_CONNECTION: exitCodes.unavailable,
  TIMEOUT: exitCodes.unavailable,
  KAFKA: exitCodes.findings,
};

/** Prints `NAME: what happened` and the remedy; gives the exit code. */
export function tellError(name: string, thrown: unknown, io: Io): number {
  const error = explainFileError(thrown);
  if (error instanceof MillraceError) {
    io.stderr.write(`${name}: ${error.message}\n`);
    if (error.remedy !== '') io.stderr.write(`  ${error.remedy}\n`);
    return codeOf[error.code] ?? exitCodes.software;
  }
  io.stderr.write(`${name}: ${errorText(error)}\n`);
  if (error instanceof Error && io.env.MILLRACE_DEBUG !== undefined) io.stderr.write(`${error.stack}\n`);
  return exitCodes.software;
}

/** Collects a repeatable option into an array. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** A whole number within bounds; anything else is a usage error that names the option. */
export function wholeNumber(
  option: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) {
      const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
      throw new MillraceError('USAGE', `${option} takes a whole number ${range}, not '${value}'`);
    }
    return number;
  };
}

/** `HOST:PORT`, `:PORT`, `PORT`, `[::1]:9092`. */
export function hostAndPort(
  option: string,
  value: string,
  defaultHost: string,
): { host: string; port: number } {
  const match = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new MillraceError('USAGE', `${option} takes HOST:PORT, not '${value}'`);
  }
  return { host: match[1] || match[2] || defaultHost, port };
}

/** `k=v` pairs of `-D`; a name alone means `true`, as for Java. */
export function systemProperties(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, 'true'] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
