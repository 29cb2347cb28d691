import { styleText } from 'node:util';
import { Command, CommanderError, Help, type Option } from 'commander';
import { nearest } from '../config/nearest.ts';
import { type ErrorCode, errorText, explainFileError, MillraceError } from '../runtime/errors.ts';
import { exitCodes, type Io } from './io.ts';

export interface CommandText {
  /** As the user calls it: `millrace agent`. */
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
}

/** Wider lines are hard to read; a narrower terminal gets narrower ones. */
const helpColumns = 100;

/** Text in a style (Node's names) where that is wanted, else as it is. */
export function styled(style: Parameters<typeof styleText>[0], text: string, wanted: boolean): string {
  return wanted ? styleText(style, text, { validateStream: false }) : text;
}

/** For `option(...)` of every command that knows components. */
export const pluginsOption = [
  '--plugins <path>',
  'a module with components of your own (millrace/component), or a folder of some; may be repeated',
  collect,
  [],
] as const satisfies readonly unknown[];

/** For commands that read whole configurations without running them. */
export const confFileOption = [
  '-f, --conf-file <file>',
  'a properties file; may be repeated, a later one overrides',
  collect,
  [],
] as const satisfies readonly unknown[];

export const defineOption = [
  '-D, --define <name=value>',
  'system property, as for Flume',
  collect,
  [],
] as const satisfies readonly unknown[];

/** A commander command that writes where `io` says and never ends the process. */
export function command(text: CommandText, io: Io): Command {
  const color = io.color;
  const examples = `\n${styled('bold', 'Examples:', color)}\n${text.examples.map((example) => `  ${example}`).join('\n')}\n`;
  return new Command(text.name)
    .description(text.summary)
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({
      writeOut: (out) => io.stdout.write(out),
      // What is wrong with the words is told by `runCommand`, in the one form that all errors have.
      writeErr: () => {},
      getOutHasColors: () => color,
      getOutHelpWidth: () => Math.min(io.columns ?? helpColumns, helpColumns),
    })
    .configureHelp({
      minWidthToWrap: 20,
      // A repeatable option that was not given is no default worth telling.
      optionDescription: (option) => new Help().optionDescription(option).replace(' (default: [])', ''),
      styleTitle: (title) => styled('bold', title, color),
      styleOptionText: (option) => styled('cyan', option, color),
    })
    .showSuggestionAfterError(false);
}

/** Parses, runs, and turns whatever happens into an exit code with a message that says what to do. */
export async function runCommand(
  parsed: Command,
  argv: readonly string[],
  io: Io,
  action: () => Promise<number>,
): Promise<number> {
  try {
    parse(parsed, argv);
    return await action();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    return tellError(parsed.name(), error instanceof CommanderError ? usageFault(parsed, error) : error, io);
  }
}

/**
 * Parses. What can't be understood goes before what is missing: after `check --conf-fle x` or `check x` it is no help
 * to hear that `-f` is required.
 */
function parse(parsed: Command, argv: readonly string[]): void {
  const required = parsed.options.filter(({ mandatory }) => mandatory);
  for (const option of required) option.mandatory = false;
  parsed.allowExcessArguments(true).parse([...argv], { from: 'user' });
  const takesAll = parsed.registeredArguments.at(-1)?.variadic === true;
  const excess = takesAll ? [] : parsed.args.slice(parsed.registeredArguments.length);
  if (excess.length > 0) throw excessFault(parsed, excess);
  const absent = required.find((option) => parsed.getOptionValue(option.attributeName()) === undefined);
  if (absent !== undefined) throw missingOption(parsed, absent);
}

function excessFault(parsed: Command, excess: readonly string[]): MillraceError {
  const [word = ''] = excess;
  // A bare word where a file is wanted is the file.
  const file = parsed.options.find(({ long }) => long === '--conf-file');
  const hint =
    file !== undefined && /[./]/.test(word) ? `Did you mean ${file.short} ${word}?` : seeHelp(parsed);
  return new MillraceError('USAGE', `it takes no words beside its options: '${excess.join(' ')}'`, {
    remedy: hint,
  });
}

function missingOption(parsed: Command, { short, flags }: Option): MillraceError {
  return new MillraceError('USAGE', `${short ?? flags} is missing: ${flags}`, { remedy: seeHelp(parsed) });
}

/** What commander says of the words, with the nearest option where one is misspelt. */
function usageFault(parsed: Command, error: CommanderError): MillraceError {
  const message = error.message.replace(/^error: /, '');
  const unknown = /^unknown option '(-[^']*)'/.exec(message)?.[1];
  const names = parsed.options.flatMap(({ long, short }) => [long, short]).concat('--help');
  const near =
    unknown === undefined
      ? undefined
      : nearest(
          unknown.split('=')[0]!.replace(/^-+/, ''),
          names.filter((name) => name?.startsWith('--')).map((name) => name!.slice(2)),
        );
  const remedy = near === undefined ? seeHelp(parsed) : `Did you mean --${near}?`;
  return new MillraceError('USAGE', message, { remedy });
}

const seeHelp = (parsed: Command): string => `See ${parsed.name()} --help.`;

const codeOf: Partial<Record<ErrorCode, number>> = {
  USAGE: exitCodes.usage,
  CONFIG_INVALID: exitCodes.configuration,
  PLUGIN_INVALID: exitCodes.configuration,
  ADDRESS_IN_USE: exitCodes.unavailable,
  ADDRESS_UNAVAILABLE: exitCodes.unavailable,
  DIRECTORY_LOCKED: exitCodes.unavailable,
  DISK_FULL: exitCodes.unavailable,
  FILE_ACCESS: exitCodes.unavailable,
  KAFKA_AUTHENTICATION: exitCodes.unavailable,
  KAFKA_CONNECTION: exitCodes.unavailable,
  CONNECTION_FAILED: exitCodes.unavailable,
  TIMEOUT: exitCodes.unavailable,
  KAFKA: exitCodes.findings,
};

/** Prints `NAME: what happened` and the remedy; gives the exit code. */
export function tellError(name: string, thrown: unknown, io: Io): number {
  const error = explainFileError(thrown);
  if (error instanceof MillraceError) {
    const shown = styled('red', `${name}:`, io.errorColor === true);
    io.stderr.write(`${shown} ${error.message}\n`);
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
