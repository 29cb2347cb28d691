import { readFile } from 'node:fs/promises';

/**
 * Datagrams that the system has dropped for a port, because the buffer of its socket was full. Linux has that in
 * `/proc/net/udp` and `udp6`, a line for each socket: local address and port in hexadecimal in the second field, the drops
 * in the last. 0 elsewhere: nobody tells. `read`: gives the table's text.
 */
export async function kernelDrops(
  socket: { readonly family: 4 | 6; readonly port: number },
  read: (path: string) => Promise<string> = (path) => readFile(path, 'utf8'),
): Promise<number> {
  const path = socket.family === 6 ? '/proc/self/net/udp6' : '/proc/self/net/udp';
  const port = socket.port.toString(16).toUpperCase().padStart(4, '0');
  let drops = 0;
  const text = await read(path).catch(() => '');
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const count = Number(fields.at(-1));
    if (fields[1]?.endsWith(`:${port}`) === true && Number.isSafeInteger(count)) drops += count;
  }
  return drops;
}
