/** Sink groups and their processors, as Flume 1.11.0 took them. */
import { type ConfigCase, group, groupGone, noProcessor, oneSink, removed, twoSinks } from './config-case.ts';

export const processorsCases: readonly ConfigCase[] = [
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
    dropped: groupGone('unknown sink processor type: nosuch'),
    log: [removed('SinkGroup g1'), noProcessor],
    findings: [
      '13:35 error bad-group',
      '12:26 error group-dropped',
      '6:26 warning no-way-out',
      '12:26 error group-dropped',
    ],
  },
  {
    id: 'E6 priorities that are equal',
    text: `${group}failover\na1.sinkgroups.g1.processor.priority.k1 = 5\na1.sinkgroups.g1.processor.priority.k2 = 5\n`,
    dropped: { 'sink k2': 'its priority is taken' },
    log: ['Sink k2 not added to FailverSinkProcessor as priorityduplicates that of sink k1'],
    findings: ['15:42 warning double-priority'],
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
];
