/** Properties of file_roll, as Flume 1.11.0 took them. */
import { type ConfigCase, seq } from './config-case.ts';

export const fileRollSinkCases: readonly ConfigCase[] = [
  {
    id: 'F an interval below zero never rolls',
    text: `${seq.replace('= logger', '= file_roll')}a1.sinks.k1.sink.directory = DIR\na1.sinks.k1.sink.rollInterval = -1\n`,
    findings: ['10:33 warning number-replaced'],
  },
];
