/** Datagrams for tests: each call sends from one port, in order, and resolves when the system has them all. */
import { createSocket } from 'node:dgram';

export async function sendDatagrams(
  port: number,
  datagrams: readonly (string | Buffer)[],
  address = '127.0.0.1',
): Promise<{ readonly fromPort: number }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    for (const datagram of datagrams)
      await new Promise<void>((resolve, reject) =>
        socket.send(datagram, port, address, (error) => (error === null ? resolve() : reject(error))),
      );
    return { fromPort: datagrams.length === 0 ? 0 : socket.address().port };
  } finally {
    socket.close();
  }
}

/** A UDP port of the loopback that nobody holds now. */
export async function freeDatagramPort(): Promise<number> {
  const socket = createSocket('udp6');
  await new Promise<void>((resolve) => socket.bind(0, '::', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
