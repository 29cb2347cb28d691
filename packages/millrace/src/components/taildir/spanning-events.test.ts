import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dirA, Tail } from '../../../../testkit/src/taildir/tail.ts';
import type { BatchProgress } from '../../component/source.ts';
import { bodiesOf } from '../../component/testing/test-api.ts';
import type { LineGroupRule } from '../../records/line-groups.ts';
import type { TailingOptions } from './tailing-options.ts';

const app = `${dirA}/app.log`;
const lineGroups: LineGroupRule = {
  begins: (line) => !line.startsWith(' '),
  maxLines: 6,
  maxBytes: 1000,
};

function tail(more: Partial<TailingOptions> = {}, pattern = `${dirA}/app\\.log`): Tail {
  return new Tail([pattern], { lineGroups, ...more });
}

function copyAndTruncate({ world }: Tail, to: string): void {
  const file = world.at(app)!;
  world.append(world.create(to), file.content);
  world.truncate(file);
}

const rotations: Readonly<Record<string, (t: Tail) => void>> = {
  'renamed to a number': ({ world }) => world.rename(app, `${app}.1`),
  'renamed to a date': ({ world }) => world.rename(app, `${dirA}/app-20261129.log`),
  'copied to a number and truncated': (t) => copyAndTruncate(t, `${app}.1`),
  'copied to a date and truncated': (t) => copyAndTruncate(t, `${app}-20261129`),
  deleted: ({ world }) => world.unlink(app),
  'renamed, with the next file there at once': ({ world }) => {
    world.rename(app, `${app}.1`);
    world.create(app);
  },
};
const shapes = Object.keys(rotations);
const whole = ['zero', 'one\n of it\n more of it', 'two', 'three'];

