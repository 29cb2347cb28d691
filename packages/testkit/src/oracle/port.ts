import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A free port below the range from which the system takes the near end of outgoing connections. A server that is
 * killed and started again needs one: otherwise a client that tries to reach it meanwhile may be given its port.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
