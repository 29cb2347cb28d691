/** What `millrace kafka-mirror` tells a person. */
import type { GroupCopy } from '../clients/kafka/mirror/group-offsets-copy.ts';
import type { MirrorPlan, MirrorProgress, MirrorReport } from '../clients/kafka/mirror/mirror-report.ts';
import type { TopicPlan } from '../clients/kafka/mirror/topic-plan.ts';
import { printable } from '../runtime/diagnostics.ts';
import type { LivingLine } from './living-line.ts';

const grouped = (count: number): string => count.toLocaleString('en');
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const plural = (count: number, word: string): string => `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

/** A terminal gets a line that is drawn over; others get a line now and then. */
const lineEveryMs = 10_000;

/** How far it is, on standard error. */
export class MirrorLine {
  readonly #line: LivingLine;
  readonly #isTerminal: boolean;
  readonly #follows: boolean;
  readonly #beganMs = performance.now();
  #shownMs = this.#beganMs;

  constructor(line: LivingLine, isTerminal: boolean, follows: boolean) {
    this.#line = line;
    this.#follows = follows;
    this.#isTerminal = isTerminal;
  }

  show({ records, bytes, done, of }: MirrorProgress): void {
    const now = performance.now();
    if (!this.#isTerminal && now - this.#shownMs < lineEveryMs) return;
    this.#shownMs = now;
    const copied = `${plural(records, 'record')} copied, ${megabytes(bytes)}`;
    if (this.#follows && done >= of) {
      this.#line.set(`${copied}, following`);
      return;
    }
    const seconds = Math.max(0.001, (now - this.#beganMs) / 1000);
    const share = of === 0 ? 100 : Math.min(100, Math.floor((100 * done) / of));
    const rate = done / seconds;
    const left = done > 0 && done < of ? `, ${duration((of - done) / rate)} left` : '';
    this.#line.set(`${copied}, ${megabytes(bytes / seconds)}/s, ${share} % of ${grouped(of)}${left}`);
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

function topicLines({
  topic,
  partitions,
  create,
  addPartitions,
  morePartitions,
  settings,
  withheld,
  refused,
}: TopicPlan): string[] {
  const shown = printable(topic);
  const has = [...settings].map(([key, value]) => `${key}=${value}`).join(', ');
  const lines: string[] = [];
  if (create !== null)
    lines.push(
      `topic ${shown}: ${plural(partitions, 'partition')}, replication factor ${create.replicationFactor}${has === '' ? '' : `, ${printable(has)}`}`,
    );
  else if (addPartitions > 0) lines.push(`topic ${shown}: ${plural(addPartitions, 'more partition')}`);
  if (morePartitions > 0)
    lines.push(
      `topic ${shown}: the target has ${plural(partitions + morePartitions, 'partition')}, the source ${partitions}: whoever writes there puts a key into another one than the source has it in`,
    );
  if (create === null && has !== '') lines.push(`topic ${shown}: ${printable(has)}`);
  for (const { name, value, reason } of withheld)
    lines.push(`topic ${shown}: ${name}=${printable(value)} is not taken over: ${reason}`);
  if (refused !== null) lines.push(`topic ${shown} is not copied: ${refused}`);
  return lines;
}

/** Of `--dry-run`. */
export function planText({ topics, partitions }: MirrorPlan, groups: readonly GroupCopy[]): string {
  const lines = topics.flatMap(topicLines);
  let records = 0;
  for (const { topic, partition, next, sourceStart, sourceEnd, missed, refused } of partitions) {
    const at = `${printable(topic)}-${partition}`;
    if (refused !== null) {
      lines.push(`${at} can't be copied: ${refused}`);
      continue;
    }
    records += Math.max(0, sourceEnd - Math.max(next, sourceStart));
    const from = Math.max(next, sourceStart);
    if (from < sourceEnd) lines.push(`${at}: offsets ${from} to ${sourceEnd - 1}`);
    if (next < sourceStart)
      lines.push(
        `${at}: offsets ${next} to ${sourceStart - 1} are filled and deleted again, so that the rest keep theirs`,
      );
    if (missed > 0)
      lines.push(`${at}: the source has deleted ${grouped(missed)} offsets that the target does not have`);
  }
  lines.push(...groups.map(groupLine));
  lines.push(
    `${plural(records, 'record')} of ${plural(topics.length, 'topic')} to copy; nothing was changed: --dry-run`,
  );
  return `${lines.join('\n')}\n`;
}

function groupLine({ group, committed, skipped }: GroupCopy): string {
  const shown = printable(group);
  if (skipped !== null) return `group ${shown}: offsets not taken over: ${printable(skipped)}`;
  return `group ${shown}: ${committed.length === 0 ? 'its offsets are there' : `offsets of ${plural(committed.length, 'partition')}`}`;
}

/** Of a run that has ended. */
export function reportText(
  { topics, refusedSettings, partitions, groups }: MirrorReport,
  seconds: number,
): string {
  const lines = topics.flatMap(topicLines);
  for (const { topic, name, value, reason } of refusedSettings)
    lines.push(
      `topic ${printable(topic)}: the target does not take ${name}=${printable(value)}: ${printable(reason)}`,
    );
  const refusedTopics = new Set(topics.filter(({ refused }) => refused !== null).map(({ topic }) => topic));
  let [records, bytes, whole] = [0, 0, 0];
  for (const each of partitions) {
    const at = `${printable(each.topic)}-${each.partition}`;
    records += each.records;
    bytes += each.bytes;
    if (each.whole) whole++;
    else if (each.failure === null && each.missed === 0)
      lines.push(
        `${at} is copied up to offset ${each.next} of ${each.sourceEnd}: the same command goes on from there`,
      );
    // Told with the topic.
    if (refusedTopics.has(each.topic)) continue;
    if (each.failure !== null) {
      const how = each.refused ? 'not copied' : `copied up to offset ${each.next} only`;
      lines.push(`${at} is ${how}: ${printable(each.failure)}`);
    }
    if (each.failure !== null && each.remedy) lines.push(`  ${each.remedy}`);
    if (each.mode === 'translated')
      lines.push(
        `${at}: its offsets are others from a place on, as the source lacks some; groups were translated`,
      );
    if (each.missed > 0)
      lines.push(`${at}: the source had deleted ${grouped(each.missed)} offsets before they were copied`);
  }
  lines.push(...groups.map(groupLine));
  const rate = seconds > 0 ? `, ${megabytes(bytes / seconds)}/s` : '';
  lines.push(
    `${plural(records, 'record')}, ${megabytes(bytes)} in ${seconds.toFixed(1)} s${rate}; ${whole} of ${plural(partitions.length, 'partition')} whole`,
  );
  return `${lines.join('\n')}\n`;
}
