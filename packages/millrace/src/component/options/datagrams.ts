import { opt } from '../../config/options.ts';

/** The port of such a source; `host`: the option that has its address. */
export const datagramPort = (host: string) =>
  opt.int({
    doc: 'Port to listen on.',
    required: true,
    min: 0,
    max: 65535,
    exclusive: { port: 'udp', host },
  });

/** In what every such source differs from Flume's; `events`: what it calls them. */
export const datagramDiffers = (events: string): readonly string[] => [
  'While the channels have no room, what arrives waits (`maxWaitingBytes`); Flume drops it at once. What is lost is counted (`DatagramDroppedCount`) and told, on Linux also what the system dropped before it got here.',
  `The ${events} that have come go into the channel as one transaction, at most 1,000. What no channel will ever take is set aside.`,
];

/** What of datagrams may wait; Flume has no such options, and loses what finds no room at once. */
export const datagramOptions = {
  receiveBufferBytes: opt.bytes({
    doc: 'What the system is asked to keep of what has arrived and was not read yet (SO_RCVBUF); it may give less (Linux: `net.core.rmem_max`), which is told. Without: 4 MiB, or what it gives.',
    min: 1,
    max: 0x7fff_ffff,
    onOutside: 'clamp',
  }),
  maxWaitingBytes: opt.bytes({
    doc: 'What may wait here while the channels have no room, each datagram with 256 bytes for itself; what arrives then is lost, counted (`DatagramDroppedCount`) and told.',
    default: 32 * 1024 * 1024,
    min: 65_536,
    onOutside: 'clamp',
  }),
};
