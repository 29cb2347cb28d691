import { resolve } from 'node:path';
import { expandHome } from '../../runtime/home-path.ts';
import { listenersFrom } from './listener-properties.ts';
import type { ListenerSettings } from './listener-settings.ts';
import { invalidProperty, ServerProperties } from './server-properties.ts';
import type { AuthorizerSettings } from './settings.ts';

/** What properties of listeners and of who may come in make of `Broker.start`'s options. */
export interface SecureOptions {
  readonly listeners?: readonly ListenerSettings[];
  readonly authorizer?: AuthorizerSettings;
  readonly auditLog?: string;
}

/** Those that are written in full; more begin with `listener.name.`, `ssl.` and `sasl.oauthbearer.`. */
export const securePropertyNames: readonly string[] = [
  'listeners',
  'advertised.listeners',
  'listener.security.protocol.map',
  'controller.listener.names',
  'authorizer.class.name',
  'millrace.audit.log',
  'super.users',
  'allow.everyone.if.no.acl.found',
  'sasl.enabled.mechanisms',
  'sasl.server.max.receive.size',
  'connections.max.reauth.ms',
  'connection.failed.authentication.delay.ms',
];
const beginnings: readonly string[] = ['listener.name.', 'ssl.', 'sasl.oauthbearer.'];

/** Whether a property is of listeners and logins: they are read together, not one by one. */
export function isSecureProperty(name: string): boolean {
  return securePropertyNames.includes(name) || beginnings.some((each) => name.startsWith(each));
}

/** Throws `CONFIG_INVALID` with the key that is wrong. */
export function secureOptions(properties: ReadonlyMap<string, string>): SecureOptions {
  if (properties.size === 0) return {};
  const reader = new ServerProperties(properties);
  const authorizer = authorizerFrom(reader);
  const auditLog = reader.text('millrace.audit.log') ?? '';
  return {
    ...(reader.text('listeners') === undefined ? {} : { listeners: listenersFrom(reader) }),
    ...(authorizer === undefined ? {} : { authorizer }),
    ...(auditLog === '' ? {} : { auditLog: resolve(expandHome(auditLog)) }),
  };
}

/** Kafka's two authorizers of the same rules: of KRaft, and of older clusters. */
const authorizers = [
  'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'kafka.security.authorizer.AclAuthorizer',
];

function authorizerFrom(properties: ServerProperties): AuthorizerSettings | undefined {
  const key = 'authorizer.class.name';
  const name = properties.text(key) ?? '';
  const superUsers = (properties.text('super.users') ?? '').split(';').flatMap((each) => {
    const principal = each.trim();
    if (principal !== '' && !/^[^:]+:.+$/s.test(principal))
      throw invalidProperty(
        'super.users',
        `'${principal}' is no principal`,
        'Write it as User:alice;User:bob.',
      );
    return principal === '' ? [] : [principal];
  });
  const allowEveryoneIfNoAcl = properties.boolean('allow.everyone.if.no.acl.found') ?? false;
  if (name === '') {
    if (superUsers.length > 0)
      throw invalidProperty(
        'super.users',
        'without an authorizer everybody may do everything',
        `Add ${key}=${authorizers[0]}, or leave it out.`,
      );
    return undefined;
  }
  if (!authorizers.includes(name))
    throw invalidProperty(
      key,
      `'${name}' is not known: classes are never loaded`,
      `Write ${key}=${authorizers[0]}.`,
    );
  return { superUsers, allowEveryoneIfNoAcl };
}
