/** The embedded broker, published as `millrace/broker`. */
export { Broker, type NewTopic } from './broker.ts';
export type { BrokerOptions } from './settings.ts';
