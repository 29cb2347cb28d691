import { defineSource, type SourceContext } from '../../component/define.ts';
import { Intake } from '../../component/intake.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import { limitOptions, limitsOf, listenOptions } from '../../component/options/listen.ts';
import type { Source } from '../../component/source.ts';
import { charsetFaults } from '../../config/charset-faults.ts';
import { opt } from '../../config/options.ts';
import { findCharset } from '../../java/charsets.ts';
import { type Conversation, PeerFault } from '../../net/conversation.ts';
import { peerText } from '../../net/peer.ts';
import { RequestServer } from '../../net/request-server.ts';
import type { ServedConnection } from '../../net/served-connection.ts';
import type { EventBatch } from '../../records/event-batch.ts';
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
  limits: opt.group(limitOptions),
};

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
    'Connections have limits: `maxConnections`, `idleTimeout`, `requestTimeout`.',
  ],
  options,
  headers: () => [],
  promises: (values) => ({
    does: `takes lines over TCP at ${values.listen.bind}:${values.listen.port}`,
    origin: values['ack-every-event'] ? 'sender' : 'nobody',
    until: 'taken',
    ...(values['ack-every-event']
      ? {}
      : { safer: 'set ack-every-event = true, and send again what got no OK' }),
  }),
  validate: ({ encoding }) => charsetFaults('encoding', encoding),
  create: (context) => new NetcatSource(context),
});

/** Of UTF-8, the most that a character of Java's takes; one more line is decoded before its length is looked at. */
const mostBytesOfChar = 3;

class NetcatSource implements Source {
  readonly #context: Context;
  #server: RequestServer | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { name, options, log } = this.#context;
    this.#server = new RequestServer({
      component: `source ${name}`,
      log,
      limits: limitsOf(options.limits, options['max-line-length'] * mostBytesOfChar),
      converse: (connection) => new Lines(connection, this.#context),
    });
    await this.#server.listen(options.listen.bind, options.listen.port);
  }

  /** Lines that were read are put and answered, as far as the deadline goes; what comes after is not read. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    await this.#server?.stop(deadline);
    this.#server = null;
  }
}

/** One peer: its lines are put, each gets an answer. A request is as many lines as the channels take at once. */
class Lines implements Conversation<EventBatch> {
  readonly #connection: ServedConnection;
  readonly #context: Context;
  readonly #intake: Intake;
  readonly #lines: LineSplitter;
  readonly #encode: (text: string) => Buffer;
  #pending: EventBatch | null = null;
  #fault: Fault | null = null;

  constructor(connection: ServedConnection, context: Context) {
    const { encoding, 'max-line-length': maxChars } = context.options;
    const charset = findCharset(encoding) ?? null;
    this.#connection = connection;
    this.#context = context;
    this.#intake = new Intake(context);
    this.#lines = new LineSplitter(/^utf-?8$/i.test(encoding) ? null : charset, maxChars);
    this.#encode = charset?.encoder() ?? ((text) => Buffer.from(text));
  }

  get unfinishedBytes(): number {
    return this.#lines.restBytes;
  }

  push(chunk: Buffer): void {
    const { batch, fault } = this.#lines.push(chunk);
    this.#pending = batch;
    this.#fault = fault;
  }

  next(): EventBatch | null {
    const pending = this.#pending;
    if (pending === null) {
      if (this.#fault !== null) throw this.#faultOf(this.#fault);
      return null;
    }
    const most = Math.min(pending.count, this.#intake.mostEvents);
    this.#pending = most < pending.count ? pending.slice(most, pending.count) : null;
    return most < pending.count ? pending.slice(0, most) : pending;
  }

  /**
   * Where a batch has no room its lines go one by one, as Flume sends them, so that as many as possible get in and each
   * gets its own answer.
   */
  async serve(batch: EventBatch): Promise<void> {
    const failure = await this.#intake.offer(batch, this.#connection.abandoned);
    if (failure === null) return this.#answer(batch.count);
    for (let i = 0; i < batch.count; i++) {
      const { abandoned } = this.#connection;
      const single = batch.count === 1 ? failure : await this.#intake.offer(batch.slice(i, i + 1), abandoned);
      if (single === null) await this.#answer(1);
      else {
        this.#context.log.warn(`Error processing event. Exception follows. ${single.reason}`);
        await this.#connection.answer(this.#encode(`FAILED: ${single.reason}\n`));
      }
    }
  }

  /** What was sent without a newline is kept or told. */
  rest(): EventBatch | null {
    const { log, options, name } = this.#context;
    const bytes = this.#lines.restBytes;
    const rest = options['keep-unfinished-line'] && !this.#connection.stopping ? this.#lines.rest() : null;
    if (rest === null && bytes > 0) {
      log.warn(
        `source ${name}: ${bytes} bytes of ${peerText(this.#connection.peer)} are dropped: no newline follows them (keep-unfinished-line = true keeps such text)`,
      );
    }
    return rest;
  }

  async #answer(events: number): Promise<void> {
    if (this.#context.options['ack-every-event'])
      await this.#connection.answer(this.#encode('OK\n'.repeat(events)));
  }

  #faultOf(fault: Fault): PeerFault {
    const { log, name, options } = this.#context;
    if (fault === 'undecodable') return new PeerFault(`its next line is no ${options.encoding}`);
    const text = `Event exceeds the maximum length (${options['max-line-length']} chars, including newline)`;
    log.warn(`Client sent event exceeding the maximum length: source ${name}`);
    return new PeerFault(text, this.#encode(`FAILED: ${text}\n`));
  }
}
