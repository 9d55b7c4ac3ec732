/** What the desk and the page say to each other: the messages as they are on the wire. No behaviour. */

/** Seconds since 1970, by the server's clock. */
export type Seconds = number;

export type Kind = "call" | "email" | "chat";

/**
 * An interaction, as an agent is told of it. `service` and `from` are texts from outside, one line of at most 80
 * characters.
 */
export interface Subject {
  id: string;
  kind: Kind;
  service: string;
  from: string | null;
  /** Since when the customer has been waiting. */
  since: Seconds;
}

export type State =
  /** The screen recorder is being registered. */
  | "registering"
  | { not_ready: { reason: Reason } }
  | "ready"
  /** `offer` identifies the offer, `interaction` says what is offered; it can be answered until `until`. */
  | { offered: { offer: string; interaction: Subject; until: Seconds } }
  | { in_interaction: { interaction: Subject } }
  /** At `until` the agent becomes ready again automatically; `null`: only when they say so. */
  | { wrap_up: { interaction: Subject; until: Seconds | null } };

/**
 * Why an agent is not ready. `unmet`: something that ready requires was lost. `named`: a code from the instance's list.
 */
export type Reason =
  | "signed_in"
  | "chosen"
  | "connection_lost"
  | "no_answer"
  | "unmet"
  | { named: string };

/**
 * A state that an agent can choose; while offered or in an interaction, for afterwards. `reason`: a code from the list.
 */
export type Next = "ready" | { not_ready: { reason: string | null } };

/** The state of the microphone, as the page has found it. */
export type MicrophoneState = "unasked" | "working" | "silent" | "denied" | "absent" | "in_use" | "lost";

/** Why an extension is not held. */
export interface Lack {
  why: "none" | "asking" | "unknown" | "other_instance" | "not_allowed" | "held" | "unavailable";
  /** The latest time at which it should become free, as things stand. */
  free_at: Seconds | null;
  /** Whether the holder's desktop is silent: they may come back before then. */
  is_silent: boolean;
  /** Who holds it, if the instance lets its agents know. */
  by: string | null;
}

/** What keeps the agent from being ready. */
export type Missing =
  | { extension: Lack }
  | { recorder: { why: "registering" | "failed" | "lost" } }
  | { microphone: { why: MicrophoneState } };

/** The extension of this session. */
export interface Extension {
  number: string;
  kind: "desk_phone" | "browser_phone" | "external" | null;
  held: boolean;
  /** Another one that was asked for while this one is held, and what became of that. */
  asked: { number: string; lacks: Lack } | null;
}

/** Whether this session's extension needs a microphone, and the state of it. */
export interface Microphone {
  needed: boolean;
  state: MicrophoneState;
}

/** The outcome of an offer. */
export type Outcome = "accepted" | "rejected" | "timed_out" | "cancelled";

/** Why an offer was rejected; pages are only ever told the last three, and `not_ready`. */
export type Rejection = "registering" | "not_ready" | "engaged" | "gone" | "agent" | "connection_lost";

export interface Browser {
  family: string | null;
  system: string | null;
}

export type Cause =
  | "agent"
  | "routing"
  | "connection"
  /** A time limit. */
  | "limit"
  | "recorder"
  | "extension"
  | "microphone"
  /** A service, on the agent's behalf. */
  | "service";

export type What =
  | { signed_in: { browser: Browser; lease: number } }
  /** `by`: the name of whoever changed it, if neither the agent nor the desk did. It uses up `next`. */
  | { state: { state: State; cause: Cause; by: string | null } }
  | { next: { next: Next | null } }
  | { offer: { offer: string; outcome: Outcome; reason: Rejection | null } }
  /** These four state the whole: the last one counts. */
  | { missing: Missing[] }
  | { extension: Extension | null }
  | { recorder: Recorder | null }
  | { microphone: Microphone }
  | { connection: "open" | "suspect" | "lost" }
  | { hard_end: { hard_end: Seconds; waits: boolean; overtime?: number } };

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
  /** Minutes by which the hard end may be postponed; 0 if that is not allowed. */
  overtime: number;
  /** Seconds of silence after which the session is over. */
  logged_out_seconds: number;
  /** What keeps the agent from being ready; empty if nothing does. */
  missing: Missing[];
  extension: Extension | null;
  /** `null` if this workstation is not recorded. */
  recorder: Recorder | null;
  microphone: Microphone;
  /** The highest id of a command applied in this session. */
  applied: number;
  events: DeskEvent[];
}

