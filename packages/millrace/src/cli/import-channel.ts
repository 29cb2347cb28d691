/**
 * `millrace import-channel`: what a stopped Flume file channel has not delivered, into Millrace's. Exit code: 0 done, or
 * nothing was left to do; 1 something is damaged: nothing was imported, or with --skip-damaged all but that; 64 the command
 * line is wrong; 69 Flume still runs, or the device is full: run it again; 78 the files can't be imported.
 */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfiguration } from '../agent/configuration/load-config.ts';
import { openDurableQueue } from '../component/options/durable-queue.ts';
import { type FileChannelOptions, fileChannel } from '../components/file-channel/channel.ts';
import {
  givenFlumeFiles,
  type ImportReport,
  importFlumeChannel,
} from '../components/file-channel/flume-import/import-events.ts';
import { refuseRunningFlume } from '../components/file-channel/flume-import/running-flume.ts';
import { parseOptions } from '../config/parse-options.ts';
import type { DurableQueue } from '../queues/durable-queue.ts';
import { flumeFilesIn } from '../queues/flume-files.ts';
import { formatDiagnostic, printable } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { realFiles } from '../runtime/files.ts';
import { expandHome } from '../runtime/home-path.ts';
import { collect, command, defineOption, runCommand, systemProperties } from './command.ts';
import { exitCodes, type Io, processIo } from './io.ts';
import { LivingLine } from './living-line.ts';

const text = {
  name: 'millrace import-channel',
  summary:
    "Bring what a stopped Flume file channel has not delivered into Millrace's file channel. Flume's files stay as they " +
    'are. A second run imports nothing twice, and one that was cut off goes on where it was. Exit code: 0 done, 1 something ' +
    'is damaged, 69 Flume still runs or the device is full, 78 the files can’t be imported, 64 wrong usage.',
  examples: [
    'millrace import-channel -f flume.conf -n a1 --channel c1 --dry-run',
    'millrace import-channel -f flume.conf -n a1 --channel c1',
    'millrace import-channel /var/lib/flume/file-channel',
    'millrace import-channel --data-dirs /disk1/data,/disk2/data --checkpoint-dir /disk1/checkpoint',
  ],
};

interface Flags {
  readonly confFile: readonly string[];
  readonly name?: string;
  readonly channel?: string;
  readonly dataDirs?: string;
  readonly checkpointDir?: string;
  readonly toDataDir?: string;
  readonly toCheckpointDir?: string;
  readonly skipDamaged?: true;
  readonly flumeIsStopped?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly define: readonly string[];
}

/** What `--json` prints; it only ever grows. */
export interface ImportChannelReport extends ImportReport {
  readonly from: { readonly dataDirs: readonly string[]; readonly checkpointDir: string | null };
  readonly to: { readonly dataDir: string; readonly checkpointDir: string };
  readonly dryRun: boolean;
}

export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const parsed = command(text, io)
    .argument('[dir]', "Flume's folder: with log-N in it, or with the folders data and checkpoint")
    .option(
      '-f, --conf-file <file>',
      'the configuration that names the folders; may be repeated',
      collect,
      [],
    )
    .option('-n, --name <agent>', 'the agent in it')
    .option('--channel <name>', "the agent's channel")
    .option('--data-dirs <dirs>', "Flume's data folders, separated by commas")
    .option('--checkpoint-dir <dir>', "Flume's checkpoint folder; without one the logs alone are read")
    .option('--to-data-dir <dir>', "Millrace's data folder; the first of Flume's by default")
    .option('--to-checkpoint-dir <dir>', "Millrace's checkpoint folder; Flume's by default")
    .option('--skip-damaged', 'leave out what is damaged, and import the rest')
    .option('--flume-is-stopped', 'take your word for it, where it can’t be seen')
    .option('--dry-run', 'count and check, and import nothing')
    .option('--json', 'the report as JSON')
    .option(...defineOption);
  return await runCommand(parsed, argv, io, () => importChannel(parsed.opts<Flags>(), parsed.args[0], io));
}

