import type { Logger } from '../../runtime/logger.ts';
import { after, type Timer } from '../../runtime/timers.ts';
import { type WaitReport, waitReport } from '../../runtime/wait.ts';

/** One answer may say that a topic is missing while the brokers are making it. */
const answersBeforeTold = 2;
const againMs = 30_000;
const gatherMs = 50;
const mostNamed = 5;

interface Missing {
  readonly sinceMs: number;
  answers: number;
  toldAt: number;
}

/**
 * Tells of topics that somebody waits for and the cluster does not have: as soon as that is certain, then every 30 s,
 * and when they are there. Many topics are one line.
 */
export class TopicNotices {
  readonly #log: Logger;
  readonly #cluster: string;
  readonly #missing = new Map<string, Missing>();
  readonly #due = new Set<string>();
  #timer: Timer | null = null;

  /** @param cluster for a person: where the topics were looked for */
  constructor(log: Logger, cluster: string) {
    this.#log = log;
    this.#cluster = cluster;
  }

  /** The cluster says that it does not have the topic. */
  missing(topic: string): void {
    const known = this.#missing.get(topic) ?? {
      sinceMs: Date.now(),
      answers: 0,
      toldAt: Number.NEGATIVE_INFINITY,
    };
    this.#missing.set(topic, known);
    known.answers++;
    const now = performance.now();
    if (known.answers < answersBeforeTold || now - known.toldAt < againMs) return;
    known.toldAt = now;
    this.#due.add(topic);
    this.#timer ??= after(gatherMs, () => this.#tell(), { background: true });
  }

  found(topic: string): void {
    const known = this.#missing.get(topic);
    if (known === undefined) return;
    this.#missing.delete(topic);
    this.#due.delete(topic);
    if (known.toldAt > Number.NEGATIVE_INFINITY) this.#log.info(`topic ${topic} is there now`);
  }

  /** For whoever looks: those of which it is certain. */
  waits(): readonly WaitReport[] {
    const missing = [...this.#missing].filter(([, { answers }]) => answers >= answersBeforeTold);
    const [first] = missing;
    if (first === undefined) return [];
    const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
    const what = `topic ${first[0]}${more}: not in the cluster at ${this.#cluster}`;
    return [waitReport('fault', what, first[1].sinceMs)];
  }

  close(): void {
    this.#timer?.cancel();
    this.#missing.clear();
  }

  #tell(): void {
    this.#timer = null;
    const topics = [...this.#due];
    this.#due.clear();
    if (topics.length === 0) return;
    const named = topics.slice(0, mostNamed).join(', ');
    const more = topics.length > mostNamed ? ` and ${topics.length - mostNamed} more` : '';
    const are = topics.length === 1 ? `topic ${named} is` : `topics ${named}${more} are`;
    this.#log.warn(
      `${are} not in the cluster at ${this.#cluster}. ` +
        'Create what is missing, or set auto.create.topics.enable on the brokers; events wait until then.',
    );
  }
}
