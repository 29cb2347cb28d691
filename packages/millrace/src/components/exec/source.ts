import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { SourceCounter } from '../../component/counters.ts';
import { defineSource, type SourceContext } from '../../component/define.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import {
  lineGroupFaults,
  lineGroupNotes,
  lineGroupRule,
  multilineOptions,
} from '../../component/options/multiline.ts';
import { putUntilTaken } from '../../component/put-until-taken.ts';
import type { Source } from '../../component/source.ts';
import { charsetFaults } from '../../config/charset-faults.ts';
import { opt } from '../../config/options.ts';
import { findCharset } from '../../java/charsets.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { Deadline, late } from '../../runtime/deadline.ts';
import { printable } from '../../runtime/diagnostics.ts';
import { errorText, hasErrno } from '../../runtime/errors.ts';
import { after, pause } from '../../runtime/timers.ts';
import type { Wait } from '../../runtime/wait.ts';
import { LineReader } from './lines.ts';
import { shellWord } from './shell-words.ts';

const options = {
  command: opt.string({
    doc: 'The command to run; split on white space unless there is a shell.',
    required: true,
  }),
  shell: opt.string({
    doc: 'A shell to run the command by, such as `/bin/sh -c`; it gets the command as one argument.',
  }),
  restart: opt.boolean({
    doc: 'Run the command again when it has ended, whatever its exit code.',
    default: false,
  }),
  restartThrottle: opt.duration('ms', {
    doc: 'How long to wait before that.',
    java: 'long',
    default: 10_000,
    min: 0,
  }),
  logStdErr: opt.boolean({ doc: 'Log what the command writes to its stderr.', default: false }),
  batchSize: opt.int({
    doc: 'Most events per put.',
    unit: 'events',
    default: 20,
    min: 1,
    onOutside: 'clamp',
  }),
  batchTimeout: opt.duration('ms', {
    doc: 'How long lines wait for a full batch.',
    java: 'long',
    default: 3000,
    ignored: 'lines go on as soon as they are read, in batches of what is there',
  }),
  charset: opt.string({
    doc: "The charset of the output, by Java's name; lines are found in it, and their bytes stay as they are.",
    default: 'UTF-8',
  }),
  ...multilineOptions,
};
type Context = SourceContext<typeof options>;

export const execSource = defineSource({
  type: 'exec',
  classNames: ['org.apache.flume.source.ExecSource'],
  summary: 'Runs a command; each line of its output is an event.',
  example: `
a1.sources.r1.type = exec
a1.sources.r1.command = tail -F /var/log/app.log
a1.sources.r1.restart = true
`,
  differs: [
    'A full channel pauses the command instead of losing its lines; a stop ends the whole process group.',
    '`batchTimeout` has no effect: lines go on as soon as they are read.',
    '`multiline.*` is off by default. With it an event is its lines with `\\n` between them; patterns see lines as UTF-8.',
  ],
  options,
  batchSizeOption: 'batchSize',
  validate: ({ command, charset, ...values }) => [
    ...(command.trim() === ''
      ? [{ key: 'command', message: 'The parameter command must be specified' }]
      : []),
    ...charsetFaults('charset', charset),
    ...lineGroupFaults(values),
  ],
  notes: ({ command, shell, ...values }) => {
    const notes = lineGroupNotes(values);
    const word = shell === undefined ? shellWord(command) : undefined;
    if (word === undefined) return notes;
    const message = `command: ${word} means something to a shell only; without shell it is passed to the program as it stands`;
    const suggestion = 'add shell = /bin/sh -c';
    return [...notes, { key: 'command', message, suggestion, code: 'suspicious-value' }];
  },
  headers: () => [],
  promises: ({ command, restart }) => ({
    does: `runs ${command} and takes each line of its output`,
    origin: 'nobody',
    until: 'taken',
    safer: 'use TAILDIR where the lines come from files',
    losses: [
      {
        when: 'the command ends or is restarted',
        what: 'what it would have printed in between is lost, and what it had printed and nobody read',
        instead: restart
          ? 'use TAILDIR for files: it knows how far it has read'
          : 'set restart = true, or use TAILDIR for files',
      },
    ],
  }),
  create: (context) => new ExecSource(context),
});

