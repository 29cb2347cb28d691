/** Ports for servers that begin to listen late: below those that the system gives to whoever connects or asks for any. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

let next = randomInt(12_000, 30_000);

export async function quietPorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    next = next >= 32_000 ? 12_000 : next + 1;
    const port = next;
    const server = createServer();
    server.listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    ports.push(port);
  }
  return ports;
}