export type EndReason =
  | "signed_out"
  | "taken_over"
  | "replaced"
  | "another_agent"
  | "connection_lost"
  | "hard_end"
  | "forced"
  | "disabled"
  | "password_changed";

export interface Ended {
  sid: string;
  reason: EndReason;
  by: string | null;
  browser: Browser | null;
  at: Seconds;
}

export type Ask =
  | Next
  | "stay"
  | { accept: { offer: string } }
  | { reject: { offer: string } }
  | { end: { interaction: string } }
  | { microphone: MicrophoneState }
  /** Take this extension; the same one again means: try again. */
  | { extension: { number: string } }
  /** Try again to register with the screen recorder. */
  | "register";

export type Refusal =
  | "not_now"
  | "not_allowed"
  | "not_understood"
  /** Ready was asked for while something is missing. */
  | "missing"
  /** The offer is no longer there. */
  | "gone";

/**
 * Why the workstation is not registered with the screen recorder. Each has a text of its own; for an unknown one, a
 * reader says that the recorder failed.
 *
 * - `unreachable`: the gateway does not answer, or not in time, however often it is asked.
 * - `busy`: the gateway has too much to do, and said so until it was too late.
 * - `refused`: the gateway refuses this workstation or this agent, and says nothing more.
 * - `not_understood`: the gateway sent something that is not an answer: an operator has to look into it.
 * - `misconfigured`: this deployment has no key to sign with: an operator has to look into it.
 * - `too_slow`: the gateway was working on it, and did not finish in time.
 * - `unknown_workstation`: the recorder does not know this workstation yet. Its number (`workstation`) has to be given
 *   to whoever looks after the recorder.
 * - `recorder_absent`: no recorder runs on this workstation.
 * - `recorder_failed`: the recorder on this workstation cannot record.
 * - `no_licence`: all of the recorder's licences are taken.
 * - `ended`: the gateway has dropped the registration.
 * - `replaced`: this workstation was registered again from elsewhere.
 */
export type RecorderCause =
  | "unreachable"
  | "busy"
  | "refused"
  | "not_understood"
  | "misconfigured"
  | "too_slow"
  | "unknown_workstation"
  | "recorder_absent"
  | "recorder_failed"
  | "no_licence"
  | "ended"
  | "replaced";

/**
 * What happens while the workstation is registered, in the order in which it happens. From the desk: `calling` (the
 * gateway is asked), `retrying` (no answer: it is asked again), `told_to_wait` (it has too much to do), `accepted` (it
 * is working on it), and one of `registered`, `failed`, `lost`. From the gateway: `workstation_found`,
 * `recorder_found`, `recorder_starting`, `recorder_ready`, and `other` for one that is unknown here.
 */
export type RecorderNote =
  | "calling"
  | "retrying"
  | "told_to_wait"
  | "accepted"
  | "workstation_found"
  | "recorder_found"
  | "recorder_starting"
  | "recorder_ready"
  | "other"
  | "registered"
  | "failed"
  | "lost";

/** The screen recorder of this workstation, as `recorder` in a welcome and as an event: the last one counts. */
export interface Recorder {
  status: "registering" | "registered" | "failed" | "lost";
  /** Whether the agent cannot be ready without it. */
  required: boolean;
  since: Seconds;
  /** The time by which registering has failed; `null` when it is not registering. */
  deadline: Seconds | null;
  /** Why it failed or was lost; otherwise `null`. */
  cause: RecorderCause | null;
  /** Whether the desk asks for it again by itself; desks of an older version do not say. */
  asks_again?: boolean;
  /** The number by which the recorder knows this workstation: 32 hexadecimal digits. */
  workstation: string;
  /** Numbered from 1 and in order; if there are many, the latest. A new try starts again. */
  notes: { number: number; at: Seconds; note: RecorderNote }[];
}

/** From the desk; each message has one of these. */
export type FromDesk =
  | { welcome: Welcome }
  | { event: DeskEvent }
  | { done: { id: number } }
  | { refused: { id: number; why: Refusal } }
  | { ended: Ended };

/** Another connection of this session has replaced this one. */
export const CLOSED_REPLACED = 4000;
/** The session is over; `ended` has said why. */
export const CLOSED_ENDED = 4001;
