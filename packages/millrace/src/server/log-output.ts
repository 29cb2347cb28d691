import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'off';

export interface LogOutputOptions {
  readonly level: LogLevel;
  /** Where lines go: standard error, or a file that is appended to. */
  readonly target: 'stderr' | { readonly file: string };
  /** `flume`: as Flume's console pattern looks; `json`: one object a line. */
  readonly format: 'flume' | 'json';
  /** With a file as target: warnings, errors and the logger sink's events are shown on standard error as well. */
  readonly echo?: boolean;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'off'];
/** Lines are written together once this much waits; a lone line goes out at the end of the event loop's turn. */
const flushBytes = 64 * 1024;

/**
 * Writes log lines to a file descriptor from any thread. Writing blocks: a console that can't keep up slows the
 * component that logs (as log4j does) instead of filling memory.
 */
export class LogOutput {
  readonly #options: LogOutputOptions;
  readonly #fd: number;
  #pending = '';
  #scheduled = false;

  constructor(options: LogOutputOptions) {
    this.#options = options;
    if (options.target === 'stderr') {
      this.#fd = 2;
    } else {
      mkdirSync(dirname(options.target.file), { recursive: true });
      this.#fd = openSync(options.target.file, 'a');
    }
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
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    for (let at = 0; at < bytes.length; ) at += this.#writeSome(bytes, at);
  }

  close(): void {
    this.flush();
    if (this.#fd > 2) closeSync(this.#fd);
  }

  #write(level: string, name: string, message: string, fields?: Record<string, unknown>): void {
    const time = new Date();
    const line =
      this.#options.format === 'json'
        ? `${JSON.stringify({ time: time.toISOString(), level, logger: name, message, ...fields })}\n`
        : `${localTime(time)} ${level.toUpperCase().padEnd(5)} [${name}] ${message}${fieldText(fields)}\n`;
    this.#pending += line;
    if (this.#options.echo === true && isForEverybody(level, name, message)) process.stderr.write(line);
    if (this.#pending.length >= flushBytes) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  #writeSome(bytes: Buffer, at: number): number {
    try {
      return writeSync(this.#fd, bytes, at);
    } catch (error) {
      if (hasErrno(error, 'EAGAIN')) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // a full pipe: its reader is behind
        return 0;
      }
      return bytes.length - at; // nowhere to write to (EPIPE, ENOSPC): a log line must not end the process
    }
  }
}

/** Flume's words on a configuration; the same findings are told with their places before anything starts. */
const configurationLoggers = new Set(['FlumeConfiguration', 'AbstractConfigurationProvider']);

function isForEverybody(level: string, name: string, message: string): boolean {
  if (message.startsWith('Event: ')) return true;
  return (level === 'warn' || level === 'error') && !configurationLoggers.has(name);
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

/**
 * Understands `-Dflume.root.logger=INFO,console` (log4j 1 form, as every tutorial has it): a level, then appenders;
 * `console` is standard error, any other appender is Flume's log file.
 */
export function rootLogger(
  value: string | undefined,
  properties: ReadonlyMap<string, string>,
  format: LogOutputOptions['format'] = 'flume',
): LogOutputOptions {
  const [level = 'INFO', ...appenders] = (value ?? 'INFO,console').split(',').map((part) => part.trim());
  const named: Readonly<Record<string, LogLevel>> = {
    TRACE: 'debug',
    ALL: 'debug',
    DEBUG: 'debug',
    INFO: 'info',
    WARN: 'warn',
    ERROR: 'error',
    FATAL: 'error',
    OFF: 'off',
  };
  const file = `${properties.get('flume.log.dir') ?? '.'}/${properties.get('flume.log.file') ?? 'flume.log'}`;
  const toConsole = appenders.length === 0 || appenders.some((name) => name.toLowerCase() === 'console');
  return {
    level: named[level.toUpperCase()] ?? 'info',
    target: toConsole ? 'stderr' : { file },
    format,
  };
}
