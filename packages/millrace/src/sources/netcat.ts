import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { defineSource, type SourceContext } from '../component/define.ts';
import type { Source } from '../component/source.ts';
import { opt } from '../config/options.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { errorText } from '../runtime/errors.ts';
import { listen } from '../runtime/listen.ts';
import { decoderFor, LineSplitter } from './netcat-lines.ts';

const options = {
  bind: opt.string({ doc: 'Address to listen on.', required: true }),
  port: opt.int({ doc: 'Port to listen on.', required: true, min: 0, max: 65535 }),
  'ack-every-event': opt.boolean({
    doc: 'Answer `OK` to every line that is safe in the channels.',
    default: true,
  }),
  'max-line-length': opt.int({
    doc: 'Most characters of a line, its newline included; a longer one closes the connection.',
    default: 512,
    min: 1,
  }),
  encoding: opt.string({ doc: 'How the text on the socket is encoded; bodies are UTF-8.', default: 'utf-8' }),
};
const lingerMs = 1000;

type Context = SourceContext<typeof options>;

export const netcatSource = defineSource({
  type: 'netcat',
  classNames: ['org.apache.flume.source.NetcatSource'],
  summary: 'Takes lines of text over TCP, one event a line, and answers each.',
  options,
  validate: ({ encoding }) =>
    decoderFor(encoding) === null
      ? [{ key: 'encoding', message: `encoding "${encoding}" is not known` }]
      : [],
  create: (context) => new NetcatSource(context),
});

class NetcatSource implements Source {
  readonly #context: Context;
  #server: Server | null = null;
  readonly #connections = new Map<Socket, Promise<void>>();

  constructor(context: Context) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { name, options, log } = this.#context;
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const serving = serve(socket, this.#context).finally(() => this.#connections.delete(socket));
      this.#connections.set(socket, serving);
    });
    const port = await listen(server, {
      host: options.bind,
      port: options.port,
      component: `source ${name}`,
      portOption: 'port',
    });
    server.on('error', (error) => log.error(`source ${name}: ${error.message}`, { error }));
    this.#server = server;
    log.info(`source ${name} listens on ${options.bind}:${port}`, { host: options.bind, port });
  }

  /** Lines that are being put are finished and answered; what comes after them is not read. */
  async stop(): Promise<void> {
    this.#server?.close();
    this.#server = null;
    const serving = [...this.#connections];
    for (const [socket] of serving) socket.emit('stop');
    await Promise.all(serving.map(([, done]) => done));
  }
}

/** Serves one connection to its end; never rejects. */
async function serve(socket: Socket, context: Context): Promise<void> {
  const { log, options } = context;
  const lines = new LineSplitter(options.encoding, options['max-line-length']);
  let stopped = false;
  let busy = false;
  socket.once('stop', () => {
    stopped = true;
    if (!busy) socket.destroy();
  });
  socket.on('error', (error) => log.debug(`connection of ${socket.remoteAddress}: ${error.message}`));
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      busy = true;
      const { batch, fault } = lines.push(chunk);
      if (batch !== null) await accept(batch, socket, context);
      if (fault === 'too-long') {
        const text = `Event exceeds the maximum length (${options['max-line-length']} chars, including newline)`;
        log.warn(`Client sent event exceeding the maximum length: source ${context.name}`);
        await answer(socket, `FAILED: ${text}\n`);
      }
      busy = false;
      if (fault !== null || stopped) break;
    }
    close(socket);
  } catch (error) {
    log.debug(`connection of ${socket.remoteAddress}: ${errorText(error)}`);
    socket.destroy();
  }
  if (stopped) socket.destroy();
}

/** Closes after the answers; a peer that goes on sending gets a moment, as a reset would take the last answer from it. */
function close(socket: Socket): void {
  socket.end();
  socket.resume();
  socket.setTimeout(lingerMs, () => socket.destroy());
}

/**
 * Puts the lines of a chunk and answers each. They go in batches as large as the channels take; where one has no room
 * its lines go one by one, as Flume sends them, so that as many as possible get in and each gets its own answer.
 */
async function accept(lines: EventBatch, socket: Socket, context: Context): Promise<void> {
  const most = Math.max(1, context.channels.transactionCapacity ?? lines.count);
  for (let from = 0; from < lines.count; from += most) {
    await acceptBatch(lines.slice(from, Math.min(from + most, lines.count)), socket, context);
  }
}

async function acceptBatch(batch: EventBatch, socket: Socket, context: Context): Promise<void> {
  const acks = context.options['ack-every-event'];
  const failure = await tryPut(batch, context);
  if (failure === null) {
    if (acks) await answer(socket, 'OK\n'.repeat(batch.count));
    return;
  }
  for (let i = 0; i < batch.count; i++) {
    const single = batch.count === 1 ? failure : await tryPut(batch.slice(i, i + 1), context);
    if (single !== null) {
      context.log.warn(`Error processing event. Exception follows. ${single}`);
      await answer(socket, `FAILED: ${single}\n`);
    } else if (acks) {
      await answer(socket, 'OK\n');
    }
  }
}

/** Null when the batch is in; else why not, on one line. */
async function tryPut(batch: EventBatch, context: Context): Promise<string | null> {
  try {
    await context.channels.put(batch);
    return null;
  } catch (error) {
    return errorText(error).replaceAll('\n', ' ');
  }
}

/** Waits for a peer that does not read its answers, so that they don't pile up. */
async function answer(socket: Socket, text: string): Promise<void> {
  if (socket.destroyed || socket.write(text)) return;
  await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
}
