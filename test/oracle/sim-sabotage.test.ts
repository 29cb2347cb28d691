import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClassicGroup } from '../../packages/millrace/src/broker/group/classic-group.ts';
import { TopicRegistry } from '../../packages/millrace/src/broker/storage/topic-registry.ts';
import { CheckpointKeeper } from '../../packages/millrace/src/log/checkpoint.ts';
import { Log } from '../../packages/millrace/src/log/log.ts';
import { LogCut } from '../../packages/millrace/src/log/log-cut.ts';
import { Segment } from '../../packages/millrace/src/log/segment.ts';
import { playMany } from '../../packages/testkit/src/sim/history.ts';
import { logHistories } from '../../packages/testkit/src/sim/sim-log.ts';
import { brokerHistories } from './sim-broker/histories.ts';

afterEach(() => vi.restoreAllMocks());

/** The seed is fixed: which histories find a deliberate fault is no matter of luck. */
const found = async (kind: ReturnType<typeof logHistories>, histories: number) =>
  (await playMany(kind, 1, histories))?.message ?? null;

describe('the simulation of a log notices', () => {
  it('a disk that acknowledges before it syncs', async () => {
    expect(await found(logHistories({ lies: { acknowledgeBeforeSync: true } }), 500)).toMatch(
      /promised|gone/,
    );
  });

  it('a folder that is not synced', async () => {
    expect(await found(logHistories({ lies: { skipDirectorySync: true } }), 500)).toMatch(/promised|gone/);
  });

  it('a checkpoint that goes on trusting what was cut away', async () => {
    vi.spyOn(CheckpointKeeper.prototype, 'forgetFrom').mockImplementation(() => {});
    expect(await found(logHistories(), 4000)).not.toBe(null);
  });

  it('a cut of which the device does not know yet', async () => {
    vi.spyOn(LogCut.prototype, 'finish').mockImplementation(() => {});
    expect(await found(logHistories(), 2000)).not.toBe(null);
  });

  it('healing that begins in front of what the device has', async () => {
    vi.spyOn(Segment.prototype, 'synced').mockImplementation(() => {});
    expect(await found(logHistories(), 1000)).toMatch(/gone|lost/);
  });

  it('a refused write of which a part stays', async () => {
    const write = Segment.prototype.write;
    vi.spyOn(Segment.prototype, 'write').mockImplementation(function (this: Segment, buffers, sizeBytes) {
      try {
        write.call(this, buffers, sizeBytes);
      } catch (error) {
        this.adopt(this.sizeBytes + 1, this.indexes, this.end.endOffset);
        throw error;
      }
    });
    expect(await found(logHistories(), 1000)).not.toBe(null);
  });
});

describe('the simulation of a broker notices', () => {
  it('acknowledgements before the sync', async () => {
    vi.spyOn(Log.prototype, 'flush').mockImplementation(() => Promise.resolve());
    vi.spyOn(Log.prototype, 'durableEndOffset', 'get').mockImplementation(function (this: Log) {
      return this.endOffset;
    });
    expect(await found(brokerHistories(), 1000)).toMatch(/acknowledged|committed|given/);
  });

  it('topics that are shown before the registry is durable', async () => {
    const put = TopicRegistry.prototype.put;
    vi.spyOn(TopicRegistry.prototype, 'put').mockImplementation(function (this: TopicRegistry, ...args) {
      put.apply(this, args).catch(() => {});
      return Promise.resolve();
    });
    expect(await found(brokerHistories(), 2000)).toMatch(/not there|back/);
  });

  it('commits that are taken of any generation, from anybody', async () => {
    vi.spyOn(ClassicGroup.prototype, 'checkCommit').mockImplementation(() => 0);
    expect(await found(brokerHistories(), 1000)).toMatch(/takes a commit of generation|has committed/);
  });

  it('groups that begin anew after a start', async () => {
    vi.spyOn(ClassicGroup.prototype, 'restore').mockImplementation(() => {});
    expect(await found(brokerHistories(), 2000)).toMatch(/is at generation|takes a|both own|owns/);
  });

  it('a generation that is given twice', async () => {
    const { restore } = ClassicGroup.prototype;
    vi.spyOn(ClassicGroup.prototype, 'restore').mockImplementation(function (
      this: ClassicGroup,
      now,
      stored,
    ) {
      restore.call(this, now, { ...stored, generationId: stored.generationId - 1 });
    });
    expect(await found(brokerHistories(), 2000)).toMatch(/is at generation|takes a|both own|owns/);
  });

  it('a disk that does not keep names', async () => {
    expect(await found(brokerHistories({ lies: { skipDirectorySync: true } }), 500)).toMatch(
      /not there|back|committed/,
    );
  });
});
