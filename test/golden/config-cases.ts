/** Configurations that Flume 1.11.0 was run with, and what it said: the golden table, and the real Flume, test by them. */

/** The agent a1: seven lines, so what a case adds begins at line 8. */
export const skeleton = `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = memory
a1.sinks.k1.type = logger
a1.sources.r1.channels = c1
a1.sinks.k1.channel = c1
`;
const seq = `${skeleton}a1.sources.r1.type = seq\n`;
const exec = `${skeleton}a1.sources.r1.type = exec\n`;
/** `DIR` stands for a folder of the test. */
const file = `${seq.replace('= memory', '= file')}a1.channels.c1.checkpointDir = DIR/c\na1.channels.c1.dataDirs = DIR/d\n`;
const group = `${seq.replace('sinks = k1', 'sinks = k1 k2')}a1.sinks.k2.type = null
a1.sinks.k2.channel = c1
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1 k2
a1.sinkgroups.g1.processor.type = `;

export interface ConfigCase {
  /** The row of the golden table. */
  readonly id: string;
  readonly text: string;
  /** `-n`; a1 by default. */
  readonly name?: string;
  /** Components that go: `KIND NAME` and the reason. All others are kept. */
  readonly dropped?: Readonly<Record<string, string>>;
  /** Whether Flume keeps the agent at all. */
  readonly valid?: false;
  /** What Flume logs as WARN or ERROR, in its order, with the text of the exception as a line of its own. */
  readonly log?: readonly string[];
  /** `LINE:COLUMN SEVERITY CODE` of every finding. */
  readonly findings?: readonly string[];
  /** Parts of suggestions that must be given. */
  readonly suggestions?: readonly string[];
  /** Flume's process ends on it: only Millrace goes on. */
  readonly endsFlume?: true;
}

const capacity = 'Transaction Capacity of Memory Channel cannot be higher than the capacity.';
const channelGone = { 'source r1': 'its channel c1 is dropped', 'sink k1': 'its channel c1 is dropped' };
const removed = (what: string) => `${what} has been removed due to an error during configuration`;
const channelGoneLog = [
  removed('Source r1'),
  'Source r1 is not connected to a channel',
  removed('Sink k1'),
  'Sink k1 is not connected to a channel',
];
const tooBig = (kind: string, capital: string, name: string, batch: number) =>
  `Incompatible ${kind} and channel settings defined. ${kind}'s batch size is greater than the channels transaction ` +
  `capacity. ${capital}: ${name}, batch size = ${batch}, channel c1, transaction capacity = 100`;
const loadBalancing = (type: string) => ({
  'source r1': `its selector ${type} is one that Millrace does not have yet, and Flume 1.11 drops such a source too`,
});
const selectorLog = ['Could not configure source  r1 due to: Failed to configure component!'];
const invalid = (name: string, text: string) => [
  `Agent configuration for '${name}' ${text}`,
  `Agent configuration invalid for agent '${name}'. It will be removed.`,
];
const twoSinks =
  'DefaultSinkPolicy can only handle one sink, try using a policy that supports multiple sinks';
const oneSink =
  'The LoadBalancingSinkProcessor cannot be used for a single sink. Please configure more than one sinks and try again.';
const noProcessor = 'Unable to load sink processor type: nosuch, class: null';
const groupGone = (reason: string) => ({
  'sink k1': 'its sink group g1 is dropped',
  'sink k2': 'its sink group g1 is dropped',
  'sinkgroup g1': `${reason} (its sinks don't run either: k1 k2)`,
});

