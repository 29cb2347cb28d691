import { setTimeout as sleep } from 'node:timers/promises';
import { deliveryOf } from '../../../millrace/src/component/delivery.ts';
import { contextFor } from '../../../millrace/src/component/testing/context.ts';
import { hdfsSink } from '../../../millrace/src/components/files/hdfs-sink.ts';
import { textSerializer } from '../../../millrace/src/components/text/text-serializer.ts';
import { BatchBuilder } from '../../../millrace/src/records/batch-builder.ts';
import type { RealHdfs } from './real-hdfs.ts';

const batchEvents = 20;

/** An hdfs sink that is given numbered lines, each again until it is acknowledged, as a channel does. */
export class NumberedLines {
  readonly folder: string;
  /** How many lines were ever given. */
  count = 0;
  /** What deliveries failed with, and what the sink has told; each text once. */
  readonly told = new Set<string>();
  readonly #sink: ReturnType<typeof hdfsSink.create>;
  readonly #context: ReturnType<typeof contextFor>;
  readonly #signal = new AbortController().signal;

  /** `path`: of hdfs.path; `folder`: the same in HDFS. */
  constructor(path: string, folder: string, properties: Readonly<Record<string, unknown>>) {
    this.folder = folder;
    const all = {
      ...{ 'hdfs.path': path, 'hdfs.fileType': 'DataStream', 'hdfs.user': 'mill' },
      ...{ 'hdfs.rollInterval': 0, 'hdfs.rollSize': 0, 'hdfs.rollCount': 60, 'hdfs.retryInterval': 1 },
      ...properties,
    };
    this.#context = contextFor(hdfsSink, all, 'k1', [textSerializer]);
    this.#sink = hdfsSink.create(this.#context);
  }

  async start(): Promise<void> {
    await this.#sink.start();
  }

  /** Stops, and lets a start see to what was left. */
  async finish(): Promise<void> {
    await this.#sink.stop();
    await this.#sink.start();
    await this.#sink.stop();
  }

  /** Gives so many batches of new lines at once, and has open files closed; resolves when all are acknowledged. */
  async deliver(batches: number): Promise<void> {
    const delivered = this.begin(batches);
    let isDone = false;
    const flushing = (async () => {
      while (!isDone) {
        await this.#sink.flush?.();
        await sleep(100);
      }
    })();
    await delivered.finally(() => {
      isDone = true;
    });
    await flushing;
  }

  /** The same, but files stay open until they are full. */
  async begin(batches: number): Promise<void> {
    await Promise.all(Array.from({ length: batches }, () => this.#deliver(batchEvents)));
  }

  /** What there is to say of its files: lines that are missing or come twice, torn lines, names that are in use. */
  async findings(hdfs: RealHdfs) {
    const seen = new Array<number>(this.count).fill(0);
    const torn: string[] = [];
    const inUse: string[] = [];
    for (const { path, sizeBytes } of await hdfs.files(this.folder)) {
      // An empty one may be made after the answer to its making was lost, and after it was looked for.
      if (path.endsWith('.tmp') && sizeBytes > 0) inUse.push(path);
      const text = (await hdfs.read(path))!.toString();
      const lines = text.split('\n');
      if (lines.pop() !== '') torn.push(path);
      for (const line of lines) {
        const n = Number(/^line (\d+)$/.exec(line)?.[1] ?? -1);
        if (n in seen) seen[n]!++;
        else torn.push(`${path}: ${line}`);
      }
    }
    const those = (test: (times: number) => boolean) => seen.flatMap((times, n) => (test(times) ? [n] : []));
    return { missing: those((times) => times === 0), twice: those((times) => times > 1), torn, inUse };
  }

  get diagnostics(): readonly string[] {
    return this.#context.diagnostics.map(({ message }) => message);
  }

  async #deliver(count: number): Promise<void> {
    let numbers = Array.from({ length: count }, () => this.count++);
    while (numbers.length > 0) {
      const builder = new BatchBuilder();
      for (const n of numbers) builder.add(Buffer.from(`line ${n}`));
      const { pending = [], error } =
        (await this.#sink.deliver(deliveryOf([builder.build()]), { signal: this.#signal })) ?? {};
      if (error instanceof Error) this.told.add(error.message);
      numbers = pending.map((index) => numbers[index]!);
      if (numbers.length > 0) await sleep(200);
    }
  }
}
