import { expect, test } from 'vitest';
import { alwaysRoomBytes, type RequestBytes, RequestRoom } from './request-room.ts';

const large = 10 * alwaysRoomBytes;
const calls: string[] = [];

function begun(room: RequestRoom, name: string, frameBytes = large): RequestBytes {
  return room.begin(frameBytes, () => calls.push(name));
}

/** As an inbox does: asks, and holds what it was given. */
function grow(request: RequestBytes, toBytes: number): boolean {
  if (!request.mayGrow(toBytes)) return false;
  request.holds(toBytes);
  return true;
}

test('requests grow up to the limit; beyond it one has the turn, and the next when it has ended', () => {
  calls.length = 0;
  const room = new RequestRoom(1000);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => begun(room, name));
  expect(grow(a!, 600)).toBe(true);
  expect(grow(b!, 400)).toBe(true);
  // Nothing is left: the first who asks may go beyond, the others wait.
  expect(grow(c!, 300)).toBe(true);
  expect(grow(c!, large)).toBe(true);
  expect(grow(d!, 100)).toBe(false);
  expect(grow(b!, 500)).toBe(false);
  expect(room.usedBytes).toBe(1000 + large);
  c!.end();
  expect(calls).toEqual(['d']);
  expect(grow(d!, 100)).toBe(true);
  a!.end();
  expect(calls).toEqual(['d', 'b']);
  for (const each of [b!, d!]) each.end();
  expect(room.usedBytes).toBe(0);
});

test('what is told to go on has its room, whoever asks in between', () => {
  calls.length = 0;
  const room = new RequestRoom(1000);
  const [a, turn, b, c] = ['a', 'turn', 'b', 'c'].map((name) => begun(room, name));
  grow(a!, 1000);
  grow(turn!, 1);
  expect(grow(b!, 1000)).toBe(false);
  a!.end();
  turn!.end();
  expect(calls).toEqual(['b']);
  expect(room.usedBytes).toBe(1000);
  expect(grow(c!, 500)).toBe(true); // it has the turn
  expect(grow(b!, 1000)).toBe(true);
});

test('who waits is served in the order of asking, and one that has gone is not waited for', () => {
  calls.length = 0;
  const room = new RequestRoom(10);
  const [turn, b, c, d] = ['turn', 'b', 'c', 'd'].map((name) => begun(room, name));
  grow(turn!, 100);
  for (const each of [b!, c!, d!]) expect(grow(each, 100)).toBe(false);
  b!.end();
  turn!.end();
  expect(calls).toEqual(['c']);
  c!.end();
  expect(calls).toEqual(['c', 'd']);
  expect(room.isWaitedFor).toBe(false);
});

test('small requests always have room, and count', () => {
  const room = new RequestRoom(10);
  const turn = begun(room, 'turn');
  grow(turn, 100);
  expect(grow(begun(room, 'small', alwaysRoomBytes), alwaysRoomBytes)).toBe(true);
  expect(room.usedBytes).toBe(100 + alwaysRoomBytes);
});

test('a client is too slow when others wait, not before; the time that it had to wait is not its own', () => {
  const room = new RequestRoom(10);
  const [turn, other, third] = ['turn', 'other', 'third'].map((name) => begun(room, name));
  grow(turn!, 100);
  const late = performance.now() + 3_600_000;
  expect(turn!.isOverdue(late, 1000)).toBe(false);
  expect(grow(other!, 100)).toBe(false);
  expect(turn!.isOverdue(performance.now(), 1000)).toBe(false);
  expect(turn!.isOverdue(late, 1000)).toBe(true);
  expect(other!.isOverdue(late, 1000)).toBe(false);
  turn!.end();
  expect(grow(third!, 100)).toBe(false);
  expect(other!.isOverdue(late, 1000)).toBe(true);
});

test('without a limit nobody waits', () => {
  const room = new RequestRoom(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 100; i++) expect(grow(begun(room, 'x'), large)).toBe(true);
});
