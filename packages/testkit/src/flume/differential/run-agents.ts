/**
 * Many agents of Millrace in one process: the counterpart of `RunAgents.java`, with the same commands on standard input
 * and the same answers.
 */
import { createInterface } from 'node:readline';
import { Agent } from '../../../../millrace/src/agent/agent.ts';
import { errorText } from '../../../../millrace/src/runtime/errors.ts';
import type { Logger } from '../../../../millrace/src/runtime/logger.ts';

const running = new Map<string, Agent>();
/** What is told, for who looks at a difference: on standard error, as Flume's. */
const say = (level: string) => (message: string) => {
  process.stderr.write(`${level} ${message}\n`);
};
const log: Logger = {
  ...{ debug: () => {}, info: () => {}, warn: say('WARN'), error: say('ERROR') },
  child: () => log,
};
const answer = (id: string, value: object) => process.stdout.write(`@@${id}\t${JSON.stringify(value)}\n`);

/** As Flume names what it runs: a group has one runner, and so has a sink that is in none. */
function kept({ model }: Agent): object {
  const grouped = new Set(model.groups.flatMap(({ sinks }) => sinks));
  const alone = model.sinks.filter(({ name }) => !grouped.has(name));
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).sort();
  return {
    sources: names(model.sources),
    channels: names(model.channels),
    runners: names([...model.groups, ...alone]),
    dropped: model.components
      .filter(({ status }) => status === 'dropped')
      .map(({ kind, name, reason }) => `${kind} ${name}: ${reason}`),
  };
}

const load = (file: string) =>
  Agent.fromFile(file, 'a1', { log, reloadIntervalMs: 0, drainMs: 0, systemProperties: new Map() });

async function serve([command = '', id = '', argument = '']: readonly string[]): Promise<object> {
  if (command === 'build') return kept(await load(argument));
  if (command === 'start') {
    const agent = await load(argument);
    running.set(id, agent);
    const found = kept(agent);
    await agent.start();
    return found;
  }
  const agent = running.get(id);
  if (command === 'stop') {
    running.delete(id);
    await agent?.stop();
    return {};
  }
  const counters = agent?.counters() ?? [];
  return Object.fromEntries(counters.map(({ kind, name, attributes }) => [`${kind} ${name}`, attributes]));
}

answer('ready', {});
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const fields = line.split('\t');
    const id = fields[1] ?? '';
    serve(fields).then(
      (value) => answer(id, value),
      (error) => answer(id, { fatal: errorText(error) }),
    );
  })
  .on('close', () => process.exit(0));
