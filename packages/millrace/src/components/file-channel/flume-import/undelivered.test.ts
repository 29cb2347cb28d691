import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../../testkit/src/files/access-log.ts';
import {
  addFlumeLog,
  FlumeLogBytes,
  flumeCheckpoint,
  flumeLogMeta,
  putFile,
} from '../../../../../testkit/src/flume/flume-log-files.ts';
import { MemoryFiles } from '../../../log/memory-files.ts';
import type { FileLayer } from '../../../runtime/files.ts';
import { EventReader } from './event-reader.ts';
import { findLogs } from './log-files.ts';
import { SavedQueue } from './saved-queue.ts';
import { Undelivered } from './undelivered.ts';

async function bodiesOf(files: FileLayer, dirs: readonly string[], checkpointDir?: string) {
  const logs = findLogs(dirs, files);
  const saved = checkpointDir === undefined ? null : SavedQueue.read(checkpointDir, files);
  if (typeof saved === 'string') throw new Error(saved);
  const reader = new EventReader(logs.flat(), files);
  const undelivered = await Undelivered.of(logs, saved, files, reader);
  const bodies: string[] = [];
  for await (const group of undelivered.events())
    for (const pointer of group) bodies.push(reader.read(pointer)?.body.toString() ?? 'removed');
  return { bodies, counts: undelivered.counts, damage: undelivered.damage };
}

interface Put {
  readonly fileId: number;
  readonly offset: number;
  readonly body: string;
}

/**
 * A channel of Flume, as a model that writes its files: transactions of puts and takes side by side, each in the folder
 * of its number; logs rolled; a checkpoint now and then; the end at any place.
 */
class ModelChannel {
  readonly files = new MemoryFiles();
  readonly dirs: readonly string[];
  readonly #draw: (below: number) => number;
  #order = 1_700_000_000_000;
  #nextId = 1;
  readonly #logs: { id: number; dir: string; bytes: FlumeLogBytes; position: number }[] = [];
  readonly #current: number[] = [];
  readonly #putting = new Map<number, Put[]>();
  readonly #taking = new Map<number, Put[]>();
  queue: Put[] = [];
  readonly delivered = new Set<string>();
  readonly committed: string[] = [];
  #checkpoint: ReturnType<typeof flumeCheckpoint> | null = null;
  #checkpointOrder = 0;

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.#draw = (below) => Math.floor(random() * below);
    this.dirs = Array.from({ length: 1 + this.#draw(2) }, (_, i) => `/data${i}`);
    this.dirs.forEach((_, i) => void this.#roll(i));
  }

  #roll(dir: number): void {
    this.#logs.push({ id: this.#nextId++, dir: this.dirs[dir]!, bytes: new FlumeLogBytes(), position: 0 });
    this.#current[dir] = this.#logs.length - 1;
  }

  #logOf(transaction: number): { id: number; bytes: FlumeLogBytes } {
    const dir = transaction % this.dirs.length;
    if (this.#draw(12) === 0) this.#roll(dir);
    return this.#logs[this.#current[dir]!]!;
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.#step();
    this.#save();
  }

  #step(): void {
    const kind = this.#draw(100);
    if (kind < 35) this.#put();
    else if (kind < 65) this.#take();
    else if (kind < 80) this.#end(this.#putting, 'put');
    else if (kind < 97) this.#end(this.#taking, 'take');
    else this.#makeCheckpoint();
  }

  #transactionIn(open: Map<number, Put[]>): number {
    const known = [...open.keys()];
    if (known.length > 0 && this.#draw(3) > 0) return known[this.#draw(known.length)]!;
    const made = ++this.#order;
    open.set(made, []);
    return made;
  }

