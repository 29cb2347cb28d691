/** Properties of the spillable memory channel, as Flume 1.11.0 took them. */
import { type ConfigCase, channelGone, channelGoneLog, file, removed } from './config-case.ts';

const spillable = file.replace('= file', '= spillablememory');

export const spillableChannelCases: readonly ConfigCase[] = [
  {
    id: 'a spillable channel with what are no numbers',
    text: `${spillable}a1.channels.c1.memoryCapacity = 1k\na1.channels.c1.overflowTimeout = x\na1.channels.c1.overflowDeactivationThreshold = 5%\na1.channels.c1.byteCapacityBufferPercentage = y\na1.channels.c1.avgEventSize = 1.5\na1.channels.c1.overflowCapacity = z\n`,
    log: [
      'Invalid memoryCapacity specified, initializing c1 channel to default value of 10000',
      "Incorrect value for c1's overflowTimeout setting. Using default value 3",
      "Incorrect value for c1's overflowDeactivationThreshold. Using default value 5 %",
      'Error parsing byteCapacityBufferPercentage for c1. Using default=20. For input string: "y"',
      'Error parsing avgEventSize for c1. Using default = 500. For input string: "1.5"',
    ],
    findings: [
      ...['11:33 warning number-replaced', '12:34 warning number-replaced', '13:48 warning number-replaced'],
      ...['14:47 warning number-replaced', '15:31 warning number-replaced', '16:35 warning number-replaced'],
    ],
  },
  {
    id: 'a spillable channel whose files hold less than a transaction',
    text: `${spillable}a1.channels.c1.overflowCapacity = 9999\n`,
    dropped: {
      'channel c1': 'File Channel transaction capacity cannot be greater than the capacity of the channel.',
      ...channelGone,
    },
    log: [
      removed('Channel c1'),
      'File Channel transaction capacity cannot be greater than the capacity of the channel.',
      ...channelGoneLog,
    ],
    findings: ['11:35 error invalid', '6:26 error not-connected', '7:23 error not-connected'],
  },
  {
    id: 'a spillable channel that sets capacity and keep-alive itself, and holds something in any case',
    text: `${spillable}a1.channels.c1.capacity = x\na1.channels.c1.keep-alive = y\na1.channels.c1.memoryCapacity = 0\na1.channels.c1.overflowCapacity = 0\n`,
    log: [],
    findings: ['11:1 warning no-effect', '12:1 warning no-effect', '14:35 warning number-replaced'],
  },
  {
    id: 'a spillable channel in memory alone',
    text: `${spillable}a1.channels.c1.overflowCapacity = -1\na1.channels.c1.memoryCapacity = -1\n`,
    log: ['Invalid memoryCapacity specified, initializing c1 channel to default value of 10000'],
    findings: ['12:33 warning number-replaced'],
  },
];
