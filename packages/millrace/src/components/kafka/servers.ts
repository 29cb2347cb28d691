import { opt } from '../../config/options.ts';

/** The brokers that every Kafka component asks first. */
export const bootstrapServers = opt.hostPorts({
  doc: 'Brokers to ask first: host:port, separated by commas.',
  required: true,
  usualPort: 9092,
  noneSays: 'Bootstrap Servers must be specified',
});

/** As sink and channel take them, which have an older name for it. */
export const bootstrapServersOrBrokerList = { ...bootstrapServers, oldNames: ['brokerList'] } as const;