  #put(): void {
    const transaction = this.#transactionIn(this.#putting);
    const log = this.#logOf(transaction);
    const order = ++this.#order;
    const body = `event ${order}`;
    const offset = log.bytes.put(transaction, order, body, { n: String(order) });
    this.#putting.get(transaction)!.push({ fileId: log.id, offset, body });
  }

  #take(): void {
    const event = this.queue.shift();
    if (event === undefined) return;
    const transaction = this.#transactionIn(this.#taking);
    this.#logOf(transaction).bytes.take(transaction, ++this.#order, event.fileId, event.offset);
    this.#taking.get(transaction)!.push(event);
  }

  #end(open: Map<number, Put[]>, of: 'put' | 'take'): void {
    const [transaction] = open.keys();
    if (transaction === undefined) return;
    const events = open.get(transaction)!;
    open.delete(transaction);
    const { bytes } = this.#logOf(transaction);
    if (this.#draw(5) === 0) {
      bytes.rollback(transaction, ++this.#order);
      if (of === 'take') this.queue.unshift(...events);
      return;
    }
    bytes.commit(transaction, ++this.#order, of);
    if (of === 'take') for (const { body } of events) this.delivered.add(body);
    else {
      this.queue.push(...events);
      this.committed.push(...events.map(({ body }) => body));
    }
  }

  #makeCheckpoint(): void {
    this.#checkpointOrder = ++this.#order;
    this.#checkpoint = flumeCheckpoint({
      order: this.#checkpointOrder,
      queue: this.queue,
      puts: this.#putting,
      takes: this.#taking,
      capacity: 1000,
      head: this.#draw(1000),
    });
    // Flume ends between the files of a checkpoint, too: a log whose meta file says nothing of it is read as a whole.
    for (const log of this.#logs) if (this.#draw(4) > 0) log.position = log.bytes.size;
  }

  #save(): void {
    for (const { id, dir, bytes, position } of this.#logs) {
      const meta = flumeLogMeta(id, { position, order: position === 0 ? 0 : this.#checkpointOrder });
      addFlumeLog(this.files, dir, id, bytes.bytes(this.#draw(200)), meta);
    }
    if (this.#checkpoint === null) return;
    this.files.makeDir('/checkpoint');
    for (const [name, bytes] of Object.entries(this.#checkpoint))
      putFile(this.files, `/checkpoint/${name}`, bytes);
  }

  get hasCheckpoint(): boolean {
    return this.#checkpoint !== null;
  }
}

describe('what a stopped Flume file channel has not delivered', () => {
  it('is what was committed and not taken, with and without its checkpoint: 400 drawn histories', async () => {
    let withCheckpoint = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const channel = new ModelChannel(seed);
      channel.run(20 + (seed % 180));
      const wanted = channel.committed.filter((body) => !channel.delivered.has(body));
      const full = await bodiesOf(channel.files, channel.dirs);
      expect(full.bodies, `seed ${seed}, from the logs alone`).toEqual(wanted);
      expect(full.damage).toEqual([]);
      if (!channel.hasCheckpoint) continue;
      withCheckpoint++;
      const short = await bodiesOf(channel.files, channel.dirs, '/checkpoint');
      expect([...short.bodies].sort(), `seed ${seed}, by the checkpoint`).toEqual([...wanted].sort());
      expect(short.counts.records).toBeLessThanOrEqual(full.counts.records);
    }
    expect(withCheckpoint).toBeGreaterThan(100);
  });

  it('begins with what a take had at the checkpoint, by the order in which it was put over all folders', async () => {
    const files = new MemoryFiles();
    const logs = [new FlumeLogBytes(), new FlumeLogBytes()];
    const pointers = Array.from({ length: 6 }, (_, n) => {
      const log = logs[n % 2]!;
      const offset = log.put(n + 1, 2 * n + 1, `event ${n}`);
      log.commit(n + 1, 2 * n + 2, 'put');
      return { fileId: 2 - (n % 2), offset };
    });
    for (const [i, log] of logs.entries()) addFlumeLog(files, `/data${i}`, 2 - i, log.bytes());
    const takes = new Map([[90, [4, 1, 2, 0].map((n) => pointers[n]!)]]);
    const checkpoint = flumeCheckpoint({ order: 50, queue: [pointers[3]!, pointers[5]!], takes });
    files.makeDir('/checkpoint');
    for (const [name, bytes] of Object.entries(checkpoint)) putFile(files, `/checkpoint/${name}`, bytes);
    const { bodies } = await bodiesOf(files, ['/data0', '/data1'], '/checkpoint');
    expect(bodies).toEqual([0, 1, 2, 4, 3, 5].map((n) => `event ${n}`));
  });

  it('leaves out what the integrity tool has taken out', async () => {
    const log = new FlumeLogBytes();
    log.put(1, 1, 'a');
    const at = log.put(1, 2, 'b');
    log.put(1, 3, 'c');
    log.commit(1, 4, 'put');
    const bytes = log.bytes(100);
    bytes[at] = 0;
    const files = new MemoryFiles();
    addFlumeLog(files, '/d', 1, bytes);
    const { bodies, counts, damage } = await bodiesOf(files, ['/d']);
    expect(bodies).toEqual(['a', 'c']);
    expect(counts.removed).toBe(1);
    expect(damage).toEqual([]);
  });
});

describe('damage in a log', () => {
  function log(): { bytes: Buffer; ends: number[] } {
    const made = new FlumeLogBytes();
    const ends: number[] = [];
    for (let n = 0; n < 5; n++) {
      made.put(n + 1, 2 * n + 1, `event ${n}`);
      made.commit(n + 1, 2 * n + 2, 'put');
      ends.push(made.size);
    }
    return { bytes: made.bytes(64), ends };
  }

  it('costs what it covers, and is told with its bytes', async () => {
    const { bytes, ends } = log();
    bytes.fill(0xee, ends[1]!, ends[1]! + 20);
    const files = new MemoryFiles();
    addFlumeLog(files, '/d', 1, bytes);
    const { bodies, damage } = await bodiesOf(files, ['/d']);
    expect(bodies).toEqual(['event 0', 'event 1', 'event 3', 'event 4']);
    // Up to the commit, which is whole, and commits nothing that could be read.
    expect(damage).toMatchObject([{ file: '/d/log-1', offset: ends[1], isTail: false }]);
    expect(damage[0]!.to).toBeLessThan(ends[2]!);
    expect(damage[0]!.reason).toBe('no record begins with the byte 238');
  });

  it('by a length that is absurd is found without reading so much', async () => {
    for (const length of [0x7fffffff, -1, 0, 25, 100_000]) {
      const { bytes, ends } = log();
      bytes.writeInt32BE(length, ends[1]! + 1);
      const files = new MemoryFiles();
      addFlumeLog(files, '/d', 1, bytes);
      const { bodies, damage } = await bodiesOf(files, ['/d']);
      expect(bodies).toEqual(['event 0', 'event 1', 'event 3', 'event 4']);
      expect(damage).toMatchObject([{ offset: ends[1], isTail: false }]);
    }
  });

  it('at the end is a tail, wherever the file is cut; what is whole before it counts', async () => {
    const { bytes, ends } = log();
    for (let size = ends[2]!; size < ends[4]!; size++) {
      const files = new MemoryFiles();
      addFlumeLog(files, '/d', 1, bytes.subarray(0, size));
      const { bodies, damage } = await bodiesOf(files, ['/d']);
      expect(bodies).toEqual(['event 0', 'event 1', 'event 2', ...(size >= ends[3]! ? ['event 3'] : [])]);
      expect(damage.every(({ isTail }) => isTail)).toBe(true);
    }
  });

  it('is none where a device gives zeros for what was allocated and not written', async () => {
    const { bytes, ends } = log();
    const files = new MemoryFiles();
    addFlumeLog(files, '/d', 1, Buffer.concat([bytes.subarray(0, ends[4]!), Buffer.alloc(200_000)]));
    const { bodies, damage } = await bodiesOf(files, ['/d']);
    expect(bodies).toHaveLength(5);
    expect(damage).toEqual([]);
  });
});

describe('a folder that can not be imported is told', () => {
  it.each([
    ['encrypted', flumeLogMeta(1, { keyAlias: 'key-0' }), 'it is encrypted (key key-0)'],
    ['of a version to come', flumeLogMeta(1, { version: 4 }), 'version 4'],
    ['of another number', Buffer.from('x'), 'log-1.meta'],
    ['without what its meta file says', Buffer.alloc(0), 'it is empty'],
  ])('%s', (_, meta, message) => {
    const log = new FlumeLogBytes();
    log.put(1, 1, 'a');
    const files = new MemoryFiles();
    addFlumeLog(files, '/d', 1, log.bytes(), meta);
    expect(() => findLogs(['/d'], files)).toThrow(message);
  });

  it('of version 2, and two of one number', () => {
    const files = new MemoryFiles();
    files.makeDir('/d');
    putFile(files, '/d/log-1', Buffer.from([0, 0, 0, 2, 0, 0, 0, 1]));
    expect(() => findLogs(['/d'], files)).toThrow('version 2');
    const log = new FlumeLogBytes();
    log.put(1, 1, 'a');
    const two = new MemoryFiles();
    for (const dir of ['/a', '/b']) addFlumeLog(two, dir, 3, log.bytes());
    expect(() => findLogs(['/a', '/b'], two)).toThrow('/a/log-3 has the same number');
  });
});

describe("Flume's checkpoint", () => {
  it('that is not whole is not used', () => {
    const pointer = { fileId: 1, offset: 0 };
    const whole = flumeCheckpoint({ order: 5, queue: [pointer], takes: new Map([[3, [pointer]]]) });
    const read = (changed: Partial<typeof whole>) => {
      const files = new MemoryFiles();
      files.makeDir('/c');
      for (const [name, bytes] of Object.entries({ ...whole, ...changed }))
        putFile(files, `/c/${name}`, bytes);
      return SavedQueue.read('/c', files);
    };
    expect(read({})).toBeInstanceOf(SavedQueue);
    const incomplete = Buffer.from(whole.checkpoint);
    incomplete.writeBigInt64BE(1n, 32);
    expect(read({ checkpoint: incomplete })).toBe('Flume ended while it was written');
    const other = flumeCheckpoint({ order: 6, queue: [pointer] });
    expect(read({ checkpoint: other.checkpoint })).toContain('not of one time');
    expect(read({ 'checkpoint.meta': Buffer.alloc(0) })).toEqual(expect.any(String));
    const changed = Buffer.from(whole.inflighttakes);
    changed[20]! ^= 1;
    expect(read({ inflighttakes: changed })).toBe('its checksum is wrong');
    expect(SavedQueue.read('/nowhere', new MemoryFiles())).toBe('there is none in /nowhere');
  });
});
