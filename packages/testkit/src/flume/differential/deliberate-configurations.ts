/**
 * What Millrace makes of a configuration otherwise than Flume, on purpose. Each entry takes from a case what it is
 * about; a case that is the same in both programs then differs by that alone.
 */
import { keystorePassword } from '../../net/certificates.ts';
import { flumeComponents } from '../property-lists/index.ts';
import { type Case, type Component, type Line, line } from './case.ts';
import type { Kept, Who } from './program.ts';

export interface Deliberate {
  readonly id: string;
  /** Why it is so; the page says it to users. */
  readonly reason: string;
  /** The page that tells it, below `docs/`, and words of it that stand there. */
  readonly page: string;
  readonly words: string;
  /** The case without it: the same object where it has nothing of the kind. */
  without(given: Case, kept: Readonly<Record<Who, Kept>>): Case;
}

export const typeOfLines = ({ lines }: Component): string =>
  lines.findLast(({ key }) => key === 'type')?.value ?? '';
const isKafka = (component: Component) => /kafka/i.test(typeOfLines(component));
/** As `Integer.parseInt`, roughly; NaN for what is no number. */
const numberOf = (value: string) => (/^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : Number.NaN);

/** The case with each line changed, left out (null) or as it is (undefined). */
export function changeLines(
  given: Case,
  change: (component: Component, line: Line) => Line | null | undefined,
): Case {
  let changed = false;
  const components = given.components.map((component) => {
    const lines = component.lines.flatMap((each) => {
      const to = change(component, each);
      if (to === undefined) return [each];
      changed = true;
      return to === null ? [] : [to];
    });
    return { ...component, lines };
  });
  return changed ? { ...given, components } : given;
}

const drops = (
  id: string,
  words: string,
  reason: string,
  is: (component: Component, line: Line) => boolean,
  page = 'known-gaps.md',
): Deliberate => ({
  ...{ id, words, reason, page },
  without: (given) => changeLines(given, (component, each) => (is(component, each) ? null : undefined)),
});

/** Names that the guide or public files have, and that Flume's classes don't read. */
const unread = new Set([
  'pollTimeout',
  ...flumeComponents.flatMap(({ properties }) =>
    properties.filter((each) => each.unread).map(({ name }) => name),
  ),
]);
const neverWorks =
  'Flume goes on with the component, which then never works: its start or each delivery fails.';
const isPart = (key: string) =>
  /^(?:(?:sink\.)?serializer|deserializer|handler|sink\.pathManager)$/.test(key);
const knownParts =
  /^(?:text|header_and_text|avro_event|line|avro|default|rolltime|org\.apache\.flume\.(?:serialization|sink|source|formatter)\.[\w.$]+)$/i;

