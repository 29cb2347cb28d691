import type { RedisCommand } from './server.ts';

/** Hash slots `from` to `to` (inclusive) lie on one node. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly host: string;
  readonly port: number;
}

export const slotCount = 16_384;

/** The hash slot of a key (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model). */
export function slotOf(key: string | Buffer): number {
  const bytes = Buffer.from(key as string);
  const open = bytes.indexOf(0x7b);
  const close = open < 0 ? -1 : bytes.indexOf(0x7d, open + 1);
  // What stands in the first braces alone counts, where something does.
  return crc16(close > open + 1 ? bytes.subarray(open + 1, close) : bytes) % slotCount;
}

/** CRC-16/XMODEM. */
function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}

/** The key of a command that this sink gives. */
export const keyOf = (command: RedisCommand): string | Buffer =>
  command[0] === 'XINFO' ? command[2]! : command[1]!;

/** Places of commands by the slots of their keys, each in its order: a transaction of a cluster has one slot. */
export function bySlot(commands: readonly RedisCommand[]): Map<number, number[]> {
  const slots = new Map<number, number[]>();
  let lastKey: string | Buffer | null = null;
  let places: number[] = [];
  for (const [i, command] of commands.entries()) {
    const key = keyOf(command);
    if (key !== lastKey) {
      const slot = slotOf(key);
      places = slots.get(slot) ?? [];
      slots.set(slot, places);
      lastKey = key;
    }
    places.push(i);
  }
  return slots;
}

/** What `CLUSTER SLOTS` answers; a node without a name is the host that was asked. Null: it is no such answer. */
export function slotsIn(reply: unknown, askedHost: string): SlotRange[] | null {
  if (!Array.isArray(reply)) return null;
  const ranges: SlotRange[] = [];
  for (const range of reply as unknown[]) {
    const [from, to, node] = Array.isArray(range) ? (range as unknown[]) : [];
    const [host, port] = Array.isArray(node) ? (node as unknown[]) : [];
    if (![from, to, port].every((number) => Number.isSafeInteger(number))) return null;
    const name = host === null || host === undefined || String(host) === '' ? askedHost : String(host);
    ranges.push({ from: from as number, to: to as number, host: name, port: port as number });
  }
  return ranges;
}
