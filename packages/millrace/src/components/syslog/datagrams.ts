import type { SourceCounter } from '../../component/counters.ts';
import { SyslogMessage } from '../../formats/syslog/message.ts';
import type { Datagram, DatagramQueue } from '../../net/datagram-queue.ts';
import { hostNames } from '../../net/host-names.ts';
import type { Peer } from '../../net/peer.ts';
import { type EventBatch, noHeaders } from '../../records/event-batch.ts';
import { encodeHeader } from '../../records/header-block.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { SyslogEventWriter, type SyslogParser } from './event-writer.ts';
import { type KeptFields, keptFields } from './keep-fields.ts';
import { type PeerHeaderOptions, peerHeaderNames } from './peer-headers.ts';

const newline = 0x0a;
const open = 0x3c;
/** Who sends from a made-up address must not hold up the others: for the names of all peers of a read together. */
const namesMs = 5000;
const mostRemembered = 1000;
const rememberedMs = 60_000;

/** Makes events of datagrams that each have one message of syslog; no object for an event besides the datagram. */
export class SyslogDatagrams {
  readonly #options: PeerHeaderOptions;
  readonly #parser: SyslogParser;
  readonly #writer: SyslogEventWriter;
  readonly #message = new SyslogMessage();
  readonly #names: { nameOf(address: string): Promise<string> | string };
  /** What the events of a peer have, by its address, encoded. */
  #headers = new Map<string, readonly Buffer[]>();
  /** When the first of them was learned, as `performance.now()` counts. */
  #learnedAt = 0;

  constructor(
    options: PeerHeaderOptions & { readonly keepFields: string },
    parser: SyslogParser,
    names: { nameOf(address: string): Promise<string> | string } = hostNames,
  ) {
    const kept: KeptFields = keptFields(options.keepFields);
    this.#options = options;
    this.#parser = parser;
    this.#names = names;
    const given = peerHeaderNames(options);
    this.#writer = new SyslogEventWriter(
      { priority: 'priority', version: 'version', emptyHost: false },
      kept,
      given,
    );
  }

  /** Null: none of them is a message; they are counted as such. */
  async read(waiting: DatagramQueue, most: number, counter: SourceCounter): Promise<EventBatch | null> {
    const { clientIPHeader, clientHostnameHeader } = this.#options;
    const writer = this.#writer;
    if (clientIPHeader === undefined && clientHostnameHeader === undefined) {
      while (writer.count < most) {
        const datagram = waiting.take();
        if (datagram === null) break;
        this.#add(datagram, undefined, counter);
      }
    } else {
      const taken: Datagram[] = [];
      while (taken.length < most) {
        const datagram = waiting.take();
        if (datagram === null) break;
        taken.push(datagram);
      }
      await this.#learn(taken);
      for (const datagram of taken) this.#add(datagram, this.#headers.get(datagram.peer.address), counter);
    }
    return writer.count === 0 ? null : writer.build(noHeaders);
  }

  /** An empty one is none, as in Flume. */
  #add({ bytes }: Datagram, headers: readonly Buffer[] | undefined, counter: SourceCounter): void {
    let from = 0;
    while (bytes[from] === newline) from++;
    const end = bytes.indexOf(newline, from);
    const to = end < 0 ? bytes.length : end;
    if (from === to || (from + 1 === to && bytes[from] === open)) {
      counter.eventReadFail++;
      return;
    }
    this.#parser.parse(bytes, from, to, this.#message);
    this.#writer.add(bytes, from, to, this.#message, false, headers);
  }

  /** Sees to it that the headers of all these peers are there. */
  async #learn(datagrams: readonly Datagram[]): Promise<void> {
    const now = performance.now();
    if (this.#headers.size > mostRemembered || now - this.#learnedAt > rememberedMs) {
      this.#headers = new Map();
      this.#learnedAt = now;
    }
    const deadline = Deadline.in(namesMs);
    const asked: Promise<unknown>[] = [];
    let last: Peer | null = null;
    for (const { peer } of datagrams) {
      if (peer === last) continue;
      last = peer;
      if (this.#headers.has(peer.address)) continue;
      this.#headers.set(peer.address, this.#encode(peer.address, peer.address));
      const name = this.#nameOf(peer.address);
      if (name instanceof Promise)
        asked.push(name.then((found) => this.#headers.set(peer.address, this.#encode(peer.address, found))));
      else this.#headers.set(peer.address, this.#encode(peer.address, name));
    }
    if (asked.length > 0) await deadline.race(Promise.all(asked));
  }

  #nameOf(address: string): Promise<string> | string {
    return this.#options.clientHostnameHeader === undefined ? address : this.#names.nameOf(address);
  }

  #encode(address: string, name: string): readonly Buffer[] {
    const { clientIPHeader, clientHostnameHeader } = this.#options;
    const headers = new Map<string, string>();
    if (clientIPHeader !== undefined) headers.set(clientIPHeader, address);
    if (clientHostnameHeader !== undefined) headers.set(clientHostnameHeader, name);
    return [...headers].map(([header, value]) => encodeHeader(header, value));
  }
}