export const configCases: readonly ConfigCase[] = [
  {
    id: 'A2 selector load_balancing',
    text: `${seq}a1.sources.r1.selector.type = load_balancing\n`,
    dropped: loadBalancing('load_balancing'),
    log: selectorLog,
    findings: ['9:31 error unsupported-type'],
    suggestions: ['replicating or multiplexing'],
  },
  {
    id: 'A2 selector by class name',
    text: `${seq}a1.sources.r1.selector.type = org.apache.flume.channel.LoadBalancingChannelSelector\n`,
    dropped: loadBalancing('org.apache.flume.channel.LoadBalancingChannelSelector'),
    log: selectorLog,
    findings: ['9:31 error unsupported-type'],
  },
  {
    id: 'A3 aliases in any letter case',
    text: seq.replace('memory', 'Memory').replace('logger', 'LoGGer').replace('= seq', '= SEQ'),
  },
  {
    id: 'A3 a source class name in another case',
    text: `${skeleton}a1.sources.r1.type = org.apache.flume.source.sequencegeneratorsource\n`,
    dropped: { 'source r1': 'unknown source type: org.apache.flume.source.sequencegeneratorsource' },
    log: [
      'Unable to load source type: org.apache.flume.source.sequencegeneratorsource, class: org.apache.flume.source.sequencegeneratorsource',
    ],
    findings: ['8:22 error unknown-type'],
    suggestions: ['write org.apache.flume.source.SequenceGeneratorSource'],
    endsFlume: true,
  },
  {
    id: 'A3 a sink class name in another case',
    text: seq.replace('= logger', '= org.apache.flume.sink.loggersink'),
    dropped: { 'sink k1': 'unknown sink type: org.apache.flume.sink.loggersink' },
    log: [
      'Unable to load sink type: org.apache.flume.sink.loggersink, class: org.apache.flume.sink.loggersink',
    ],
    findings: ['5:20 error unknown-type', '6:26 warning no-way-out'],
    suggestions: ['write org.apache.flume.sink.LoggerSink'],
    endsFlume: true,
  },
  {
    id: 'A3 a channel class name in another case',
    text: seq.replace('= memory', '= ORG.apache.flume.channel.memorychannel'),
    dropped: { 'channel c1': 'unknown channel type: ORG.apache.flume.channel.memorychannel', ...channelGone },
    log: [
      'Unable to load channel type: ORG.apache.flume.channel.memorychannel, class: ORG.apache.flume.channel.memorychannel',
      ...channelGoneLog,
    ],
    findings: ['4:23 error unknown-type', '6:26 error not-connected', '7:23 error not-connected'],
    suggestions: ['write org.apache.flume.channel.MemoryChannel'],
    endsFlume: true,
  },
  {
    id: 'A9 two sinks under the default processor',
    text: `${group}default\n`,
    dropped: groupGone(twoSinks),
    log: [removed('SinkGroup g1'), twoSinks],
    findings: [
      '13:35 error bad-group',
      '12:26 error group-dropped',
      '6:26 warning no-way-out',
      '12:26 error group-dropped',
    ],
    suggestions: ['use failover or load_balance'],
  },
  {
    id: 'A9 unknown processor',
    text: `${group}nosuch\n`,
    dropped: groupGone(noProcessor),
    log: [removed('SinkGroup g1'), noProcessor],
    findings: [
      '13:35 error bad-group',
      '12:26 error group-dropped',
      '6:26 warning no-way-out',
      '12:26 error group-dropped',
    ],
  },
  {
    id: 'A12 a comment behind a type',
    text: seq.replace('logger', 'logger # print'),
    dropped: { 'sink k1': 'unknown sink type: logger # print' },
    log: ['Unable to load sink type: logger # print, class: logger # print'],
    findings: ['5:20 error unknown-type', '6:26 warning no-way-out'],
    suggestions: ['write type = logger'],
    endsFlume: true,
  },
  {
    id: 'A12 a comment behind a number',
    text: `${seq}a1.channels.c1.capacity = 500 # five\na1.channels.c1.transactionCapacity = 200\n`,
    dropped: { 'channel c1': capacity, ...channelGone },
    log: [
      'Invalid capacity specified, initializing channel to default capacity of 100',
      removed('Channel c1'),
      capacity,
      ...channelGoneLog,
    ],
    findings: [
      '9:27 warning number-replaced',
      '10:38 error invalid',
      '6:26 error not-connected',
      '7:23 error not-connected',
    ],
    suggestions: ['write capacity = 500'],
  },
  {
    id: 'B1 names separated by a comma',
    text: seq.replace('channels = c1\n', 'channels = c1,c2\n'),
    valid: false,
    dropped: {
      'channel c1,c2': 'there is no a1.channels.c1,c2.…',
      'source r1': "agent a1 can't run",
      'sink k1': "agent a1 can't run",
    },
    log: [
      ...invalid('a1', 'does not contain any valid channels. Marking it as invalid.'),
      'No configuration found for this host:a1',
    ],
    findings: ['2:15 error not-configured', '2:15 error no-channels', '4:1 warning not-listed'],
    suggestions: ['names are separated by blanks: c1 c2'],
  },
  {
    id: 'B2 // is no comment',
    text: `${seq}// a1.sources.r1.foo = bar\n`,
    log: ['Configuration property ignored: // = a1.sources.r1.foo = bar'],
    findings: ['9:1 warning not-a-property'],
    suggestions: ['a comment begins with # or !'],
  },
  {
    id: 'B3 ; is no comment',
    text: `${seq}; another = x\n`,
    log: ['Configuration property ignored: ; = another = x'],
    findings: ['9:1 warning not-a-property'],
    suggestions: ['a comment begins with # or !'],
  },
  {
    id: 'B4 no dots',
    text: `${seq}nodots = 5\n`,
    log: ['Configuration property ignored: nodots = 5'],
    findings: ['9:1 warning not-a-property'],
  },
  {
    id: 'B4 nothing after the agent',
    text: `${seq}agent. = 3\n`,
    log: ['Configuration property ignored: agent. = 3'],
    findings: ['9:1 warning not-a-property'],
  },
  {
    id: 'B4 no value',
    text: `${seq}a1.sources.r1.batchSize =\n`,
    log: ['Configuration property ignored: a1.sources.r1.batchSize = '],
    findings: ['9:1 warning empty-value'],
  },
  {
    id: 'B5 an unknown group',
    text: `${seq}a1.bogus.x.y = 5\n`,
    log: ['Invalid property specified: bogus.x.y', 'Configuration property ignored: a1.bogus.x.y = 5'],
    findings: ['9:1 warning invalid-key'],
  },
  {
    id: 'B5 a group in the singular',
    text: `${seq}a1.channel.c1.capacity = 5\n`,
    log: [
      'Invalid property specified: channel.c1.capacity',
      'Configuration property ignored: a1.channel.c1.capacity = 5',
    ],
    findings: ['9:1 warning invalid-key'],
    suggestions: ['did you mean a1.channels.c1.capacity?'],
  },
  {
    id: 'B5 a component without a property',
    text: `${seq}a1.sinks.k1 = 7\n`,
    log: ['Invalid property specified: sinks.k1', 'Configuration property ignored: a1.sinks.k1 = 7'],
    findings: ['9:1 warning invalid-key'],
    suggestions: ['write a1.sinks.k1.PROPERTY'],
  },
  {
    id: 'B6 the same key twice',
    text: `${seq}a1.sources.r1.batchSize = 5\na1.sources.r1.batchSize = 7\n`,
    findings: ['10:1 info duplicate-key'],
  },
  {
    id: 'B7 unlisted and misspelt',
    text: `${seq}a1.sinks.k9.type = logger\na1.sinks.k1.maxBytesToLogg = 5\n`,
    findings: ['9:1 warning not-listed', '10:1 warning unknown-key'],
    suggestions: ['a1.sinks lists: k1', 'did you mean maxBytesToLog?'],
  },
  {
    id: 'B8 a misspelt agent',
    text: `${seq}agnet.sources = x\n`,
    log: invalid('agnet', 'does not contain any channels. Marking it as invalid.'),
    findings: ['9:1 error no-channels'],
  },
  {
    id: 'B9 a second agent that is broken',
    text: `${seq}a2.sources = r1\na2.channels = c1\na2.channels.c1.type = memory\na2.sources.r1.type = seq\n`,
    log: [
      'Could not configure source  r1 due to: Failed to configure component!',
      "Agent configuration for 'a2' has no sinks.",
      ...invalid('a2', 'has no sources or sinks. Will be marked invalid.'),
    ],
    findings: ['9:1 info no-sinks', '12:1 error no-channel', '10:15 error no-components'],
  },
  {
    id: 'B10 an agent that is not there',
    text: seq,
    name: 'agent',
    valid: false,
    log: ['No configuration found for this host:agent'],
  },
  {
    id: 'B11 unknown sink type',
    text: seq.replace('logger', 'nosuchsink'),
    dropped: { 'sink k1': 'unknown sink type: nosuchsink' },
    log: ['Unable to load sink type: nosuchsink, class: nosuchsink'],
    findings: ['5:20 error unknown-type', '6:26 warning no-way-out'],
    endsFlume: true,
  },
  {
    id: 'B11 unknown channel type',
    text: seq.replace('memory', 'memry'),
    dropped: { 'channel c1': 'unknown channel type: memry', ...channelGone },
    log: ['Unable to load channel type: memry, class: memry', ...channelGoneLog],
    findings: ['4:23 error unknown-type', '6:26 error not-connected', '7:23 error not-connected'],
    suggestions: ['did you mean memory?'],
    endsFlume: true,
  },
  {
    id: 'B11 unknown source type',
    text: `${skeleton}a1.sources.r1.type = nosuchsource\n`,
    dropped: { 'source r1': 'unknown source type: nosuchsource' },
    log: ['Unable to load source type: nosuchsource, class: nosuchsource'],
    findings: ['8:22 error unknown-type'],
    endsFlume: true,
  },
  {
    id: 'B12 unknown interceptor type',
    text: `${seq}a1.sources.r1.interceptors = i1\na1.sources.r1.interceptors.i1.type = nosuch\n`,
    dropped: {
      'source r1': 'interceptor i1: unknown interceptor type: nosuch',
      'interceptor r1.i1': 'unknown interceptor type: nosuch',
    },
    log: [
      'Builder class not found. Exception follows.',
      removed('Source r1'),
      'Interceptor.Builder not found.',
    ],
    findings: ['10:38 error unknown-type'],
  },
  {
    id: 'B13 a batch larger than the channel takes',
    text: `${exec}a1.sources.r1.command = true\na1.sources.r1.batchSize = 101\n`,
    dropped: { 'source r1': tooBig('source', 'Source', 'r1', 101) },
    log: [removed('Source r1'), tooBig('source', 'Source', 'r1', 101)],
    findings: ['10:27 error batch-too-big'],
    suggestions: ['set batchSize to 100 or less, or transactionCapacity of channel c1 to 101 or more'],
  },
  {
    id: 'B14 a Kafka source as it comes',
    text: `${skeleton}a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r1.kafka.bootstrap.servers = localhost:1
a1.sources.r1.kafka.topics = t
`,
    dropped: { 'source r1': tooBig('source', 'Source', 'r1', 1000) },
    log: [removed('Source r1'), tooBig('source', 'Source', 'r1', 1000)],
    findings: ['8:22 error batch-too-big'],
  },
  {
    id: 'B15 a sink with too large a batch',
    text: `${seq.replace('logger', 'null')}a1.sinks.k1.batchSize = 101\n`,
    dropped: { 'sink k1': tooBig('sink', 'Sink', 'k1', 101) },
    log: [removed('Sink k1'), tooBig('sink', 'Sink', 'k1', 101)],
    findings: ['9:25 error batch-too-big', '6:26 warning no-way-out'],
  },
  {
    id: 'B16 a capacity below transactionCapacity',
    text: `${seq}a1.channels.c1.capacity = 50\n`,
    dropped: { 'channel c1': capacity, ...channelGone },
    log: [removed('Channel c1'), capacity, ...channelGoneLog],
    findings: ['9:27 error invalid', '6:26 error not-connected', '7:23 error not-connected'],
  },
  {
    id: 'B17 1k is no number: the memory channel takes its default',
    text: `${seq}a1.channels.c1.capacity = 1k\n`,
    log: ['Invalid capacity specified, initializing channel to default capacity of 100'],
    findings: ['9:27 warning number-replaced'],
    suggestions: ['write 1000'],
  },
  {
    id: 'B17 2x is no number: the source goes',
    text: `${seq}a1.sources.r1.totalEvents = 2x\n`,
    dropped: { 'source r1': 'totalEvents: "2x" is not a whole number' },
    log: [removed('Source r1'), 'For input string: "2x"'],
    findings: ['9:29 error bad-number'],
  },
  {
    id: 'B18 a channel that nothing is connected to',
    text: `${seq.replace('channels = c1\n', 'channels = c1 c2\n')}a1.channels.c2.type = memory\n`,
    dropped: { 'channel c2': 'no source and no sink is connected to it' },
    log: ['Channel c2 has no components connected and has been removed.'],
    findings: ['9:1 warning unused-channel'],
  },
  {
    id: 'B19 sinks only',
    text: seq.replace(/.*(sources).*\n/g, ''),
    log: ["Agent configuration for 'a1' has no sources."],
    findings: ['1:1 info no-sources'],
  },
  {
    id: 'B23 exec without command',
    text: exec,
    dropped: { 'source r1': 'The parameter command must be specified' },
    log: [removed('Source r1'), 'The parameter command must be specified'],
    findings: ['8:1 error missing'],
  },
  {
    id: 'E4 a selector that names an unknown channel',
    text: `${seq}a1.sources.r1.selector.type = multiplexing\na1.sources.r1.selector.mapping.US = c9\n`,
    dropped: { 'source r1': 'Selector channel not found: c9' },
    log: [removed('Source r1'), 'Selector channel not found: c9'],
    findings: ['10:37 error unknown-channel'],
  },
  {
    id: 'E4 a selector with channels separated by a comma',
    text: `${seq}a1.sources.r1.selector.type = multiplexing\na1.sources.r1.selector.default = c2,c3\n`,
    dropped: { 'source r1': 'Selector channel not found: c2,c3' },
    log: [removed('Source r1'), 'Selector channel not found: c2,c3'],
    findings: ['10:34 error unknown-channel'],
  },
  {
    id: 'a source without channels, a sink without one',
    text: seq.replace('r1.channels = c1', 'r1.channel = c1').replace('k1.channel = c1', 'k1.channels = c1'),
    valid: false,
    dropped: {
      'channel c1': "agent a1 can't run",
      'source r1': 'it names no channels',
      'sink k1': 'it names no channel',
    },
    log: [
      'Could not configure source  r1 due to: Failed to configure component!',
      'Could not configure sink  k1 due to: No channel configured for sink: k1',
      ...invalid('a1', 'has no sources or sinks. Will be marked invalid.'),
      'No configuration found for this host:a1',
    ],
    findings: ['6:1 error no-channel', '2:15 error no-components', '7:1 error no-channel'],
    suggestions: ['write channels = c1', 'write channel = c1'],
  },
  {
    id: 'components that are listed and not described, or without a type',
    text: `${seq.replace('sources = r1', 'sources = r1 r2').replace('sinks = k1', 'sinks = k1 k2 k3')}a1.sinks.k3.channel = c1\n`,
    dropped: {
      'source r2': 'there is no a1.sources.r2.…',
      'sink k2': 'there is no a1.sinks.k2.…',
      'sink k3': 'it has no type',
    },
    log: [
      'Configuration empty for: r2.Removed.',
      'no context for sinkk2',
      'Could not configure sink  k3 due to: Component has no type. Cannot configure. k3',
    ],
    findings: ['1:14 error not-configured', '3:12 error not-configured', '9:1 error no-type'],
  },
  {
    id: 'channels that are not there',
    text: `${seq.replace('r1.channels = c1', 'r1.channels = c8 c9').replace('k1.channel = c1', 'k1.channel = c9')}a1.sinks.k2.type = logger
a1.sinks.k2.channel = c1
`.replace('sinks = k1', 'sinks = k1 k2'),
    dropped: {
      'source r1': 'none of its channels is there: c8 c9',
      'sink k1': 'Channel c9 not in active set.',
    },
    log: [
      'Could not configure source  r1 due to: No Channels configured for r1',
      'Could not configure sink  k1 due to: Channel c9 not in active set.',
    ],
    findings: ['6:26 error unknown-channel', '7:23 error unknown-channel'],
    suggestions: ['the channels are: c1'],
  },
  {
    id: 'E6 priorities that are equal',
    text: `${group}failover\na1.sinkgroups.g1.processor.priority.k1 = 5\na1.sinkgroups.g1.processor.priority.k2 = 5\n`,
    dropped: { 'sink k2': 'its priority is taken' },
    log: ['Sink k2 not added to FailverSinkProcessor as priorityduplicates that of sink k1'],
    findings: ['15:42 warning double-priority'],
  },
  {
    id: 'a sink in two groups, and one that is not there',
    text: `${group}failover
a1.sinkgroups.g2.sinks = k1
a1.sinkgroups.g3.sinks = k2 k9
a1.sinkgroups.g3.processor.type = default
`
      .replace('sinkgroups = g1', 'sinkgroups = g1 g2 g3')
      .replace('g1.sinks = k1 k2', 'g1.sinks = k1'),
    dropped: { 'sinkgroup g2': 'none of its sinks is there' },
    log: [
      "Agent configuration for 'a1' sinkgroup 'g2' sink 'k1' in use by another group: 'g1', sink not added",
      'Could not configure sink group g2 due to: No available sinks for sinkgroup: g2. Sinkgroup will be removed',
      "Agent configuration for 'a1' sinkgroup 'g3' sink not found: 'k9',  sink not added",
    ],
    findings: ['14:26 warning sink-in-use', '14:26 error no-group-sinks', '15:26 warning unknown-sink'],
  },
  {
    id: 'a group without a processor',
    text: `${group}default\n`.replace(/.*processor.*\n/, ''),
    dropped: groupGone('it has no processor.type'),
    log: [removed('SinkGroup g1'), 'Unable to load sink processor type: null, class: null'],
    findings: [
      '12:1 error bad-group',
      '12:26 error group-dropped',
      '6:26 warning no-way-out',
      '12:26 error group-dropped',
    ],
  },
  {
    id: 'load_balance over one sink',
    text: `${group}load_balance\n`.replace('g1.sinks = k1 k2', 'g1.sinks = k1'),
    dropped: {
      'sink k1': 'its sink group g1 is dropped',
      'sinkgroup g1': `${oneSink} (its sinks don't run either: k1)`,
    },
    log: [removed('SinkGroup g1'), oneSink],
    findings: ['13:35 error bad-group', '12:26 error group-dropped'],
  },
  {
    id: 'load_balance with an unknown selector',
    text: `${group}load_balance\na1.sinkgroups.g1.processor.selector = foo\n`,
    dropped: groupGone('selector: "foo" is none of round_robin, random'),
    log: [removed('SinkGroup g1'), 'Unable to instantiate sink selector: foo'],
    findings: [
      '14:39 error bad-value',
      '12:26 error group-dropped',
      '6:26 warning no-way-out',
      '12:26 error group-dropped',
    ],
  },
  {
    id: 'load_balance with a bad number',
    text: `${group}load_balance\na1.sinkgroups.g1.processor.selector.maxTimeOut = 30s\n`,
    dropped: groupGone('selector.maxTimeOut: "30s" is not a whole number'),
    log: [removed('SinkGroup g1'), 'For input string: "30s"'],
    findings: [
      '14:50 error bad-number',
      '12:26 error group-dropped',
      '6:26 warning no-way-out',
      '12:26 error group-dropped',
    ],
  },
  {
    id: 'failover with numbers that are none',
    text: `${group}failover\na1.sinkgroups.g1.processor.maxpenalty = x\na1.sinkgroups.g1.processor.priority.k1 = y\n`,
    log: ['x is not a valid value for maxpenalty'],
    findings: ['14:41 warning number-replaced', '15:42 warning number-replaced'],
  },
  {
    id: 'an unknown selector',
    text: `${seq}a1.sources.r1.selector.type = nosuch\n`,
    dropped: { 'source r1': 'its selector: unknown selector type: nosuch' },
    log: [removed('Source r1'), 'Unable to load selector type: nosuch, class: nosuch'],
    findings: ['9:31 error unknown-type'],
  },
  {
    id: 'an interceptor without a type',
    text: `${seq}a1.sources.r1.interceptors = i1\na1.sources.r1.interceptors.i1.x = 1\n`,
    dropped: { 'source r1': 'interceptor i1: it has no type', 'interceptor r1.i1': 'it has no type' },
    log: [
      'Type not specified for interceptor i1',
      removed('Source r1'),
      'Interceptor.Type not specified for i1',
    ],
    findings: ['10:1 error no-type'],
  },
  {
    id: 'an empty list',
    text: seq.replace('sinks = k1', 'sinks ='),
    log: ['Configuration property ignored: a1.sinks = ', "Agent configuration for 'a1' has no sinks."],
    findings: [
      '1:1 info no-sinks',
      '3:1 warning empty-value',
      '5:1 warning not-listed',
      '6:26 warning no-way-out',
    ],
  },
  {
    id: 'F a memory channel with more than an int holds',
    text: `${seq}a1.channels.c1.capacity = 2147483648\n`,
    log: ['Invalid capacity specified, initializing channel to default capacity of 100'],
    findings: ['9:27 warning number-replaced'],
    suggestions: ['write a whole number from 1 (events)'],
  },
  {
    id: 'F a memory channel without room',
    text: `${seq}a1.channels.c1.capacity = 0\na1.channels.c1.transactionCapacity = -5\n`,
    log: [
      'Invalid capacity specified, initializing channel to default capacity of 100',
      'Invalid transation capacity specified, initializing channel to default capacity of 100',
    ],
    findings: ['9:27 warning number-replaced', '10:38 warning number-replaced'],
  },
  {
    id: 'F other numbers of a memory channel, in whose place Flume takes others without a word',
    text: `${seq}a1.channels.c1.keep-alive = abc\na1.channels.c1.byteCapacity = abc\na1.channels.c1.byteCapacityBufferPercentage = 200\n`,
    findings: [
      '9:29 warning number-replaced',
      '10:31 warning number-replaced',
      '11:47 warning number-replaced',
    ],
  },
  {
    id: 'F a file channel with zeros',
    text: `${file}a1.channels.c1.capacity = 0\na1.channels.c1.transactionCapacity = 0\na1.channels.c1.checkpointInterval = 0\na1.channels.c1.minimumRequiredSpace = -1\na1.channels.c1.keep-alive = -1\n`,
    log: [
      'Invalid capacity specified, initializing channel to default capacity of 1000000',
      'Invalid transaction capacity specified, initializing channel to default capacity of 10000',
      'Checkpoint interval is invalid: 0, using default: 30000',
    ],
    findings: [
      ...['11:27 warning number-replaced', '12:38 warning number-replaced', '13:37 warning number-replaced'],
      ...['14:39 warning number-replaced', '15:29 warning number-replaced'],
    ],
  },
  {
    id: 'F a file channel with more than an int holds',
    text: `${file}a1.channels.c1.capacity = 2147483648\n`,
    dropped: {
      'channel c1': 'capacity: "2147483648" is beyond 2147483647, the largest that is read here',
      ...channelGone,
    },
    log: [removed('Channel c1'), 'For input string: "2147483648"', ...channelGoneLog],
    findings: ['11:27 error bad-number', '6:26 error not-connected', '7:23 error not-connected'],
  },
  {
    id: 'F a batch of none is a batch of one',
    text: `${exec}a1.sources.r1.command = true\na1.sources.r1.batchSize = 0\n`,
    findings: ['10:27 warning number-replaced'],
  },
  {
    id: 'F a pause beyond a long',
    text: `${exec}a1.sources.r1.command = true\na1.sources.r1.restartThrottle = 99999999999999999999\n`,
    dropped: { 'source r1': 'restartThrottle: "99999999999999999999" is not a whole number' },
    log: [removed('Source r1'), 'For input string: "99999999999999999999"'],
    findings: ['10:33 error bad-number'],
  },
  {
    id: 'F an interval below zero never rolls',
    text: `${seq.replace('= logger', '= file_roll')}a1.sinks.k1.sink.directory = DIR\na1.sinks.k1.sink.rollInterval = -1\n`,
    findings: ['10:33 warning number-replaced'],
  },
  {
    id: 'F no events at all, and none ever',
    text: `${seq}a1.sources.r1.totalEvents = -1\n`,
  },
  {
    id: 'F a variable of the environment without env: is text',
    text: `${seq}a1.sources.r1.totalEvents = \${HOME}\n`,
    dropped: { 'source r1': `totalEvents: "\${HOME}" is not a whole number` },
    log: [removed('Source r1'), `For input string: "\${HOME}"`],
    findings: ['9:29 warning unresolved', '9:29 error bad-number'],
  },
];
