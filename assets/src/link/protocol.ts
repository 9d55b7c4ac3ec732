/** What the desk and the page say to each other: the messages as they stand on the wire. No behaviour. */

/** Seconds since 1970, by the server's clock. */
export type Seconds = number;

export type State =
  | "ready"
  | { not_ready: { reason: "signed_in" | "chosen" | "connection_lost" } }
  | { in_interaction: { interaction: string } }
  | { wrap_up: { interaction: string } };

/** The state that follows an interaction. */
export type Next = "ready" | "not_ready";

export interface Browser {
  family: string | null;
  system: string | null;
}

export type Cause = "agent" | "routing" | "connection" | "limit";

export type What =
  | { signed_in: { browser: Browser; lease: number } }
  | { state: { state: State; cause: Cause } }
  | { next: { next: Next | null } }
  | { connection: "open" | "suspect" | "lost" }
  | { hard_end: { hard_end: Seconds; waits: boolean } };

export interface DeskEvent {
  seq: number;
  at: Seconds;
  what: What;
}

/** How things stand when the socket opens; `events` are those that the page has not seen. */
export interface Welcome {
  sid: string;
  now: Seconds;
  seq: number;
  lease: number;
  state: State;
  state_since: Seconds;
  next: Next | null;
  since: Seconds;
  hard_end: Seconds;
  waits: boolean;
  /** Minutes by which the hard end may be moved; 0 where that is not allowed. */
  overtime: number;
  /** The highest id of a command that was applied in this session. */
  applied: number;
  events: DeskEvent[];
}

export type EndReason =
  | "signed_out"
  | "taken_over"
  | "replaced"
  | "connection_lost"
  | "hard_end"
  | "forced"
  | "disabled";

export interface Ended {
  sid: string;
  reason: EndReason;
  by: string | null;
  browser: Browser | null;
  at: Seconds;
}

export type Ask = "ready" | "not_ready" | "stay";
export type Refusal = "not_now" | "not_allowed" | "not_understood";

/** From the desk; each message has one of these. */
export type FromDesk =
  | { welcome: Welcome }
  | { event: DeskEvent }
  | { done: { id: number } }
  | { refused: { id: number; why: Refusal } }
  | { ended: Ended };

/** Another connection of this session has taken this one's place. */
export const CLOSED_REPLACED = 4000;
/** The session is over; `ended` has said why. */
export const CLOSED_ENDED = 4001;
