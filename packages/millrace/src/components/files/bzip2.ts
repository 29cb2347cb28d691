import { spawn } from 'node:child_process';
import { hasErrno } from '../../runtime/errors.ts';

/**
 * One whole bzip2 stream, made by the program `bzip2`: there is no maintained library for it. Rejects where the program
 * is not there, or fails.
 */
export async function bzip2(bytes: Buffer): Promise<Buffer> {
  const child = spawn('bzip2', ['-c'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  child.stdin.on('error', () => {}); // its exit says why
  child.stdin.end(bytes);
  const pieces: Buffer[] = [];
  try {
    const reading = (async () => {
      for await (const piece of child.stdout as AsyncIterable<Buffer>) pieces.push(piece);
    })();
    const [code] = await Promise.all([ended, reading]);
    if (code !== 0) throw new Error(`the program bzip2 has ended with ${code}`);
  } catch (error) {
    if (hasErrno(error, 'ENOENT'))
      throw new Error('the program bzip2 is not there (apt-get install bzip2)', { cause: error });
    throw error;
  }
  return Buffer.concat(pieces);
}
