/**
 * What a run comes to otherwise than in Flume, on purpose. Each entry brings what both programs came to into a form in
 * which that one thing is gone; where they are equal then, it is explained.
 */
import type { Case } from './case.ts';
import { typeOfLines } from './deliberate-configurations.ts';
import type { Who } from './program.ts';

export interface DeliberateInRuns {
  readonly id: string;
  readonly reason: string;
  /** The page that tells it, below `docs/`, and words of it that stand there. */
  readonly page: string;
  readonly words: string;
  /** Of an observation by its name: its text without that one thing; undefined: as it is. `who` came to it. */
  plain(name: string, text: string, who: Who, given: Case): string | undefined;
}

const isEvents = (name: string) => /^(?:events of|file \d+ of) /.test(name);
const typeNamed = ({ components }: Case, name: string): string =>
  typeOfLines(
    components.find((each) => name.includes(` ${each.name} `) && each.group === 'sources') ?? never,
  );
const never = { group: 'sources', name: '', lines: [], listed: true } as const;

/** A text with the headers in front of each event, `{a=1, b=2} `, by name. */
export const sortedHeaders = (text: string): string =>
  text.replace(/\{[^{}\n]*=[^{}\n]*\} /g, (head) => `{${head.slice(1, -2).split(', ').sort().join(', ')}} `);

export const deliberateRuns: readonly DeliberateInRuns[] = [
  {
    id: 'order-of-headers',
    reason: 'It is that of Java’s hash table, whose size in Flume depends on the way that an event took.',
    page: 'components/serializer/HEADER_AND_TEXT.md',
    words: 'depends on the way that an event took',
    plain: (name, text) => (isEvents(name) ? sortedHeaders(text) : undefined),
  },
  {
    id: 'counters-of-thrift',
    reason: 'Flume’s source sets its counters to 0 a while after it has begun to serve.',
    page: 'known-gaps.md',
    words: "Flume's thrift source sets its counters to 0",
    plain: (name, _, __, given) =>
      name.startsWith('counter source ') && /^thrift$/i.test(typeNamed(given, name)) ? '' : undefined,
  },
  {
    id: 'counters-of-netcatudp',
    reason: 'Flume counts nothing there.',
    page: 'components/source/netcatudp.md',
    words: 'It has the counters of the other sources',
    plain: (name, _, __, given) =>
      name.startsWith('counter source ') && /^netcatudp$/i.test(typeNamed(given, name)) ? '' : undefined,
  },
];

/** Entries that explain a difference, in the order in which they were needed; null: they don't. */
export function explained(
  name: string,
  texts: Readonly<Record<Who, string | undefined>>,
  given: Case,
  entries: readonly DeliberateInRuns[] = deliberateRuns,
): string[] | null {
  let [flume, millrace] = [texts.flume ?? '', texts.millrace ?? ''];
  const used: string[] = [];
  for (const entry of entries) {
    const [a, b] = [entry.plain(name, flume, 'flume', given), entry.plain(name, millrace, 'millrace', given)];
    if (a === undefined || b === undefined || (a === flume && b === millrace)) continue;
    [flume, millrace] = [a, b];
    used.push(entry.id);
    if (flume === millrace) return used;
  }
  return null;
}
