import type { Deadline } from '../../runtime/deadline.ts';
import { pause } from '../../runtime/timers.ts';
import type { HttpAnswer } from './http-client.ts';
import { HttpError } from './http-error.ts';

/** What is tried again, and how patiently. */
export interface RetryPolicy {
  /** Statuses by which a server says that it will do in a moment what it has not done. */
  readonly statuses: ReadonlySet<number>;
  /** The request may be done twice: it is tried again also when it may have arrived. */
  readonly repeatable: boolean;
  readonly tries: number;
  /** The first wait, twice as long with each, at most `mostMs`; less up to a half at random. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** A `Retry-After` beyond it is not waited for: the answer is given back. */
  readonly mostRetryAfterMs: number;
}

/** 408 too slow, 425 too early, 429 too many, 502, 503 and 504 of servers in between and of those that are busy. */
export const retriableStatuses: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

export const retryDefaults: RetryPolicy = {
  ...{ statuses: retriableStatuses, repeatable: false, tries: 5 },
  ...{ firstMs: 250, mostMs: 5000, mostRetryAfterMs: 60_000 },
};

/** Milliseconds that a `Retry-After` asks for (seconds, or a date); null: it is none. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  // HTTP's dates alone: Date.parse takes much else for one.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

export interface RetryOptions {
  readonly policy: RetryPolicy;
  /** No wait goes beyond it. */
  readonly deadline: Deadline;
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly random?: () => number;
  readonly now?: () => number;
}

/**
 * Asks until the answer is one to keep, tries or time are spent, or the signal aborts. The last answer is given back
 * whatever it is; the last error is thrown.
 */
export async function withRetries(
  ask: () => Promise<HttpAnswer>,
  { policy, deadline, signal, random = Math.random, now = Date.now }: RetryOptions,
): Promise<HttpAnswer> {
  for (let tried = 1; ; tried++) {
    let answer: HttpAnswer | null = null;
    let failure: unknown = null;
    try {
      answer = await ask();
      if (!policy.statuses.has(answer.status)) return answer;
    } catch (error) {
      if (!isWorthAnotherTry(error, policy)) throw error;
      failure = error;
    }
    const asked = retryAfterMs(answer?.headers.get('retry-after'), now());
    const backoffMs = Math.min(policy.mostMs, policy.firstMs * 2 ** (tried - 1)) * (1 - random() / 2);
    const waitMs = Math.max(asked ?? 0, backoffMs);
    const mayWait =
      tried < policy.tries && (asked ?? 0) <= policy.mostRetryAfterMs && waitMs < deadline.leftMs;
    if (mayWait) await pause(waitMs, signal);
    if (mayWait && !(signal?.aborted ?? false)) continue;
    if (answer !== null) return answer;
    throw failure;
  }
}

function isWorthAnotherTry(error: unknown, { repeatable }: RetryPolicy): boolean {
  if (!(error instanceof HttpError)) return false;
  if (error.kind === 'connect') return true;
  return repeatable && (error.kind === 'timeout' || error.kind === 'cut');
}
