/** `kafka-consumer-groups --reset-offsets`: where a group without members is to read on. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Admin } from '../clients/kafka/admin/admin.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../clients/kafka/options.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { exitCodes, type Io } from './io.ts';
import { row, writeJson } from './kafka-common.ts';

export interface ResetFlags {
  readonly group: readonly string[];
  readonly topic: readonly string[];
  readonly allTopics?: true;
  readonly dryRun?: true;
  readonly execute?: true;
  readonly export?: true;
  readonly json?: true;
  readonly toEarliest?: true;
  readonly toLatest?: true;
  readonly toCurrent?: true;
  readonly toOffset?: number;
  readonly shiftBy?: number;
  readonly toDatetime?: string;
  readonly byDuration?: string;
  readonly fromFile?: string;
}

/** The ways to say where to; exactly one is to be given. */
export const resetScenarios = [
  { flag: 'byDuration', option: 'by-duration' },
  { flag: 'toLatest', option: 'to-latest' },
  { flag: 'toCurrent', option: 'to-current' },
  { flag: 'toEarliest', option: 'to-earliest' },
  { flag: 'toOffset', option: 'to-offset' },
  { flag: 'shiftBy', option: 'shift-by' },
  { flag: 'fromFile', option: 'from-file' },
  { flag: 'toDatetime', option: 'to-datetime' },
] as const;

const usage = (message: string): MillraceError => new MillraceError('USAGE', message);
interface Plan {
  readonly group: string;
  readonly offsets: readonly TopicPartitionOffset[];
}

export async function resetOffsets(
  admin: Admin,
  groups: readonly string[],
  flags: ResetFlags,
  io: Io,
): Promise<number> {
  const execute = flags.execute === true;
  if (!execute && flags.dryRun !== true) {
    io.stderr.write('WARN: No action will be performed as the --execute option is missing.\n');
  }
  const target = readTarget(flags, io);
  const plans: Plan[] = [];
  let failed = false;
  for (const { groupId, state } of await admin.describeGroups(groups)) {
    if (state !== 'Empty' && state !== 'Dead') {
      const out = flags.json === true || flags.export === true ? io.stderr : io.stdout;
      out.write(
        `\nError: Assignments can only be reset if the group '${groupId}' is inactive, but the current state is ${state}.\n`,
      );
      failed = true;
      continue;
    }
    const offsets = await planOf(admin, groupId, flags, target, io);
    if (execute && offsets.length > 0) await admin.alterGroupOffsets(groupId, offsets);
    plans.push({ group: groupId, offsets });
  }
  writePlans(plans, flags, execute, io);
  return failed ? exitCodes.findings : exitCodes.ok;
}

function writePlans(plans: readonly Plan[], flags: ResetFlags, executed: boolean, io: Io): void {
  if (flags.json === true) {
    writeJson(io, { executed, groups: plans });
    return;
  }
  const lines = plans.flatMap(({ group, offsets }) => offsets.map((offset) => ({ group, ...offset })));
  if (flags.export === true) {
    const withGroup = flags.group.length !== 1;
    for (const { group, topic, partition, offset } of lines) {
      io.stdout.write(`${[...(withGroup ? [group] : []), topic, partition, offset].join(',')}\n`);
    }
    return;
  }
  const widths = [
    Math.max(15, ...plans.map(({ group }) => group.length)),
    Math.max(15, ...lines.map(({ topic }) => topic.length)),
    10,
  ];
  io.stdout.write(`\n${row(widths, ['GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET'])}\n`);
  for (const { group, topic, partition, offset } of lines) {
    io.stdout.write(`${row(widths, [group, topic, partition, offset])}\n`);
  }
}

/** What is to be found out before the first broker is asked. */
interface Target {
  readonly timestampMs: number | null;
  readonly file: readonly (TopicPartitionOffset & { readonly group: string })[] | null;
}

