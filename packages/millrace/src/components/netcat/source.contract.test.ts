import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'vitest';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import { endless } from '../../component/testing/network-fixture.ts';
import { networkSourceContract } from '../../component/testing/network-source-contract.ts';
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

const line = (text: string | Buffer) => Buffer.concat([Buffer.from(text), Buffer.from('\n')]);

networkSourceContract({ describe, it }, 'netcat', {
  create: async (channels, { maxConnections, requestMs, messageBytes, waitingBytes }) => {
    const port = await freePort();
    const context = contextFor(netcatSource, {
      bind: '127.0.0.1',
      port,
      maxConnections,
      requestTimeout: requestMs,
      'max-line-length': messageBytes,
      maxWaitingBytes: waitingBytes,
    });
    return { source: netcatSource.create({ ...context, channels }), port };
  },
  language: {
    message: (bodies) => Buffer.from(bodies.map((body) => `${body}\n`).join('')),
    answers: (received) =>
      received
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((answer) => {
          if (answer === 'OK') return 'taken';
          return answer.startsWith('FAILED: Event exceeds') ? 'bad' : 'full';
        }),
    answersEach: true,
  },
  full: 'told',
  tls: false,
  strange: [
    { what: 'a line over the limit', bytes: () => line('x'.repeat(1000)), comes: 'closed' },
    { what: 'a line without end', bytes: () => endless('x'), comes: 'closed' },
    {
      what: 'lines, and one over the limit',
      bytes: () => line(`a\nb\n${'x'.repeat(5000)}`),
      comes: 'closed',
      first: ['a', 'b'],
    },
    { what: 'a line that is no UTF-8', bytes: () => line(Buffer.from([0xc3, 0x28])), comes: 'closed' },
    { what: 'a line in ISO-8859-1', bytes: () => line(Buffer.from('caf\xe9', 'latin1')), comes: 'closed' },
    { what: 'a surrogate alone', bytes: () => line(Buffer.from('eda080', 'hex')), comes: 'closed' },
    { what: 'a character cut in two', bytes: () => line(Buffer.from('e282', 'hex')), comes: 'closed' },
    { what: 'bytes of zero', bytes: () => line('\0\0'), comes: ['\0\0'] },
    { what: 'lines of nothing', bytes: () => line('\n\n'), comes: ['', '', ''] },
    {
      what: 'the greeting of TLS',
      bytes: () => Buffer.from('16030100c8010000c40303', 'hex'),
      comes: 'nothing',
    },
  ],
});
