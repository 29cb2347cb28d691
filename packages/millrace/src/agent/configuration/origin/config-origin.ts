/**
 * Where a configuration comes from: files, URIs, ZooKeeper. An origin holds what it has read last; whoever runs an agent
 * asks it for the texts, and is called when there is something new. A look that fails costs nothing: the texts stay.
 */
import type { HttpStores } from '../../../component/options/http-tls.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import type { Logger } from '../../../runtime/logger.ts';

/** One properties text. */
export interface ConfigText {
  /** What places of findings show: a path, a URI without user and query, `zookeeper:/flume/a1`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ConfigOrigin {
  /** Of its texts, in order: of a key in several, the last counts. */
  readonly names: readonly string[];
  /** Reads for the first time. Throws `CONFIG_INVALID` that says what can't be had, why, and what to do. */
  open(signal?: AbortSignal): Promise<void>;
  /** What was read last. */
  texts(): readonly ConfigText[];
  /** Reads all of it again, whether it looks changed or not. Throws as `open` does; the texts that are held stay. */
  refresh(signal?: AbortSignal): Promise<void>;
  /**
   * Calls `changed` after each change, with the line that the log has for it, until the watch is stopped. What can't be
   * looked at is told in the log, and so is what `changed` throws; the next look comes all the same.
   */
  watch(changed: (line: string) => Promise<void>): OriginWatch;
  /** Gives back what it holds. */
  close(): Promise<void>;
}

export interface OriginWatch {
  /** Resolves when no call of `changed` is under way, and none will come. */
  stop(): Promise<void>;
}

/** How an origin is written where it has to cross threads. */
export type OriginPlan =
  | {
      readonly kind: 'texts';
      /** Absolute paths of files, or URIs (`file:`, `classpath:`, `http:`, `https:`). */
      readonly places: readonly string[];
      /** How often they are looked at, ms. */
      readonly intervalMs: number;
      /** Folders in which `classpath:` looks, in order. */
      readonly classPath?: readonly string[];
      /** Sent to HTTP servers as basic authentication. */
      readonly user?: { readonly name: string; readonly password: string };
      /** What https takes from Java's system properties (`javax.net.ssl.…`); absolute paths. */
      readonly stores?: HttpStores;
      /** Absolute path of a folder that keeps the last configuration, for a start without the original. */
      readonly backupFolder?: string;
    }
  | {
      readonly kind: 'zookeeper';
      /** `host:port,host:port/chroot`. */
      readonly servers: string;
      /** Of the node with the text. */
      readonly path: string;
      /** Whether an agent starts, empty, while there is no server or no node, and waits for it. */
      readonly waits: boolean;
    };

export interface OriginSurroundings {
  readonly agentName: string;
  readonly log: Logger;
}

/** Makes the origin that a plan describes; nothing is read yet. Throws `USAGE` where a place can be none. */
export async function originOf(
  plan: OriginPlan,
  { agentName, log }: OriginSurroundings,
): Promise<ConfigOrigin> {
  if (plan.kind === 'zookeeper') {
    const { ZooKeeperOrigin } = await import('./zookeeper-origin.ts');
    return new ZooKeeperOrigin(plan, log);
  }
  const { PolledTexts } = await import('./polled-texts.ts');
  const { textAt } = await import('./text-at.ts');
  const places = plan.places.filter((place) => isProperties(place, log));
  if (places.length > 0) {
    const texts = places.map((place) => textAt(place, plan));
    const polled = new PolledTexts(texts, plan.intervalMs, log);
    if (plan.backupFolder === undefined) return polled;
    const { BackedUp } = await import('./backed-up.ts');
    return new BackedUp(polled, plan.backupFolder, agentName, log);
  }
  throw new MillraceError('CONFIG_INVALID', `none of ${plan.places.join(', ')} is a properties file`, {
    remedy: 'A configuration is a properties file, whatever it is called; json, yaml and xml are not read.',
  });
}

/** Flume goes by what stands behind the first dot of the path. */
function isProperties(place: string, log: Logger): boolean {
  const path = /^\w+:/.test(place) && URL.canParse(place) ? new URL(place).pathname : place;
  const dot = path.indexOf('.');
  const extension = dot <= 1 ? 'properties' : path.slice(dot + 1);
  if (!['json', 'yaml', 'xml'].includes(extension)) return true;
  log.warn(`File extension type ${extension} is unsupported`);
  return false;
}
