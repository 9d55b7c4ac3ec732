/** What the desk and the page say to each other: the messages as they stand on the wire. No behaviour. */

/** Seconds since 1970, by the server's clock. */
export type Seconds = number;

export type Kind = "call" | "email" | "chat";

/** An interaction, as an agent is told of it. `service` and `from` are texts from outside, of one line and 80 characters. */
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
  /** `offer` names the offer, `interaction` what is offered; until `until` there is time to answer. */
  | { offered: { offer: string; interaction: Subject; until: Seconds } }
  | { in_interaction: { interaction: Subject } }
  /** At `until` the agent is ready again by itself; `null`: only when they say so. */
  | { wrap_up: { interaction: Subject; until: Seconds | null } };

/** Why an agent is not ready. `unmet`: something that ready needs was lost. `named`: a code of the instance's list. */
export type Reason =
  | "signed_in"
  | "chosen"
  | "connection_lost"
  | "no_answer"
  | "unmet"
  | { named: string };

/** A state that an agent can choose; while offered or in an interaction, for afterwards. `reason`: a code of the list. */
export type Next = "ready" | { not_ready: { reason: string | null } };

/** How it stands with the microphone, as the page has found out. */
export type MicrophoneState = "unasked" | "working" | "silent" | "denied" | "absent" | "in_use" | "lost";

/** Why an extension is not held. */
export interface Lack {
  why: "none" | "asking" | "unknown" | "other_instance" | "not_allowed" | "held" | "unavailable";
  /** When it is free at the latest, as it looks now. */
  free_at: Seconds | null;
  /** Whether the holder's desktop is not heard: they may come back before. */
  is_silent: boolean;
  /** Who holds it, where the instance lets its agents know. */
  by: string | null;
}

/** What keeps the agent from ready. */
export type Missing =
  | { extension: Lack }
  | { recorder: { why: "registering" | "failed" | "lost" } }
  | { microphone: { why: MicrophoneState } };

/** The extension of this session. */
export interface Extension {
  number: string;
  kind: "desk_phone" | "browser_phone" | "external" | null;
  held: boolean;
  /** Another one that was asked for while this one is held, and what has become of that. */
  asked: { number: string; lacks: Lack } | null;
}

/** Whether this session's extension needs a microphone, and how it stands with it. */
export interface Microphone {
  needed: boolean;
  state: MicrophoneState;
}

/** What came of an offer. */
export type Outcome = "accepted" | "rejected" | "timed_out" | "cancelled";

/** Why an offer was rejected; a page is only ever told the last three, and `not_ready`. */
export type Rejection = "registering" | "not_ready" | "engaged" | "gone" | "agent" | "connection_lost";

export interface Browser {
  family: string | null;
  system: string | null;
}

export type Cause =
  | "agent"
  | "routing"
  | "connection"
  /** A time that was over. */
  | "limit"
  | "recorder"
  | "extension"
  | "microphone"
  /** A service, in the agent's place. */
  | "service";

export type What =
  | { signed_in: { browser: Browser; lease: number } }
  /** `by`: the name of whoever changed it, where it was neither the agent nor the desk. It uses up `next`. */
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
  /** Minutes by which the hard end may be moved; 0 where that is not allowed. */
  overtime: number;
  /** Seconds of silence after which the session is over. */
  logged_out_seconds: number;
  /** What keeps the agent from ready; empty where nothing does. */
  missing: Missing[];
  extension: Extension | null;
  /** `null` where this workstation is not recorded. */
  recorder: Recorder | null;
  microphone: Microphone;
  /** The highest id of a command that was applied in this session. */
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
  /** Take this extension; the same again: try again. */
  | { extension: { number: string } }
  /** Try again to register with the screen recorder. */
  | "register";

export type Refusal =
  | "not_now"
  | "not_allowed"
  | "not_understood"
  /** Ready was asked for while something is missing. */
  | "missing"
  /** The offer is not there any more. */
  | "gone";

/**
 * Why the workstation is not registered with the screen recorder. Each has a text of its own; whoever meets one that they
 * do not know says that the recorder failed.
 *
 * - `unreachable`: the gateway does not answer, or not in time, however often it is asked.
 * - `busy`: the gateway has too much to do, and has said so until it was too late.
 * - `refused`: the gateway refuses this workstation or this agent, and says nothing more.
 * - `not_understood`: the gateway has answered something that is no answer: an operator has to look at it.
 * - `misconfigured`: this deployment has no key to sign with: an operator has to look at it.
 * - `too_slow`: the gateway was at it, and was not done in time.
 * - `unknown_workstation`: the recorder does not know this workstation yet. Its number (`workstation`) has to be told to
 *   whoever looks after the recorder.
 * - `recorder_absent`: no recorder runs on this workstation.
 * - `recorder_failed`: the recorder on this workstation cannot record.
 * - `no_licence`: all of the recorder's licences are taken.
 * - `ended`: the gateway has let go of the registration.
 * - `replaced`: this workstation was registered anew from elsewhere.
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
 * What happens while the workstation is registered, in the order in which it does. The desk's own: `calling` (the gateway is
 * asked), `retrying` (no answer: it is asked again), `told_to_wait` (it has too much to do), `accepted` (it is at it), and one
 * of `registered`, `failed`, `lost`. The gateway's: `workstation_found`, `recorder_found`, `recorder_starting`,
 * `recorder_ready`, and `other` for one that nobody here knows.
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
  /** When registering has failed at the latest; `null` when it is not registering. */
  deadline: Seconds | null;
  /** Why it has failed or is lost; `null` else. */
  cause: RecorderCause | null;
  /** The number by which the recorder knows this workstation: 32 hexadecimal digits. */
  workstation: string;
  /** Numbered from 1 and in order; of many, the latest. A new try begins anew. */
  notes: { number: number; at: Seconds; note: RecorderNote }[];
}

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
