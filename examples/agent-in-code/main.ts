/**
 * An agent that a program describes: numbers from a `seq` source through a memory channel into a folder. The same
 * words as in a Flume file, checked by the same code; a misspelt option does not start. Run it with
 * `node examples/agent-in-code/main.ts`.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, defineAgent } from 'millrace';

const folder = mkdtempSync(join(tmpdir(), 'agent-in-code-'));
try {
  {
    await using agent = await Agent.fromConfig(
      defineAgent({
        name: 'a1',
        sources: { numbers: { type: 'seq', totalEvents: 5, channels: ['c1'] } },
        channels: { c1: { type: 'memory' } },
        sinks: {
          files: { type: 'file_roll', 'sink.directory': folder, 'sink.rollInterval': 0, channel: 'c1' },
        },
      }),
    );
    await agent.start();
    const sent = () =>
      agent.counters().find(({ kind }) => kind === 'sink')?.attributes.EventDrainSuccessCount;
    while (sent() !== '5') await new Promise((resolve) => setTimeout(resolve, 10));
  } // the agent is stopped here: its channel is drained first
  const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  console.log(`wrote ${lines.filter((line) => line !== '').join(', ')}`);
} finally {
  rmSync(folder, { recursive: true });
}