export const deliberateConfigurations: readonly Deliberate[] = [
  {
    ...{ id: 'load-balancing-selector', page: 'known-gaps.md' },
    reason: 'The guide has it; Flume 1.11 drops every source that names it, for want of an entry in an enum.',
    words: 'the load_balancing selector works',
    without: (given) => {
      const balanced = new Set(
        given.components.filter(({ lines }) =>
          lines.some(({ key, value }) => key === 'selector.type' && /load_?balancing/i.test(value)),
        ),
      );
      return changeLines(given, (component, { key }) =>
        balanced.has(component) && key.startsWith('selector.') ? null : undefined,
      );
    },
  },
  {
    ...{ id: 'two-blanks', page: 'known-gaps.md', words: 'Two blanks between the channels of a mapping' },
    reason: 'Flume splits at each blank, finds a channel without a name and drops the source.',
    without: (given) =>
      changeLines(given, (_, each) =>
        each.key.startsWith('selector.') && /[ \t]{2}|\t/.test(each.value)
          ? { ...each, value: each.value.replace(/[ \t]+/g, ' ') }
          : undefined,
      ),
  },
  {
    ...{ id: 'port-that-is-none', page: 'known-gaps.md', words: 'a port that is none', reason: neverWorks },
    without: (given) =>
      changeLines(given, (_, each) => {
        if (!/^ports?$/.test(each.key)) return undefined;
        const bad = each.value.split(/\s+/).some((text) => !(numberOf(text) >= 1 && numberOf(text) <= 65535));
        return bad && !each.value.includes('«') && !Number.isNaN(numberOf(each.value))
          ? line(each.key, '«port:any»')
          : undefined;
      }),
  },
  drops(
    'sizes-of-nothing',
    '`maxFileSize` below 1, batches and lines of 0',
    neverWorks,
    (_, { key, value }) =>
      /maxFileSize|batch-?size|syncIntervalBytes|logEveryNEvents|max-?line-?length|maxOpenFiles|PoolSize/i.test(
        key,
      ) && numberOf(value) < 32,
  ),
  drops(
    'memory-at-once',
    'is of the size of its capacity from the start',
    'Flume makes an array of that size, which no JVM has; its process ends.',
    (component, { key, value }) =>
      ((/pseudotxn/i.test(typeOfLines(component)) && key === 'capacity') || key === 'memoryCapacity') &&
      numberOf(value) > 1e8,
  ),
  drops(
    'numbers-of-no-use',
    'also where Flume would not look at it',
    'What is no number, or none that could be used, is a mistake wherever it stands, and told at once.',
    (_, { key, value }) =>
      (/serializer\./.test(key) ||
        unread.has(key) ||
        /^(?:hdfs\.roundValue|hdfs\.minBlockReplicas|compression-level)$/.test(key)) &&
      !/^(?:true|false)$/i.test(value) &&
      !(numberOf(value) > 0 && numberOf(value) < (key === 'compression-level' ? 10 : 2 ** 30)),
  ),
  drops(
    'replacement-that-is-none',
    'a replacement that is none',
    'Flume fails with the first event in which something is found, for ever.',
    (_, { key, value }) => key.endsWith('.replaceString') && /[$\\]/.test(value),
  ),
  drops(
    'kafka-own-values',
    "values that Kafka's own client refuses",
    neverWorks,
    (component, { key }) =>
      isKafka(component) &&
      (/^(?:topic|brokerList|requiredAcks|groupId|defaultPartitionId)$/.test(key) ||
        /^kafka\.(?:producer|consumer)\./.test(key)),
  ),
  drops(
    'unknown-part',
    'a serializer, deserializer, handler or path manager that nobody knows',
    neverWorks,
    (_, { key, value }) => isPart(key) && !knownParts.test(value.trim()),
  ),
  drops(
    'words-read-at-start',
    'a word, a pattern or a charset that Flume reads only at the start',
    neverWorks,
    (_, { key }) =>
      /^(?:trackingPolicy|deletePolicy|consumeOrder|decodeErrorPolicy|encoding|inputCharset|hdfs\.writeFormat|hdfs\.fileType|hdfs\.timeZone|truststore-type|(?:ignore|include)Pattern)$|schemaURL$/.test(
        key,
      ) || /charset/i.test(key),
  ),
  {
    ...{ id: 'keystore-that-stays-shut', page: 'known-gaps.md', words: "A keystore that can't be opened" },
    reason: 'Flume opens it while it reads the configuration; here the start does, and is tried again.',
    without: (given) =>
      changeLines(given, (_, { key, value }) =>
        /^keystore-?password$/i.test(key) && value !== keystorePassword
          ? line(key, keystorePassword)
          : undefined,
      ),
  },
  {
    ...{ id: 'tls-of-nothing', page: 'known-gaps.md', reason: neverWorks },
    words: 'protocols or cipher suites of which none is left',
    without: (given, { millrace }) => {
      const told = (millrace.dropped ?? []).flatMap(
        (text) =>
          /^\w+ ([^:]*): (?:no (?:protocol|cipher suite) is left|(?:in|ex)clude-cipher-suites: )/.exec(
            text,
          )?.[1] ?? [],
      );
      return changeLines(given, ({ name }, { key }) =>
        told.includes(name) && /^(?:in|ex)clude-?(?:protocols|cipher-suites)$/i.test(key) ? null : undefined,
      );
    },
  },
  {
    ...{ id: 'group-of-a-dropped-sink', page: 'known-gaps.md' },
    reason: 'Flume runs nothing at all then, of the whole file.',
    words: 'sink that could not be built',
    without: (given, { millrace }) => {
      const gone = new Set(
        (millrace.dropped ?? []).flatMap((text) => /^sink ([^:]*): /.exec(text)?.[1] ?? []),
      );
      const groups = given.components.filter(({ group }) => group === 'sinkgroups');
      const grouped = (name: string) =>
        groups.some(({ lines }) =>
          lines.some(({ key, value }) => key === 'sinks' && value.includes(`«${name}»`)),
        );
      const components = given.components.filter(
        ({ group, name }) => !(group === 'sinks' && gone.has(name) && grouped(name)),
      );
      return components.length === given.components.length ? given : { ...given, components };
    },
  },
];
