/** Refused events that can't be set aside for a while: nothing is lost, it is told, nobody spins, and it goes on by itself. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { cutEvery, givenSource } from '../../../../testkit/src/flume/given-source.ts';
import { fuzzRuns } from '../../../../testkit/src/fuzz/fuzz-runs.ts';
import { virtualTime } from '../../../../testkit/src/oracle/virtual-time.ts';
import { defineSink } from '../../component/define.ts';
import { OutcomeBuilder } from '../../component/delivery.ts';
import { refusedOptions } from '../../component/refused.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import { batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { Agent } from '../agent.ts';
import type { AgentInput } from '../configuration/typed-config.ts';

function parts(bodies: readonly string[], perPut: number, sinkEvents: number, window: number) {
  const got: string[] = [];
  const state = { attempts: 0 };
  const source = givenSource(cutEvery(bodies, perPut).map((some) => batchOf(...some)));
  const sink = defineSink({
    type: 'picky',
    classNames: [],
    summary: 'Refuses bodies that begin with P.',
    options: refusedOptions,
    create: () => ({
      batch: { events: sinkEvents },
      window: { deliveries: window, bytes: 1 << 20 },
      start: async () => {},
      stop: async () => {},
      deliver: async ({ batches }) => {
        state.attempts++;
        const outcome = new OutcomeBuilder();
        for (const [i, body] of batches.flatMap((batch) => bodiesOf(batch)).entries()) {
          if (body.startsWith('P')) outcome.refuse(i, 'poison');
          else got.push(body);
        }
        return outcome.outcome();
      },
    }),
  });
  return { got, state, components: [source, sink] };
}

const drawing = fc.record({
  poison: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }).filter((all) => all.includes(true)),
  perPut: fc.integer({ min: 1, max: 5 }),
  sinkEvents: fc.integer({ min: 1, max: 7 }),
  window: fc.constantFrom(1, 3),
  group: fc.constantFrom(null, 'failover', 'load_balance'),
  /** A file where the folder should be, or a folder where the file should be. */
  inTheWay: fc.constantFrom('file', 'folder'),
  mended: fc.boolean(),
});

it('drawn: order, sizes, sink groups, what is in the way', async () => {
  await fc.assert(
    fc.asyncProperty(drawing, async ({ poison, perPut, sinkEvents, window, group, inTheWay, mended }) => {
      await using dir = tempDir();
      using time = virtualTime();
      const refusedFile = dir.join('refused', 'r.jsonl');
      if (inTheWay === 'file') writeFileSync(dir.join('refused'), '');
      else mkdirSync(refusedFile, { recursive: true });
      const bodies = poison.map((isPoison, i) => `${isPoison ? 'P' : 'e'}${i}`);
      const { got, state, components } = parts(bodies, perPut, sinkEvents, window);
      const sinks = group === null ? ['k1'] : ['k1', 'k2'];
      const config = {
        name: 'a1',
        sources: { r1: { type: 'given', channels: ['c1'] } },
        channels: { c1: { type: 'memory' } },
        sinks: Object.fromEntries(sinks.map((name) => [name, { type: 'picky', channel: 'c1', refusedFile }])),
        ...(group === null ? {} : { sinkgroups: { g: { sinks, processor: { type: group } } } }),
      } as AgentInput;
      const log = recordingLogger();
      const agent = await Agent.fromConfig(config, { components, log });
      await time.until(agent.start());
      await time.pass(120_000, 50);
      // Every 5 s, in the end; sooner at first; each sink of a group in its turn.
      expect(state.attempts).toBeLessThan(45 * sinks.length + bodies.length);
      // The device takes the time that it takes; the clock here does not know of it.
      const devicePasses = async (isDone: () => boolean) => {
        for (let looks = 0; !isDone() && looks < 5000; looks++) {
          await time.pass(100, 50);
          await time.really(1);
        }
      };
      const told = () => log.lines.some((line) => line.includes("refused events can't be set aside in"));
      await devicePasses(told);
      expect(told()).toBe(true);
      const good = bodies.filter((body) => body.startsWith('e'));
      if (mended) {
        rmSync(dir.join('refused'), { recursive: true });
        const out = () =>
          Number(agent.counters().find(({ kind }) => kind === 'channel')!.attributes.EventTakeSuccessCount);
        await devicePasses(() => out() >= bodies.length);
        expect(got.toSorted()).toEqual(good.toSorted());
        const lines = readFileSync(refusedFile, 'utf8').trimEnd().split('\n');
        const aside = lines.map((line) => (JSON.parse(line) as { body: string }).body);
        expect(aside.toSorted()).toEqual(bodies.filter((body) => body.startsWith('P')).toSorted());
      }
      await time.until(agent.stop({ deadline: Deadline.in(20_000) }));
      const [outcome] = agent.outcome;
      // Nothing is gone without a word: what is not delivered or set aside is counted as lost with the memory.
      expect(outcome!.delivered + outcome!.refused + outcome!.lost).toBe(bodies.length);
      expect(outcome!.lost).toBe(mended ? 0 : bodies.length - outcome!.delivered - outcome!.refused);
      if (!mended) expect(outcome!.refused).toBe(0);
      // No good event twice.
      expect(new Set(got).size).toBe(got.length);
    }),
    fuzzRuns(40),
  );
});
