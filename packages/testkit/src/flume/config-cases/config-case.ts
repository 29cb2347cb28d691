/** A configuration that Flume 1.11.0 was run with, and what it said; with the texts that many of them share. */

/** The agent a1: seven lines, so what a case adds begins at line 8. */
export const skeleton = `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = memory
a1.sinks.k1.type = logger
a1.sources.r1.channels = c1
a1.sinks.k1.channel = c1
`;
export const seq = `${skeleton}a1.sources.r1.type = seq\n`;
export const exec = `${skeleton}a1.sources.r1.type = exec\n`;
/** `DIR` stands for a folder of the test. */
export const file = `${seq.replace('= memory', '= file')}a1.channels.c1.checkpointDir = DIR/c\na1.channels.c1.dataDirs = DIR/d\n`;
export const group = `${seq.replace('sinks = k1', 'sinks = k1 k2')}a1.sinks.k2.type = null
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

export const capacity = 'Transaction Capacity of Memory Channel cannot be higher than the capacity.';
export const channelGone = {
  'source r1': 'its channel c1 is dropped',
  'sink k1': 'its channel c1 is dropped',
};
export const removed = (what: string) => `${what} has been removed due to an error during configuration`;
export const channelGoneLog = [
  removed('Source r1'),
  'Source r1 is not connected to a channel',
  removed('Sink k1'),
  'Sink k1 is not connected to a channel',
];
/** What `check` says of it; `tooBig` is what Flume logs. */
export const aboveCapacity = (batch: number) =>
  `its batchSize of ${batch} is above the transactionCapacity of channel c1, 100`;
export const tooBig = (kind: string, capital: string, name: string, batch: number) =>
  `Incompatible ${kind} and channel settings defined. ${kind}'s batch size is greater than the channels transaction ` +
  `capacity. ${capital}: ${name}, batch size = ${batch}, channel c1, transaction capacity = 100`;
export const invalid = (name: string, text: string) => [
  `Agent configuration for '${name}' ${text}`,
  `Agent configuration invalid for agent '${name}'. It will be removed.`,
];
export const twoSinks =
  'DefaultSinkPolicy can only handle one sink, try using a policy that supports multiple sinks';
export const oneSink =
  'The LoadBalancingSinkProcessor cannot be used for a single sink. Please configure more than one sinks and try again.';
export const noProcessor = 'Unable to load sink processor type: nosuch, class: null';
export const groupGone = (reason: string) => ({
  'sink k1': 'its sink group g1 is dropped',
  'sink k2': 'its sink group g1 is dropped',
  'sinkgroup g1': `${reason} (its sinks don't run either: k1 k2)`,
});
