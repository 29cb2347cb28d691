/** Properties of exec, as Flume 1.11.0 took them. */
import { aboveCapacity, type ConfigCase, exec, removed, tooBig } from './config-case.ts';

export const execSourceCases: readonly ConfigCase[] = [
  {
    id: 'B13 a batch larger than the channel takes',
    text: `${exec}a1.sources.r1.command = true\na1.sources.r1.batchSize = 101\n`,
    dropped: { 'source r1': aboveCapacity(101) },
    log: [removed('Source r1'), tooBig('source', 'Source', 'r1', 101)],
    findings: ['10:27 error batch-too-big'],
    suggestions: ['set batchSize to 100 or less, or transactionCapacity of channel c1 to 101 or more'],
  },
  {
    id: 'B23 exec without command',
    text: exec,
    dropped: { 'source r1': 'The parameter command must be specified' },
    log: [removed('Source r1'), 'The parameter command must be specified'],
    findings: ['8:1 error missing'],
  },
  {
    id: 'F a batch of none is a batch of one',
    text: `${exec}a1.sources.r1.command = true\na1.sources.r1.batchSize = 0\n`,
    findings: ['6:26 info gone-with-process', '10:27 warning number-replaced'],
  },
  {
    id: 'F a pause beyond a long',
    text: `${exec}a1.sources.r1.command = true\na1.sources.r1.restartThrottle = 99999999999999999999\n`,
    dropped: { 'source r1': 'restartThrottle: "99999999999999999999" is not a whole number' },
    log: [removed('Source r1'), 'For input string: "99999999999999999999"'],
    findings: ['10:33 error bad-number'],
  },
];
