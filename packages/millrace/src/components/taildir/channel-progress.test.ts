import { describe, expect, it } from 'vitest';
import { dirA, lines, positionPath, Tail } from '../../../../testkit/src/taildir/tail.ts';
import type { BatchProgress, ChannelProcessor } from '../../component/source.ts';
import { type batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import type { TailingOptions } from './tailing-options.ts';

const app = `${dirA}/app.log`;

/** Channels as the processor shows them, of which each may be killed at another place. */
class Channels implements ChannelProcessor {
  readonly held: string[][];
  readonly places: Map<string, string>[];
  /** Puts until the process is killed, and how many channels have the last one by then. */
  left = Number.POSITIVE_INFINITY;
  committedOfLast = 0;
  /** The process has come to where it is killed. */
  killed = Promise.withResolvers<void>();
  puts = 0;

  constructor(count: number) {
    this.held = Array.from({ length: count }, () => []);
    this.places = Array.from({ length: count }, () => new Map());
  }

  readonly progress = {
    complete: true as boolean,
    placesOf: (key: string) => this.places.map((places) => places.get(key)),
  };

  async put(
    batch: ReturnType<typeof batchOf>,
    { progress }: { progress?: BatchProgress } = {},
  ): Promise<void> {
    const { key, place, has } = progress!;
    this.puts++;
    const isLast = this.left-- <= 0;
    const most = isLast ? this.committedOfLast : this.held.length;
    for (let i = 0; i < most; i++) {
      const stands = this.places[i]!.get(key);
      if (stands !== undefined && has?.(stands) === true) continue;
      this.held[i]!.push(...bodiesOf(batch));
      this.places[i]!.set(key, place);
    }
    if (!isLast) return;
    this.killed.resolve();
    await new Promise(() => {});
  }
}

function tailOver(count: number, more: Partial<TailingOptions> = {}): { tail: Tail; channels: Channels } {
  const [tail, channels] = [new Tail(undefined, more), new Channels(count)];
  tail.channels = channels;
  return { tail, channels };
}

/** A start that is killed at a put, and what the process had written by then. */
async function killedAt(tail: Tail, channels: Channels, puts: number, committed: number): Promise<void> {
  channels.left = puts;
  channels.committedOfLast = committed;
  channels.killed = Promise.withResolvers();
  await Promise.race([tail.start(), channels.killed.promise]);
  tail.kill();
  channels.left = Number.POSITIVE_INFINITY;
}

describe('how far channels have come with a file', () => {
  it('is where a start goes on, whatever the journal says', async () => {
    const { tail, channels } = tailOver(1);
    tail.write(app, ...lines('app', 35));
    await killedAt(tail, channels, 2, 1);
    channels.puts = 0;
    await tail.start();
    expect(channels.held[0]).toEqual(lines('app', 35));
    expect(channels.puts).toBe(1); // what it has is not even read
  });

  it('may be different in each: none gets a line twice, none lacks one', async () => {
    const { tail, channels } = tailOver(3);
    tail.write(app, ...lines('app', 35));
    for (const committed of [1, 2, 1]) await killedAt(tail, channels, 1, committed);
    await tail.start();
    for (const held of channels.held) expect(held).toEqual(lines('app', 35));
  });

  it('may be in the middle of a line that went on later', async () => {
    const { tail, channels } = tailOver(2);
    const file = tail.world.create(app);
    tail.world.append(file, Buffer.from('whole\nhal'));
    await tail.start();
    channels.left = 0;
    channels.committedOfLast = 1;
    await Promise.race([tail.rounds(10), channels.killed.promise]); // idle: the rest is sent
    expect(channels.held).toEqual([['whole', 'hal'], ['whole']]);
    tail.kill();
    channels.left = Number.POSITIVE_INFINITY;
    tail.world.append(tail.world.at(app)!, Buffer.from('f\nmore\n'));
    await tail.start();
    for (const held of channels.held) expect(held).toEqual(['whole', 'hal', 'f', 'more']);
  });

  it('may be within lines that would be one event by now', async () => {
    const lineGroups = {
      begins: (line: string) => !line.startsWith(' '),
      maxLines: 100,
      maxBytes: 10_000,
    };
    const { tail, channels } = tailOver(2, { lineGroups, eventTimeoutMs: 500 });
    tail.write(app, 'whole', 'one', ' of it');
    channels.left = 1;
    channels.committedOfLast = 1;
    await Promise.race([tail.start().then(() => tail.rounds(10)), channels.killed.promise]);
    expect(channels.held).toEqual([['whole', 'one\n of it'], ['whole']]);
    tail.kill();
    channels.left = Number.POSITIVE_INFINITY;
    tail.write(app, ' of it, too', 'two');
    await tail.start();
    await tail.rounds(4);
    for (const held of channels.held) expect(held).toEqual(['whole', 'one\n of it', ' of it, too', 'two']);
  });

  it.each(['deleted', 'edited'])('counts nothing once the position file was %s', async (how) => {
    const { tail, channels } = tailOver(1);
    tail.write(app, ...lines('app', 12));
    await tail.start();
    await tail.stop();
    if (how === 'deleted') tail.state.remove(positionPath);
    else {
      const file = tail.state.open(positionPath, 'create');
      file.truncate(0);
      file.write([Buffer.from('[]')], 0);
      file.close();
    }
    await tail.start();
    expect(channels.held[0]).toEqual([...lines('app', 12), ...lines('app', 12)]);
  });

  it.each([true, false])(
    'counts nothing for other content under the same inode; all keep it: %s',
    async (complete) => {
      const { tail, channels } = tailOver(1);
      channels.progress.complete = complete;
      tail.write(app, ...lines('app', 12));
      await tail.start();
      const file = tail.world.at(app)!;
      file.content = Buffer.alloc(0);
      await tail.rounds(3);
      tail.kill();
      tail.write(app, ...lines('new', 30));
      await killedAt(tail, channels, 1, 1);
      await tail.start();
      await tail.rounds(3);
      expect(channels.held[0]).toEqual([...lines('app', 12), ...lines('new', 30)]);
    },
  );

  it('takes nobody back where a channel was emptied, or knows only old places', async () => {
    const { tail, channels } = tailOver(1);
    tail.write(app, ...lines('app', 12));
    await tail.start();
    const old = new Map(channels.places[0]!);
    tail.write(app, ...lines('more', 5));
    await tail.rounds(2);
    await tail.stop();
    for (const places of [old, new Map<string, string>()]) {
      channels.places[0] = places;
      await tail.start();
      await tail.stop();
    }
    expect(channels.held[0]).toEqual([...lines('app', 12), ...lines('more', 5)]);
  });
});
