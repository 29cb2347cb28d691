import { needsOfEscapes, readEscapes } from '../../component/escape-template.ts';
import type { HeaderNeed } from '../../component/relations.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { javaTimeZone } from '../../java/time-zone.ts';
import { codecNames, codecOf } from './codecs.ts';
import { clusterFaults, clusterNotes, clusterOptions } from './hdfs-cluster.ts';
import { isObjectPath, splitPath } from './hdfs-path.ts';
import { namesFaults, namesOption } from './names-option.ts';
import { isTableType, tableFaults, tableOptions, tableTypes } from './table-options.ts';

export const hdfsOptions = {
  'hdfs.path': opt.string({
    doc: 'The folder: `hdfs://SERVER/FOLDER`, `webhdfs://`, `swebhdfs://`, `s3a://BUCKET/FOLDER`, `file:///FOLDER`, or without a scheme one of `fs.defaultFS`; may hold escapes such as `%{header}`, `%Y-%m-%d`, `%[localhost]`.',
    required: true,
  }),
  'hdfs.filePrefix': opt.string({
    doc: 'What the names of files begin with; may hold escapes.',
    default: 'FlumeData',
  }),
  'hdfs.fileSuffix': opt.string({
    doc: "What the names of files end with, with its dot; absent: the codec's own (`.gz`).",
  }),
  'hdfs.inUsePrefix': opt.string({
    doc: 'What a name begins with while the file is being written.',
    default: '',
  }),
  'hdfs.inUseSuffix': opt.string({
    doc: 'What a name ends with while the file is being written.',
    default: '.tmp',
  }),
  'hdfs.emptyInUseSuffix': opt.boolean({
    doc: 'No suffix while the file is being written, whatever `hdfs.inUseSuffix` says.',
    default: false,
  }),
  'hdfs.rollInterval': opt.duration('s', {
    doc: 'A file is closed so long after its first event; 0: never for that.',
    java: 'long',
    default: 30,
    min: 0,
  }),
  'hdfs.rollSize': opt.bytes({
    doc: 'A file is closed when it has bodies of so many bytes, before compression; 0: never for that.',
    default: 1024,
    min: 0,
    onOutside: 'clamp',
  }),
  'hdfs.rollCount': opt.int({
    doc: 'A file is closed when it has so many events; 0: never for that.',
    unit: 'events',
    java: 'long',
    default: 10,
    min: 0,
    onOutside: 'clamp',
  }),
  'hdfs.idleTimeout': opt.duration('s', {
    doc: 'A file is closed when nothing was written to it for so long; 0: never for that.',
    default: 0,
    min: 0,
  }),
  'hdfs.batchSize': opt.int({
    doc: 'Most events of one transaction.',
    unit: 'events',
    java: 'long',
    default: 100,
    min: 1,
  }),
  'hdfs.fileType': opt.enum(['SequenceFile', 'DataStream', 'CompressedStream', ...tableTypes], {
    doc: 'What a file looks like: Hadoop’s container, the serializer’s bytes, or those compressed; or a table of JSON events.',
    default: 'SequenceFile',
  }),
  'hdfs.writeFormat': opt.string({
    doc: 'Of a SequenceFile, how a body is written: `Writable` (BytesWritable) or `Text`.',
    default: 'Writable',
  }),
  'hdfs.codeC': opt.string({ doc: `The compression: ${codecNames.join(', ')}, or Hadoop's class.` }),
  'hdfs.maxOpenFiles': opt.int({
    doc: 'More files are never open; the one that was longest without an event is closed.',
    default: 5000,
    min: 1,
  }),
  'hdfs.closeTries': opt.int({
    doc: 'How often the renaming of a closed file is tried; 0: until it works.',
    default: 0,
  }),
  'hdfs.retryInterval': opt.duration('s', {
    doc: 'How long after such a failure it is tried again; 0: it is tried once.',
    java: 'long',
    default: 180,
    min: 0,
  }),
  'hdfs.round': opt.boolean({ doc: 'Floor the time of escapes.', default: false }),
  'hdfs.roundValue': opt.int({ doc: 'To a multiple of so many units.', default: 1 }),
  'hdfs.roundUnit': opt.string({
    doc: 'The unit of `hdfs.roundValue`: second, minute or hour; with any other word nothing is floored.',
    default: 'second',
  }),
  'hdfs.timeZone': opt.string({ doc: 'The time zone of escapes; absent: that of this machine.' }),
  'hdfs.useLocalTimeStamp': opt.boolean({
    doc: 'The time of escapes is that of this machine, not that of the header `timestamp`.',
    default: false,
  }),
  serializer: opt.component('serializer', {
    doc: 'What events look like in DataStream and CompressedStream; serializer.* are its options.',
    default: 'TEXT',
  }),
  writeMode: opt.enum(['append', 'stream'], {
    doc: 'append: events are acknowledged when their batch is on the device; stream: when their file is whole and under its final name, so that of a file that fails nothing stays. Files of the types parquet and avro are always written so.',
    default: 'append',
  }),
  names: namesOption,
  openFilesFolder: opt.path({
    doc: 'Folder in which the sink notes the files that it has open, so that a start after a kill can finish them. Default: ~/.flume/open-files/AGENT-SINK.',
  }),
  ...tableOptions,
  ...clusterOptions,
  'hdfs.threadsPoolSize': opt.int({
    default: 10,
    doc: 'Threads for calls to a cluster.',
    ignored: 'there are no such threads',
  }),
  'hdfs.rollTimerPoolSize': opt.int({
    doc: 'Threads for timers.',
    default: 1,
    ignored: 'there are no such threads',
  }),
  writeFormat: opt.map({
    doc: 'Properties of a class that `hdfs.writeFormat` names.',
    ignored: 'Text and Writable have none, and no class is ever loaded from a name',
  }),
  'hdfs.useRawLocalFileSystem': opt.boolean({
    default: false,
    doc: 'Write no checksum files.',
    ignored: 'checksum files (.NAME.crc) are never written',
  }),
};
export type HdfsOptions = OptionValues<typeof hdfsOptions>;

