/** The desk as this browser knows it: the last welcome, and every event since. Pure. */

import type { DeskEvent, Extension, Microphone, Missing, Next, Recorder, Seconds, State, Welcome } from "./protocol.ts";

/** How many events are kept for display. */
const SHOWN = 200;

export interface Desk {
  sid: string;
  lease: number;
  /** The number of the last event that was seen. */
  seq: number;
  state: State;
  stateSince: Seconds;
  next: Next | null;
  missing: Missing[];
  extension: Extension | null;
  recorder: Recorder | null;
  microphone: Microphone;
  since: Seconds;
  hardEnd: Seconds;
  waits: boolean;
  overtime: number;
  /** Seconds of silence after which the session is over; `undefined` if the desk does not say. */
  loggedOutSeconds: number | undefined;
  /** Milliseconds by which this computer's clock is ahead of the server's. */
  skew: number;
  /** In order, each once. */
  events: DeskEvent[];
}

/** The desk after a welcome. What was known of the same session is kept; of another session, nothing is. */
export function welcomed(before: Desk | undefined, welcome: Welcome, now: number): Desk {
  const known = before?.sid === welcome.sid ? before.events : [];
  return {
    sid: welcome.sid,
    lease: welcome.lease,
    seq: welcome.seq,
    state: welcome.state,
    stateSince: welcome.state_since,
    next: welcome.next,
    // Desks of an older version do not send these.
    missing: welcome.missing ?? [],
    extension: welcome.extension ?? null,
    recorder: welcome.recorder ?? null,
    microphone: welcome.microphone ?? { needed: false, state: "unasked" },
    since: welcome.since,
    hardEnd: welcome.hard_end,
    waits: welcome.waits,
    overtime: welcome.overtime,
    loggedOutSeconds: welcome.logged_out_seconds,
    skew: now - welcome.now * 1000,
    events: joined(known, welcome.events),
  };
}

/** The desk after an event; one that was already seen changes nothing. */
export function happened(desk: Desk, event: DeskEvent): Desk {
  if (event.seq <= desk.seq) return desk;
  const after = { ...desk, seq: event.seq, events: joined(desk.events, [event]) };
  const { what } = event;
  if ("state" in what) {
    const { state } = what.state;
    // What was chosen for afterwards is used up; if it is still pending, an event that says so follows at once.
    return { ...after, state, stateSince: event.at, next: null };
  }
  if ("next" in what) return { ...after, next: what.next.next };
  if ("missing" in what) return { ...after, missing: what.missing };
  if ("extension" in what) return { ...after, extension: what.extension };
  if ("recorder" in what) return { ...after, recorder: what.recorder };
  if ("microphone" in what) return { ...after, microphone: what.microphone };
  if ("hard_end" in what) {
    const { hard_end: hardEnd, waits, overtime } = what.hard_end;
    return { ...after, hardEnd, waits, overtime: overtime ?? desk.overtime };
  }
  return after;
}

function joined(known: DeskEvent[], more: DeskEvent[]): DeskEvent[] {
  const last = known.at(-1)?.seq ?? 0;
  return [...known, ...more.filter((event) => event.seq > last)].slice(-SHOWN);
}
