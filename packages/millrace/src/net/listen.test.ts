import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen } from './listen.ts';

describe('listening', () => {
  it('names port, component and option when the port is taken', async () => {
    const first = createServer();
    const second = createServer();
    const options = { host: '127.0.0.1', component: 'source r1', portOption: 'port' };
    const port = await listen(first, { ...options, port: 0 });
    await expect(listen(second, { ...options, port })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      retryable: true,
      message: `source r1: port ${port} on 127.0.0.1 is in use by another program`,
      remedy: `Stop the program that holds port ${port}, or choose another port.`,
      details: { component: 'source r1', option: 'port', port },
    });
    await new Promise((resolve) => first.close(resolve));
    expect(await listen(second, { ...options, port })).toBe(port);
    await new Promise((resolve) => second.close(resolve));
  });
});
