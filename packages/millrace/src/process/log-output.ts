import { printable } from '../runtime/diagnostics.ts';
import type { Logger } from '../runtime/logger.ts';
import { LogFile, writeBlocking } from './log-file.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'off';

export interface LogOutputOptions {
  readonly level: LogLevel;
  /** Where lines go: standard error, or a file that is appended to. */
  readonly target: 'stderr' | { readonly file: string };
  /** `flume`: as Flume's console pattern looks; `json`: one object a line. */
  readonly format: 'flume' | 'json';
  /** With a file as target: warnings, errors and the logger sink's events are shown on standard error as well. */
  readonly echo?: boolean;
  /** Standard error is a terminal whose last line lives: it is cleared before log lines are shown. */
  readonly overLivingLine?: boolean;
  /** Whether what is shown on standard error may be coloured. */
  readonly color?: boolean;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'off'];
/** Lines are written together once this much waits; a lone line goes out at the end of the event loop's turn. */
const flushBytes = 64 * 1024;
/** To the start of the line, then away with everything from there on. */
const clearBelow = '\r\u001b[J';
const colors: Readonly<Record<string, string>> = { warn: '\u001b[33m', error: '\u001b[31m' };

/**
 * Writes log lines to a file or to standard error from any thread. Writing blocks: a console that can't keep up slows
 * the component that logs (as log4j does) instead of filling memory.
 */
export class LogOutput {
  readonly #options: LogOutputOptions;
  readonly #file: LogFile | null;
  readonly #onShown: () => void;
  #forFile = '';
  #forTerminal = '';
  #scheduled = false;

  /** `onShown` is called when lines went to standard error. */
  constructor(options: LogOutputOptions, onShown: () => void = () => {}) {
    this.#options = options;
    this.#onShown = onShown;
    this.#file = options.target === 'stderr' ? null : new LogFile(options.target.file);
  }

  /** A logger whose lines name `name`, as log4j's logger name does. */
  logger(name: string): Logger {
    const at = (level: Exclude<LogLevel, 'off'>) => {
      const wanted = levels.indexOf(level) >= levels.indexOf(this.#options.level);
      return wanted
        ? (message: string, fields?: Record<string, unknown>) => this.#write(level, name, message, fields)
        : () => {};
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (child) => this.logger(child),
    };
  }

  flush(): void {
    if (this.#forFile !== '') this.#file?.write(Buffer.from(this.#forFile));
    this.#forFile = '';
    if (this.#forTerminal === '') return;
    const clear = this.#options.overLivingLine === true ? clearBelow : '';
    writeBlocking(2, Buffer.from(clear + this.#forTerminal));
    this.#forTerminal = '';
    this.#onShown();
  }

  /** The file was moved away: the next line goes to a new one at its path. */
  reopen(): void {
    this.#file?.reopen();
  }

  close(): void {
    this.flush();
    this.#file?.close();
  }

  #write(level: string, name: string, message: string, fields?: Record<string, unknown>): void {
    const time = new Date();
    const word = level.toUpperCase().padEnd(5);
    const text = `${message}${fieldText(fields)}`;
    const lineWith = (shownLevel: string, shownText: string): string =>
      this.#options.format === 'json'
        ? `${JSON.stringify({ time: time.toISOString(), level, logger: name, message, ...fields })}\n`
        : `${localTime(time)} ${shownLevel} [${name}] ${shownText}\n`;
    if (this.#file !== null) this.#forFile += lineWith(word, text);
    const shown =
      this.#file === null || (this.#options.echo === true && isForEverybody(level, name, message));
    if (shown) this.#forTerminal += lineWith(this.#colored(level, word), withoutControls(text));
    if (this.#forFile.length + this.#forTerminal.length >= flushBytes) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  #colored(level: string, word: string): string {
    const color = this.#options.color === true ? colors[level] : undefined;
    return color === undefined ? word : `${color}${word}\u001b[39m`;
  }
}

/** Flume's words on a configuration; the same findings are told with their places before anything starts. */
const configurationLoggers = new Set(['FlumeConfiguration', 'AbstractConfigurationProvider']);

function isForEverybody(level: string, name: string, message: string): boolean {
  if (message.startsWith('Event: ')) return true;
  return (level === 'warn' || level === 'error') && !configurationLoggers.has(name);
}

/** What came with an event must not steer the terminal: controls but newline and tab are shown, not obeyed. */
function withoutControls(text: string): string {
  return text
    .split(/([\n\t]+)/)
    .map((part, i) => (i % 2 === 0 ? printable(part) : part))
    .join('');
}

function localTime(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${date} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`;
}

function fieldText(fields: Record<string, unknown> | undefined): string {
  if (fields === undefined) return '';
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}
