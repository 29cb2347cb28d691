/** Properties of seq, as Flume 1.11.0 took them. */
import { type ConfigCase, removed, seq } from './config-case.ts';

export const seqSourceCases: readonly ConfigCase[] = [
  {
    id: 'B17 2x is no number: the source goes',
    text: `${seq}a1.sources.r1.totalEvents = 2x\n`,
    dropped: { 'source r1': 'totalEvents: "2x" is not a whole number' },
    log: [removed('Source r1'), 'For input string: "2x"'],
    findings: ['9:29 error bad-number'],
  },
  {
    id: 'F no events at all, and none ever',
    text: `${seq}a1.sources.r1.totalEvents = -1\n`,
  },
];
