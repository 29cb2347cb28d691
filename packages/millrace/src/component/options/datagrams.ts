import { opt } from '../../config/options.ts';

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
