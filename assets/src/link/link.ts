/**
 * Keeps up one connection to the desk: when to connect, to ping, to give up, to find out why, to renew, and when it is
 * over. Decisions only; the socket, the requests, the clock and the dice are passed in as a `Wire`.
 */

import { type Backoff, FRESH, afterFailure, believed } from "./backoff.ts";
import { type Command, EMPTY, type Outbox, allSent, answered, asked, numberedFrom } from "./commands.ts";
import { type Desk, happened, welcomed } from "./desk.ts";
import { type Ask, CLOSED_ENDED, CLOSED_REPLACED, type Ended, type FromDesk, type Seconds, type Welcome } from "./protocol.ts";

/** Milliseconds between two pings. */
export const PING = 10_000;
/** Milliseconds without a word after which a connection counts as dead. */
export const SILENCE = 20_000;
/** Milliseconds that a connection may take to open. */
export const PATIENCE = 10_000;
/** Milliseconds after which the session's token is renewed; it is valid for 15 minutes. */
export const RENEWAL = 5 * 60_000;
/** Milliseconds before the hard end at which the token is renewed once more. */
const LAST_RENEWAL = 60_000;
/**
 * Milliseconds after which a failed renewal is retried; up to as many again are added, so that not all retry at once.
 */
const RENEW_AGAIN = 30_000;
/** Milliseconds within which the session is shown once more to a server that did not know it. */
const RETRY = 1_000;

/** What requesting the session part revealed. */
export type Learned =
  | { session: unknown }
  | { over: Ended | null }
  /** The server answers, but cannot help now; it asks for this many milliseconds. */
  | { outage: number }
  | "unreachable";

/** Everything that is not a decision. */
export interface Wire {
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /** Opens a socket that continues after event `after`. An earlier one is forgotten. */
  open(after: number): void;
  send(text: string): void;
  /** Closes the socket. Nothing more is heard from it. */
  close(): void;
  /** Requests the session part; the answer goes to `learned`. */
  learn(): void;
  /** Discards what was requested: it was about another session. */
  forget(): void;
  /** Calls `woken` at this time, and at no other. */
  wake(at: number): void;
  /** There is something new to show. */
  changed(): void;
}

export type Phase = "off" | "waiting" | "connecting" | "open" | "aside" | "over";

/** What a page, or the next leading tab, needs to continue. */
export interface Kept {
  backoff: Backoff;
  desk: Desk | undefined;
  outbox: Outbox;
  /** When the desk was last heard, in milliseconds since 1970; `undefined` if never. It is told when something changes. */
  heard: number | undefined;
}

