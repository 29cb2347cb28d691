import { listenersFrom } from './listener-properties.ts';
import type { ListenerSettings } from './listener-settings.ts';
import { ServerProperties } from './server-properties.ts';

/** What properties of listeners and of who may come in make of `Broker.start`'s options. */
export interface SecureOptions {
  readonly listeners?: readonly ListenerSettings[];
}

const names: readonly string[] = [
  'listeners',
  'advertised.listeners',
  'listener.security.protocol.map',
  'controller.listener.names',
  'inter.broker.listener.name',
  'security.inter.broker.protocol',
  'sasl.mechanism.inter.broker.protocol',
  'sasl.enabled.mechanisms',
  'sasl.server.max.receive.size',
  'connections.max.reauth.ms',
  'connection.failed.authentication.delay.ms',
];
const beginnings: readonly string[] = ['listener.name.', 'ssl.'];

/** Whether a property is of listeners and logins: they are read together, not one by one. */
export function isSecureProperty(name: string): boolean {
  return names.includes(name) || beginnings.some((each) => name.startsWith(each));
}

/** Throws `CONFIG_INVALID` with the key that is wrong. */
export function secureOptions(properties: ReadonlyMap<string, string>): SecureOptions {
  if (properties.size === 0) return {};
  const reader = new ServerProperties(properties);
  return reader.text('listeners') === undefined ? {} : { listeners: listenersFrom(reader) };
}