function readTarget(flags: ResetFlags, io: Io): Target {
  const { toDatetime, byDuration, fromFile } = flags;
  return {
    timestampMs:
      toDatetime !== undefined
        ? parseDateTime(toDatetime)
        : byDuration !== undefined
          ? Date.now() - parseDuration(byDuration)
          : null,
    file: fromFile === undefined ? null : parsePlanFile(resolve(io.cwd, fromFile), flags.group),
  };
}

async function planOf(
  admin: Admin,
  group: string,
  flags: ResetFlags,
  target: Target,
  io: Io,
): Promise<readonly TopicPartitionOffset[]> {
  if (target.file !== null) {
    const wanted = target.file.filter((line) => line.group === group);
    if (wanted.length === 0) io.stderr.write(`\nError: No reset plan for group ${group} found.\n`);
    await requirePartitions(admin, wanted);
    return inOrder(await withinLog(admin, wanted, io));
  }
  const partitions = await scopeOf(admin, group, flags);
  await requirePartitions(admin, partitions);
  if (partitions.length === 0) return [];
  if (flags.toEarliest === true) return inOrder(await admin.listOffsets(partitions, 'earliest'));
  if (flags.toLatest === true) return inOrder(await admin.listOffsets(partitions, 'latest'));
  if (target.timestampMs !== null) {
    return inOrder(await admin.listOffsets(partitions, { timestampMs: target.timestampMs }));
  }
  const { toOffset } = flags;
  if (toOffset !== undefined) {
    const wanted = partitions.map(({ topic, partition }) => ({ topic, partition, offset: toOffset }));
    return inOrder(await withinLog(admin, wanted, io));
  }
  const committed = new Map(
    (await admin.groupOffsets(group)).map((offset) => [keyOf(offset), offset.offset]),
  );
  if (flags.shiftBy !== undefined) {
    return inOrder(await withinLog(admin, shifted(partitions, committed, flags.shiftBy), io));
  }
  const known = partitions.flatMap(({ topic, partition }) => {
    const offset = committed.get(keyOf({ topic, partition }));
    return offset === undefined ? [] : [{ topic, partition, offset }];
  });
  const unknown = partitions.filter((partition) => !committed.has(keyOf(partition)));
  return inOrder([...known, ...(unknown.length === 0 ? [] : await admin.listOffsets(unknown, 'latest'))]);
}

function shifted(
  partitions: readonly TopicPartition[],
  committed: ReadonlyMap<string, number>,
  by: number,
): TopicPartitionOffset[] {
  return partitions.map(({ topic, partition }) => {
    const offset = committed.get(keyOf({ topic, partition }));
    if (offset === undefined) {
      throw usage(
        `Cannot shift offset for partition ${topic}-${partition} since there is no current committed offset`,
      );
    }
    return { topic, partition, offset: offset + by };
  });
}

const inOrder = (offsets: readonly TopicPartitionOffset[]): TopicPartitionOffset[] =>
  offsets.toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));

async function scopeOf(admin: Admin, group: string, flags: ResetFlags): Promise<readonly TopicPartition[]> {
  if (flags.allTopics === true) return await admin.groupOffsets(group);
  const partitions = new Map<string, TopicPartition>();
  for (const topic of flags.topic) {
    for (const each of await topicPartitions(admin, topic)) partitions.set(keyOf(each), each);
  }
  return [...partitions.values()];
}

/** `topic` means all its partitions, `topic:0,2` these. Throws `KAFKA` where there is no such topic. */
export async function topicPartitions(admin: Admin, option: string): Promise<readonly TopicPartition[]> {
  const [topic = '', list, ...more] = option.split(':');
  if (more.length > 0 || topic === '' || list === '') {
    throw usage(`Invalid topic arg '${option}', expected topic name and partitions`);
  }
  if (list === undefined) {
    const [description] = await admin.describeTopics([topic]);
    return description!.partitions.map(({ partition }) => ({ topic, partition }));
  }
  return list.split(',').map((word) => {
    if (!/^\d{1,9}$/.test(word)) {
      throw usage(`Invalid partition '${word}' specified in topic arg '${option}'`);
    }
    return { topic, partition: Number(word) };
  });
}

