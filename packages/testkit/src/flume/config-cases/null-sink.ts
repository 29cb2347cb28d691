/** Properties of null, as Flume 1.11.0 took them. */
import { aboveCapacity, type ConfigCase, removed, seq, tooBig } from './config-case.ts';

export const nullSinkCases: readonly ConfigCase[] = [
  {
    id: 'B15 a sink with too large a batch',
    text: `${seq.replace('logger', 'null')}a1.sinks.k1.batchSize = 101\n`,
    dropped: { 'sink k1': aboveCapacity(101) },
    log: [removed('Sink k1'), tooBig('sink', 'Sink', 'k1', 101)],
    findings: ['9:25 error batch-too-big', '6:26 warning no-way-out'],
  },
];
