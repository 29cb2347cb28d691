/** Channel selectors, as Flume 1.11.0 took them. */
import { type ConfigCase, loadBalancing, removed, selectorLog, seq } from './config-case.ts';

export const selectorsCases: readonly ConfigCase[] = [
  {
    id: 'A2 selector load_balancing',
    text: `${seq}a1.sources.r1.selector.type = load_balancing\n`,
    dropped: loadBalancing('load_balancing'),
    log: selectorLog,
    findings: ['9:31 error unsupported-type'],
    suggestions: ['replicating or multiplexing'],
  },
  {
    id: 'A2 selector by class name',
    text: `${seq}a1.sources.r1.selector.type = org.apache.flume.channel.LoadBalancingChannelSelector\n`,
    dropped: loadBalancing('org.apache.flume.channel.LoadBalancingChannelSelector'),
    log: selectorLog,
    findings: ['9:31 error unsupported-type'],
  },
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
