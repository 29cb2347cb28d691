/**
 * `millrace explain`: what a configuration does, in plain words: the way of the events, what each hop promises, where
 * events can be lost, come twice or wait. Nothing is started. Exit code 0: told; 78: no agent of it, or not the one that
 * `-n` names, can run, or a file can't be read; 64: the command line is wrong.
 */
import { explainAgent } from '../agent/explanation/explain-agent.ts';
import type { Explanation } from '../agent/explanation/explanation.ts';
import { type Line, wordsOf } from '../agent/explanation/words.ts';
import { printable } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { exitCodeOf, loadForCheck, reportOf } from './check.ts';
import { command, confFileOption, defineOption, pluginsOption, runCommand, styled } from './command.ts';
import { exitCodes, type Io, processIo } from './io.ts';
import { wrap } from './wrap.ts';

const text = {
  name: 'millrace explain',
  summary:
    'Say in plain words what the agents of Flume properties files do: where events come from and go to, what each hop ' +
    'promises, where events can be lost and what is better there, what comes twice, in which order, and what holds it ' +
    'up. Nothing is started. Exit code: 0 told, 78 nothing of it can run, 64 wrong usage.',
  examples: [
    'millrace explain flume.conf',
    'millrace explain -f base.conf -f site.conf -n a1',
    "millrace explain flume.conf --json | jq '.agents[].losses'",
  ],
};

interface Flags {
  readonly confFile: readonly string[];
  readonly name?: string;
  readonly json?: true;
  readonly plugins: readonly string[];
  readonly define: readonly string[];
}

export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const parsed = command(text, io)
    .argument('[file...]', 'properties files, as with -f')
    .option(...confFileOption)
    .option('-n, --name <agent>', 'the agent to explain; without it, all are')
    .option('--json', 'the explanation as JSON')
    .option(...pluginsOption)
    .option(...defineOption);
  return await runCommand(parsed, argv, io, async () => {
    const flags = parsed.opts<Flags>();
    const files = [...flags.confFile, ...parsed.args];
    if (files.length === 0) {
      throw new MillraceError('USAGE', 'no file was given', { remedy: 'millrace explain flume.conf' });
    }
    const model = await loadForCheck(files, flags, io);
    const report = reportOf(model, files, flags.name);
    const named = report.agents.map(({ name }) => name);
    const explanation: Explanation = {
      agents: model.agents.filter(({ name }) => named.includes(name)).map(explainAgent),
    };
    if (flags.json === true) io.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`);
    else io.stdout.write(textOf(explanation, io));
    const toMend = report.diagnostics.filter(({ severity }) => severity !== 'info').length;
    if (toMend > 0) {
      const findings = toMend === 1 ? '1 finding' : `${toMend} findings`;
      const call = `millrace check ${files.map(printable).join(' ')}`;
      io.stderr.write(
        `millrace explain: not all of it is as it was meant: ${findings} to mend\n  ${call} tells them.\n`,
      );
    }
    return exitCodeOf(report) === exitCodes.configuration ? exitCodes.configuration : exitCodes.ok;
  });
}

const styles: Readonly<Partial<Record<Line['is'], Parameters<typeof styled>[0]>>> = {
  agent: 'bold',
  heading: 'bold',
  instead: 'green',
};
/** Narrower, indents cost more than they show. */
const narrowColumns = 50;

function textOf(explanation: Explanation, io: Io): string {
  const columns = Math.min(io.columns ?? 100, 100);
  const indent = columns < narrowColumns ? 1 : 2;
  const lines = wordsOf(explanation).flatMap(({ text, depth, is }) => {
    if (is === 'blank') return [''];
    const first = `${' '.repeat(indent * depth)}${is === 'statement' ? '- ' : ''}`;
    const style = styles[is];
    const broken = wrap(printable(text), columns, first);
    return style === undefined ? broken : broken.map((line) => styled(style, line, io.color));
  });
  return `${lines.join('\n')}\n`;
}
