import { resolve } from 'node:path';
import { expandHome } from '../../runtime/home-path.ts';
import {
  listenerPrefix,
  listenerPropertyNames,
  listenersFrom,
  plainUsersKey,
} from './listener-properties.ts';
import type { ListenerSettings } from './listener-settings.ts';
import { invalidProperty, ServerProperties } from './server-properties.ts';
import type { AuthorizerSettings } from './settings.ts';

/** What properties of listeners and of who may come in make of `Broker.start`'s options. */
export interface SecureOptions {
  readonly listeners?: readonly ListenerSettings[];
  readonly authorizer?: AuthorizerSettings;
  readonly auditLog?: string;
}

/** All of them; those of listeners may also stand below `listener.name.NAME.`, and `….MECHANISM.`. */
export const securePropertyNames: readonly string[] = [
  'listeners',
  'advertised.listeners',
  'listener.security.protocol.map',
  'controller.listener.names',
  'authorizer.class.name',
  'millrace.audit.log',
  'super.users',
  'allow.everyone.if.no.acl.found',
  ...listenerPropertyNames,
];
const belowListener = [...listenerPropertyNames, plainUsersKey].map((name) => `.${name}`);

/**
 * Whether a property is of listeners and logins: they are read together, not one by one. A name that is not known is
 * none, so that a wrong letter in `ssl.client.auth` does not go by in silence.
 */
export function isSecureProperty(name: string): boolean {
  if (name.startsWith(listenerPrefix)) return belowListener.some((each) => name.endsWith(each));
  return securePropertyNames.includes(name);
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
