import type { ChannelProcessor, Source } from '../source.ts';
import { DrivenSource, TestPuts } from './driven-source.ts';
import { type NetworkLanguage, NetworkPeer, type PeerOptions } from './network-peer.ts';
import { RecordedEvents } from './recorded-events.ts';
import { until } from './until.ts';

/** What a source is made with, each by its own options. */
export interface NetworkSourceLimits {
  readonly tls: boolean;
  /** Most connections at a time. */
  readonly maxConnections: number;
  /** How long a peer may take for a message, ms. */
  readonly requestMs: number;
  /** It has to take messages of so many bytes. */
  readonly messageBytes: number;
  /** What all messages that are not whole may hold together. */
  readonly waitingBytes: number;
}

export interface NetworkFixture {
  readonly source: Source;
  /** On loopback. */
  readonly port: number;
}

/** Bytes that are no message, or a strange one. */
export interface StrangeBytes {
  readonly what: string;
  /** One chunk, or as many as one takes: it ends when the source has ended the connection. */
  bytes(): Buffer | Iterable<Buffer>;
  /**
   * What comes of it: the connection is `closed`; it is answered with `bad` and goes on; `nothing` for now, as it may be
   * the beginning of something; or events, whose bodies these are, a character a byte.
   */
  readonly comes: 'closed' | 'bad' | 'nothing' | readonly string[];
  /** Events that stand in front of it, and are taken. */
  readonly first?: readonly string[];
  /** They go to the socket as they are, whatever layer the language has. */
  readonly isBare?: boolean;
}

export interface NetworkSourceSetup {
  /** Makes a source that puts into `channels`; not started. */
  create(channels: ChannelProcessor, limits: NetworkSourceLimits): Promise<NetworkFixture>;
  readonly language: NetworkLanguage;
  /** What a full channel means for a peer: it is `told`, and keeps its events; or it `waits`, as nothing is read. */
  readonly full: 'told' | 'waits';
  readonly strange: readonly StrangeBytes[];
  /** What a message may have, where no option says it: there is room for one such message always. */
  readonly largestMessageBytes?: number;
  /** Whether it can have TLS. */
  readonly tls: boolean;
}

export interface NetworkRun {
  readonly setup: NetworkSourceSetup;
  readonly source: Source;
  readonly driven: DrivenSource;
  readonly puts: TestPuts;
  /** Bodies that were put, a character a byte. */
  taken(): string[];
  peer(options?: PeerOptions): Promise<NetworkPeer>;
  /** A message of a new peer gets into the channels. */
  isServed(body: string): Promise<void>;
}

/** The same bytes again and again, for whoever takes them. */
export function* endless(piece: Buffer | string): Generator<Buffer> {
  const bytes = Buffer.from(piece);
  const chunk = Buffer.concat(Array.from({ length: Math.ceil(65_536 / bytes.length) }, () => bytes));
  for (;;) yield chunk;
}

const usual: NetworkSourceLimits = {
  tls: false,
  maxConnections: 1000,
  requestMs: 60_000,
  messageBytes: 1000,
  waitingBytes: 64 * 1024 * 1024,
};

/** Runs `body` with a source that has started. */
export async function withNetworkSource(
  setup: NetworkSourceSetup,
  limits: Partial<NetworkSourceLimits>,
  body: (run: NetworkRun) => Promise<void>,
): Promise<void> {
  const puts = new TestPuts();
  const recorded = new RecordedEvents(puts);
  const { source, port } = await setup.create(recorded, { ...usual, ...limits });
  const driven = new DrivenSource(source);
  const peers: NetworkPeer[] = [];
  const peer = async (options: PeerOptions = {}): Promise<NetworkPeer> => {
    const made = await NetworkPeer.connect(setup.language, port, { tls: limits.tls ?? false, ...options });
    peers.push(made);
    return made;
  };
  const taken = (): string[] => recorded.events.map((event) => event.body);
  try {
    await driven.start();
    await body({
      setup,
      source,
      driven,
      puts,
      peer,
      taken,
      isServed: async (text) => {
        const one = await peer();
        await one.send([text]);
        await until(`${text}, from a peer that does nothing wrong`, () => taken().includes(text));
        one.destroy();
      },
    });
  } finally {
    puts.rejectNext = 0;
    puts.resume();
    for (const each of peers) each.destroy();
    await driven.stop();
  }
}