describe('an event over a rotation', () => {
  for (const pattern of [`${dirA}/app\\.log`, `${dirA}/app.*`]) {
    it.each(shapes)(`is one: %s, the pattern is ${pattern}`, async (shape) => {
      const t = tail({}, pattern);
      await t.start();
      t.write(app, 'zero', 'one', ' of it');
      await t.rounds(2);
      rotations[shape]!(t);
      await t.rounds(1);
      t.write(app, ' more of it', 'two');
      await t.rounds(2);
      t.write(app, 'three');
      await t.rounds(8);
      expect(t.bodies).toEqual(whole);
    });

    it.each(shapes)(`is one over a stop: %s, the pattern is ${pattern}`, async (shape) => {
      const t = tail({}, pattern);
      await t.start();
      t.write(app, 'zero', 'one');
      await t.rounds(1);
      await t.stop();
      t.write(app, ' of it');
      if (shape === 'deleted') return; // gone with the process that had it open
      rotations[shape]!(t);
      t.write(app, ' more of it', 'two', 'three');
      await t.start();
      await t.rounds(8);
      expect(t.bodies).toEqual(whole);
    });
  }

  it('is two where a file between them is an archive by now, named after one that is gone', async () => {
    const t = tail({ readCompressed: true });
    t.write(app, 'zero');
    await t.start();
    t.world.rename(app, `${app}.1`);
    t.world.clockMs += 10;
    t.write(app, 'one');
    await t.rounds(2);
    t.world.unlink(`${app}.1`);
    t.world.unlink(app);
    t.world.clockMs += 10;
    t.world.append(t.world.create(`${app}.1.zst`), zstdCompressSync('between\n'));
    t.world.clockMs += 10;
    t.write(app, ' of what was between', 'two');
    await t.rounds(20);
    expect(t.bodies.toSorted()).toEqual([' of what was between', 'between', 'one', 'two', 'zero']);
  });

  it.each(['away', 'unmounted'] as const)(
    'is two where its folder is %s: what was copied meanwhile may have stood between',
    async (how) => {
      const t = tail();
      t.write(app, 'zero', 'one');
      await t.start();
      copyAndTruncate(t, `${app}.1`);
      await t.rounds(1);
      t.write(app, ' of it', 'between');
      copyAndTruncate(t, `${app}.2`);
      t.write(app, ' of what was between', 'two');
      t.world.setFolder(dirA, how);
      await t.rounds(8);
      t.world.setFolder(dirA, 'there');
      await t.rounds(8);
      expect(t.bodies).toContain('one');
      expect(t.bodies).toContain(' of what was between');
    },
  );

  it('is one beside an archive in the making of an older file that nobody knows', async () => {
    const t = tail({ readCompressed: true });
    t.write(`${app}.2`, 'from before the first start');
    t.world.clockMs += 10;
    t.write(app, 'zero', 'one', ' of it');
    await t.start();
    t.world.rename(app, `${app}.1`);
    t.world.append(t.world.create(`${app}.2.zst`), Buffer.from('not all of it yet'));
    t.write(app, ' more of it', 'two', 'three');
    await t.rounds(8);
    expect(t.bodies).toEqual(whole);
  });

  it('is one in the next copy, where an earlier process still awaited a copy of what came before', async () => {
    const t = tail();
    t.write(app, 'awaited');
    await t.start();
    await t.rounds(5);
    expect(t.take()).toEqual(['awaited']);
    t.world.truncate(t.world.at(app)!);
    t.write(app, 'zero', 'one');
    await t.rounds(1);
    await t.stop();
    await t.start();
    t.write(app, ' of it');
    copyAndTruncate(t, `${app}.1`);
    t.write(app, ' more of it', 'two', 'three');
    await t.rounds(8);
    expect(t.bodies).toEqual(whole);
  });

  it('ends with the timeout where nothing follows, and what comes then is its own', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one', ' of it');
    await t.rounds(1);
    t.world.rename(app, `${app}.1`);
    await t.rounds(5);
    expect(t.take()).toEqual(['one\n of it']);
    t.write(app, ' late', 'two');
    await t.rounds(8);
    expect(t.bodies).toEqual([' late', 'two']);
  });

  it('ends with the timeout in the next file, too', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one', ' of it');
    await t.rounds(1);
    t.world.rename(app, `${app}.1`);
    t.write(app, ' more of it');
    await t.rounds(3);
    expect(t.bodies).toEqual([]);
    await t.rounds(3);
    expect(t.take()).toEqual(['one\n of it\n more of it']);
    t.write(app, ' late');
    await t.rounds(8);
    expect(t.bodies).toEqual([' late']);
  });

  it('waits for the end of the first line of the next file', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one', ' of it');
    await t.rounds(1);
    t.world.rename(app, `${app}.1`);
    t.world.append(t.world.create(app), Buffer.from(' more'));
    await t.rounds(2);
    t.world.append(t.world.at(app)!, Buffer.from(' of it\ntwo\n'));
    await t.rounds(8);
    expect(t.bodies).toEqual(['one\n of it\n more of it', 'two']);
  });

  it('has its limits in both files together', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one', ' 2', ' 3', ' 4');
    await t.rounds(1);
    t.world.rename(app, `${app}.1`);
    t.write(app, ' 5', ' 6', ' 7', ' 8', 'two', ` ${'x'.repeat(980)}`);
    await t.rounds(2);
    t.world.rename(`${app}.1`, `${app}.2`);
    t.world.rename(app, `${app}.1`);
    t.write(app, ` ${'y'.repeat(30)}`, 'three');
    await t.rounds(12);
    const [y] = [` ${'y'.repeat(30)}`];
    expect(t.bodies.sort()).toEqual(
      ['one\n 2\n 3\n 4\n 5\n 6', ' 7\n 8', `two\n ${'x'.repeat(980)}`, y, 'three'].sort(),
    );
  });

  it('says of itself where it began', async () => {
    const t = tail({ byteOffsetHeader: 'byteoffset' });
    const places: (readonly [string | undefined, number | undefined])[] = [];
    await t.start();
    t.write(app, 'zero', 'one', ' of it');
    await t.rounds(2);
    t.world.rename(app, `${app}.1`);
    t.channels = null;
    t.write(app, ' more of it', 'two');
    await t.rounds(8);
    for (const headers of t.headers) places.push([headers.get('file'), Number(headers.get('byteoffset'))]);
    expect(places).toEqual([
      [app, 0],
      [app, 5],
      [app, 12],
    ]);
  });

  it('goes without the next file where that can’t be read, and holds up neither', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one', ' of it');
    await t.rounds(1);
    t.world.rename(app, `${app}.1`);
    t.write(app, ' more of it', 'two');
    t.world.faults.set(app, { code: 'EIO', at: 'read' });
    await t.rounds(6);
    expect(t.take()).toEqual(['one\n of it']);
    t.world.faults.clear();
    await t.rounds(12);
    expect(t.bodies).toEqual([' more of it', 'two']);
  });

  it('is two where a file between them is not known as one', async () => {
    const t = tail({}, `${dirA}/app.*`);
    await t.start();
    t.write(app, 'one', ' of it');
    await t.rounds(1);
    t.world.rename(app, `${app}.2`);
    t.write(`${app}.1`, 'other', ' of other');
    t.write(app, ' more of other', 'two');
    await t.rounds(12);
    expect(t.bodies.sort()).toEqual([' more of other', 'one\n of it', 'other\n of other', 'two'].sort());
  });

  it('is one while the generation before it is compressed', async () => {
    const t = tail({ readCompressed: true });
    await t.start();
    t.write(app, 'zero');
    await t.rounds(1);
    t.world.rename(app, `${app}.1`);
    t.write(app, 'one', ' of it');
    await t.rounds(6);
    t.write(app, 'two', ' of two');
    await t.rounds(1);
    t.world.rename(`${app}.1`, `${app}.2`);
    t.world.rename(app, `${app}.1`);
    t.write(`${app}.2.gz`, 'half an archive');
    t.write(app, ' more of two', 'three');
    await t.rounds(8);
    expect(t.bodies).toEqual(['zero', 'one\n of it', 'two\n of two\n more of two', 'three']);
  });

  it('holds up no file that begins with an event of its own', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one', ' of it');
    await t.rounds(1);
    t.world.rename(app, `${app}.1`);
    t.write(app, 'two', 'three');
    await t.rounds(1);
    expect(t.bodies).toEqual(['two']);
  });
});

