/** The embedded broker, published as `millrace/broker`. */
export { Broker, type NewTopicOptions } from './broker.ts';
export type { BrokerOptions } from './settings.ts';
