/**
 * `flume-ng tool`: Flume's tools. There is one, FCINTEGRITYTOOL, which checks a file channel's data folders. Exit code: 0
 * all is whole; 1 something was damaged and is set aside, or the command line is wrong (as in Flume); 69 an agent runs on it.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkEvents, type IntegrityReport } from '../components/file-channel/integrity.ts';
import { flumeFilesIn } from '../queues/flume-files.ts';
import { formatDiagnostic, printable } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { realFiles } from '../runtime/files.ts';
import { expandHome } from '../runtime/home-path.ts';
import { collect, command, runCommand } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import { javaWords } from './java-words.ts';

const tools = `Expected name of tool and arguments for tool to be passed in on the command line. Please pass one of the following as arguments to this command: \nFCINTEGRITYTOOL\n`;

interface Flags {
  readonly dataDirs?: string;
  readonly eventValidator?: string;
}

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    io.stdout.write(tools);
    return exitCodes.findings;
  }
  if (name.toUpperCase() !== 'FCINTEGRITYTOOL') {
    io.stderr.write(`flume-ng tool: there is no tool ${printable(name)}: FCINTEGRITYTOOL\n`);
    return exitCodes.findings;
  }
  const parsed = command(
    {
      name: 'flume-ng tool fcintegritytool',
      summary:
        "Checks the data folders of a file channel: every batch's checksum. What is damaged is set aside, so that the rest " +
        'can be delivered. The agent must be stopped. Exit code: 0 all is whole, 1 something was damaged, 69 an agent runs.',
      examples: ['flume-ng tool FCINTEGRITYTOOL -l ~/.flume/file-channel/data'],
    },
    io,
  )
    .option('-l, --dataDirs <dirs>', 'data folders, separated by commas (required)')
    .option('-e, --eventValidator <class>', 'not there: Java classes are not loaded')
    .option('-c, --conf <dir>', 'no effect')
    .option('-D <property=value>', 'for the validator', collect, []);
  const words = javaWords(rest, ['dataDirs', 'eventValidator', 'conf', 'help'], {});
  const code = await runCommand(parsed, words, io, () => check(parsed.opts<Flags>(), io));
  return code === exitCodes.usage ? exitCodes.findings : code;
}

async function check({ dataDirs, eventValidator }: Flags, io: Io): Promise<number> {
  if (dataDirs === undefined) throw new MillraceError('USAGE', 'dataDirs is required: -l DIR,DIR');
  if (eventValidator !== undefined) {
    throw new MillraceError('USAGE', `Could not load the validator ${eventValidator}: it is a Java class`, {
      remedy:
        'Take events out on their way instead: an interceptor, such as regex_filter, before the channel.',
    });
  }
  const dirs = dataDirs.split(',').map((dir) => resolve(io.cwd, expandHome(dir.trim())));
  const missing = dirs.find((dir) => !existsSync(dir));
  if (missing !== undefined) throw new MillraceError('USAGE', `Data directory, ${missing} does not exist.`);
  const all = { validEvents: 0, corruptEvents: 0, repairs: 0 };
  let unread = false;
  for (const dir of dirs) {
    const report = await checkDir(dir, io);
    unread ||= report === null;
    for (const key of ['validEvents', 'corruptEvents', 'repairs'] as const) all[key] += report?.[key] ?? 0;
  }
  io.stdout.write(summaryOf(all));
  return unread || all.repairs > 0 ? exitCodes.findings : exitCodes.ok;
}

/** Null: what lies there is not Millrace's. */
async function checkDir(dir: string, io: Io): Promise<IntegrityReport | null> {
  if (!existsSync(`${dir}/events-0`)) {
    const isFlumes = flumeFilesIn([dir], realFiles).length > 0;
    io.stderr.write(
      isFlumes
        ? `${printable(dir)}: the files of Flume's own file channel are not checked here.\n  millrace import-channel --dry-run checks them and changes nothing; without --dry-run it brings their events over.\n`
        : `${printable(dir)}: there are no events of a file channel in it\n`,
    );
    return null;
  }
  io.stderr.write(`Checking for corruption in ${printable(dir)}\n`);
  return await checkEvents(dir, (found) => io.stderr.write(`${formatDiagnostic(found)}\n`));
}

/** Flume's lines. It counts puts, takes and commits as events of the channel; here an event is one. */
function summaryOf({ validEvents, corruptEvents }: IntegrityReport): string {
  return [
    '---------- Summary --------------------',
    `Number of Events in the Channel = ${validEvents + corruptEvents}`,
    `Number of Put Events Processed = ${validEvents}`,
    `Number of Valid Put Events = ${validEvents}`,
    'Number of Invalid Put Events = 0',
    'Number of Put Events that threw Exception during validation = 0',
    `Number of Corrupt Events = ${corruptEvents}`,
    '---------------------------------------',
    '',
  ].join('\n');
}