/** What came, where an event may come again, but whole. */
const once = (bodies: readonly string[]) => [...new Set(bodies)];

describe('an event over a rotation and a kill', () => {
  // What is deleted is gone with the process that had it open.
  const kept = shapes.filter((shape) => shape !== 'deleted');

  it.each(kept)('is whole at each write of positions: %s', async (shape) => {
    for (let writes = 0; ; writes++) {
      const t = tail();
      await t.start();
      t.write(app, 'zero', 'one', ' of it');
      await t.rounds(2);
      rotations[shape]!(t);
      t.write(app, ' more of it', 'two', 'three');
      t.killAfter(writes);
      await t.rounds(8);
      const wasKilled = t.writesLeft < 0;
      t.kill();
      await t.start();
      await t.rounds(12);
      expect(once(t.bodies), `${writes} writes`).toEqual(whole);
      if (!wasKilled) return;
    }
  });

  it.each(kept)('comes once into each of several channels: %s', async (shape) => {
    for (let committed = 0; committed <= 3; committed++) {
      for (let puts = 0; puts < 4; puts++) {
        const t = tail({ eventTimeoutMs: 500 });
        const held: string[][] = [[], [], []];
        const places = held.map(() => new Map<string, string>());
        let left = Number.POSITIVE_INFINITY;
        let killed = Promise.withResolvers<void>();
        t.channels = {
          progress: { complete: true, placesOf: (key) => places.map((of) => of.get(key)) },
          async put(batch, { progress } = {}) {
            const { key, place, has } = progress as BatchProgress;
            const isLast = left-- <= 0;
            for (let i = 0; i < (isLast ? committed : 3); i++) {
              const stands = places[i]!.get(key);
              if (stands !== undefined && has?.(stands) === true) continue;
              held[i]!.push(...bodiesOf(batch));
              places[i]!.set(key, place);
            }
            if (!isLast) return;
            killed.resolve();
            await new Promise(() => {});
          },
        };
        await t.start();
        t.write(app, 'zero', 'one', ' of it');
        await t.rounds(1);
        rotations[shape]!(t);
        t.write(app, ' more of it', 'two');
        left = puts;
        await Promise.race([t.rounds(6), killed.promise]);
        t.kill();
        left = Number.POSITIVE_INFINITY;
        killed = Promise.withResolvers();
        t.write(app, ' of two', 'three');
        await t.start();
        await t.rounds(10);
        // Put a second time after it was whole, an event that went on late stays as it was put.
        const late = held[0]!.includes('two') ? ['two', ' of two'] : ['two\n of two'];
        for (const of of held) expect(of).toEqual([...whole.slice(0, 2), ...late, 'three']);
      }
    }
  });

  it('is read again as one where it was not delivered, also with what came before it', async () => {
    for (const acknowledge of ['channel', 'delivered'] as const) {
      for (const lost of [0, 1, 2, 3]) {
        const t = tail({ acknowledge, maxEvents: 1 });
        await t.start();
        t.write(app, 'zero', 'one', ' of it');
        await t.rounds(2);
        t.world.rename(app, `${app}.1`);
        t.write(app, ' more of it', 'two', 'three');
        await t.rounds(8);
        expect(t.take()).toEqual(whole);
        await t.stop();
        for (const [i, tell] of t.fates.entries()) tell(i === lost ? 'lost' : 'delivered');
        t.fates = [];
        await t.settle();
        t.world.closeAll();
        await t.start();
        await t.rounds(8);
        expect(t.bodies).toEqual(whole.slice(lost));
      }
    }
  });

  it('is sent again as one where it was under way, in whatever order it arrives', async () => {
    for (let arrived = 0; arrived < 16; arrived++) {
      const t = tail({ acknowledge: 'delivered', maxEvents: 1 });
      await t.start();
      t.write(app, 'zero', 'one', ' of it');
      await t.rounds(2);
      t.world.rename(app, `${app}.1`);
      t.write(app, ' more of it', 'two', 'three');
      await t.rounds(8);
      t.take();
      for (const i of [3, 1, 2, 0]) if ((arrived & (1 << i)) !== 0) t.fates[i]!('delivered');
      t.kill();
      t.fates = [];
      await t.start();
      await t.rounds(8);
      let first = 0;
      while ((arrived & (1 << first)) !== 0) first++;
      expect(t.bodies, `${arrived}`).toEqual(whole.slice(first));
    }
  });
});
