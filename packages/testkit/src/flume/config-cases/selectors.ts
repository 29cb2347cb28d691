/** Channel selectors, as Flume 1.11.0 took them. */
import { type ConfigCase, removed, seq } from './config-case.ts';

export const selectorsCases: readonly ConfigCase[] = [
  {
    id: 'E4 a selector that names an unknown channel',
    text: `${seq}a1.sources.r1.selector.type = multiplexing\na1.sources.r1.selector.mapping.US = c9\n`,
    dropped: { 'source r1': 'Selector channel not found: c9' },
    log: [removed('Source r1'), 'Selector channel not found: c9'],
    findings: ['10:37 error unknown-channel'],
  },
  {
    id: 'E4 a selector with channels separated by a comma',
    text: `${seq}a1.sources.r1.selector.type = multiplexing\na1.sources.r1.selector.default = c2,c3\n`,
    dropped: { 'source r1': 'Selector channel not found: c2,c3' },
    log: [removed('Source r1'), 'Selector channel not found: c2,c3'],
    findings: ['10:34 error unknown-channel'],
  },
  {
    id: 'an unknown selector',
    text: `${seq}a1.sources.r1.selector.type = nosuch\n`,
    dropped: { 'source r1': 'its selector: unknown selector type: nosuch' },
    log: [removed('Source r1'), 'Unable to load selector type: nosuch, class: nosuch'],
    findings: ['9:31 error unknown-type'],
  },
];
