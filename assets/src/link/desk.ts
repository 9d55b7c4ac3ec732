/** The desk as this browser knows it: the last welcome, and every event since. Pure. */

import type { DeskEvent, Next, Seconds, State, Welcome } from "./protocol.ts";

/** Events that are kept to be shown. */
const SHOWN = 200;

export interface Desk {
  sid: string;
  lease: number;
  /** The number of the last event that was seen. */
  seq: number;
  state: State;
  stateSince: Seconds;
  next: Next | null;
  since: Seconds;
  hardEnd: Seconds;
  waits: boolean;
  overtime: number;
  /** Milliseconds by which this computer's clock is ahead of the server's. */
  skew: number;
  /** In order, each once. */
  events: DeskEvent[];
}

/** The desk after a welcome. What was known of the same session stays; of another, nothing does. */
export function welcomed(before: Desk | undefined, welcome: Welcome, now: number): Desk {
  const known = before?.sid === welcome.sid ? before.events : [];
  return {
    sid: welcome.sid,
    lease: welcome.lease,
    seq: welcome.seq,
    state: welcome.state,
    stateSince: welcome.state_since,
    next: welcome.next,
    since: welcome.since,
    hardEnd: welcome.hard_end,
    waits: welcome.waits,
    overtime: welcome.overtime,
    skew: now - welcome.now * 1000,
    events: joined(known, welcome.events),
  };
}

/** The desk after an event; an event that was seen before changes nothing. */
export function happened(desk: Desk, event: DeskEvent): Desk {
  if (event.seq <= desk.seq) return desk;
  const after = { ...desk, seq: event.seq, events: joined(desk.events, [event]) };
  const { what } = event;
  if ("state" in what) {
    const { state } = what.state;
    // A wrap-up or a new choice has used up what was chosen for after the interaction.
    return { ...after, state, stateSince: event.at, next: isEngaged(state) ? desk.next : null };
  }
  if ("next" in what) return { ...after, next: what.next.next };
  if ("hard_end" in what) return { ...after, hardEnd: what.hard_end.hard_end, waits: what.hard_end.waits };
  return after;
}

function isEngaged(state: State): boolean {
  return typeof state === "object" && "in_interaction" in state;
}

function joined(known: DeskEvent[], more: DeskEvent[]): DeskEvent[] {
  const last = known.at(-1)?.seq ?? 0;
  return [...known, ...more.filter((event) => event.seq > last)].slice(-SHOWN);
}
