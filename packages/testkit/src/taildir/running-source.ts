/** A TAILDIR source that runs over a temporary folder, with an array for a channel. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { FateListener } from '../../../millrace/src/component/lifetime.ts';
import type { PollableSource } from '../../../millrace/src/component/source.ts';
import type { StateBoard } from '../../../millrace/src/component/state.ts';
import { testSurroundings } from '../../../millrace/src/component/testing/context.ts';
import { taildirSource } from '../../../millrace/src/components/taildir/source.ts';
import type { EventBatch } from '../../../millrace/src/records/event-batch.ts';
import type { Diagnostic } from '../../../millrace/src/runtime/diagnostics.ts';
import { MillraceError } from '../../../millrace/src/runtime/errors.ts';
import { silentLogger } from '../../../millrace/src/runtime/logger.ts';

/** Looks without anything new after which nothing more is expected: each pauses twice as long as the one before. */
const looksToBeSure = 3;

/** A folder with `in/` for the files and `state/` for positions, and the sources that run over it. */
export class TailFolder {
  readonly dir = mkdtempSync(join(tmpdir(), 'taildir-'));
  readonly #running: Tail[] = [];

  constructor() {
    mkdirSync(join(this.dir, 'in'));
  }

  log(name: string): string {
    return join(this.dir, 'in', name);
  }

  tail(settings: Record<string, unknown> = {}): Tail {
    const tail = new Tail(this.dir, settings);
    this.#running.push(tail);
    return tail;
  }

  async remove(): Promise<void> {
    for (const tail of this.#running.splice(0)) await tail.stop();
    rmSync(this.dir, { recursive: true });
  }
}

/** A running TAILDIR source whose channel is an array. */
export class Tail {
  readonly bodies: string[] = [];
  readonly headers: Record<string, string>[] = [];
  readonly batchSizes: number[] = [];
  readonly batchBytes: number[] = [];
  readonly reports: Diagnostic[] = [];
  readonly source: PollableSource;
  /** What the source says of itself. */
  readonly state: StateBoard;
  refuse = false;
  /** Whether its lines count as delivered as soon as they are put; else nothing is known of them. */
  delivers = false;
  /** Rounds that have ended. */
  #rounds = 0;
  #abort = new AbortController();
  readonly #dir: string;
  #loop: Promise<void> = Promise.resolve();

  constructor(dir: string, settings: Record<string, unknown>) {
    this.#dir = dir;
    const surroundings = testSurroundings();
    this.state = surroundings.state;
    this.source = taildirSource.create({
      agent: 'a1',
      name: 'r1',
      log: silentLogger,
      ...surroundings,
      report: (diagnostic) => this.reports.push(diagnostic),
      channels: { put: (batch, options) => this.#put(batch, options?.onFate) },
      options: {
        filegroups: ['f1'],
        filegroupPaths: new Map([['f1', join(dir, 'in', 'app\\.log.*')]]),
        headers: new Map(),
        positionFile: join(dir, 'state', 'pos.json'),
        byteOffsetHeader: false,
        skipToEnd: false,
        idleTimeout: 120_000,
        writePosInterval: 3000,
        batchSize: 100,
        maxBatchCount: Number.MAX_SAFE_INTEGER,
        cachePatternMatching: true,
        fileHeader: false,
        fileHeaderKey: 'file',
        acknowledge: 'channel',
        deletedTimeout: 5000,
        skipBom: false,
        skipNul: false,
        continueReplaced: false,
        readCompressed: false,
        ...settings,
      } as never,
    }) as PollableSource;
  }

  async #put(batch: EventBatch, onFate?: FateListener): Promise<void> {
    if (this.refuse) throw new MillraceError('CHANNEL_FULL', 'full');
    this.batchSizes.push(batch.count);
    this.batchBytes.push(batch.sizeBytes);
    for (const event of batch) {
      this.bodies.push(event.body.toString('latin1'));
      this.headers.push(Object.fromEntries(event.headers()));
    }
    if (this.delivers) onFate?.('delivered');
  }

  async start(): Promise<this> {
    this.#abort = new AbortController();
    await this.source.start();
    const { signal } = this.#abort;
    this.#loop = (async () => {
      while (!signal.aborted) {
        await this.source.process(signal);
        this.#rounds++;
      }
    })();
    return this;
  }

  async stop(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    await this.#loop;
    await this.source.stop();
  }

  /** Ends as a killed process does: nothing is saved any more. */
  async kill(): Promise<void> {
    const position = join(this.#dir, 'state', 'pos.json');
    const before = existsSync(position) ? readFileSync(position) : null;
    const journal = readFileSync(`${position}.journal`);
    await this.stop();
    if (before === null) rmSync(position, { force: true });
    else writeFileSync(position, before);
    writeFileSync(`${position}.journal`, journal);
  }

  async until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 1500 && !condition(); i++) await sleep(10);
    expect(condition(), `saw ${this.bodies.length} lines: ${this.bodies.slice(-5).join('|')}`).toBe(true);
  }

  /** Waits until the source has looked a few times more and found nothing new. */
  async settled(): Promise<void> {
    for (let seen = -1; seen !== this.bodies.length; ) {
      seen = this.bodies.length;
      // The round under way may have looked already.
      const until = this.#rounds + 1 + looksToBeSure;
      await this.until(() => this.#rounds >= until);
    }
  }

  /** Waits until the lines are there, and a few looks longer for any that are too many. */
  async expectLines(...lines: string[]): Promise<void> {
    await this.until(() => this.bodies.length >= lines.length);
    await this.settled();
    expect(this.bodies).toEqual(lines);
  }
}
