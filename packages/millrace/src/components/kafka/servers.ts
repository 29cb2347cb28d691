import { opt } from '../../config/options.ts';

/** The brokers that every Kafka component asks first. */
export const bootstrapServers = opt.hostPorts({
  doc: 'Brokers to ask first: host:port, separated by commas.',
  required: true,
  oldNames: ['brokerList'],
  usualPort: 9092,
  noneSays: 'Bootstrap Servers must be specified',
});
