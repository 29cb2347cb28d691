/**
 * A case: one agent's configuration and what its sources are given. It is kept as parts, so that a part can be taken
 * away, and written out for each program with its own folder and ports.
 */

export type Group = 'configfilters' | 'sources' | 'channels' | 'sinks' | 'sinkgroups';

/**
 * A line of the file. In key and value `«c1»` is the full name of component c1, `«dir»` the program's folder and
 * `«port:r1»` a port that is its own.
 */
export interface Line {
  readonly key: string;
  readonly value: string;
  /** In which of the ways of a properties file it is written, see `properties-text.ts`. */
  readonly style: number;
}

export interface Component {
  readonly group: Group;
  /** A short one; in the file it stands behind the prefix of the run. */
  readonly name: string;
  /** Keys below the component. */
  readonly lines: readonly Line[];
  /** False: it has properties and is in no list. */
  readonly listed: boolean;
}

/** A piece of input for one source. */
export interface Input {
  readonly source: string;
  readonly give: Given;
}
export type Given =
  /** There before the agents start, below the folder. Bytes as latin1. */
  | { readonly kind: 'file'; readonly path: string; readonly bytes: string; readonly ageSeconds: number }
  /** Added to such a file while they run. */
  | { readonly kind: 'append'; readonly path: string; readonly bytes: string }
  /** One TCP connection: the chunks, then what is answered until the peer has nothing more to say. */
  | { readonly kind: 'tcp'; readonly port: string; readonly chunks: readonly string[] }
  | { readonly kind: 'udp'; readonly port: string; readonly bytes: string }
  | {
      readonly kind: 'http';
      readonly port: string;
      readonly target: string;
      readonly type: string;
      readonly body: string;
    }
  /** One call of Flume's RPC. */
  | {
      readonly kind: 'rpc';
      readonly port: string;
      readonly protocol: 'avro' | 'avro deflate' | 'thrift compact' | 'thrift binary';
      readonly events: readonly GivenEvent[];
    };
export interface GivenEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Case {
  readonly components: readonly Component[];
  /** Other lines of the file as they stand, behind all others. */
  readonly extra: readonly string[];
  /** Folders that are there before the agents start, below «dir». */
  readonly folders: readonly string[];
  readonly inputs: readonly Input[];
}

/** Where a case is written out for: one run in one of the programs. */
export interface Place {
  /** In front of all names, so that no two agents of a program have the same. */
  readonly prefix: string;
  readonly dir: string;
  /** By what stands behind `port:`. */
  readonly ports: ReadonlyMap<string, number>;
}

export const line = (key: string, value: string | number | boolean, style = 0): Line => ({
  ...{ key, value: String(value), style },
});

export function component(
  group: Group,
  name: string,
  lines: readonly (Line | readonly [string, string | number | boolean])[],
): Component {
  const made = lines.map((each) => ('key' in each ? each : line(each[0], each[1])));
  return { group, name, lines: made, listed: true };
}

/** A text with the names, folder and ports of a place. */
export function placed(text: string, { prefix, dir, ports }: Place): string {
  return text.replace(/«([^»]*)»/g, (_, what: string) => {
    if (what === 'dir') return dir;
    if (what.startsWith('port:')) return String(ports.get(what.slice(5)));
    return prefix + what;
  });
}

/** The ports that a case names. */
export function portsOf({ components, inputs }: Case): Set<string> {
  const text = JSON.stringify([components, inputs]);
  return new Set([...text.matchAll(/«port:([^»]*)»/g)].map((found) => found[1]!));
}

/** What an observation says, with the names of the case in place of those of the run. */
export function unplaced(text: string, { prefix, dir, ports }: Place): string {
  let plain = text.replaceAll(dir, '«dir»').replaceAll(prefix, '');
  for (const [name, port] of ports) plain = plain.replaceAll(String(port), `«port:${name}»`);
  return plain;
}
