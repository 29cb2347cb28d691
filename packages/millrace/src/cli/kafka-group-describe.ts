/** `kafka-consumer-groups --describe` in the columns of Kafka's own tool. */
import type { Admin, GroupDescription, GroupMemberDescription } from '../clients/kafka/admin/admin.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../clients/kafka/options.ts';
import { exitCodes, type Io } from './io.ts';
import { row, writeJson } from './kafka-common.ts';

export interface DescribeFlags {
  readonly group: readonly string[];
  readonly members?: true;
  readonly offsets?: true;
  readonly state?: string | true;
  readonly verbose?: true;
  readonly json?: true;
}

/** A line of the table of offsets; null is what is not known or not there. */
export interface OffsetRow {
  readonly topic: string;
  readonly partition: number;
  readonly currentOffset: number | null;
  readonly logEndOffset: number | null;
  readonly lag: number | null;
  readonly consumerId: string | null;
  readonly host: string | null;
  readonly clientId: string | null;
}

export async function describeGroups(
  admin: Admin,
  groupIds: readonly string[],
  flags: DescribeFlags,
  io: Io,
): Promise<number> {
  const groups = await admin.describeGroups(groupIds);
  const told: object[] = [];
  let missing = 0;
  for (const group of groups) {
    const { groupId, state } = group;
    if (state === 'Dead') missing++;
    const rows = flags.members === true || flags.state !== undefined ? [] : await offsetRows(admin, group);
    if (flags.json === true) {
      told.push({ group: groupId, state, ...jsonOf(group, rows, flags) });
      continue;
    }
    tellState(group, io);
    if (state === 'Dead') continue;
    if (flags.members === true) io.stdout.write(memberTable(group, flags.verbose === true));
    else if (flags.state !== undefined) io.stdout.write(stateTable(group, flags.verbose === true));
    else if (rows.length > 0) io.stdout.write(offsetTable(groupId, rows, flags.verbose === true));
  }
  if (flags.json === true) writeJson(io, told);
  return missing === 0 ? exitCodes.ok : exitCodes.findings;
}

function jsonOf(group: GroupDescription, rows: readonly OffsetRow[], flags: DescribeFlags): object {
  const { members, coordinator, assignor } = group;
  if (flags.members === true) return { members };
  if (flags.state !== undefined) return { coordinator, assignor, memberCount: members.length };
  return { partitions: rows };
}

function tellState({ groupId, state }: GroupDescription, io: Io): void {
  if (state === 'Dead') io.stdout.write(`\nError: Consumer group '${groupId}' does not exist.\n`);
  if (state === 'Empty') io.stderr.write(`\nConsumer group '${groupId}' has no active members.\n`);
  if (['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'].includes(state)) {
    io.stderr.write(`\nWarning: Consumer group '${groupId}' is rebalancing.\n`);
  }
}

