/** The model of TAILDIR against deliberate faults: each must be found. They are put in from here; no switch of the product reaches them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deliveries } from '../../packages/millrace/src/components/taildir/deliveries.ts';
import { FileSet } from '../../packages/millrace/src/components/taildir/file-set.ts';
import { PositionStore } from '../../packages/millrace/src/components/taildir/position-store.ts';
import { Probe } from '../../packages/millrace/src/components/taildir/probe.ts';
import { SpanningEvents } from '../../packages/millrace/src/components/taildir/spanning-events.ts';
import type { KnownFiles } from '../../packages/millrace/src/components/taildir/succession.ts';
import type { Decision, Step } from '../../packages/millrace/src/components/taildir/table.ts';
import { TailedFile } from '../../packages/millrace/src/components/taildir/tailed-file.ts';
import { noMark } from '../../packages/millrace/src/tracking/content-mark.ts';
import { Inflater } from '../../packages/millrace/src/tracking/inflater.ts';
import { PositionJournal } from '../../packages/millrace/src/tracking/position-journal.ts';
import { runModel } from '../../packages/testkit/src/taildir/model.ts';

/** What a deliberate fault makes of a decision. */
const twist = vi.hoisted(() => ({
  decision: (decision: unknown) => decision,
  succession: null as unknown,
}));

vi.mock('../../packages/millrace/src/components/taildir/decide.ts', async (original) => {
  const real = await original<typeof import('../../packages/millrace/src/components/taildir/decide.ts')>();
  return {
    ...real,
    decide: (...args: Parameters<typeof real.decide>) => twist.decision(real.decide(...args)),
  };
});

vi.mock('../../packages/millrace/src/components/taildir/succession.ts', async (original) => {
  const real =
    await original<typeof import('../../packages/millrace/src/components/taildir/succession.ts')>();
  return {
    ...real,
    successionOf: (...args: Parameters<typeof real.successionOf>) =>
      ((twist.succession ?? real.successionOf) as typeof real.successionOf)(...args),
  };
});

beforeEach(() => {
  twist.decision = (decision) => decision;
  twist.succession = null;
});
afterEach(() => vi.restoreAllMocks());

/** Twists the steps of every decision. */
function steps(change: (step: Step) => readonly Step[]): void {
  twist.decision = (decision) => {
    const given = decision as Decision;
    return { ...given, steps: given.steps.flatMap(change) };
  };
}

/** What the model finds first, from a fixed seed: whether it finds a fault is no matter of luck. */
async function found(most = 30_000, seed = 3): Promise<string> {
  const { failed } = await runModel(seed, most);
  return failed?.faults.join('\n') ?? 'nothing';
}

describe('a decision that is wrong', () => {
  it('deleted files are let go instead of read to their end', async () => {
    steps((step) => (step.do === 'drain' ? [{ do: 'forget', file: step.file, why: 'gone' }] : [step]));
    expect(await found()).toMatch(/let go unread/);
  });

  it('files whose folder is away are forgotten', async () => {
    steps((step) => (step.do === 'keep' ? [{ do: 'forget', file: step.file, why: 'gone' }] : [step]));
    expect(await found()).toMatch(/times|missing/);
  });

  it('a generation that nobody saw is left', async () => {
    steps((step) => (step.do === 'start' && step.seen.group === null && !step.continues ? [] : [step]));
    expect(await found()).toMatch(/missing/);
  });

  it('a copy is read from its start', async () => {
    steps((step) => (step.do === 'start' && step.continues ? [{ ...step, position: 0 }] : [step]));
    expect(await found()).toMatch(/times|missing/);
  });

  it('an archive is read from its start, though what it is made of was read', async () => {
    steps((step) =>
      step.do === 'start' && step.continues && step.seen.packing !== null
        ? [{ ...step, position: 0, mark: noMark }]
        : [step],
    );
    expect(await found()).toMatch(/times/);
  });

  it('an archive that goes on in the place of what it is made of is left', async () => {
    steps((step) => (step.do === 'start' && step.continues && step.seen.packing !== null ? [] : [step]));
    expect(await found()).toMatch(/missing|times/);
  });

  it('what a truncated file held is not awaited', async () => {
    twist.decision = (decision) => {
      const given = decision as Decision;
      return { ...given, memory: { ...given.memory, awaited: [] } };
    };
    expect(await found()).toMatch(/missing|lost without a word|times/);
  });

  it('losses are not told', async () => {
    twist.decision = (decision) => ({ ...(decision as Decision), losses: [] });
    expect(await found(30_000, 4)).toMatch(/lost without a word/);
  });

  it('losses are told that are none', async () => {
    twist.decision = (decision) => {
      const given = decision as Decision;
      const losses = given.steps.flatMap((step) =>
        step.do === 'drain' ? [{ path: step.file.path!, bytes: 100_000 }] : [],
      );
      return { ...given, losses: [...given.losses, ...losses] };
    };
    expect(await found()).toMatch(/told of/);
  });
});

