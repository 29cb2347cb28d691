import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'vitest';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { netcatSource } from './source.ts';

/** Sends lines over one connection, and reads an answer to each. */
async function send(port: number, bodies: readonly string[]): Promise<void> {
  const socket: Socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let answers = '';
  const answered = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk) => {
      answers += chunk;
      if (answers.split('\n').length > bodies.length) resolve();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(answers)}`)));
  });
  socket.write(bodies.map((body) => `${body}\n`).join(''));
  try {
    await answered;
  } finally {
    socket.destroy();
  }
  if (answers.includes('FAILED')) throw new Error(`refused: ${answers}`);
}

sourceContract({ describe, it }, 'netcat', {
  rejected: 'told',
  create: async (channels) => {
    const port = await freePort();
    const context = contextFor(netcatSource, { bind: '127.0.0.1', port });
    return {
      source: netcatSource.create({ ...context, channels }),
      feed: (bodies) => send(port, bodies),
    };
  },
});