const byPlace = (a: TopicPartition, b: TopicPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;

/** What members read comes first (whoever reads most in front), then what only has an offset. */
async function offsetRows(admin: Admin, group: GroupDescription): Promise<OffsetRow[]> {
  const committed = await admin.groupOffsets(group.groupId);
  const assigned = group.members
    .filter(({ assignment }) => assignment.length > 0)
    .toSorted((a, b) => b.assignment.length - a.assignment.length)
    .flatMap((member) => member.assignment.toSorted(byPlace).map((partition) => ({ partition, member })));
  const taken = new Set(assigned.map(({ partition }) => keyOf(partition)));
  const unassigned = committed.filter((partition) => !taken.has(keyOf(partition))).toSorted(byPlace);
  const places = [...assigned, ...unassigned.map((partition) => ({ partition, member: null }))];
  const ends = await endOffsets(
    admin,
    places.map(({ partition }) => partition),
  );
  const offsets = new Map(committed.map((offset) => [keyOf(offset), offset.offset]));
  return places.map(({ partition, member }) => offsetRow(partition, member, offsets, ends));
}

function offsetRow(
  place: TopicPartition,
  member: GroupMemberDescription | null,
  committed: ReadonlyMap<string, number>,
  ends: ReadonlyMap<string, number>,
): OffsetRow {
  const currentOffset = committed.get(keyOf(place)) ?? null;
  const logEndOffset = ends.get(keyOf(place)) ?? null;
  return {
    topic: place.topic,
    partition: place.partition,
    currentOffset,
    logEndOffset,
    lag: currentOffset === null || logEndOffset === null ? null : logEndOffset - currentOffset,
    consumerId: member?.memberId ?? null,
    host: member?.clientHost ?? null,
    clientId: member?.clientId ?? null,
  };
}

/** Of the partitions that exist and have a leader; a deleted topic must not hide the others. */
async function endOffsets(
  admin: Admin,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<string, number>> {
  if (partitions.length === 0) return new Map();
  const { topics } = await admin.client.metadata([...new Set(partitions.map(({ topic }) => topic))]);
  const led = partitions.filter(
    ({ topic, partition }) => (topics.get(topic)?.partitions[partition]?.leader ?? -1) >= 0,
  );
  const ends: readonly TopicPartitionOffset[] =
    led.length === 0 ? [] : await admin.listOffsets(led, 'latest');
  return new Map(ends.map((end) => [keyOf(end), end.offset]));
}

const widest = (least: number, cells: readonly string[]): number =>
  Math.max(least, ...cells.map(({ length }) => length));

function offsetTable(group: string, rows: readonly OffsetRow[], verbose: boolean): string {
  const show = (value: string | number | null): string => (value === null ? '-' : String(value));
  const widths = [
    widest(15, [group]),
    widest(
      15,
      rows.map(({ topic }) => topic),
    ),
    10,
    ...(verbose ? [15] : []),
    ...[15, 15, 15],
    widest(
      15,
      rows.map(({ consumerId }) => show(consumerId)),
    ),
    widest(
      15,
      rows.map(({ host }) => show(host)),
    ),
  ];
  const header = ['GROUP', 'TOPIC', 'PARTITION', ...(verbose ? ['LEADER-EPOCH'] : [])];
  header.push('CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG', 'CONSUMER-ID', 'HOST', 'CLIENT-ID');
  const lines = rows.map((it) => [
    ...[group, it.topic, String(it.partition), ...(verbose ? ['-'] : [])],
    ...[it.currentOffset, it.logEndOffset, it.lag, it.consumerId, it.host, it.clientId].map(show),
  ]);
  return `\n${[header, ...lines].map((cells) => `${row(widths, cells)}\n`).join('')}`;
}

/** `t1:0,1;t2:0` */
export function assignmentText(assignment: readonly TopicPartition[]): string {
  const byTopic = Map.groupBy(assignment.toSorted(byPlace), ({ topic }) => topic);
  const topics = [...byTopic].map(
    ([topic, list]) => `${topic}:${list.map((each) => each.partition).join(',')}`,
  );
  return topics.length === 0 ? '-' : topics.join(';');
}

function memberTable({ groupId, members, epochs }: GroupDescription, verbose: boolean): string {
  const hasInstances = members.some(({ groupInstanceId }) => groupInstanceId !== null);
  const widths = [
    widest(15, [groupId]),
    widest(
      15,
      members.map(({ memberId }) => memberId),
    ),
    ...(hasInstances
      ? [
          widest(
            17,
            members.map(({ groupInstanceId }) => groupInstanceId ?? ''),
          ),
        ]
      : []),
    widest(
      15,
      members.map(({ clientHost }) => clientHost),
    ),
    widest(
      15,
      members.map(({ clientId }) => clientId),
    ),
    15,
    ...(verbose
      ? [
          15,
          widest(
            20,
            members.map(({ assignment }) => assignmentText(assignment)),
          ),
          15,
          widest(
            20,
            members.map(({ target }) => assignmentText(target ?? [])),
          ),
        ]
      : []),
  ];
  const end = verbose ? '\n' : ' \n';
  const header = [
    'GROUP',
    'CONSUMER-ID',
    ...(hasInstances ? ['GROUP-INSTANCE-ID'] : []),
    'HOST',
    'CLIENT-ID',
  ];
  header.push('#PARTITIONS');
  if (verbose) header.push('CURRENT-EPOCH', 'CURRENT-ASSIGNMENT', 'TARGET-EPOCH', 'TARGET-ASSIGNMENT');
  const lines = members.map((member) => [
    ...[groupId, member.memberId, ...(hasInstances ? [member.groupInstanceId ?? ''] : [])],
    ...[member.clientHost, member.clientId, String(member.assignment.length)],
    ...(verbose ? epochCells(member, epochs) : []),
  ]);
  return `\n${[header, ...lines].map((cells) => row(widths, cells) + end).join('')}`;
}

/** A classic group has no epochs and no target (KIP-848). */
function epochCells(
  { assignment, epoch, target }: GroupMemberDescription,
  epochs: GroupDescription['epochs'],
): string[] {
  const now = assignmentText(assignment);
  if (epochs === undefined) return ['-', now, '-', '-'];
  return [String(epoch), now, String(epochs.target), assignmentText(target ?? [])];
}

function stateTable(
  { groupId, coordinator, assignor, state, members, epochs }: GroupDescription,
  verbose: boolean,
): string {
  const where = `${coordinator.host}:${coordinator.port}  (${coordinator.nodeId})`;
  const widths = [widest(15, [groupId]), widest(25, [where]), 20, 20, ...(verbose ? [15, 25] : [])];
  const header = ['GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE'];
  if (verbose) header.push('GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH');
  const cells = [
    groupId,
    where,
    assignor === '' ? '-' : assignor,
    state,
    ...(verbose ? [epochs?.group ?? '-', epochs?.target ?? '-'].map(String) : []),
  ];
  return `\n${row(widths, [...header, '#MEMBERS'])}\n${row(widths, [...cells, members.length])}\n`;
}
