/** Properties of the memory channel, as Flume 1.11.0 took them. */
import { type ConfigCase, capacity, channelGone, channelGoneLog, removed, seq } from './config-case.ts';

export const memoryChannelCases: readonly ConfigCase[] = [
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
];
