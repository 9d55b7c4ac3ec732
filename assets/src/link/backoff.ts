/**
 * How long to wait before the next attempt: not at all the first time, then with full jitter up to 1, 2, 4, … 30 s.
 *
 * Our own code: partysocket and reconnecting-websocket support neither full jitter nor Retry-After, forget their
 * back-off on a reload, and expect to run in a page.
 */

/** The longest wait that can be drawn after the second failure, in milliseconds. */
const FIRST = 1_000;
/** The longest wait that can ever be drawn, in milliseconds. */
const LONGEST = 30_000;

/** What is remembered across a reload. */
export interface Backoff {
  /** Failed attempts since there was last a connection. */
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

/**
 * What an earlier page remembered, as far as it is credible: a due time further away than any wait means that the clock
 * was set.
 */
export function believed(kept: Backoff | undefined, now: number): Backoff {
  if (!kept || !Number.isInteger(kept.failures) || kept.failures < 0 || !Number.isFinite(kept.due)) return FRESH;
  return { failures: kept.failures, due: Math.min(kept.due, now + LONGEST) };
}

/** Reads `Retry-After` (RFC 9110, section 10.2.3): seconds or a date. In milliseconds; 0 if it says nothing. */
export function retryAfter(header: string | null, now: number): number {
  if (header === null) return 0;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
}