describe('an engine that is wrong', () => {
  it('what can’t be looked at is other content', async () => {
    const holds = Probe.prototype.holds;
    vi.spyOn(Probe.prototype, 'holds').mockImplementation(function (this: Probe, ...args) {
      const content = holds.apply(this, args);
      return content === 'unknown' ? 'other' : content;
    });
    expect(await found()).toMatch(/times/);
  });

  it('every file under a known inode is the one it was', async () => {
    vi.spyOn(Probe.prototype, 'holds').mockReturnValue('same');
    expect(await found()).not.toBe('nothing');
  });

  it('an archive is none of what it is made of', async () => {
    vi.spyOn(Probe.prototype, 'holdsSince').mockReturnValue('other');
    expect(await found()).toMatch(/times/);
  });

  it('what was read to its end is forgotten, though its archive is there', async () => {
    vi.spyOn(FileSet.prototype, 'letGo').mockImplementation(function (this: FileSet, file) {
      this.remove(file);
    });
    expect(await found()).toMatch(/times/);
  });

  it('an archive that ends too early has ended', async () => {
    const next = Inflater.prototype.next;
    vi.spyOn(Inflater.prototype, 'next').mockImplementation(async function (this: Inflater) {
      return await next.call(this).catch(() => null);
    });
    expect(await found()).toMatch(/nobody wrote|missing|times/);
  });

  it('a copy in the making is a file of its own', async () => {
    vi.spyOn(Probe.prototype, 'startsLike').mockReturnValue('other');
    expect(await found()).toMatch(/times/);
  });

  it('lines go on before their event has ended', async () => {
    const next = TailedFile.prototype.next;
    vi.spyOn(TailedFile.prototype, 'next').mockImplementation(async function (
      this: TailedFile,
      chunk,
      options,
    ) {
      const found = await next.call(this, chunk, options);
      if (found.kind !== 'end' || found.pending === 0 || options.lineGroups === null) return found;
      const endsAll = { ...options, lineGroups: { ...options.lineGroups, begins: () => true } };
      return await next.call(this, chunk, endsAll);
    });
    expect(await found()).toMatch(/nobody wrote/);
  });

  it('lines of several events go on as one', async () => {
    const next = TailedFile.prototype.next;
    vi.spyOn(TailedFile.prototype, 'next').mockImplementation(function (this: TailedFile, chunk, options) {
      const { lineGroups } = options;
      const joins = lineGroups === null ? null : { ...lineGroups, maxLines: 2, begins: () => false };
      return next.call(this, chunk, { ...options, lineGroups: joins });
    });
    expect(await found()).toMatch(/nobody wrote/);
  });

  it('the journal is not written', async () => {
    vi.spyOn(PositionJournal.prototype, 'write').mockImplementation(() => {});
    expect(await found()).toMatch(/times/);
  });

  it('what the channel lost is not read again', async () => {
    vi.spyOn(Deliveries.prototype, 'firstLost', 'get').mockReturnValue(null);
    expect(await found()).toMatch(/missing/);
  });

  it('a stop does not take positions back', async () => {
    vi.spyOn(PositionStore.prototype, 'settle').mockResolvedValue(0);
    expect(await found()).toMatch(/missing|times/);
  });

  it('closed slots of the journal stay', async () => {
    vi.spyOn(PositionJournal.prototype, 'release').mockImplementation(() => {});
    expect(await found()).toMatch(/the journal knows|times/);
  });
});

describe('events over two files that are put together wrongly', () => {
  it('no file goes on with the lines of another', async () => {
    twist.succession = () => new Map();
    expect(await found()).toMatch(/came alone/);
  });

  it('any file of a path goes on with the lines of any other', async () => {
    twist.succession = ({ all }: KnownFiles) => {
      const files = [...all].reverse();
      return new Map(
        files.flatMap((file, i) => {
          const before = files.slice(i + 1).find(({ path }) => path === file.path);
          return before === undefined ? [] : [[file, before] as const];
        }),
      );
    };
    expect(await found()).toMatch(/nobody wrote|came alone/);
  });

  it('the first lines of the next file wait for nothing', async () => {
    vi.spyOn(SpanningEvents.prototype, 'isHeld').mockResolvedValue(false);
    expect(await found()).toMatch(/came alone/);
  });

  it('the second file does not learn what became of its part', async () => {
    const begin = Deliveries.prototype.begin;
    vi.spyOn(Deliveries.prototype, 'begin').mockImplementation(function (
      this: Deliveries<unknown>,
      from,
      to,
    ) {
      return begin.call(this, from, to);
    });
    expect(await found()).toMatch(/times|came alone/);
  });
});
