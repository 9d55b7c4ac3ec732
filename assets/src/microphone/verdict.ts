/** What to conclude from what a microphone does. Decisions only. */

import type { MicrophoneState } from "../link/protocol.ts";

/** The peak from which something counts as heard: some 60 decibels below full scale, beneath the hum of any room. */
const AUDIBLE = 0.001;
/** Milliseconds of listening after which a microphone that delivers nothing counts as silent. */
const PATIENCE = 4_000;

/** What has been heard so far. */
export interface Hearing {
  /** Milliseconds spent listening. */
  listened: number;
  verdict: MicrophoneState | undefined;
}

export const UNHEARD: Hearing = { listened: 0, verdict: undefined };

/**
 * The hearing after `milliseconds` more with this peak. A microphone that was heard once works, whatever it delivers
 * later: headsets that suppress room noise deliver nothing at all while nobody speaks. Only the system's own word
 * (`isMuted`) makes it silent again.
 */
export function heard(before: Hearing, milliseconds: number, peak: number, isMuted: boolean): Hearing {
  if (isMuted) return { listened: 0, verdict: "silent" };
  if (before.verdict === "working" || peak >= AUDIBLE) return { ...before, verdict: "working" };
  const listened = before.listened + milliseconds;
  return { listened, verdict: listened >= PATIENCE ? "silent" : before.verdict };
}

/** Why the browser provides no stream. */
export interface Fault {
  verdict: MicrophoneState;
  /** Whether the operating system denies it to the browser, rather than the browser to the page. */
  bySystem: boolean;
}

/** What an error of `getUserMedia` means; `permission` is what the browser says of the page. */
export function fault(error: unknown, permission: PermissionState | undefined): Fault {
  const { name, message } = error instanceof Error ? error : { name: "", message: "" };
  const bySystem = name === "NotAllowedError" && /system/i.test(message);
  // Whoever closes the browser's question without answering has not denied anything.
  if (name === "NotAllowedError" && permission === "prompt" && !bySystem) return { verdict: "unasked", bySystem };
  const verdict = {
    NotFoundError: "absent",
    OverconstrainedError: "absent",
    NotReadableError: "in_use",
    AbortError: "in_use",
  }[name] as MicrophoneState | undefined;
  return { verdict: verdict ?? "denied", bySystem };
}
