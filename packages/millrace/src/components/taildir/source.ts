import { basename, dirname } from 'node:path';
import { SourceCounter } from '../../component/counters.ts';
import { defineSource, type SourceContext } from '../../component/define.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import {
  lineGroupFaults,
  lineGroupNotes,
  lineGroupRule,
  multilineOptions,
} from '../../component/options/multiline.ts';
import type { PollableSource, ProcessStatus } from '../../component/source.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { realFiles } from '../../runtime/files.ts';
import { expandHome } from '../../runtime/home-path.ts';
import { after, pause, type Timer } from '../../runtime/timers.ts';
import { realSourceFiles } from '../../tracking/source-files.ts';
import { FileGroup, inFlumeOrder } from './file-groups.ts';
import { groupFaults, groupNotes } from './group-findings.ts';
import { Tailing } from './tailing.ts';
import type { TailingWorld } from './tailing-options.ts';

const options = {
  filegroups: opt.list({ doc: 'Names of the file groups.', required: true }),
  filegroupPaths: opt.map({
    doc: 'filegroups.NAME: a path whose last segment is a Java regular expression. A folder `**` in it stands for any number of folders, also for none: `/var/log/**/.*\\.log`.',
    prefix: 'filegroups',
  }),
  headers: opt.map({ doc: 'headers.GROUP.KEY: a header for every event of that group.' }),
  positionFile: opt.path({
    doc: "Where positions are kept, in Flume's JSON form.",
    default: '~/.flume/taildir_position.json',
    exclusive: { path: 'file', holds: 'its positions' },
  }),
  byteOffsetHeader: opt.boolean({
    doc: 'Whether events show where their line starts (header `byteoffset`).',
    default: false,
  }),
  skipToEnd: opt.boolean({
    doc: 'Whether files without a stored position at the start are read from their end.',
    default: false,
  }),
  idleTimeout: opt.duration('ms', {
    doc: 'A file without new bytes for this long is closed; a last line without newline is sent.',
    default: 120_000,
    min: 0,
  }),
  writePosInterval: opt.duration('ms', {
    doc: 'How often the position file is written.',
    default: 3000,
    min: 1,
  }),
  batchSize: opt.int({ doc: 'Most lines of one transaction.', unit: 'events', default: 100, min: 1 }),
  maxBatchCount: opt.int({
    doc: 'Most batches read from one file before the next has its turn; 0 and below: no limit.',
    java: 'long',
    default: Number.MAX_SAFE_INTEGER,
  }),
  cachePatternMatching: opt.boolean({
    doc: 'Whether a directory is listed again only when its time changed.',
    default: true,
  }),
  fileHeader: opt.boolean({ doc: "Whether events show their file's path.", default: false }),
  fileHeaderKey: opt.string({ doc: 'The name of that header.', default: 'file' }),
  acknowledge: opt.enum(['channel', 'delivered'], {
    doc: "When a stored position moves: when the channels have a line (Flume's way), or when it is delivered, or held by a channel that keeps it. With `delivered` a killed process loses nothing of a memory channel; what was under way is sent again.",
    default: 'channel',
  }),
  deletedTimeout: opt.duration('ms', {
    doc: 'A deleted file without new bytes for this long is let go, so that it does not fill the disk; at most idleTimeout.',
    default: 5000,
    min: 0,
  }),
  skipBom: opt.boolean({
    doc: 'Whether a UTF-8 byte order mark at the head of a file is left out; Flume sends it as part of the first line.',
    default: false,
  }),
  skipNul: opt.boolean({
    doc: 'Whether NUL bytes before a line are left out: the hole in a truncated file whose writer goes on at its old offset. Flume sends them.',
    default: false,
  }),
  continueReplaced: opt.boolean({
    doc: 'Whether a new file in the place of another one goes on at its position when it holds the same bytes up to there, as after a save by an editor or `sed -i`. Flume reads it whole.',
    default: false,
  }),
  readCompressed: opt.boolean({
    doc: 'Whether files whose names end in `.gz` or `.zst` are read as what they hold. A generation that is compressed before all of it was read goes on where it was, whether a pattern matches its new name or not. Flume sends the compressed bytes.',
    default: false,
  }),
  ...multilineOptions,
} as const;

type Options = OptionValues<typeof options>;

/** The first save of the position file comes this long after the start, as in Flume. */
const firstSaveMs = 5000;
const shortestPollMs = 10;
const longestPollMs = 250;

