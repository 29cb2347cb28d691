import { resolve } from 'node:path';
import { agentProcess } from '../process/run-agent.ts';
import { printable } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';

import {
  command,
  defineOption,
  pluginsOption,
  runCommand,
  systemProperties,
  wholeNumber,
} from './command.ts';
import type { Io } from './io.ts';
import { type OriginFlags, originOptions, originPlan } from './origin-options.ts';
import { serve } from './serve.ts';

interface Options extends OriginFlags {
  name?: string;
  conf?: string;
  define: string[];
  drain: number;
  plugins: string[];
  strict?: boolean;
  logJson?: boolean;
}

export function run(argv: readonly string[], io: Io): Promise<number> {
  const named = command(
    {
      name: 'millrace agent',
      summary: 'Runs one agent of a Flume configuration file.',
      examples: [
        'millrace agent -n a1 -f flume.conf',
        'millrace agent -n a1 -f base.conf -f site.conf -Dflume.root.logger=DEBUG,console',
        'millrace agent -n a1 -f flume.conf -Dflume.monitoring.type=http -Dflume.monitoring.port=41414',
      ],
    },
    io,
  ).option('-n, --name <agent>', 'name of the agent in the file (required)');
  const parsed = originOptions(named)
    .option('-c, --conf <dir>', "Flume's configuration folder; accepted, nothing is read from it")
    .option(...pluginsOption)
    .option(...defineOption)
    .option(
      '--drain <seconds>',
      'how long a stop may take to empty the channels',
      wholeNumber('--drain', 0),
      30,
    )
    .option('--strict', 'an unknown component type ends the process, as in Flume')
    .option('--log-json', 'log lines as JSON objects');
  return runCommand(parsed, argv, io, async () => {
    const options = parsed.opts<Options>();
    if (options.name === undefined) throw missing('-n', 'which agent of the file is to run');
    const origin = originPlan(options, [], io, systemProperties(options.define));
    if (origin === null) throw missing('-f', 'the configuration file');
    const process = agentProcess(
      {
        agentName: options.name,
        origin,
        systemProperties: systemProperties(options.define),
        reload: options.reloadConf,
        drainMs: options.drain * 1000,
        strictTypes: options.strict === true,
        plugins: options.plugins.map((path) => resolve(io.cwd, path)),
        jsonLog: options.logJson === true,
      },
      (text) => io.stderr.write(`millrace agent: ${printable(text)}\n`),
    );
    return serve(process, io, { drainMs: options.drain * 1000 });
  });
}

function missing(option: string, what: string): MillraceError {
  return new MillraceError('USAGE', `${option} is missing: ${what}`, {
    remedy: 'millrace agent -n a1 -f flume.conf',
  });
}
