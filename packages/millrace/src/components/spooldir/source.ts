import { mkdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { SourceCounter } from '../../component/counters.ts';
import { defineSource, makeDeserializer, type SourceContext } from '../../component/define.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import { refusedOptions } from '../../component/refused.ts';
import type { PollableSource, ProcessStatus } from '../../component/source.ts';
import { charsetFaults } from '../../config/charset-faults.ts';
import { type ConfiguredPart, opt } from '../../config/options.ts';
import { patternFaults } from '../../config/pattern-faults.ts';
import { findCharset } from '../../java/charsets.ts';
import { javaRegex } from '../../java/regex.ts';
import { TextReader } from '../../java/text-reader.ts';
import { noHeaders } from '../../records/event-batch.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { realFiles } from '../../runtime/files.ts';
import { pause } from '../../runtime/timers.ts';
import { realSourceFiles } from '../../tracking/source-files.ts';
import { FileInput, InputMemory } from './file-input.ts';
import type { Candidate } from './spool-folder.ts';
import { Spooling } from './spooling.ts';

const options = {
  spoolDir: opt.path({
    doc: 'The folder whose files are read.',
    required: true,
    exclusive: { path: 'folder', holds: 'the files that it reads and then renames or deletes' },
  }),
  fileSuffix: opt.string({
    doc: 'What the name of a finished file gets; such files are not read.',
    default: '.COMPLETED',
  }),
  deletePolicy: opt.enum(['never', 'immediate'], {
    doc: 'Whether a finished file is deleted.',
    default: 'never',
    flumeSays: () => 'Delete policies other than NEVER and IMMEDIATE are not yet supported',
  }),
  trackingPolicy: opt.enum(['rename', 'tracker_dir'], {
    doc: 'How a finished file is known: `rename` gives it `fileSuffix`; `tracker_dir` leaves it alone and makes an empty file of that name under `trackerDir`, for folders that may not be changed.',
    default: 'rename',
    flumeSays: () => 'Tracking policies other than RENAME and TRACKER_DIR are not supported',
  }),
  trackerDir: opt.path({
    doc: 'Where it is kept how far the files are read; relative to `spoolDir`.',
    default: '.flumespool',
  }),
  fileHeader: opt.boolean({ doc: "Whether events show their file's path.", default: false }),
  fileHeaderKey: opt.string({ doc: 'The name of that header.', default: 'file' }),
  basenameHeader: opt.boolean({ doc: "Whether events show their file's name.", default: false }),
  basenameHeaderKey: opt.string({ doc: 'The name of that header.', default: 'basename' }),
  includePattern: opt.string({
    doc: 'A Java regular expression that the whole name of a file must match.',
    default: '^.*$',
  }),
  ignorePattern: opt.string({
    doc: 'Files whose whole name matches are not read, folders not entered; it goes before `includePattern`.',
    default: '^$',
  }),
  consumeOrder: opt.enum(['oldest', 'youngest', 'random'], {
    doc: 'Which file is read next, by its time, files of one time by name; `random`: as the folder lists them.',
    default: 'oldest',
  }),
  recursiveDirectorySearch: opt.boolean({ doc: 'Whether the folders within are read, too.', default: false }),
  pollDelay: opt.duration('ms', { doc: 'How long to wait for new files.', default: 500, min: 1 }),
  maxBackoff: opt.duration('ms', {
    doc: 'The longest wait between two tries while the channel has no room; the first is 250 ms.',
    default: 4000,
    min: 0,
  }),
  batchSize: opt.int({ doc: 'Most events of one transaction.', unit: 'events', default: 100, min: 1 }),
  inputCharset: opt.string({ doc: 'How the files are encoded, by the names of Java.', default: 'UTF-8' }),
  decodeErrorPolicy: opt.enum(['FAIL', 'REPLACE', 'IGNORE'], {
    doc: 'What becomes of bytes that are no text: FAIL sets their line aside, REPLACE makes U+FFFD of them, IGNORE leaves them out.',
    default: 'FAIL',
  }),
  deserializer: opt.component('deserializer', {
    doc: 'How events are made of a file; deserializer.* are the options of that deserializer.',
    default: 'LINE',
  }),
  bufferMaxLines: opt.int({ doc: 'An older property.', ignored: 'Flume reads it no more' }),
  bufferMaxLineLength: opt.int({
    doc: 'An older form of deserializer.maxLineLength for LINE; it goes before it.',
    unit: 'bytes',
    min: 1,
  }),
  settleTime: opt.duration('ms', {
    doc: 'A file is read when it has not changed for so long; 0: as soon as it is seen, as in Flume.',
    default: 500,
    min: 0,
  }),
  onFault: opt.enum(['goOn', 'stop'], {
    doc: 'What a file does that is still being written, has the name of a finished one, or holds what is no event: goOn tells of it, sets aside what is no event, and reads the others; stop ends all reading until a restart, as Flume does.',
    default: 'goOn',
  }),
  refusedFile: refusedOptions.refusedFile,
} as const;
type Context = SourceContext<typeof options>;

/** Flume's SpoolDirectorySource; `Spooling` does the work. */
class SpoolDirSource implements PollableSource {
  readonly counter = new SourceCounter();
  readonly #context: Context;
  #spooling: Spooling | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: Context) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { channels, log, name, options, refused } = this.#context;
    const root = rootOf(options.spoolDir);
    checkFolder(root, options.trackingPolicy === 'rename' || options.deletePolicy === 'immediate');
    const trackerDir = isAbsolute(options.trackerDir) ? options.trackerDir : join(root, options.trackerDir);
    mkdirSync(trackerDir, { recursive: true });
    const charset = findCharset(options.inputCharset)!;
    const part = partOf(options);
    const memory = new InputMemory();
    this.#spooling = new Spooling(
      {
        ...{ channels, refused, log, counter: this.counter, files: realSourceFiles, state: realFiles },
        deserialize: (handle, sizeBytes) => {
          const text = new TextReader(charset, options.decodeErrorPolicy);
          return makeDeserializer(part, { log }, new FileInput(handle, sizeBytes, text, memory));
        },
        report: (diagnostic) => this.#context.report(diagnostic),
      },
      {
        root,
        trackerDir,
        source: name,
        suffix: options.fileSuffix,
        include: javaRegex(options.includePattern, { fullMatch: true }),
        ignore: javaRegex(options.ignorePattern, { fullMatch: true }),
        recursive: options.recursiveDirectorySearch,
        order: options.consumeOrder,
        deletes: options.deletePolicy === 'immediate',
        markers: options.trackingPolicy === 'tracker_dir' ? trackerDir : null,
        settleMs: options.settleTime,
        pollMs: options.pollDelay,
        maxEvents: options.batchSize,
        maxBackoffMs: options.maxBackoff,
        stopsAtFaults: options.onFault === 'stop',
        headersOf: (candidate) => headersOf(candidate, options),
      },
    );
    this.counter.start();
  }

  async stop({ deadline = Deadline.never() }: Partial<StopOptions> = {}): Promise<void> {
    const spooling = this.#spooling;
    this.#spooling = null;
    if (spooling === null) return;
    await deadline.race(this.#turn);
    spooling.close();
    this.counter.stop();
  }

  /** Reads on. Waits by itself for new files, so it is always ready. */
  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const turn = this.#spooling!.turn(signal);
    this.#turn = turn.catch(() => {});
    if (!(await turn)) await pause(this.#context.options.pollDelay, signal);
    return 'ready';
  }
}

