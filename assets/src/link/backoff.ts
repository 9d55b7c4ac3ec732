/**
 * How long to wait before the next attempt: none the first time, then full jitter up to 1, 2, 4, … 30 s.
 *
 * Own code: partysocket and reconnecting-websocket know neither full jitter nor Retry-After, forget their back-off over
 * a reload, and expect a page around them.
 */

/** Milliseconds up to which the wait after the second failure is drawn. */
const FIRST = 1_000;
/** Milliseconds that no drawn wait exceeds. */
const LONGEST = 30_000;

/** What is remembered over a reload. */
export interface Backoff {
  /** Attempts that failed since a connection stood. */
  failures: number;
  /** When the next attempt is due: milliseconds since 1970, by this computer's clock. */
  due: number;
}

export const FRESH: Backoff = { failures: 0, due: 0 };

/** The wait after one more failure. `random` is from 0 to 1; `retryAfter` is what the server asked for, in milliseconds. */
export function afterFailure(before: Backoff, now: number, random: number, retryAfter = 0): Backoff {
  const most = before.failures === 0 ? 0 : Math.min(LONGEST, FIRST * 2 ** (before.failures - 1));
  return { failures: before.failures + 1, due: now + Math.max(retryAfter, random * most) };
}

/** What an earlier page remembered, where it can be believed: a due time further away than any wait is a clock that was set. */
export function believed(kept: Backoff | undefined, now: number): Backoff {
  if (!kept || !Number.isInteger(kept.failures) || kept.failures < 0 || !Number.isFinite(kept.due)) return FRESH;
  return { failures: kept.failures, due: Math.min(kept.due, now + LONGEST) };
}

/** Reads `Retry-After` (RFC 9110, section 10.2.3): seconds or a date. Milliseconds, 0 where it says nothing. */
export function retryAfter(header: string | null, now: number): number {
  if (header === null) return 0;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
}
