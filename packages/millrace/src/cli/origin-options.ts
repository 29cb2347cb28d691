import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { OriginPlan } from '../agent/configuration/origin/config-origin.ts';
import { uriSchemes } from '../agent/configuration/origin/text-at.ts';
import type { HttpStores } from '../component/options/http-tls.ts';
import { MillraceError } from '../runtime/errors.ts';
import { collect, wholeNumber } from './command.ts';
import type { Io } from './io.ts';

/** What `originOptions` puts into a command's options. */
export interface OriginFlags {
  confFile: string[];
  confUri: string[];
  confUser?: string;
  confPassword?: string;
  pollInterval?: number;
  backupDirectory?: string;
  reloadConf: boolean;
}

/** Where an agent's configuration comes from, in Flume's words; the same for `millrace agent` and `flume-ng agent`. */
export function originOptions(parsed: Command): Command {
  return parsed
    .option('-f, --conf-file <file>', 'properties file; may be repeated, later ones override', collect, [])
    .option(
      '-u, --conf-uri <uri>',
      'file:, classpath:, http: or https: URI of one; may be repeated; wins over -f',
      collect,
      [],
    )
    .option('--conf-user <name>', 'user for HTTP; basic authentication')
    .option('--conf-password <password>', 'the password of that user')
    .option('-b, --backup-directory <dir>', 'keeps the last configuration, for a start without the original')
    .option(
      '-i, --poll-interval <seconds>',
      'how often changes are looked for (30; 300 where a URI is http)',
      wholeNumber('-i', 0),
    )
    .option('--no-reload-conf', 'read the configuration once');
}

/**
 * The origin that the words ask for; null: none. `classPath`: folders, in the order in which Java would look. Throws
 * `USAGE`. `properties`: system properties, of which Java's for TLS count.
 */
export function originPlan(
  flags: OriginFlags,
  classPath: readonly string[],
  io: Io,
  properties: ReadonlyMap<string, string> = new Map(),
): Extract<OriginPlan, { kind: 'texts' }> | null {
  const isByUri = flags.confUri.length > 0;
  const places = isByUri
    ? flags.confUri.map((uri) => placeOf(uri, io))
    : flags.confFile.map((file) => resolve(io.cwd, file));
  if (places.length === 0) return null;
  const isRemote = isByUri && places.some((place) => /^http/i.test(place));
  const { confUser, confPassword, backupDirectory, pollInterval = 0 } = flags;
  const seconds = pollInterval > 0 ? pollInterval : isRemote ? 300 : 30;
  return {
    kind: 'texts',
    places,
    intervalMs: seconds * 1000,
    classPath,
    ...(isRemote ? { stores: storesOf(properties, io) } : {}),
    ...(confUser && confPassword ? { user: { name: confUser, password: confPassword } } : {}),
    ...(backupDirectory === undefined ? {} : { backupFolder: resolve(io.cwd, backupDirectory) }),
  };
}

/** Flume hands its variables on to Java as these properties, where they are not set; without that, Java takes them. */
function storesOf(properties: ReadonlyMap<string, string>, io: Io): HttpStores {
  const named = (store: 'trustStore' | 'keyStore', end: '' | 'Password') =>
    properties.get(`javax.net.ssl.${store}${end}`) ??
    io.env[`FLUME_SSL_${store.toUpperCase()}_${end === '' ? 'PATH' : 'PASSWORD'}`];
  const pathOf = (store: 'trustStore' | 'keyStore') => {
    const path = named(store, '');
    return path ? resolve(io.cwd, path) : undefined;
  };
  return {
    truststore: pathOf('trustStore'),
    truststorePassword: named('trustStore', 'Password'),
    keystore: pathOf('keyStore'),
    keystorePassword: named('keyStore', 'Password'),
  };
}

/** A word without a scheme is a path, which Flume would not read. */
function placeOf(uri: string, io: Io): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return resolve(io.cwd, uri);
  if ((uriSchemes as readonly string[]).includes(scheme)) return uri;
  throw new MillraceError('USAGE', `-u ${scheme}: is no kind of URI that a configuration can come from`, {
    remedy: `There are ${uriSchemes.map((each) => `${each}:`).join(', ')}.`,
  });
}
