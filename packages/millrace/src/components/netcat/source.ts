import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { defineSource, type SourceContext } from '../../component/define.ts';
import { listenOptions } from '../../component/options/listen.ts';
import type { Source } from '../../component/source.ts';
import { charsetFaults } from '../../config/charset-faults.ts';
import { opt } from '../../config/options.ts';
import { findCharset } from '../../java/charsets.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { Deadline, late } from '../../runtime/deadline.ts';
import { errorText } from '../../runtime/errors.ts';
import { listen } from '../../runtime/listen.ts';
import { type Fault, LineSplitter } from './lines.ts';

const options = {
  listen: opt.group(listenOptions),
  'ack-every-event': opt.boolean({
    doc: 'Answer `OK` to every line that is safe in the channels.',
    default: true,
  }),
  'max-line-length': opt.int({
    doc: 'Most characters of a line, its newline included; a longer one closes the connection.',
    default: 512,
    min: 1,
  }),
  encoding: opt.string({
    doc: "How the text on the socket is encoded, answers included, by Java's names; bodies are UTF-8.",
    default: 'utf-8',
  }),
  'keep-unfinished-line': opt.boolean({
    doc: 'What becomes of text without newline when the peer closes: true, it is an event like any other; false, it is dropped and told, as Flume drops it.',
    default: false,
  }),
};
const lingerMs = 1000;

type Context = SourceContext<typeof options>;

export const netcatSource = defineSource({
  type: 'netcat',
  classNames: ['org.apache.flume.source.NetcatSource'],
  summary: 'Takes lines of text over TCP, one event a line, and answers each.',
  example: `
a1.sources.r1.type = netcat
a1.sources.r1.bind = 127.0.0.1
a1.sources.r1.port = 44444
`,
  differs: [
    'The lines of one read go into the channel as one transaction; when it fails they go one by one.',
    'Lines in front of bytes that are no text are kept and answered (Flume loses what came with them).',
    "`encoding` and exec's `charset` take Java's names; EBCDIC and ISO-2022 are refused.",
  ],
  options,
  validate: ({ encoding }) => charsetFaults('encoding', encoding),
  create: (context) => new NetcatSource(context),
});

class NetcatSource implements Source {
  readonly #context: Context;
  #server: Server | null = null;
  readonly #connections = new Map<Connection, Promise<void>>();

  constructor(context: Context) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { name, options, log } = this.#context;
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const connection = new Connection(socket, this.#context);
      const serving = connection.serve().finally(() => this.#connections.delete(connection));
      this.#connections.set(connection, serving);
    });
    const port = await listen(server, {
      host: options.listen.bind,
      port: options.listen.port,
      component: `source ${name}`,
      portOption: 'port',
    });
    server.on('error', (error) => log.error(`source ${name}: ${error.message}`, { error }));
    this.#server = server;
    log.info(`source ${name} listens on ${options.listen.bind}:${port}`, { host: options.listen.bind, port });
  }

  /** Lines that are being put are finished and answered, as far as the deadline goes; what comes after is not read. */
  async stop({ deadline }: { deadline?: Deadline } = {}): Promise<void> {
    this.#server?.close();
    this.#server = null;
    const serving = [...this.#connections];
    for (const [connection] of serving) connection.stop();
    const ended = Promise.all(serving.map(([, done]) => done));
    if ((await (deadline ?? Deadline.never()).race(ended)) !== late) return;
    for (const [connection] of serving) connection.abandon();
    await ended;
  }
}

/** One peer: reads lines, puts them, answers each. */
class Connection {
  readonly #socket: Socket;
  readonly #context: Context;
  readonly #lines: LineSplitter;
  readonly #encode: (text: string) => Buffer;
  /** Aborts when what is under way is to be given up. */
  readonly #abandoned = new AbortController();
  /** Aborts when nothing more is to be read, and no peer waited for. */
  readonly #stopping = new AbortController();
  #busy = false;

