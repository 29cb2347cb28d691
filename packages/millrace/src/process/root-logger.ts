import type { LogLevel, LogOutputOptions } from './log-output.ts';

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
