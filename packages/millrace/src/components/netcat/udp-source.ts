import { DatagramSource } from '../../component/datagram-source.ts';
import { defineSource } from '../../component/define.ts';
import { datagramDiffers, datagramOptions, datagramPort } from '../../component/options/datagrams.ts';
import { datagramLosses } from '../../component/promises.ts';
import { refusedOptions } from '../../component/refused.ts';
import { opt } from '../../config/options.ts';
import type { DatagramQueue } from '../../net/datagram-queue.ts';
import type { Peer } from '../../net/peer.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { encodeHeader, HeaderBlock } from '../../records/header-block.ts';

const newline = 0x0a;

export const netcatUdpSource = defineSource({
  type: 'netcatudp',
  classNames: ['org.apache.flume.source.NetcatUdpSource'],
  summary: 'Takes datagrams over UDP, the first line of each one event.',
  example: `
a1.sources.r1.type = netcatudp
a1.sources.r1.bind = 127.0.0.1
a1.sources.r1.port = 6666
`,
  differs: [
    ...datagramDiffers('datagrams'),
    "Without `remoteAddress` an event has no header; in Flume it has the peer's address under a name that is null.",
    "It has the counters of the other sources; Flume's has none in its metrics.",
  ],
  options: {
    bind: opt.string({ doc: 'Address to listen on; all of this machine without.' }),
    port: datagramPort('bind'),
    remoteAddress: opt.string({
      doc: "The header for the peer's address and port, `/127.0.0.1:51234`; not set without.",
    }),
    remoteAddressHeader: opt.string({
      doc: "The name of remoteAddress in Flume's guide.",
      ignored: 'Flume reads remoteAddress instead',
    }),
    datagrams: opt.group(datagramOptions),
    ...refusedOptions,
  },
  headers: ({ remoteAddress }) => (remoteAddress === undefined ? [] : [remoteAddress]),
  promises: ({ bind, port }) => ({
    does: `takes datagrams over UDP at ${bind ?? 'every address'}, port ${port}`,
    origin: 'nobody',
    until: 'taken',
    losses: datagramLosses,
  }),
  create: (context) => {
    const { bind, remoteAddress } = context.options;
    const lines = new FirstLines(remoteAddress);
    return new DatagramSource(context, bind, (waiting, most) => lines.read(waiting, most));
  },
});

/** What stands in front of the first newline of each datagram is an event. */
class FirstLines {
  readonly #header: string | undefined;
  readonly #builder = new BatchBuilder();
  readonly #headers = new HeaderBlock();
  /** Whose address the headers hold. */
  #peer: Peer | null = null;

  constructor(header: string | undefined) {
    this.#header = header;
  }

  read(waiting: DatagramQueue, most: number): EventBatch | null {
    while (this.#builder.count < most) {
      const datagram = waiting.take();
      if (datagram === null) break;
      const { bytes, peer } = datagram;
      if (this.#header !== undefined && peer !== this.#peer) this.#setPeer(this.#header, peer);
      const end = bytes.indexOf(newline);
      this.#builder.addWithBlock(bytes, 0, end < 0 ? bytes.length : end, this.#headers);
    }
    return this.#builder.count === 0 ? null : this.#builder.build();
  }

  #setPeer(header: string, peer: Peer): void {
    this.#peer = peer;
    this.#headers.clear();
    this.#headers.add(encodeHeader(header, socketAddressText(peer)));
  }
}

/** As Java writes an address that came without a name. */
function socketAddressText({ address, port }: Peer): string {
  return address.includes(':') ? `/[${address}]:${port}` : `/${address}:${port}`;
}