const realWorld: TailingWorld = {
  files: realSourceFiles,
  state: realFiles,
  nowMs: () => performance.now(),
  pause,
};

/** TAILDIR: follows growing files, by identity, and sends each line once (o.a.f.source.taildir.TaildirSource). */
class TaildirSource implements PollableSource {
  readonly counter = new SourceCounter();
  readonly #context: SourceContext<typeof options>;
  #tailing: Tailing | null = null;
  /** Stopped, but fates may still come. */
  #unsettled: Tailing | null = null;
  #saveTimer: Timer | null = null;
  #pollMs = shortestPollMs;

  constructor(context: SourceContext<typeof options>) {
    this.#context = context;
    context.state.include(() => this.#tailing?.waits() ?? []);
  }

  async start(signal?: AbortSignal): Promise<void> {
    const { channels, log, options, name } = this.#context;
    const tailing = new Tailing(
      realWorld,
      { channels, counter: this.counter, log, report: (diagnostic) => this.#context.report(diagnostic) },
      {
        groups: inFlumeOrder(groupsOf(options)),
        positionPath: options.positionFile,
        fileHeaderKey: options.fileHeader ? options.fileHeaderKey : undefined,
        byteOffsetHeader: options.byteOffsetHeader ? 'byteoffset' : undefined,
        idleTimeoutMs: options.idleTimeout,
        deletedTimeoutMs: options.deletedTimeout,
        maxEvents: options.batchSize,
        maxBatchCount: options.maxBatchCount > 0 ? options.maxBatchCount : Number.POSITIVE_INFINITY,
        skipToEnd: options.skipToEnd,
        skipBom: options.skipBom,
        skipNul: options.skipNul,
        continueReplaced: options.continueReplaced,
        cachePatternMatching: options.cachePatternMatching,
        readCompressed: options.readCompressed,
        acknowledge: options.acknowledge,
        lineGroups: lineGroupRule(options),
        eventTimeoutMs: options['multiline.timeout'],
        source: name,
      },
    );
    this.#tailing = tailing;
    await tailing.scan();
    signal?.throwIfAborted();
    this.#saveIn(firstSaveMs, tailing);
    this.counter.start();
  }

  async stop({ deadline = Deadline.never() }: Partial<StopOptions> = {}): Promise<void> {
    this.#saveTimer?.cancel();
    this.#saveTimer = null;
    const tailing = this.#tailing;
    this.#tailing = null;
    if (tailing === null) return;
    this.#unsettled = tailing;
    await deadline.race(tailing.close());
    this.counter.stop();
  }

  /** Positions of events that were lost go back, so that the next start reads them again. */
  async settle({ deadline = Deadline.never() }: Partial<StopOptions> = {}): Promise<void> {
    const tailing = this.#unsettled;
    this.#unsettled = null;
    if (tailing === null) return;
    const files = await deadline.race(tailing.settle());
    if (typeof files === 'number' && files > 0)
      this.#context.log.warn(`Positions of ${files} files were taken back to the first event that was lost`);
  }

  /** One round over all files. Waits a little by itself when nothing is new, so it is always ready. */
  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const tailing = this.#tailing!;
    let events = 0;
    try {
      events = await tailing.round(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (events === 0) {
      await pause(Math.max(this.#pollMs, Math.min(1000, tailing.size / 4)), signal);
      this.#pollMs = Math.min(longestPollMs, this.#pollMs * 2);
    } else {
      this.#pollMs = shortestPollMs;
    }
    return 'ready';
  }

  /** On a clock of its own: a full channel holds up no save. */
  #saveIn(ms: number, tailing: Tailing): void {
    this.#saveTimer = after(
      ms,
      () => {
        void tailing.save().then(() => {
          if (this.#tailing === tailing) this.#saveIn(this.#context.options.writePosInterval, tailing);
        });
      },
      { background: true },
    );
  }
}

/** The groups that have a path; Flume passes over the others. */
function groupsOf({ filegroups, filegroupPaths, headers }: Options): readonly FileGroup[] {
  return filegroups.flatMap((name) => {
    const path = filegroupPaths.get(name);
    if (path === undefined) return [];
    const own = [...headers].flatMap(([key, value]): [string, string][] =>
      key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), value]] : [],
    );
    return [new FileGroup(name, expandHome(path), new Map(own))];
  });
}

export const taildirSource = defineSource({
  type: 'TAILDIR',
  classNames: ['org.apache.flume.source.taildir.TaildirSource'],
  summary: 'Follows growing files, line by line, through rotation and restarts.',
  example: `
a1.sources.r1.type = TAILDIR
a1.sources.r1.positionFile = /var/lib/millrace/positions.json
a1.sources.r1.filegroups = app web
a1.sources.r1.filegroups.app = /var/log/app/.*\\\\.log
a1.sources.r1.filegroups.web = /var/log/nginx/access\\\\.log
a1.sources.r1.headers.web.kind = access
a1.sources.r1.fileHeader = true
`,
  differs: [
    'It knows a file by device, inode and content; `components/taildir/table.ts` shows the whole decision as a table.',
    "A renamed file goes on where it was (Flume reads it again), a rotated one is read to its end first, generations that came and went during a stop are read, a reused inode starts at 0, copytruncate's copy is not read twice.",
    "What can't be looked at for the moment is neither read nor forgotten.",
    "Beside Flume's position file stands `<positionFile>.journal` with the position of every committed batch; delete both, or the position file alone, to read from the start.",
    'Generations keep their row in the position file while they are there.',
    'While more than 12 MiB of what it read are still under way in memory, it reads 20 MB/s, not as fast as it can: they wait in the file.',
    'It looks for new lines every 10 to 250 ms instead of every 1 to 5 s.',
    'A missing directory is waited for and holds up no other group.',
    'Deleted files are let go `deletedTimeout` (5 s) after their last growth.',
    "`acknowledge = delivered`, `skipBom`, `skipNul`, `continueReplaced`, `readCompressed` and `multiline.*` are off by default, which is Flume's way.",
    'A folder `**` in a path is looked for in all folders below the one before it; Flume takes it for a name. Folders that come are found within a second; files are then read from their start.',
    'With `readCompressed` positions in `.gz` and `.zst` files are in bytes of what they hold. A compressed generation waits while the file that it is made of is there. One that is damaged or cut off is read up to there and told with its place, and tried again when it changes.',
    'With `multiline.*` an event is the bytes of its lines as they stand in the file, without the newline of the last; positions stand between events, so a restart cuts none. An event that began at the end of a file and goes on at the start of the one that its path has next is one event (renamed, copied and truncated, deleted while it is open): it has the headers and the offset of its beginning, and its limits hold for both parts. The first lines of the next file wait for that while the file before is read to its end, and for no longer than `multiline.timeout` after the last line came to either. An event over three files is two.',
  ],
  options,
  batchSizeOption: 'batchSize',
  reads: (values) => {
    const groups = groupsOf(values);
    return {
      at: ['files'],
      includes: (path) =>
        groups.some((group) => group.coversFolder(dirname(path)) && group.matches(basename(path))),
    };
  },
  headers: (values) => [
    ...(values.fileHeader ? [values.fileHeaderKey] : []),
    ...(values.byteOffsetHeader ? ['byteoffset'] : []),
    ...[...values.headers.keys()].map((key) => key.slice(key.indexOf('.') + 1)),
  ],
  promises: (values) => ({
    does: `follows the files ${values.filegroups.flatMap((name) => values.filegroupPaths.get(name) ?? []).join(' and ')}, line by line`,
    origin: 'rereads',
    until: values.acknowledge === 'delivered' ? 'delivered' : 'taken',
    safer: 'set acknowledge = delivered: the lines stay in their files, and are read again',
    order: 'the lines of one file stay in order, those of different files mix',
    losses: [
      {
        when: 'a file is truncated or deleted while the source stands still',
        what: 'lines that were not read yet are lost with it',
        instead: 'rotate by renaming, and keep a generation or two',
      },
    ],
  }),
  validate: (values) => [...groupFaults(values), ...lineGroupFaults(values)],
  notes: (values) => [
    ...groupNotes(values),
    ...lineGroupNotes(values),
    ...(values.maxBatchCount > 0
      ? []
      : [
          {
            key: 'maxBatchCount',
            message: `maxBatchCount = ${values.maxBatchCount}: there is no limit then, as in Flume`,
            suggestion: 'leave it out, or write a number above 0',
            code: 'number-replaced' as const,
          },
        ]),
  ],
  create: (context) => new TaildirSource(context),
});
