import { Admin } from '../client/admin.ts';
import { KafkaClient } from '../client/client.ts';
import type { MillraceProcess } from '../server/process.ts';
import type { Metric } from '../server/threads.ts';
import type { Io } from './io.ts';

/** On a terminal the line is drawn over; elsewhere a line is written now and then, so that logs stay readable. */
const terminalIntervalMs = 1000;
const plainIntervalMs = 10_000;

/** One line that lives: events/s in and out, how full each channel is, how far each consumer group is behind. */
export class StatusLine implements AsyncDisposable {
  readonly #process: MillraceProcess;
  readonly #io: Io;
  readonly #client: KafkaClient | null;
  #timer: NodeJS.Timeout | null = null;
  #last = { atMs: 0, in: 0, out: 0 };
  #busy = false;

  constructor(process: MillraceProcess, bootstrap: string | null, io: Io) {
    this.#process = process;
    this.#io = io;
    this.#client =
      bootstrap === null
        ? null
        : new KafkaClient({ bootstrapServers: [bootstrap], clientId: 'millrace-status' });
  }

  start(): void {
    this.#last = { atMs: performance.now(), in: 0, out: 0 };
    const interval = this.#io.isTerminal ? terminalIntervalMs : plainIntervalMs;
    this.#timer = setInterval(() => void this.#draw().catch(() => {}), interval);
    this.#timer.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#io.isTerminal) this.#io.stdout.write('\r\x1b[K');
    await this.#client?.close();
  }

  async #draw(): Promise<void> {
    if (this.#busy) return; // the broker or an agent is slow to answer: the next turn will do
    this.#busy = true;
    try {
      const { metrics } = await this.#process.snapshot();
      const lags = await this.#lags().catch(() => []);
      const text = this.#text(metrics, lags);
      this.#io.stdout.write(this.#io.isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
    } finally {
      this.#busy = false;
    }
  }

  #text(metrics: readonly Metric[], lags: readonly string[]): string {
    const sum = (kind: Metric['kind'], attribute: string): number =>
      metrics.reduce((total, m) => total + (m.kind === kind ? Number(m.attributes[attribute] ?? 0) : 0), 0);
    const now = {
      atMs: performance.now(),
      in: sum('SOURCE', 'EventAcceptedCount'),
      out: sum('SINK', 'EventDrainSuccessCount'),
    };
    const seconds = (now.atMs - this.#last.atMs) / 1000;
    const rate = (key: 'in' | 'out'): string =>
      Math.round((now[key] - this.#last[key]) / seconds).toLocaleString('en');
    const fills = metrics
      .filter(({ kind, attributes }) => kind === 'CHANNEL' && Number(attributes.ChannelCapacity) > 0)
      .map(
        ({ agent, name, attributes }) =>
          `${agent}.${name} ${Number(attributes.ChannelFillPercentage).toFixed(1)}%`,
      );
    const parts = [`in ${rate('in')}/s`, `out ${rate('out')}/s`];
    if (fills.length > 0) parts.push(`fill ${fills.join(' ')}`);
    if (lags.length > 0) parts.push(`lag ${lags.join(' ')}`);
    this.#last = now;
    return parts.join(' · ');
  }

  async #lags(): Promise<readonly string[]> {
    if (this.#client === null) return [];
    const admin = new Admin(this.#client);
    const groups = await admin.listGroups();
    return Promise.all(
      groups.map(async ({ groupId }) => {
        const committed = await admin.groupOffsets(groupId);
        const ends = await admin.listOffsets(committed, 'latest');
        const lag = ends.reduce((total, end) => {
          const own = committed.find((c) => c.topic === end.topic && c.partition === end.partition);
          return total + Math.max(0, end.offset - (own?.offset ?? 0));
        }, 0);
        return `${groupId} ${lag.toLocaleString('en')}`;
      }),
    );
  }
}
