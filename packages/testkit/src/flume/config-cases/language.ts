/** The language of properties files, and which agents they hold, as Flume 1.11.0 took them. */
import { type ConfigCase, invalid, removed, seq } from './config-case.ts';

export const languageCases: readonly ConfigCase[] = [
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
    id: 'F a variable of the environment without env: is text',
    text: `${seq}a1.sources.r1.totalEvents = \${HOME}\n`,
    dropped: { 'source r1': `totalEvents: "\${HOME}" is not a whole number` },
    log: [removed('Source r1'), `For input string: "\${HOME}"`],
    findings: ['9:29 warning unresolved', '9:29 error bad-number'],
  },
];
