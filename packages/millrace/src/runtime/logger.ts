/**
 * What components write to. The process decides where it goes: Flume's console pattern, pino's JSON, a test's array.
 * Messages never hold event bodies or secrets.
 */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A logger whose lines name the component, as log4j's logger name does. */
  child(name: string): Logger;
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

/** A logger for programs: writes to the console, `[name] message`; `debug` is left out. */
export const consoleLogger: Logger = consoleLoggerOf('millrace');

function consoleLoggerOf(name: string): Logger {
  const at = (level: 'info' | 'warn' | 'error') => (message: string) =>
    console[level](`[${name}] ${message}`);
  return { debug() {}, info: at('info'), warn: at('warn'), error: at('error'), child: consoleLoggerOf };
}
