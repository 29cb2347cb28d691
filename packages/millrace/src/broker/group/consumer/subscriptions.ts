import { createHash } from 'node:crypto';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, hasRegex } from './consumer-member.ts';
import type { ConsumerRecord } from './consumer-records.ts';
import { PatternFault } from './re2/re2-syntax.ts';
import { TopicPattern } from './re2/topic-pattern.ts';

/** The topics of the broker, as groups see them. */
export interface TopicsView {
  /** Another one after each change. */
  readonly version: number;
  names(): Iterable<string>;
  /** Undefined: there is none of the name. */
  find(name: string): { readonly id: string; readonly partitions: number } | undefined;
}

/**
 * One number for the topics of a group: their ids, names and numbers of partitions. Exact in 2^53; Kafka has another
 * function (XXH3), so that a group that changes brokers is dealt anew once.
 */
export function topicsHash(names: Iterable<string>, topics: TopicsView): number {
  const hash = createHash('sha1');
  let any = false;
  for (const name of [...names].sort()) {
    const topic = topics.find(name);
    if (topic === undefined) continue;
    any = true;
    hash.update(`${name}\n${topic.id}\n${topic.partitions}\n`);
  }
  return any ? hash.digest().readUIntBE(0, 6) : 0;
}

/** None for what another broker took for an expression and this one does not: it matches nothing. */
function patternOf(regex: string): { regex: string; pattern: TopicPattern } | null {
  try {
    return { regex, pattern: new TopicPattern(regex) };
  } catch (error) {
    if (error instanceof PatternFault) return null;
    throw error;
  }
}

/** The topics that match each expression. */
function resolveAll(
  regexes: ReadonlySet<string>,
  topics: TopicsView,
  sees: (topic: string) => boolean,
): Map<string, string[]> {
  const found = new Map(Array.from(regexes, (regex) => [regex, [] as string[]]));
  const patterns = [...regexes].flatMap((regex) => patternOf(regex) ?? []);
  for (const name of topics.names())
    for (const { regex, pattern } of patterns)
      if (pattern.matches(name) && sees(name)) found.get(regex)!.push(name);
  for (const names of found.values()) names.sort();
  return found;
}

/**
 * What makes the expressions of the group right, given its members as they will be: those that nobody has go, new ones
 * and, where the topics of the broker have changed, all others are matched, with those that the asker may know of.
 */
export function resolveRegexes(
  group: ConsumerGroup,
  members: Iterable<ConsumerMember>,
  topics: TopicsView,
  now: number,
  sees: ((topic: string) => boolean) | null = null,
): ConsumerRecord[] {
  const { groupId } = group;
  const wanted = new Set<string>();
  for (const member of members) if (hasRegex(member)) wanted.add(member.topicRegex!);
  const gone = [...group.regexes.keys()].filter((regex) => !wanted.has(regex));
  const records: ConsumerRecord[] = gone.map((regex) => ({
    kind: 'consumer-regex',
    groupId,
    regex,
    value: null,
  }));
  const isCurrent = group.topicsVersion === topics.version;
  const due = new Set([...wanted].filter((regex) => !isCurrent || !group.regexes.has(regex)));
  if (due.size === 0) return records;
  for (const [regex, names] of resolveAll(due, topics, sees ?? (() => true))) {
    const known = group.regexes.get(regex)?.topics;
    if (known?.length === names.length && known.every((name, i) => name === names[i])) continue;
    const value = { topics: names, version: topics.version, timestamp: now };
    records.push({ kind: 'consumer-regex', groupId, regex, value });
  }
  return records;
}
