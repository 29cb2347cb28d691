/** What is connected to what, and what is not, as Flume 1.11.0 took them. */
import { type ConfigCase, group, invalid, seq } from './config-case.ts';

export const connectionsCases: readonly ConfigCase[] = [
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
    id: 'channels that are not there',
    text: `${seq.replace('r1.channels = c1', 'r1.channels = c8 c9').replace('k1.channel = c1', 'k1.channel = c9')}a1.sinks.k2.type = logger
a1.sinks.k2.channel = c1
`.replace('sinks = k1', 'sinks = k1 k2'),
    dropped: {
      'source r1': 'none of its channels is there: c8 c9',
      'sink k1': 'there is no channel c9',
    },
    log: [
      'Could not configure source  r1 due to: No Channels configured for r1',
      'Could not configure sink  k1 due to: Channel c9 not in active set.',
    ],
    findings: ['6:26 error unknown-channel', '7:23 error unknown-channel'],
    suggestions: ['the channels are: c1'],
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
];