export class Link {
  #wire: Wire;
  #phase: Phase = "off";
  #backoff = FRESH;
  #desk: Desk | undefined;
  #outbox = EMPTY;
  #session: unknown;
  #ended: Ended | null = null;
  #refusals = 0;
  /** When the present phase began, when anything was last heard, pinged, when a renewal was last tried. */
  #began = 0;
  #heard = 0;
  /** When the desk itself was last heard, and not only an attempt begun. */
  #spoke: number | undefined;
  #pinged = 0;
  #tried = 0;
  /** When the next renewal is due, and the time before which the server wants no further attempt to connect. */
  #renewAt = 0;
  #notBefore = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get ended(): Ended | null {
    return this.#ended;
  }

  /** What the session part last said. */
  get session(): unknown {
    return this.#session;
  }

  get kept(): Kept {
    return { backoff: this.#backoff, desk: this.#desk, outbox: this.#outbox, heard: this.#spoke };
  }

  /** Begins, or begins again after a sign-in. What is kept continues, back-off included. */
  start(kept?: Partial<Kept>): void {
    const now = this.#wire.now();
    this.#desk = kept?.desk;
    this.#outbox = kept?.outbox ?? EMPTY;
    this.#spoke = kept?.heard;
    this.#backoff = believed(kept?.backoff, now);
    this.#ended = null;
    this.#refusals = 0;
    this.#tried = now;
    this.#renewAt = now + RENEWAL;
    this.#wire.forget();
    this.#wait();
  }

  /** Takes over a link that rests: it is over, or another connection has replaced it. */
  rest(phase: "over" | "aside", ended: Ended | null, kept: Kept): void {
    this.#desk = kept.desk;
    this.#outbox = kept.outbox;
    this.#spoke = kept.heard;
    this.#backoff = kept.backoff;
    this.#ended = ended;
    this.#enter(phase);
  }

  /** Another tab holds the connection from now on. */
  stop(): void {
    this.#wire.forget();
    this.#wire.close();
    this.#enter("off");
  }

  /** The network is back, or the agent is tired of waiting. Only the agent takes the desk back from another tab. */
  hurry(by: "agent" | "network" = "agent"): void {
    if (this.#phase === "waiting" || (this.#phase === "aside" && by === "agent")) this.#connect();
  }

  ask(key: string, ask: Ask): void {
    if (this.#phase === "over") return;
    this.#outbox = asked(this.#outbox, key, ask);
    if (this.#phase === "open") this.#send(this.#outbox.pending.filter((command) => !command.sent));
    this.#wire.changed();
  }

  /** Another tab has signed out of the session that began at `since`; the server heard of it at `at`. */
  signedOut(since: Seconds, at: Seconds): void {
    if (this.#desk?.since !== since || (this.#phase === "over" && this.#ended)) return;
    this.#end({ sid: this.#desk.sid, reason: "signed_out", by: null, browser: null, at });
  }

  /** A message has arrived. Even one that cannot be understood is a sign of life. */
  heard(text: string): void {
    if (this.#phase !== "connecting" && this.#phase !== "open") return;
    this.#heard = this.#spoke = this.#wire.now();
    if (text !== "pong") this.#understand(text);
    this.#schedule();
  }

  /** The socket has closed. */
  closed(code: number): void {
    if (this.#phase !== "connecting" && this.#phase !== "open") return;
    if (code === CLOSED_REPLACED) this.#enter("aside");
    else this.#lose(code === CLOSED_ENDED);
  }

  learned(learned: Learned): void {
    if (this.#phase === "over" || this.#phase === "off") return;
    const now = this.#wire.now();
    if (learned === "unreachable" || "outage" in learned) {
      const wait = learned === "unreachable" ? 0 : learned.outage;
      this.#renewAt = now + Math.max(RENEW_AGAIN, wait) + this.#wire.random() * RENEW_AGAIN;
      this.#notBefore = now + wait;
      if (this.#phase === "waiting") this.#backoff = { ...this.#backoff, due: Math.max(this.#backoff.due, now + wait) };
    } else if ("over" in learned) {
      this.#refusals += 1;
      // Without a word from the desk, one silent retry: a token may have met a node that did not know its key yet. It is soon,
      // however long the server was away before: that the connection is lost is not what keeps the agent from working.
      if (learned.over || this.#refusals > 1) return this.#end(learned.over);
      const soon = now + this.#wire.random() * RETRY;
      if (this.#phase === "open") this.#renewAt = soon;
      if (this.#phase === "waiting") this.#backoff = { ...this.#backoff, due: Math.min(this.#backoff.due, soon) };
    } else {
      this.#refusals = 0;
      this.#renewAt = now + RENEWAL;
      this.#session = learned.session;
    }
    this.#wire.changed();
    this.#schedule();
  }

  /** The alarm rings, possibly late. */
  woken(): void {
    const now = this.#wire.now();
    if (now < Math.max(this.#began, this.#heard, this.#pinged)) return this.#clockWasSetBack(now);
    if (this.#phase === "waiting" && now >= this.#backoff.due) return this.#connect();
    if (this.#phase === "connecting" && now >= this.#began + PATIENCE) return this.#lose(true);
    if (this.#phase === "open") {
      if (now >= this.#heard + SILENCE) return this.#lose(false);
      if (now >= this.#pinged + PING) {
        this.#pinged = now;
        this.#wire.send("ping");
      }
      if (now >= this.#renewalDue()) {
        this.#tried = now;
        this.#renewAt = now + RENEWAL;
        this.#wire.learn();
      }
    }
    this.#schedule();
  }

  #understand(text: string): void {
    const message = parsed(text);
    if (!message) return;
    if ("welcome" in message) return this.#greet(message.welcome);
    if ("ended" in message) return this.#end(message.ended);
    if ("event" in message && this.#desk) {
      const before = this.#desk;
      this.#desk = happened(before, message.event);
      if ("hard_end" in message.event.what && this.#desk !== before) this.#renewAt = 0;
    }
    if ("done" in message) this.#outbox = answered(this.#outbox, message.done.id, null);
    if ("refused" in message) this.#outbox = answered(this.#outbox, message.refused.id, message.refused.why);
    this.#wire.changed();
  }

  #greet(welcome: Welcome): void {
    const isOther = this.#desk !== undefined && this.#desk.sid !== welcome.sid;
    if (isOther) this.#outbox = EMPTY;
    // The hard end was moved while the page was away: the token still ends with the old one.
    if (!isOther && this.#desk && this.#desk.hardEnd !== welcome.hard_end) this.#renewAt = 0;
    this.#desk = welcomed(this.#desk, welcome, this.#wire.now());
    this.#outbox = numberedFrom(this.#outbox, welcome.applied);
    this.#refusals = 0;
    this.#pinged = this.#wire.now();
    this.#send(this.#outbox.pending);
    this.#enter("open");
  }

  /** Tells the other tabs what will be sent before it is sent, so that none of them reuses a number. */
  #send(commands: Command[]): void {
    if (commands.length === 0) return;
    this.#outbox = allSent(this.#outbox);
    this.#wire.changed();
    for (const { id, ask } of commands) this.#wire.send(JSON.stringify({ id, ask }));
  }

  /** Connects. An attempt that was due later is made by this: whoever goes on from here need not wait for it. */
  #connect(): void {
    const now = this.#wire.now();
    this.#wire.open(this.#desk?.seq ?? 0);
    this.#backoff = { ...this.#backoff, due: Math.min(this.#backoff.due, now) };
    this.#heard = now;
    this.#enter("connecting");
  }

  /** The connection is gone, or never opened. One that was open for a while begins with a clean slate. */
  #lose(learn: boolean): void {
    const now = this.#wire.now();
    this.#wire.close();
    const stood = this.#phase === "open";
    if (stood && now >= this.#began + PING) this.#backoff = FRESH;
    this.#backoff = afterFailure(this.#backoff, now, this.#wire.random(), this.#notBefore - now);
    this.#wait();
    if (learn || !stood) this.#wire.learn();
  }

  /** Nothing that was noted by the clock before is due for as long as it was set back, no ping either: it is all noted anew. */
  #clockWasSetBack(now: number): void {
    this.#pinged = now;
    this.#tried = now;
    this.#renewAt = now;
    this.#notBefore = now;
    this.#connect();
  }

  #wait(): void {
    if (this.#wire.now() >= this.#backoff.due) this.#connect();
    else this.#enter("waiting");
  }

  #end(ended: Ended | null): void {
    this.#ended = ended;
    this.#wire.close();
    this.#enter("over");
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#began = this.#wire.now();
    this.#wire.changed();
    this.#schedule();
  }

  #renewalDue(): number {
    if (!this.#desk) return this.#renewAt;
    const last = this.#desk.hardEnd * 1000 + this.#desk.skew - LAST_RENEWAL;
    return this.#tried < last ? Math.min(this.#renewAt, last) : this.#renewAt;
  }

  #schedule(): void {
    if (this.#phase === "waiting") this.#wire.wake(this.#backoff.due);
    if (this.#phase === "connecting") this.#wire.wake(this.#began + PATIENCE);
    if (this.#phase === "open") {
      this.#wire.wake(Math.min(this.#pinged + PING, this.#heard + SILENCE, this.#renewalDue()));
    }
  }
}

function parsed(text: string): FromDesk | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null ? (message as FromDesk) : undefined;
  } catch {
    return undefined;
  }
}
