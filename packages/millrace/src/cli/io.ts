import { hasErrno } from '../runtime/errors.ts';

/** What a command reads and writes; tests hand in their own. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether standard output is a terminal: progress and status lines are drawn only there. */
  readonly isTerminal: boolean;
  /** Whether standard output may be coloured: a terminal without NO_COLOR (https://no-color.org), or FORCE_COLOR. */
  readonly color: boolean;
  /** The same of standard error; absent: no. */
  readonly errorColor?: boolean;
  /** Whether standard error is a terminal; absent: no. */
  readonly errorIsTerminal?: boolean;
  /** Columns of standard output as they are now; absent: not a terminal, or it does not say. */
  readonly columns?: number | undefined;
}

export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  outlivePipes();
  return {
    stdin,
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    isTerminal: stdout.isTTY === true && env.TERM !== 'dumb',
    color: mayColor(stdout, env),
    errorColor: mayColor(stderr, env),
    errorIsTerminal: stderr.isTTY === true,
    get columns() {
      return stdout.columns > 0 ? stdout.columns : undefined;
    },
  };
}

function mayColor(stream: { readonly isTTY?: boolean }, env: Io['env']): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

let pipesWatched = false;
let isServer = false;

/** From here on the command's work outlives whoever reads its output: a closed pipe or terminal does not end it. */
export function outliveReaders(): void {
  isServer = true;
}

/**
 * A reader that goes away (`| head -1`) is no fault: whoever only prints ends silently with what a shell gives for
 * SIGPIPE; a server goes on. Standard error is never needed to go on.
 */
function outlivePipes(): void {
  if (pipesWatched) return;
  pipesWatched = true;
  process.stdout.on('error', (error) => {
    if (isServer) return;
    if (hasErrno(error, 'EPIPE', 'EIO')) process.exit(exitCodes.brokenPipe);
    process.stderr.write(`millrace: cannot write to standard output: ${error.message}\n`);
    process.exit(exitCodes.unavailable);
  });
  process.stderr.on('error', () => {});
}

/** Exit codes, the same for every command (sysexits.h where it has one). */
export const exitCodes = {
  ok: 0,
  /** The command did its work and found something wrong. */
  findings: 1,
  /** A server stopped, and events that only memory held are lost. */
  lost: 3,
  /** Words of the command line that can't be understood. */
  usage: 64,
  /** A server or a file that was needed is not there. */
  unavailable: 69,
  /** A bug: an error nobody expected. */
  software: 70,
  /** A configuration that can't run. */
  configuration: 78,
  /** A second Ctrl-C. */
  interrupted: 130,
  /** Nobody reads standard output any more: 128 + SIGPIPE. */
  brokenPipe: 141,
  /** A second SIGTERM; `flume-ng`: every SIGTERM. */
  terminated: 143,
} as const;