async function importChannel(flags: Flags, dir: string | undefined, io: Io): Promise<number> {
  const plan = await planOf(flags, dir, io);
  const { dataDirs, checkpointDir, options } = plan;
  if (flags.flumeIsStopped !== true)
    refuseRunningFlume([...dataDirs, ...(checkpointDir === undefined ? [] : [checkpointDir])], realFiles);
  const dryRun = flags.dryRun === true;
  const line = new LivingLine({ ...io, stdout: io.stderr, isTerminal: io.errorIsTerminal === true });
  const queue = await queueOf(plan, dryRun, (told) => line.tell(`${told}\n`));
  let report: ImportReport;
  try {
    report = await importFlumeChannel({
      ...{ dataDirs, checkpointDir, queue, dryRun, skipDamaged: flags.skipDamaged === true },
      onProgress: (done, of) => {
        if (io.errorIsTerminal === true) line.set(`${grouped(done)} of ${grouped(of)} events`);
      },
    });
  } finally {
    if (io.errorIsTerminal === true) line.set('');
    await queue?.close();
  }
  const shown: ImportChannelReport = {
    ...report,
    from: { dataDirs, checkpointDir: checkpointDir ?? null },
    to: { dataDir: options.dataDirs[0]!, checkpointDir: options.checkpointDir },
    dryRun,
  };
  io.stdout.write(flags.json === true ? `${JSON.stringify(shown, null, 2)}\n` : textOf(shown));
  return report.damage.some(({ isTail }) => !isTail) ? exitCodes.findings : exitCodes.ok;
}

interface Plan {
  readonly channel: string;
  /** Flume's. */
  readonly dataDirs: readonly string[];
  readonly checkpointDir: string | undefined;
  /** Of the channel that the events go into. */
  readonly options: FileChannelOptions;
}

async function planOf(flags: Flags, dir: string | undefined, io: Io): Promise<Plan> {
  const configured = await configuredOptions(flags, io);
  const path = (given: string) => resolve(io.cwd, expandHome(given));
  const given = flags.dataDirs?.split(',').map((each) => path(each.trim()));
  const named = dir === undefined ? undefined : foldersIn(path(dir));
  const dataDirs = given ?? named?.dataDirs ?? configured?.dataDirs.map(path);
  if (dataDirs === undefined) {
    throw new MillraceError('USAGE', "it is not said where Flume's channel is", {
      remedy: 'millrace import-channel -f FILE -n AGENT --channel NAME',
    });
  }
  const ownCheckpoint = flags.checkpointDir === undefined ? undefined : path(flags.checkpointDir);
  const checkpointDir =
    ownCheckpoint ?? named?.checkpointDir ?? (configured && path(configured.checkpointDir));
  const toData = flags.toDataDir ?? configured?.dataDirs[0] ?? dataDirs[0]!;
  const toCheckpoint = flags.toCheckpointDir ?? configured?.checkpointDir ?? checkpointDir;
  if (toCheckpoint === undefined) {
    givenFlumeFiles(dataDirs, realFiles); // a wrong folder is the first thing to say
    throw new MillraceError('USAGE', "it is not said where Millrace's channel keeps its checkpoint", {
      remedy: 'Name the folder with --to-checkpoint-dir, as checkpointDir will have it in the configuration.',
    });
  }
  const folders = { dataDirs: [path(toData)], checkpointDir: path(toCheckpoint) };
  const options = { ...(configured ?? defaultOptions()), ...folders };
  return { channel: flags.channel ?? 'import', dataDirs, checkpointDir, options };
}

/** Flume's layout below one folder: `data` and `checkpoint`, or the logs themselves. */
function foldersIn(dir: string): { dataDirs: string[]; checkpointDir?: string } {
  const isData = flumeFilesIn([dir], realFiles).length > 0;
  const checkpoint = [join(dir, 'checkpoint'), join(dir, '..', 'checkpoint')].find((at) => existsSync(at));
  return {
    dataDirs: [isData ? dir : join(dir, 'data')],
    ...(checkpoint === undefined ? {} : { checkpointDir: checkpoint }),
  };
}

