import { expect, it } from 'vitest';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { runModel, stepsOr } from '../../packages/testkit/src/taildir/model.ts';

it('reads every line that stayed long enough, and repeats no more than an accident explains', async () => {
  const { failed, ...done } = await runModel(chanceOf('taildir-model').seed, stepsOr(10_000));
  console.log(
    `${done.histories} histories, ${done.steps} steps, ${done.lines} lines, ${done.joined} events over two files`,
  );
  expect(failed).toBe(null);
}, 120_000);
