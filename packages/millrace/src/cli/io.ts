/** What a command reads and writes; tests hand in their own. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether standard output is a terminal: progress and status lines are drawn only there. */
  readonly isTerminal: boolean;
  /** Whether output may be coloured: a terminal, and NO_COLOR is not set (https://no-color.org). */
  readonly color: boolean;
}

export function processIo(): Io {
  const isTerminal = process.stdout.isTTY === true;
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    isTerminal,
    color: isTerminal && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb',
  };
}

/** Exit codes, the same for every command (sysexits.h where it has one). */
export const exitCodes = {
  ok: 0,
  /** The command did its work and found something wrong. */
  findings: 1,
  /** Words of the command line that can't be understood. */
  usage: 64,
  /** A server or a file that was needed is not there. */
  unavailable: 69,
  /** A bug: an error nobody expected. */
  software: 70,
  /** A configuration that can't run. */
  configuration: 78,
  /** Ended by Ctrl-C, or by SIGTERM. */
  interrupted: 130,
  terminated: 143,
} as const;