/** The channel's options by `-f`, `-n` and `--channel`; undefined where none of them is given. */
async function configuredOptions(flags: Flags, io: Io): Promise<FileChannelOptions | undefined> {
  const { confFile, name, channel } = flags;
  if (confFile.length === 0 && name === undefined && channel === undefined) return undefined;
  if (confFile.length === 0 || name === undefined || channel === undefined)
    throw new MillraceError('USAGE', '-f, -n and --channel are given together');
  const files = confFile.map((file) => resolve(io.cwd, file));
  const model = await loadConfiguration(files, {
    systemProperties: systemProperties(flags.define),
    env: io.env,
  });
  const agent = model.agents.find((candidate) => candidate.name === name);
  const found = agent?.channels.find((candidate) => candidate.name === channel);
  if (found === undefined) {
    const dropped = agent?.components.find((it) => it.kind === 'channel' && it.name === channel);
    const why = dropped === undefined ? 'is not in the configuration' : `is dropped: ${dropped.reason}`;
    throw new MillraceError('CONFIG_INVALID', `channel ${channel} of agent ${name} ${why}`);
  }
  if (!('dataDirs' in found.options && 'checkpointDir' in found.options)) {
    throw new MillraceError('CONFIG_INVALID', `channel ${channel} (${found.type}) keeps no files`, {
      remedy: 'What a memory channel held is lost when Flume stops: there is nothing to import.',
    });
  }
  return found.options as FileChannelOptions;
}

function defaultOptions(): FileChannelOptions {
  const place = { file: '', line: 0, column: 0 };
  return parseOptions({ spec: fileChannel.options, properties: new Map(), component: 'channel', place })
    .values as FileChannelOptions;
}

/** Null: a dry run over folders that hold nothing of Millrace's yet, which it leaves so. */
async function queueOf(
  { channel, options }: Plan,
  dryRun: boolean,
  tell: (line: string) => void,
): Promise<DurableQueue | null> {
  if (dryRun && !existsSync(join(options.dataDirs[0]!, 'events-0'))) return null;
  const report = (diagnostic: Parameters<typeof formatDiagnostic>[0]) => tell(formatDiagnostic(diagnostic));
  return await openDurableQueue({ name: channel, options, report }, { flumeDirs: [] }, () => {});
}

const grouped = (count: number): string => count.toLocaleString('en');

function textOf(report: ImportChannelReport): string {
  const { undelivered, alreadyImported, imported, dryRun, damage, complete } = report;
  const lines = [
    `${grouped(undelivered)} events in ${report.from.dataDirs.map(printable).join(', ')} were not delivered`,
  ];
  if (report.withoutCheckpoint !== null)
    lines.push(
      `by the logs alone, for Flume's checkpoint can't be used: ${printable(report.withoutCheckpoint)}`,
    );
  if (report.uncommittedPuts > 0)
    lines.push(
      `${grouped(report.uncommittedPuts)} puts were not committed: whoever sent them sends them again`,
    );
  if (report.uncommittedTakes > 0)
    lines.push(`${grouped(report.uncommittedTakes)} takes were not committed: their events are among those`);
  for (const { file, offset, to, reason, isTail } of damage) {
    const bytes = to > offset ? `${to - offset} bytes` : 'an event';
    lines.push(
      `${printable(file)}: at ${offset}: ${bytes} ${isTail ? 'at its end are not whole' : 'damaged'}: ${reason}`,
    );
  }
  if (alreadyImported > 0) lines.push(`${grouped(alreadyImported)} had been imported before`);
  if (complete) lines.push(`${grouped(imported)} imported into ${printable(report.to.dataDir)}`);
  else if (dryRun) lines.push('nothing was imported: --dry-run');
  else lines.push('nothing was imported: with --skip-damaged all that can be read is');
  if (complete) lines.push("when Millrace runs well, Flume's files log-N and log-N.meta may be deleted");
  return `${lines.join('\n')}\n`;
}