  constructor(socket: Socket, context: Context) {
    const { encoding, 'max-line-length': maxChars } = context.options;
    const charset = findCharset(encoding) ?? null;
    this.#socket = socket;
    this.#context = context;
    this.#lines = new LineSplitter(/^utf-?8$/i.test(encoding) ? null : charset, maxChars);
    this.#encode = charset?.encoder() ?? ((text) => Buffer.from(text));
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Ends the reading: at once where nothing is under way. */
  stop(): void {
    this.#stopping.abort();
    if (!this.#busy) this.#socket.destroy();
  }

  abandon(): void {
    this.#abandoned.abort();
    this.#socket.destroy();
  }

  /** Serves to the end; never rejects. */
  async serve(): Promise<void> {
    const { log, options, name } = this.#context;
    const socket = this.#socket;
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    socket.on('error', (error) => log.debug(`connection of ${peer}: ${error.message}`));
    try {
      let fault: Fault | null = null;
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        this.#busy = true;
        const pushed = this.#lines.push(chunk);
        fault = pushed.fault;
        if (pushed.batch !== null) await this.#accept(pushed.batch);
        if (fault === 'too-long') {
          const text = `Event exceeds the maximum length (${options['max-line-length']} chars, including newline)`;
          log.warn(`Client sent event exceeding the maximum length: source ${name}`);
          await this.#answer(`FAILED: ${text}\n`);
        } else if (fault === 'undecodable') {
          log.warn(
            `source ${name}: connection of ${peer} is closed: its next line is no ${options.encoding}`,
          );
        }
        this.#busy = false;
        if (fault !== null || this.#stopped) break;
      }
      if (fault === null) await this.#finish(peer);
      this.#close();
    } catch (error) {
      log.debug(`connection of ${peer}: ${errorText(error)}`);
      socket.destroy();
    }
    if (this.#stopped) socket.destroy();
  }

  /** The peer has closed; what it sent without a newline is kept or told. */
  async #finish(peer: string): Promise<void> {
    const bytes = this.#lines.restBytes;
    if (bytes === 0) return;
    const { log, options, name } = this.#context;
    const rest = options['keep-unfinished-line'] && !this.#stopped ? this.#lines.rest() : null;
    if (rest !== null) return this.#accept(rest);
    log.warn(
      `source ${name}: ${bytes} bytes of ${peer} are dropped: no newline follows them (keep-unfinished-line = true keeps such text)`,
    );
  }

  /** Closes after the answers; a peer that goes on sending gets a moment, as a reset would take the last answer from it. */
  #close(): void {
    this.#socket.end();
    this.#socket.resume();
    this.#socket.setTimeout(lingerMs, () => this.#socket.destroy());
  }

  /**
   * Puts the lines of a chunk and answers each. They go in batches as large as the channels take; where one has no room
   * its lines go one by one, as Flume sends them, so that as many as possible get in and each gets its own answer.
   */
  async #accept(lines: EventBatch): Promise<void> {
    const most = Math.max(1, this.#context.channels.transactionCapacity ?? lines.count);
    for (let from = 0; from < lines.count; from += most) {
      await this.#acceptBatch(lines.slice(from, Math.min(from + most, lines.count)));
    }
  }

  async #acceptBatch(batch: EventBatch): Promise<void> {
    const acks = this.#context.options['ack-every-event'];
    const failure = await this.#tryPut(batch);
    if (failure === null) {
      if (acks) await this.#answer('OK\n'.repeat(batch.count));
      return;
    }
    for (let i = 0; i < batch.count; i++) {
      const single = batch.count === 1 ? failure : await this.#tryPut(batch.slice(i, i + 1));
      if (single !== null) {
        this.#context.log.warn(`Error processing event. Exception follows. ${single}`);
        await this.#answer(`FAILED: ${single}\n`);
      } else if (acks) {
        await this.#answer('OK\n');
      }
    }
  }

  /** Null when the batch is in; else why not, on one line. */
  async #tryPut(batch: EventBatch): Promise<string | null> {
    try {
      await this.#context.channels.put(batch, { signal: this.#abandoned.signal });
      return null;
    } catch (error) {
      return errorText(error).replaceAll('\n', ' ');
    }
  }

  /** Waits for a peer that does not read its answers, so that they don't pile up; not while the source is stopping. */
  async #answer(text: string): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || socket.write(this.#encode(text)) || this.#stopped) return;
    const { signal } = this.#stopping;
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(
      () => {},
    );
  }
}
