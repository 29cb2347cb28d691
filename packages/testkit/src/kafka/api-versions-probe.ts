import { once } from 'node:events';
import { connect } from 'node:net';

/** ApiVersions v0 with correlation id 7 and client id "probe", framed. */
const request = Buffer.from('0000000f' + '00120000' + '00000007' + '0005' + '70726f6265', 'hex');

/** Asks a broker for its API versions and returns how many it names; throws while there is no such answer. */
export async function probeApiVersions(port: number, host = '127.0.0.1', timeoutMs = 2_000): Promise<number> {
  const socket = connect({ port, host });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await once(socket, 'connect', { signal });
    socket.write(request);
    let answer = Buffer.alloc(0);
    while (answer.length < 14) {
      const [chunk] = (await once(socket, 'data', { signal })) as [Buffer];
      answer = Buffer.concat([answer, chunk]);
    }
    if (answer.readInt32BE(4) !== 7) throw new Error('the answer has another correlation id');
    if (answer.readInt16BE(8) !== 0) throw new Error(`the answer has error code ${answer.readInt16BE(8)}`);
    return answer.readInt32BE(10);
  } finally {
    socket.destroy();
  }
}
