import { MillraceError } from '../runtime/errors.ts';
import { hostAndPort } from './command.ts';

const defaultListen = 'localhost:9092';

/**
 * `--listen` and `--advertise`, as often as they are given, as Kafka's properties, over those that are set. `HOST:PORT`
 * without a name in front is of a listener in plain text; nothing at all is `localhost:9092`. Throws `USAGE`.
 */
export function listenerProperties(
  { listen, advertise }: { readonly listen: readonly string[]; readonly advertise: readonly string[] },
  set: ReadonlyMap<string, string>,
): [string, string][] {
  const isSet = listen.length === 0 && set.has('listeners');
  const words = listen.length === 0 ? [defaultListen] : listen;
  const listeners = isSet ? set.get('listeners')! : words.map(listenerOf).join(',');
  const properties: [string, string][] = isSet ? [] : [['listeners', listeners]];
  if (advertise.length > 0) {
    const names = listeners.split(',').map((each) => each.trim().replace(/:\/\/.*/, ''));
    properties.push(['advertised.listeners', advertise.map((word) => advertised(word, names)).join(',')]);
  }
  return properties;
}

function listenerOf(word: string): string {
  if (word.includes('://')) return word;
  const { host, port } = hostAndPort('--listen', word, '0.0.0.0');
  return `PLAINTEXT://${bracketed(host)}:${port}`;
}

/** Without a port it is the one that is listened on. */
function advertised(word: string, names: readonly string[]): string {
  const [, name, address = ''] = /^(?:([^:/]+):\/\/)?(.*)$/.exec(word)!;
  if (name === undefined && names.length > 1) {
    throw new MillraceError('USAGE', `--advertise ${word}: there are several listeners`, {
      remedy: `Say of which it is: --advertise ${names[0]}://${word}`,
    });
  }
  const hasPort = /^(?:\[[^\]]*\]|[^:]*):\d+$/.test(address);
  const place = hasPort
    ? hostAndPort('--advertise', address, '')
    : { host: address.replace(/^\[(.*)\]$/, '$1'), port: 0 };
  if (place.host === '' || /[\s/,]/.test(place.host))
    throw new MillraceError('USAGE', `--advertise takes HOST:PORT or HOST, not '${word}'`);
  return `${name ?? names[0]}://${bracketed(place.host)}:${place.port}`;
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