export function validateHdfs(options: HdfsOptions): OptionFinding[] {
  const findings: OptionFinding[] = [];
  const add = (key: string, message: string, suggestion?: string) =>
    findings.push({
      key,
      message: `${key}: ${message}`,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  const path = splitPath(options['hdfs.path']);
  if (typeof path === 'string')
    add('hdfs.path', path, 'write hdfs://SERVER/FOLDER, or file:///FOLDER for a folder of this machine');
  findings.push(...clusterFaults(options));
  for (const key of ['hdfs.path', 'hdfs.filePrefix'] as const) {
    for (const name of readEscapes(options[key]).unknown)
      add(
        key,
        `The static escape string '${name}' was provided but does not match any of (localhost,IP,FQDN)`,
      );
  }
  const fileType = options['hdfs.fileType'];
  if (fileType === 'SequenceFile' && valuesOf(options) === undefined)
    add('hdfs.writeFormat', `'${options['hdfs.writeFormat']}' is not built`, 'write Text or Writable');
  const codecName = options['hdfs.codeC'];
  const codec = codecName === undefined ? null : codecOf(codecName);
  if (codec === undefined)
    add(
      'hdfs.codeC',
      `there is no compression codec '${codecName}'`,
      `write one of ${codecNames.join(', ')}`,
    );
  else if (codec !== null && codec.way === null)
    add('hdfs.codeC', `${codecName} is not built`, `write one of ${codecNames.join(', ')}`);
  if (isTableType(fileType)) {
    findings.push(...tableFaults(fileType, options, { key: 'names', value: options.names }));
    if (codecName !== undefined)
      add(
        'hdfs.codeC',
        `files of the type ${fileType} have a compression of their own`,
        `set ${fileType}.compression`,
      );
  }
  if (fileType === 'DataStream' && codecName !== undefined)
    add(
      'hdfs.codeC',
      "fileType: DataStream which does NOT support compressed output. Please don't set codeC or change the fileType if compressed output is desired.",
    );
  if (fileType === 'CompressedStream' && codec === null)
    add(
      'hdfs.fileType',
      "It's essential to set compress codec when fileType is: CompressedStream",
      'set hdfs.codeC',
    );
  const rounding = roundingOf(options);
  const most = rounding?.unit === 'hour' ? 24 : 60;
  if (rounding !== null && (rounding.value <= 0 || rounding.value > most))
    add('hdfs.roundValue', `Round value must be > 0 and <= ${most}`);
  findings.push(
    ...namesFaults({
      names: { key: 'names', value: options.names },
      path: { key: 'hdfs.path', value: options['hdfs.path'] },
      prefix: options['hdfs.filePrefix'],
      suffix: options['hdfs.fileSuffix'],
      suffixKey: 'hdfs.fileSuffix',
      localTime: { key: 'hdfs.useLocalTimeStamp', value: options['hdfs.useLocalTimeStamp'] },
    }),
  );
  if (options.names === 'deterministic' && !writesWhole(options))
    add(
      'names',
      'deterministic names are for files that are acknowledged as a whole',
      'set writeMode = stream',
    );
  return findings;
}

/** Whether events are acknowledged when their file is whole. */
export function writesWhole(options: HdfsOptions): boolean {
  return (
    options.writeMode === 'stream' ||
    isTableType(options['hdfs.fileType']) ||
    isObjectPath(options['hdfs.path'])
  );
}

const roundUnits = ['second', 'minute', 'hour'] as const;

/** To what the time of escapes is floored; null: to nothing, also where the unit is none (HDFSEventSink.configure). */
export function roundingOf(
  options: HdfsOptions,
): { readonly unit: (typeof roundUnits)[number]; readonly value: number } | null {
  const unit = roundUnits.find((each) => each === options['hdfs.roundUnit'].toLowerCase());
  return options['hdfs.round'] && unit !== undefined ? { unit, value: options['hdfs.roundValue'] } : null;
}

const writeFormats: Readonly<Record<string, 'bytes' | 'text'>> = {
  writable: 'bytes',
  text: 'text',
  'org.apache.flume.sink.hdfs.HDFSWritableSerializer$Builder': 'bytes',
  'org.apache.flume.sink.hdfs.HDFSTextSerializer$Builder': 'text',
};

/** How a SequenceFile has bodies; undefined: by a class that is not built. */
export function valuesOf({ 'hdfs.writeFormat': name }: HdfsOptions): 'bytes' | 'text' | undefined {
  const key = Object.hasOwn(writeFormats, name) ? name : name.toLowerCase();
  return Object.hasOwn(writeFormats, key) ? writeFormats[key] : undefined;
}

/** The headers that names of files and folders are made of. */
export function needsOfHdfs(options: HdfsOptions): HeaderNeed[] {
  const ownTime = { isOn: options['hdfs.useLocalTimeStamp'], instead: 'set hdfs.useLocalTimeStamp = true' };
  return (['hdfs.path', 'hdfs.filePrefix'] as const).flatMap((key) =>
    needsOfEscapes(key, options[key], ownTime),
  );
}

/** A table of less has more of a frame than of rows. */
const fewEvents = 1000;
const fewBytes = 64 * 1024;

export function notesOfHdfs(options: HdfsOptions): OptionFinding[] {
  const notes: OptionFinding[] = [...clusterNotes(options)];
  const { 'hdfs.rollCount': events, 'hdfs.rollSize': bytes } = options;
  const isSmall = (events > 0 && events < fewEvents) || (bytes > 0 && bytes < fewBytes);
  if (isTableType(options['hdfs.fileType']) && isSmall)
    notes.push({
      key: 'hdfs.fileType',
      message: `hdfs.fileType: a file of type ${options['hdfs.fileType']} ends after ${events === 0 ? '' : `${events} events`}${events > 0 && bytes > 0 ? ' or ' : ''}${bytes === 0 ? '' : `${bytes} bytes`}: that is little for a table`,
      suggestion: 'set hdfs.rollCount = 0, hdfs.rollSize = 0 and a hdfs.rollInterval',
    });
  const zone = options['hdfs.timeZone'];
  if (zone !== undefined && javaTimeZone(zone) === undefined)
    notes.push({
      key: 'hdfs.timeZone',
      message: `hdfs.timeZone: there is no time zone '${zone}'; GMT is taken, as in Flume`,
      suggestion: 'write a name such as Europe/Prague, or GMT+2',
    });
  if (options['hdfs.emptyInUseSuffix'] && options['hdfs.inUseSuffix'] !== '.tmp')
    notes.push({
      key: 'hdfs.inUseSuffix',
      message: 'hdfs.inUseSuffix has no effect beside hdfs.emptyInUseSuffix = true',
    });
  if (options['hdfs.round'] && roundingOf(options) === null)
    notes.push({
      key: 'hdfs.roundUnit',
      message: `hdfs.roundUnit: "${options['hdfs.roundUnit']}" is none of ${roundUnits.join(', ')}; nothing is floored, as in Flume`,
    });
  return notes;
}
