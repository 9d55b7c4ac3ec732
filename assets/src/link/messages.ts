/** What a page, its Worker and the other tabs' Workers say to each other, and where. No behaviour. */

import type { Backoff } from "./backoff.ts";
import type { Outbox } from "./commands.ts";
import type { Desk } from "./desk.ts";
import type { Phase } from "./link.ts";
import type { Ask, Ended, Seconds } from "./protocol.ts";

/** Everything that a tab shows of the desk. It is always sent whole, so that latecomers miss nothing. */
export interface Snapshot {
  phase: Phase;
  backoff: Backoff;
  desk: Desk | undefined;
  outbox: Outbox;
  /** When the desk was last heard, as of the last change. */
  heard: number | undefined;
  /** What the session part last said. */
  session: unknown;
  ended: Ended | null;
  /** The session that was signed in to again in place, if that is how this one began. */
  resumes: string | undefined;
}

/** What the page remembers for its Worker across a reload. */
export interface Memory {
  sid: string;
  backoff: Backoff;
  outbox: Outbox;
}

export type FromPage =
  | { start: { home: string; sid: string | undefined; memory: Memory | undefined } }
  | { ask: Ask; key: string }
  /** Connect now; in a tab that was put aside, take the desk back. */
  | { hurry: "agent" | "network" }
  /** The agent has signed in again in place of session `resumes`. */
  | { signedIn: { resumes: string | undefined } };

/** To the page. */
export interface ToPage {
  snapshot: Snapshot;
  /** Whether this tab holds the connection. */
  leads: boolean;
  /** What this tab has asked for and the leading tab has not taken up yet. */
  unheard: Ask[];
}

/** Names the channel of one install's tabs in one browser, and the lock of the one among them that leads. */
export function among(home: string): string {
  return `onecontact-agent${home.toLowerCase()}`;
}

/** Between the tabs of one install in one browser. */
export type AmongTabs =
  | { snapshot: Snapshot }
  /** A new tab shows this session. */
  | { hello: { sid: string | undefined } }
  /** The leading tab shows a session that is no longer this browser's: the one that shows `sid` is to lead. */
  | { yours: { sid: string } }
  /** The agent has signed out of the session that began at `since`. */
  | { signedOut: { since: Seconds; at: Seconds } }
  | { ask: Ask; key: string }
  | { hurry: "agent" | "network" };
