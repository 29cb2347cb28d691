/** Properties of the file channel, as Flume 1.11.0 took them. */
import { type ConfigCase, channelGone, channelGoneLog, file, removed } from './config-case.ts';

export const fileChannelCases: readonly ConfigCase[] = [
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
];
