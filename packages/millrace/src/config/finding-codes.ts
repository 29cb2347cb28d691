/**
 * The one table of what can be found in a configuration: how severe it is, what it means, and what to do about it where
 * the finding itself has nothing more exact to say. `docs/findings.md` is made of it.
 *
 * error: a component or an agent can't be had · warning: it runs, and not as the text says · info: worth knowing.
 */

interface FindingKind {
  readonly severity: 'error' | 'warning' | 'info';
  /** A sentence for the page. */
  readonly means: string;
  /** What to do, as a clause that begins with a verb. */
  readonly remedy: string;
}

export const findingCodes = {
  // Files and their text
  'unreadable-file': {
    severity: 'error',
    means: 'A configuration file cannot be read.',
    remedy: 'check the path that -f gives, and that this user may read it',
  },
  'not-utf8': {
    severity: 'info',
    means: 'The file is not valid UTF-8; it is read as ISO-8859-1, as Java reads every properties file.',
    remedy: 'save it as UTF-8',
  },
  'utf-16': {
    severity: 'warning',
    means: 'The file is UTF-16, as some editors on Windows save it. Flume cannot read it; it is read here.',
    remedy: 'save it as UTF-8',
  },
  'bad-escape': {
    severity: 'error',
    means:
      'A \\u in the text is not followed by four hexadecimal digits. Java refuses such a file; here the rest counts.',
    remedy: 'write a backslash as \\\\',
  },
  'lost-backslash': {
    severity: 'warning',
    means:
      'A backslash stands before a character that needs none, so it is dropped: in a properties file `\\d` is the letter d, and `C:\\logs` is `C:logs`.',
    remedy: 'write a backslash as \\\\',
  },
  'duplicate-key': {
    severity: 'info',
    means: 'A property is set twice, in one file or in several; the last value counts.',
    remedy: 'remove the one that is not meant',
  },
  'empty-value': {
    severity: 'warning',
    means: 'A property has no value; Flume ignores such a line.',
    remedy: 'give it a value, or remove the line',
  },
  'not-a-property': {
    severity: 'warning',
    means: 'A line is no property of any agent: it has no dot, or nothing before or after it. It is ignored.',
    remedy: 'a key is AGENT.sources.NAME.PROPERTY, or the same with channels, sinks, sinkgroups',
  },
  'invalid-key': {
    severity: 'warning',
    means:
      'What follows the name of the agent is none of sources, channels, sinks, sinkgroups, configfilters.',
    remedy: 'write AGENT.sources.NAME.PROPERTY, or the same with channels, sinks, sinkgroups',
  },
  'too-many': {
    severity: 'warning',
    means: 'There are more findings than are shown.',
    remedy: 'mend those that are shown, then check again',
  },
  'inline-comment': {
    severity: 'info',
    means: 'A value ends in what looks like a comment; in a properties file it is part of the value.',
    remedy: 'give the comment a line of its own',
  },

  // References
  unresolved: {
    severity: 'warning',
    means: 'A reference could not be resolved; its text stays as it is, as in Flume.',
    remedy: 'set what it names, or write a default after :- in the braces',
  },
  'reference-circle': {
    severity: 'error',
    means: 'A reference leads back to itself; its text stays as it is.',
    remedy: 'take one reference out of the circle',
  },
  'reference-too-deep': {
    severity: 'error',
    means: 'References lie deeper inside one another than is followed.',
    remedy: 'write the value out',
  },
  'value-too-long': {
    severity: 'error',
    means: 'A value grows without bounds as its references are resolved; it is cut.',
    remedy: 'write the value out',
  },
  'bad-filter': {
    severity: 'error',
    means: 'A config filter cannot be had; references to it stay as they are.',
    remedy: 'give it type = env, external or hadoop',
  },

  // Agents and lists
  'no-agents': {
    severity: 'error',
    means: 'The files describe no agent.',
    remedy: 'write AGENT.sources, AGENT.channels and AGENT.sinks',
  },
  'no-such-agent': {
    severity: 'error',
    means:
      'The agent that is to run is in none of the files. As in Flume an empty agent runs, and does nothing.',
    remedy: 'give -n the name of an agent in the file',
  },
  'no-channels': {
    severity: 'error',
    means: 'An agent has no channel that can be had, so that nothing of it runs.',
    remedy: 'list the channels in AGENT.channels, separated by blanks, and give each a type',
  },
  'no-components': {
    severity: 'error',
    means: 'An agent has neither a source nor a sink that can be had, so that it cannot run.',
    remedy: 'list them in AGENT.sources and AGENT.sinks',
  },
  'no-sources': {
    severity: 'info',
    means: 'An agent lists no sources: it only empties its channels.',
    remedy: 'add AGENT.sources = NAME where it should have some',
  },
  'no-sinks': {
    severity: 'info',
    means: 'An agent lists no sinks: it only fills its channels.',
    remedy: 'add AGENT.sinks = NAME where it should have some',
  },
  'not-listed': {
    severity: 'warning',
    means:
      'A component, an interceptor or a file group is described and not in the list of its kind: it is ignored.',
    remedy: 'add its name to the list',
  },
  'not-configured-group': {
    severity: 'warning',
    means: 'A file group has no path: it is passed over, as in Flume, and the others are read.',
    remedy: 'add filegroups.NAME = /FOLDER/PATTERN',
  },
  'not-configured': {
    severity: 'error',
    means: 'A component is listed and not described by any property.',
    remedy: 'describe it, or take it out of the list',
  },

  // Types
  'no-type': {
    severity: 'error',
    means: 'A component, an interceptor or a config filter has no type.',
    remedy: 'add type = …',
  },
  'unknown-type': {
    severity: 'error',
    means:
      'There is no such type, in Flume neither. The component is dropped; with --strict the agent does not run, as in Flume whose process ends.',
    remedy: 'see docs/components.md for the types that there are',
  },
  'unsupported-type': {
    severity: 'error',
    means: 'The type is one of Flume that Millrace does not have yet.',
    remedy: 'see docs/components.md for the types that there are',
  },

  // Properties of a component
  'unknown-key': {
    severity: 'warning',
    means: 'A component has no such property; it is ignored (in Flume without a word).',
    remedy: 'see docs/components.md for the properties that the component has',
  },
  'misplaced-key': {
    severity: 'warning',
    means: 'The property exists under another name or another prefix, and has no effect as it is written.',
    remedy: 'write the name that is told',
  },
  'old-name': {
    severity: 'info',
    means: 'An old name of a property is used; it counts.',
    remedy: 'write the new name',
  },
  'no-effect': {
    severity: 'warning',
    means: 'A property is known and has no effect.',
    remedy: 'remove it',
  },
  missing: {
    severity: 'error',
    means: 'A property that the component cannot be without is missing.',
    remedy: 'add it',
  },
  'bad-number': {
    severity: 'error',
    means: 'A value is not a whole number, or is outside of what the property takes.',
    remedy: 'write a plain whole number',
  },
  'number-replaced': {
    severity: 'warning',
    means:
      'A value is not a whole number, or outside of its range; as in Flume another number is taken in its place.',
    remedy: 'write a plain whole number in the range that is told',
  },
  'bad-boolean': {
    severity: 'warning',
    means: 'A value is neither true nor false; as in Flume everything but true counts as false.',
    remedy: 'write true or false',
  },
  'value-replaced': {
    severity: 'warning',
    means: 'A value is none of those that the property takes; as in Flume the default is taken in its place.',
    remedy: 'write one of the values that are told',
  },
  'bad-value': {
    severity: 'error',
    means: 'A value is none of those that the property takes, or cannot be understood.',
    remedy: 'write one of the values that are told',
  },
  invalid: {
    severity: 'error',
    means: 'Values of a component do not go together.',
    remedy: 'change one of them',
  },
  'suspicious-value': {
    severity: 'warning',
    means:
      'A value is legal and hardly what is meant: a shell word without a shell, a wildcard where a folder is expected.',
    remedy: 'write what is told',
  },

  // How components are connected
  'no-channel': {
    severity: 'error',
    means: 'A source names no channels, or a sink no channel.',
    remedy: 'a source has channels = NAME …, a sink has channel = NAME',
  },
  'unknown-channel': {
    severity: 'error',
    means: 'A component names only channels that are not there.',
    remedy: 'name a channel that AGENT.channels lists',
  },
  'channel-left-out': {
    severity: 'warning',
    means: 'One of several channels that a component names is not there; it works with the others.',
    remedy: 'name channels that AGENT.channels lists',
  },
  'not-connected': {
    severity: 'error',
    means: 'The channels of a component were dropped, so it is dropped, too.',
    remedy: 'mend the channel',
  },
  'unused-channel': {
    severity: 'warning',
    means: 'No source and no sink is connected to a channel, so it is dropped.',
    remedy: 'connect it, or take it out of the list',
  },
  'no-way-out': {
    severity: 'warning',
    means: 'A source fills a channel that no sink empties: when it is full, the source stands still.',
    remedy: 'connect a sink to the channel, or take the source out',
  },
  'never-arrives': {
    severity: 'warning',
    means:
      'As the sink is configured, no answer of its destination lets an event go: each is sent again for ever.',
    remedy: 'say which answers mean that an event has arrived',
  },
  'batch-too-big': {
    severity: 'error',
    means:
      'A batch of the component is larger than a transaction of its channel may be. Flume drops such a component.',
    remedy: 'lower the batch size, or raise transactionCapacity',
  },
  'no-route': {
    severity: 'warning',
    means: 'A multiplexing selector has no mapping, or no default: events that are not mapped go nowhere.',
    remedy: 'add selector.mapping.VALUE = CHANNEL and selector.default = CHANNEL',
  },
  'topic-loop': {
    severity: 'warning',
    means:
      'A sink writes into a topic or a folder, or sends to a port, that the same agent reads into the same channel: every event comes back, for ever.',
    remedy: 'write to another topic, and set allowTopicOverride = false on the sink',
  },
  'stream-loop': {
    severity: 'warning',
    means:
      'What a component writes comes back to it by way of others: a topic, a folder of files, a port, another agent of the same files. Every event goes round for ever.',
    remedy: 'write to a topic or folder that none of them reads',
  },
  'format-mismatch': {
    severity: 'warning',
    means:
      'One component writes a stream as Flume events in Avro, and another reads it as bare bodies, or the other way round: events come out as Avro data, or cannot be read and are set aside.',
    remedy: 'give useFlumeEventFormat, or parseAsFlumeEvent of a Kafka channel, the same value on both sides',
  },
  'missing-header': {
    severity: 'warning',
    means:
      'A component goes by a header of the events, and nothing before it sets that header: no source, no interceptor, and no sender can.',
    remedy: 'set the header with an interceptor of the source',
  },
  'same-port': {
    severity: 'warning',
    means: 'Two sources of an agent bind the same port: one of them never gets it.',
    remedy: 'give each a port of its own',
  },
  'same-place': {
    severity: 'warning',
    means:
      'Two components of an agent have the same file or folder, or one inside of the other, where each needs its own: positions, events or files that are read.',
    remedy: 'give each a place of its own',
  },
  'gone-with-process': {
    severity: 'info',
    means:
      'A source whose events nobody can send again (exec, syslog, UDP) fills a channel in memory: what is in it is gone with a killed process.',
    remedy: 'use the file channel, or a source that can read again; millrace explain tells more',
  },
  'no-acknowledgement': {
    severity: 'warning',
    means: 'A producer asks for no acknowledgement: what does not arrive is lost without a word.',
    remedy: 'set kafka.producer.acks = all',
  },
  'not-exactly-once': {
    severity: 'warning',
    means:
      'A sink writes in transactions, and something around it keeps events from arriving exactly once: what was written when the process dies may be written again.',
    remedy: 'see docs/exactly-once.md for the setups that keep the promise',
  },
  'same-transactional-id': {
    severity: 'warning',
    means:
      'Two sinks have the same transactional.id: each start of one fences the other, so that neither gets far.',
    remedy: 'give each sink an id of its own, and each agent that runs the same file, too',
  },
  'exactly-once-from-here': {
    severity: 'info',
    means:
      'Sources fill the channel before a sink that delivers exactly once: what they put may be put twice, when the process dies before they know that it has arrived.',
    remedy: 'nothing, where the topic of the channel is filled by others, or doubles in it may be',
  },
  'bad-interceptor': {
    severity: 'error',
    means: 'An interceptor cannot be configured, and takes its source with it, as in Flume.',
    remedy: 'mend the interceptor, or take it out of the list',
  },

  // Sink groups
  'no-group-sinks': {
    severity: 'error',
    means: 'A sink group has no sinks.',
    remedy: 'add sinks = NAME NAME',
  },
  'unknown-sink': {
    severity: 'warning',
    means: 'A sink group names a sink that is not there; it goes on with the others.',
    remedy: 'name sinks that AGENT.sinks lists',
  },
  'sink-in-use': {
    severity: 'warning',
    means: 'A sink belongs to two groups; it stays with the first.',
    remedy: 'name it in one group only',
  },
  'sink-left-out': {
    severity: 'warning',
    means: 'A sink of a group was dropped; the group goes on with the others.',
    remedy: 'mend the sink, or take it out of the group',
  },
  'bad-group': {
    severity: 'error',
    means:
      'The processor of a sink group cannot be configured; the group and its sinks do not run, as in Flume.',
    remedy: 'mend the processor, or take the group out of AGENT.sinkgroups',
  },
  'group-dropped': {
    severity: 'error',
    means: 'A sink does not run because its group was dropped.',
    remedy: 'mend the group',
  },
  'double-priority': {
    severity: 'warning',
    means: 'Two sinks of a failover group have the same priority; the second is left out, as in Flume.',
    remedy: 'give each sink a priority of its own',
  },
  'group-channels': {
    severity: 'warning',
    means:
      'The sinks of a group take from different channels. In a failover group one sink runs at a time, so only its channel is emptied, in Flume too; the others fill up until it fails, and their sources stand still. In a load_balance group none takes over what another cannot deliver.',
    remedy: 'give all sinks of the group the same channel, or take those of other channels out of the group',
  },
} as const satisfies Record<string, FindingKind>;

export type FindingCode = keyof typeof findingCodes;
