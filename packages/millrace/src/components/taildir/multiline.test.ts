import { describe, expect, it } from 'vitest';
import { dirA, Tail } from '../../../../testkit/src/taildir/tail.ts';
import type { LineGroupRule } from '../../records/line-groups.ts';
import type { TailingOptions } from './tailing-options.ts';

const app = `${dirA}/app.log`;
const lineGroups: LineGroupRule = {
  begins: (line) => !line.startsWith(' '),
  maxLines: 4,
  maxBytes: 1000,
};

function tail(more: Partial<TailingOptions> = {}, patterns?: readonly string[]): Tail {
  return new Tail(patterns, { lineGroups, ...more });
}

describe('events of several lines', () => {
  it('go on when the next one begins, or nothing comes for a while', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one', ' of it', 'two');
    await t.rounds(2);
    expect(t.bodies).toEqual(['one\n of it']);
    t.write(app, ' of two');
    await t.rounds(3);
    expect(t.bodies).toEqual(['one\n of it']);
    await t.rounds(2);
    expect(t.bodies).toEqual(['one\n of it', 'two\n of two']);
  });

  it('are not cut by a restart: a position stands between events', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one', ' of it', 'two', ' of two');
    await t.rounds(2);
    expect(t.take()).toEqual(['one\n of it']);
    await t.stop();
    await t.start();
    t.write(app, ' more', 'three');
    await t.rounds(2);
    expect(t.take()).toEqual(['two\n of two\n more']);
    t.kill();
    await t.start();
    await t.rounds(6);
    expect(t.take()).toEqual(['three']);
  });

  it('are not cut by a rotation, nor joined with those of a file that begins with one of its own', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'old');
    await t.rounds(2);
    t.world.rename(app, `${app}.1`);
    t.world.append(t.world.at(`${app}.1`)!, Buffer.from(' of old\n'));
    t.write(app, 'new', 'newer');
    await t.rounds(2);
    expect(t.take()).toEqual(['new']);
    t.world.append(t.world.at(`${app}.1`)!, Buffer.from(' to its end\n'));
    await t.rounds(12);
    expect(t.bodies.sort()).toEqual(['newer', 'old\n of old\n to its end']);
  });

  it('have limits, and show where they begin', async () => {
    const t = tail({ byteOffsetHeader: 'byteoffset', fileHeaderKey: undefined });
    await t.start();
    t.write(app, 'a', ' 1', ' 2', ' 3', ' 4', 'b', `c${'x'.repeat(2000)}`, ' d');
    await t.rounds(8);
    expect(t.bodies).toEqual(['a\n 1\n 2\n 3', ' 4', 'b', `c${'x'.repeat(2000)}`, ' d']);
    expect(t.headers.map((headers) => headers.get('byteoffset'))).toEqual(['0', '11', '14', '16', '2018']);
  });

  it('wait for the end of their last line, and go without it when the file is let go', async () => {
    const t = tail();
    await t.start();
    t.write(app, 'one');
    t.world.append(t.world.at(app)!, Buffer.from(' half'));
    await t.rounds(5);
    expect(t.bodies).toEqual(['one']); // whole lines after 1 s, all of it after idleTimeout
    t.world.append(t.world.at(app)!, Buffer.from(' a line\nnext\nlast'));
    await t.rounds(12);
    expect(t.bodies).toEqual(['one', ' half a line', 'next', 'last']);
  });

  it('say of each where it began', async () => {
    const t = tail();
    const places: (number | undefined)[] = [];
    t.channels = {
      put: async (batch) => {
        for (let i = 0; i < batch.count; i++) places.push(batch.provenance?.positionOf?.(i));
      },
    };
    await t.start();
    t.write(app, 'a', ' b', 'c', ' d', 'e');
    await t.rounds(2);
    expect(places).toEqual([0, 5]);
  });
});
