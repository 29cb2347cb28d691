/**
 * A component of your own: a sink that appends each event to a file, as a line of JSON with its headers and its body.
 * `defineSink` binds what the options are to the code; the file beside this one tests it, and runs it in an agent.
 */
import { type FileHandle, open } from 'node:fs/promises';
import {
  type Delivery,
  defineSink,
  MillraceError,
  opt,
  type Sink,
  type SinkBatch,
  type SinkContext,
  SinkCounter,
} from 'millrace/component';

const options = {
  path: opt.string({ doc: 'The file that lines are appended to.', required: true }),
  batchSize: opt.int({ doc: 'Most events of one delivery.', unit: 'events', default: 100, min: 1 }),
};

export const jsonLinesSink = defineSink({
  type: 'json_lines',
  classNames: [],
  summary: 'Appends events to a file, a line of JSON each.',
  options,
  batchSizeOption: 'batchSize',
  promises: ({ path }) => ({
    does: `appends lines of JSON to ${path}`,
    delivered: 'the operating system has its line',
    survives: 'kill',
  }),
  create: (context) => new JsonLinesSink(context),
});

class JsonLinesSink implements Sink {
  readonly counter = new SinkCounter();
  readonly batch: SinkBatch;
  readonly #context: SinkContext<typeof options>;
  #file: FileHandle | null = null;

  constructor(context: SinkContext<typeof options>) {
    this.#context = context;
    this.batch = { events: context.options.batchSize };
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

  /** Resolves when the file has the events; they leave the channel then, and stay there when this throws. */
  async deliver({ batches }: Delivery): Promise<void> {
    const { options, name } = this.#context;
    const lines: string[] = [];
    for (const batch of batches) {
      for (const event of batch) {
        const headers = Object.fromEntries(event.headers());
        lines.push(`${JSON.stringify({ headers, body: event.body.toString() })}\n`);
      }
    }
    try {
      await this.#file?.appendFile(lines.join(''));
    } catch (error) {
      throw new MillraceError('DELIVERY_FAILED', `sink ${name}: cannot write ${options.path}`, {
        cause: error,
      });
    }
  }
}
