import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../runtime/deadline.ts';
import type { HttpAnswer } from './http-client.ts';
import { HttpError, type HttpFault } from './http-error.ts';
import { type RetryPolicy, retryAfterMs, retryDefaults, withRetries } from './retry.ts';

const day = Date.parse('2026-11-28T12:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['7', 7000],
    [' 0 ', 0],
    ['Sat, 28 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 28 Nov 2026 11:00:00 GMT', 0],
    ['Saturday, 28-Nov-26 12:00:05 GMT', 5000],
    ['-1', null],
    ['1.5', null],
    ['99999999999', null],
    ['soon', null],
    ['2026', 2_026_000],
    [undefined, null],
  ])('%s', (value, ms) => {
    expect(retryAfterMs(value, day)).toBe(ms);
  });
});

/** Asks with answers as drawn: statuses, faults, or a status with its Retry-After. What came of it, and when it asked. */
async function play(
  script: (number | HttpFault | [number, string])[],
  policy: Partial<RetryPolicy> = {},
  deadlineMs = Number.POSITIVE_INFINITY,
) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'], now: day });
  const askedAt: number[] = [];
  const outcome = withRetries(
    async () => {
      askedAt.push(performance.now());
      const answer = script.shift()!;
      if (typeof answer === 'string') throw new HttpError(answer, answer);
      const [status, after] = typeof answer === 'number' ? [answer] : answer;
      const headers = new Map(after === undefined ? [] : [['retry-after', after] as const]);
      return { status, headers, body: Buffer.alloc(0) } as HttpAnswer;
    },
    { policy: { ...retryDefaults, ...policy }, deadline: Deadline.in(deadlineMs), random: () => 0 },
  ).then(
    ({ status }) => status,
    ({ kind }) => kind,
  );
  await vi.runAllTimersAsync();
  return { outcome: await outcome, waits: askedAt.slice(1).map((at, i) => Math.round(at - askedAt[i]!)) };
}

afterEach(() => vi.useRealTimers());

describe('a request', () => {
  it('is repeated with growing pauses until an answer is one to keep', async () => {
    expect(await play([503, 429, 'connect', 200])).toEqual({ outcome: 200, waits: [250, 500, 1000] });
  });

  it.each([200, 301, 400, 401, 403, 404, 409, 500, 501])('is not repeated after %i', async (status) => {
    expect(await play([status, 200])).toEqual({ outcome: status, waits: [] });
  });

  it.each(['timeout', 'cut'] as const)(
    'that may be done is repeated after %s where it may be done twice',
    async (fault) => {
      expect(await play([fault, 200])).toEqual({ outcome: fault, waits: [] });
      expect(await play([fault, 200], { repeatable: true })).toEqual({ outcome: 200, waits: [250] });
    },
  );

  it.each(['tls', 'protocol', 'too-large', 'aborted'] as const)('is not repeated after %s', async (fault) => {
    expect(await play([fault, 200], { repeatable: true })).toEqual({ outcome: fault, waits: [] });
  });

  it('waits as long as the server asks for, within bounds', async () => {
    expect(await play([[503, '7'], 200])).toEqual({ outcome: 200, waits: [7000] });
    expect(await play([[503, '3600'], 200])).toEqual({ outcome: 503, waits: [] });
  });

  it('ends with its tries, and with its deadline', async () => {
    expect(await play([503, 502, 504, 503, 503, 200])).toMatchObject({
      outcome: 503,
      waits: [250, 500, 1000, 2000],
    });
    expect(await play(['connect', 'connect', 200], {}, 300)).toEqual({ outcome: 'connect', waits: [250] });
  });
});
