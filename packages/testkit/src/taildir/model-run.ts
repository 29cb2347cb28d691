/** `node taildir-model-run.ts STEPS [SEED]`: exit code 1 and the fault where the model finds one. */
import { seedOfRun } from '../../../millrace/src/component/testing/chance.ts';
import { runModel } from './model.ts';

const [steps = '5000', given] = process.argv.slice(2);
const seed = given === undefined ? seedOfRun('taildir-model') : Number(given);
const { failed, ...done } = await runModel(seed, Number(steps));
console.log(
  `${done.histories} histories, ${done.steps} steps, ${done.lines} lines, ${done.joined} events over two files, first seed ${seed}`,
);
if (failed !== null) {
  console.log(`seed ${failed.seed} (MILLRACE_SEED=${failed.seed} replays it):`);
  for (const line of failed.log) console.log(`  ${line}`);
  for (const fault of failed.faults.slice(0, 10)) console.log(`FAULT ${fault}`);
  process.exitCode = 1;
}