async function requirePartitions(admin: Admin, partitions: readonly TopicPartition[]): Promise<void> {
  if (partitions.length === 0) return;
  const { topics } = await admin.client.metadata([...new Set(partitions.map(({ topic }) => topic))]);
  const missing = partitions.filter(
    ({ topic, partition }) => topics.get(topic)?.partitions[partition] === undefined,
  );
  if (missing.length === 0) return;
  const names = missing.map(({ topic, partition }) => `${topic}-${partition}`).join(',');
  throw new MillraceError('KAFKA', `The partitions "${names}" do not exist`);
}

/** Offsets outside of the log are moved to its nearest end. */
async function withinLog(
  admin: Admin,
  wanted: readonly TopicPartitionOffset[],
  io: Io,
): Promise<TopicPartitionOffset[]> {
  if (wanted.length === 0) return [];
  const byKey = (offsets: readonly TopicPartitionOffset[]) =>
    new Map(offsets.map((o) => [keyOf(o), o.offset]));
  const starts = byKey(await admin.listOffsets(wanted, 'earliest'));
  const ends = byKey(await admin.listOffsets(wanted, 'latest'));
  return wanted.map(({ topic, partition, offset }) => {
    const start = starts.get(keyOf({ topic, partition })) ?? offset;
    const end = ends.get(keyOf({ topic, partition })) ?? offset;
    const moved = Math.min(Math.max(offset, start), end);
    if (moved !== offset) {
      const [side, edge] = offset > end ? ['higher', 'latest'] : ['lower', 'earliest'];
      io.stderr.write(
        `WARN: New offset (${offset}) is ${side} than ${edge} offset for topic partition ${topic}-${partition}. Value will be set to ${moved}\n`,
      );
    }
    return { topic, partition, offset: moved };
  });
}

/** `YYYY-MM-DDThh:mm:ss`, with milliseconds and zone where given; UTC otherwise. Unix ms. */
export function parseDateTime(text: string): number {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text);
  const zone = /^([+-]\d\d)(?::?(\d\d))?$/.exec(match?.[2] ?? '');
  const time = Date.parse(`${match?.[1]}${zone === null ? 'Z' : `${zone[1]}:${zone[2] ?? '00'}`}`);
  if (match === null || Number.isNaN(time)) {
    throw usage(`--to-datetime takes YYYY-MM-DDThh:mm:ss.sss, not '${text}'`);
  }
  return time;
}

/** Java's `Duration.parse`: `PnDTnHnMn.nS`, each part possibly negative. Milliseconds. */
export function parseDuration(text: string): number {
  const match =
    /^([+-])?P(?:([+-]?\d+)D)?(?:T(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+(?:[.,]\d{0,9})?)S)?)?$/i.exec(
      text,
    );
  const parts = match?.slice(2) ?? [];
  if (match === null || parts.every((part) => part === undefined) || /T$/i.test(text)) {
    throw usage(`--by-duration takes PnDTnHnMnS, not '${text}'`);
  }
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) =>
    Number((part ?? '0').replace(',', '.')),
  );
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return match[1] === '-' ? -ms : ms;
}

/** Lines `topic,partition,offset` (for the one group that is given), or `group,topic,partition,offset`. */
function parsePlanFile(
  path: string,
  groups: readonly string[],
): readonly (TopicPartitionOffset & { readonly group: string })[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `--from-file ${path}: ${errorText(error)}`, {
      remedy: 'Check the path.',
    });
  }
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const cells = line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const [group, topic, partition, offset] =
      cells.length === 3 && groups.length === 1 ? [groups[0], ...cells] : cells;
    const isValid = /^\d{1,9}$/.test(partition ?? '') && /^\d{1,15}$/.test(offset ?? '');
    if (cells.length < 3 || cells.length > 4 || group === undefined || topic === undefined || !isValid) {
      throw new MillraceError('CONFIG_INVALID', `${path}:${i + 1}: '${line}' is not topic,partition,offset`, {
        remedy: 'Write the file with --export; with several groups each line begins with its group.',
      });
    }
    return [{ group, topic, partition: Number(partition), offset: Number(offset) }];
  });
}
