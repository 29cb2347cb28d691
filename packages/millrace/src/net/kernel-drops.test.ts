import { expect, it } from 'vitest';
import { kernelDrops } from './kernel-drops.ts';

const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  123: 0100007F:1414 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 41 2 0000000000000000 17
  124: 00000000:1414 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 42 2 0000000000000000 3
  125: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 43 2 0000000000000000 99
`;

it("reads the system's drops of a port from its table", async () => {
  const paths: string[] = [];
  const read = async (path: string) => {
    paths.push(path);
    return table;
  };
  expect(await kernelDrops({ family: 4, port: 5140 }, read)).toBe(20);
  expect(await kernelDrops({ family: 6, port: 53 }, read)).toBe(99);
  expect(await kernelDrops({ family: 4, port: 9 }, read)).toBe(0);
  expect(paths).toEqual(['/proc/self/net/udp', '/proc/self/net/udp6', '/proc/self/net/udp']);
});

it('knows of none where there is no table, or another one', async () => {
  expect(await kernelDrops({ family: 4, port: 1 }, () => Promise.reject(new Error('ENOENT')))).toBe(0);
  expect(await kernelDrops({ family: 4, port: 1 }, async () => 'x 0:0001 many')).toBe(0);
});