/** How long a command has to end after SIGTERM, and its output to close after SIGKILL. */
const killGraceMs = 2000;

/**
 * Flume's ExecSource, except that nothing is lost while channels are full: the output is then not read, its pipe fills,
 * and the command waits. Stopping ends the command's whole process group, so that no `tail -F` of a shell stays behind.
 */
class ExecSource implements Source {
  readonly counter = new SourceCounter();
  readonly #context: Context;
  #abort = new AbortController();
  /** Aborts when lines that no channel takes are to be given up. */
  #giveUp = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Lines that no channel took while the source was stopping. */
  #lost = 0;
  /** Its command has ended well, or not. */
  readonly #ended: Wait;
  readonly #failed: Wait;

  constructor(context: Context) {
    this.#context = context;
    this.#ended = context.state.wait('idle');
    this.#failed = context.state.wait('fault');
  }

  async start(): Promise<void> {
    this.#abort = new AbortController();
    this.#giveUp = new AbortController();
    this.#lost = 0;
    this.#context.log.info(`Exec source starting with command: ${this.#context.options.command}`);
    this.counter.start();
    this.#running = this.#run(this.#abort.signal);
    this.#context.spawn(`command of source ${this.#context.name}`, this.#running);
  }

  /** Lines that the command has written are put as far as the channels take them before the deadline. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    this.#abort.abort();
    const ended = this.#running.catch(() => {}); // its failure was told where it was spawned
    if ((await (deadline ?? Deadline.never()).race(ended)) === late) {
      this.#giveUp.abort();
      await ended;
    }
    if (this.#lost > 0) {
      const { log, name } = this.#context;
      log.error(
        `source ${name}: ${this.#lost} lines of the command are lost, no channel took them before the stop`,
      );
    }
    this.counter.stop();
  }

  async #run(stop: AbortSignal): Promise<void> {
    const { options, log } = this.#context;
    do {
      this.#ended.end();
      this.#failed.end();
      const code = await this.#runOnce(stop);
      if (stop.aborted) return;
      const next = options.restart ? `it begins again in ${options.restartThrottle} ms` : 'restart is false';
      (code === 0 ? this.#ended : this.#failed).begin(
        `its command, which has ended with code ${code}: ${next}`,
      );
      if (!options.restart) return;
      log.info(`Restarting in ${options.restartThrottle}ms, exit code ${code}`);
      await pause(options.restartThrottle, stop);
    } while (!stop.aborted);
  }

  /** Runs the command to its end; its exit code as a shell tells it (128 + signal), or -1 when it could not be run. */
  async #runOnce(stop: AbortSignal): Promise<number> {
    const { options, log } = this.#context;
    const [program, ...args] = commandLine(options.command, options.shell);
    const child = spawn(program ?? '', args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    if (child.pid === undefined) return this.#notStarted(child);
    const exited = once(child, 'close');
    exited.catch(() => {}); // told below
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    const kill = () => endGroup(child);
    stop.addEventListener('abort', kill);
    if (stop.aborted) kill();
    try {
      const logged = this.#logStdErr(child.stderr);
      await this.#readLines(child.stdout, stop);
      await logged;
      const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null];
      const exitCode = code ?? 128 + signalNumber(signal);
      log.info(`Command [${options.command}] exited with ${exitCode}`);
      return exitCode;
    } catch (error) {
      log.error(`Failed while running command: ${options.command}: ${errorText(error)}`, { error });
      endGroup(child);
      return -1;
    } finally {
      stop.removeEventListener('abort', kill);
    }
  }

  /**
   * A command that can't be run ends like one that fails. Where the machine has no room for it (file handles,
   * processes, memory), that is a failure of the source: it starts again, whatever `restart` says.
   */
  async #notStarted(child: ChildProcess): Promise<number> {
    const { options, log } = this.#context;
    const [error] = (await once(child, 'error')) as [Error];
    if (hasErrno(error, 'EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM')) throw error;
    log.error(`Failed while running command: ${options.command}: ${errorText(error)}`, { error });
    return -1;
  }

  async #readLines(output: Readable, stop: AbortSignal): Promise<void> {
    const { options } = this.#context;
    const groups = lineGroupRule(options);
    const lines = new LineReader(options.batchSize, { charset: findCharset(options.charset), groups });
    const putAll = async (take: () => EventBatch | null) => {
      for (let batch = take(); batch !== null; batch = take()) await this.#put(batch, stop);
    };
    const chunks = (output as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    for (let chunk = chunks.next(); ; ) {
      const isWaited = groups !== null && lines.waits;
      const came = isWaited ? await Deadline.in(options['multiline.timeout']).race(chunk) : await chunk;
      if (came === late) {
        await putAll(() => lines.whole());
        // What waits now is a line without its end, whatever the time.
        await chunk;
        continue;
      }
      if (came.done === true) break;
      lines.push(came.value);
      await putAll(() => lines.next());
      chunk = chunks.next();
    }
    await putAll(() => lines.end());
  }

  /** Tries until the batch is in: the command waits meanwhile. Gives up only when the source is stopping. */
  async #put(batch: EventBatch, stop: AbortSignal): Promise<void> {
    const { channels, log, name } = this.#context;
    this.counter.eventReceived += batch.count;
    if (this.#lost > 0) {
      this.#lost += batch.count;
      return;
    }
    try {
      await putUntilTaken(channels, batch, {
        signal: this.#giveUp.signal,
        stop,
        rejected: (error, delayMs) => {
          this.counter.channelWriteFail++;
          log.warn(
            `source ${name}: the command waits, its lines are tried again in ${delayMs} ms: ${errorText(error)}`,
          );
        },
      });
      this.counter.eventAccepted += batch.count;
    } catch {
      this.counter.channelWriteFail++;
      this.#lost += batch.count;
    }
  }

  /** Reads stderr in any case: a command whose stderr is full stands still. */
  async #logStdErr(output: Readable): Promise<void> {
    const { options, log } = this.#context;
    const lines = new LineReader(Number.MAX_SAFE_INTEGER);
    let number = 0;
    const logAll = (batch: EventBatch | null) => {
      if (batch === null) return;
      for (const event of batch) {
        log.info(`StderrLogger[${++number}] = '${printable(event.body.toString('utf8'))}'`);
      }
    };
    try {
      for await (const chunk of output as AsyncIterable<Buffer>) {
        if (!options.logStdErr) continue;
        lines.push(chunk);
        for (let batch = lines.next(); batch !== null; batch = lines.next()) logAll(batch);
      }
      logAll(lines.end());
    } catch (error) {
      log.debug(`stderr of [${options.command}]: ${errorText(error)}`);
    }
  }
}

/** Without a shell there is no quoting, as in Flume: the words are what stands between white space. */
function commandLine(command: string, shell: string | undefined): string[] {
  const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
  return shell === undefined || shell.trim() === '' ? words(command) : [...words(shell), command];
}

/** Ends the process group of a command: SIGTERM, then SIGKILL; then its pipes are closed, whoever still holds them. */
function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined || !signalGroup(pid, 'SIGTERM')) return;
  const kill = () => {
    signalGroup(pid, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const timer = after(killGraceMs, kill, { background: true });
  child.once('close', () => timer.cancel());
}

/** False when the group is gone. */
function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGPIPE: 13,
  SIGTERM: 15,
};

function signalNumber(signal: NodeJS.Signals | null): number {
  return (signal === null ? undefined : signalNumbers[signal]) ?? 0;
}
