/// <reference types="node" preserve="true" />
/** The embedded broker, published as `millrace/broker`. */
import '../runtime/node-version.ts';

export { Broker, type NewTopicOptions } from './broker.ts';
export type { ApiFigures, NetworkFigures } from './core/traffic.ts';
export type { BrokerFigures, GroupFigures, LagFigures, PartitionFigures } from './metrics.ts';
export type { BrokerOptions } from './settings/settings.ts';
