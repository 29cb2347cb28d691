/**
 * A component of your own: a sink that appends each event to a file, as a line of JSON with its headers and its body.
 * `defineSink` binds what the options are to the code; the file beside this one tests it, and runs it in an agent.
 */
import { type FileHandle, open } from 'node:fs/promises';
import {
  defineSink,
  MillraceError,
  opt,
  type ProcessStatus,
  type Sink,
  type SinkContext,
  SinkCounter,
} from 'millrace/component';

const options = {
  path: opt.string({ doc: 'The file that lines are appended to.', required: true }),
  batchSize: opt.int({ doc: 'Most events of one transaction.', unit: 'events', default: 100, min: 1 }),
};

export const jsonLinesSink = defineSink({
  type: 'json_lines',
  classNames: [],
  summary: 'Appends events to a file, a line of JSON each.',
  options,
  batchSizeOption: 'batchSize',
  create: (context) => new JsonLinesSink(context),
});

class JsonLinesSink implements Sink {
  readonly counter = new SinkCounter();
  readonly #context: SinkContext<typeof options>;
  #file: FileHandle | null = null;

  constructor(context: SinkContext<typeof options>) {
    this.#context = context;
  }

  async start(): Promise<void> {
    this.#file = await open(this.#context.options.path, 'a');
    this.counter.start();
  }

  /** May come when no start has worked. */
  async stop(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    this.counter.stop();
  }

  /** One transaction: the events leave the channel only when the file has them. */
  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const { channel, options, name } = this.#context;
    const transaction = channel.begin();
    try {
      const lines: string[] = [];
      while (lines.length < options.batchSize) {
        const batch = await transaction.take(options.batchSize - lines.length, signal);
        if (batch === null) break;
        for (const event of batch) {
          const headers = Object.fromEntries(event.headers());
          lines.push(`${JSON.stringify({ headers, body: event.body.toString() })}\n`);
        }
      }
      this.counter.eventDrainAttempt += lines.length;
      await this.#file?.appendFile(lines.join(''));
      await transaction.commit();
      this.counter.eventDrainSuccess += lines.length;
      return lines.length > 0 ? 'ready' : 'backoff';
    } catch (error) {
      await transaction.rollback();
      throw new MillraceError('DELIVERY_FAILED', `sink ${name}: cannot write ${options.path}`, {
        cause: error,
      });
    }
  }
}