/** As Java's File has it: no `/` twice, none at the end. */
function rootOf(spoolDir: string): string {
  return spoolDir.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}

/** Throws, with what Flume says, where the folder can't be used; Flume tries with a file, too. */
function checkFolder(root: string, isChanged: boolean): void {
  const stat = statSync(root, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new MillraceError('FILE_ACCESS', `Directory does not exist: ${resolve(root)}`);
  if (!stat.isDirectory()) {
    throw new MillraceError('FILE_ACCESS', `Path is not a directory: ${resolve(root)}`);
  }
  if (!isChanged) return;
  // With a dot: one that a crash leaves there is no event.
  const canary = join(root, `.flume-spooldir-perm-check-${process.pid}.canary`);
  try {
    writeFileSync(canary, 'testing flume file permissions\n');
    unlinkSync(canary);
  } catch (error) {
    throw new MillraceError(
      'FILE_ACCESS',
      `Unable to read and modify files in the spooling directory: ${root}: ${errorText(error)}`,
      { cause: error },
    );
  }
}

function headersOf(
  { path, name }: Candidate,
  { fileHeader, fileHeaderKey, basenameHeader, basenameHeaderKey }: Context['options'],
) {
  if (!fileHeader && !basenameHeader) return noHeaders;
  const headers = new Map<string, string>();
  if (fileHeader) headers.set(fileHeaderKey, isAbsolute(path) ? path : join(process.cwd(), path));
  if (basenameHeader) headers.set(basenameHeaderKey, basename(name));
  return headers;
}

/** The deserializer; for LINE with the older property where it is set. */
function partOf({ deserializer, bufferMaxLineLength }: Context['options']): ConfiguredPart {
  if (bufferMaxLineLength === undefined || deserializer.type.toUpperCase() !== 'LINE') return deserializer;
  return { ...deserializer, options: { ...deserializer.options, maxLineLength: bufferMaxLineLength } };
}

export const spoolDirSource = defineSource({
  type: 'spooldir',
  classNames: ['org.apache.flume.source.SpoolDirectorySource'],
  summary:
    'Reads whole files that are put into a folder, and renames or deletes each when all of it is sent.',
  example: `
a1.sources.r1.type = spooldir
a1.sources.r1.spoolDir = /var/spool/app
a1.sources.r1.fileHeader = true
a1.sources.r1.ignorePattern = ^.*\\\\.tmp$
`,
  differs: [
    "A fault of one file holds up no other (`onFault = stop` is Flume's way, which ends all reading until a restart). A file that grows while it is read is read on later; one that can't be opened is tried again; what is no event is set aside with its place, and the rest of the file goes on in order; a file of a name that was there before becomes `NAME.1.COMPLETED`.",
    'A file is read when it has been as it is for `settleTime` (500 ms); Flume reads it at once.',
    'A folder is listed once for all the files that are there; Flume lists it for each. Which file is the oldest is known as of that listing, which is at most `pollDelay`, or 20 times what a listing takes, ago.',
    "Beside `.flumespool-main.meta`, which is Flume's and read by either program, stands a journal while files are under way: several files that were begun, what stands in them, and the events of an Avro block that are done. A file that was replaced under its name is read from its start.",
    'A batch whose put failed is the one that is put again (Flume reads an Avro block from its start).',
    'An empty file is one event without a body also with `consumeOrder = random`, and only once.',
    'Links to folders are not read as files.',
  ],
  options,
  batchSizeOption: 'batchSize',
  reads: (values) => {
    const root = rootOf(values.spoolDir);
    const wanted = javaRegex(values.includePattern, { fullMatch: true });
    const unwanted = javaRegex(values.ignorePattern, { fullMatch: true });
    return {
      at: ['files'],
      includes: (path) =>
        (dirname(path) === root || (values.recursiveDirectorySearch && path.startsWith(`${root}/`))) &&
        wanted.test(basename(path)) &&
        !unwanted.test(basename(path)),
    };
  },
  headers: (values) =>
    values.deserializer.type.toUpperCase() === 'LINE'
      ? [
          ...(values.fileHeader ? [values.fileHeaderKey] : []),
          ...(values.basenameHeader ? [values.basenameHeaderKey] : []),
        ]
      : null,
  promises: (values) => ({
    does: `reads the files that are put into ${values.spoolDir}, and ${values.deletePolicy === 'immediate' ? 'deletes' : 'marks'} each that is done`,
    origin: 'rereads',
    until: 'taken',
    order: 'the events of one file stay in order',
    losses:
      values.deletePolicy === 'immediate'
        ? [
            {
              when: 'a channel loses what it took',
              what: 'the files are deleted already',
              instead: 'set deletePolicy = never',
            },
          ]
        : [],
  }),
  validate: ({ inputCharset, includePattern, ignorePattern }) => [
    ...charsetFaults('inputCharset', inputCharset),
    ...patternFaults('includePattern', includePattern),
    ...patternFaults('ignorePattern', ignorePattern),
  ],
  create: (context) => new SpoolDirSource(context),
});
