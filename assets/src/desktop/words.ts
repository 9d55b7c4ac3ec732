/** Times, browsers, states, events and ends in words. Pure: the clock comes in. */

import type { Browser, Cause, DeskEvent, Ended, Seconds, State } from "../link/protocol.ts";
import type { Texts } from "../texts/texts.ts";

export type StateName = "ready" | "notReady" | "interaction" | "wrapUp";

/** How the server calls browsers and systems in its messages, where that is not how people call them. */
const NAMES: Record<string, string | undefined> = {
  InternetExplorer: "Internet Explorer",
  MacOs: "macOS",
  ChromeOs: "ChromeOS",
  Ios: "iOS",
  Other: undefined,
};

/** `text` with each `{name}` replaced by its value. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

export function stateName(state: State): StateName {
  if (state === "ready") return "ready";
  if (state === "registering" || "not_ready" in state) return "notReady";
  if ("offered" in state) return "ready";
  return "in_interaction" in state ? "interaction" : "wrapUp";
}

export class Words {
  readonly texts: Texts;
  readonly #locale: string | undefined;
  /** Milliseconds by which this computer's clock is ahead of the server's. */
  skew = 0;

  constructor(texts: Texts, locale: string | undefined) {
    this.texts = texts;
    this.#locale = locale;
  }

  /** The server's time now. */
  now(): Seconds {
    return (Date.now() - this.skew) / 1000;
  }

  /** The time of day, with the day where it is another one. */
  clock(at: Seconds): string {
    const [then, today] = [at, this.now()].map((seconds) => new Date(seconds * 1000 + this.skew));
    const isToday = then?.toDateString() === today?.toDateString();
    return new Intl.DateTimeFormat(this.#locale, {
      hour: "2-digit",
      minute: "2-digit",
      ...(isToday ? {} : { day: "numeric", month: "short" }),
    }).format(then);
  }

  /** "1 h 5 min"; what has passed is rounded down. */
  duration(seconds: number): string {
    const minutes = Math.max(0, Math.floor(seconds / 60));
    const values = { hours: String(Math.floor(minutes / 60)), minutes: String(minutes % 60) };
    return fill(minutes < 60 ? this.texts.time.minutes : this.texts.time.hours, values);
  }

  /** The same with seconds where there is no minute to speak of. */
  shortDuration(seconds: number): string {
    if (seconds >= 120) return this.duration(seconds);
    return fill(this.texts.time.seconds, { seconds: String(Math.max(0, Math.round(seconds))) });
  }

  /** "12:05", "1:02:09". */
  counter(seconds: number): string {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (number: number): string => String(number).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
  }

  /** "Chrome on Windows", as far as it is known. */
  browser(browser: Partial<Browser> | null | undefined): string {
    const names = [browser?.family, browser?.system].map((name) => (name && name in NAMES ? NAMES[name] : name));
    const [family, system] = names;
    if (family && system) return fill(this.texts.profile.browserOn, { browser: family, system });
    return family || system || this.texts.profile.browserUnknown;
  }

  state(state: State): string {
    return this.texts.state[stateName(state)];
  }

  /** Why it is this state, or what to do in it. */
  stateHint(state: State): string {
    const texts = this.texts.state;
    if (state === "ready") return texts.readyHint;
    if (state === "registering" || "offered" in state) return "";
    if ("in_interaction" in state) return texts.interactionHint;
    if ("wrap_up" in state) return texts.wrapUpHint;
    const { reason } = state.not_ready;
    if (reason === "signed_in") return texts.signedIn;
    return reason === "connection_lost" ? texts.connectionLost : texts.chosen;
  }

  event({ what }: DeskEvent): string {
    const { events, state } = this.texts;
    if ("signed_in" in what) return fill(events.signedIn, { browser: this.browser(what.signed_in.browser) });
    if ("state" in what) return this.#caused(this.state(what.state.state), what.state.cause);
    if ("next" in what) {
      const { next } = what.next;
      return next === null ? state.afterWrapUp : next === "ready" ? state.afterReady : state.afterNotReady;
    }
    if ("hard_end" in what) {
      const { hard_end: at, waits } = what.hard_end;
      return waits ? events.hardEndWaits : fill(events.hardEnd, { time: this.clock(at) });
    }
    if (!("connection" in what)) return "";
    const { open, suspect, lost } = { open: events.connectionOpen, suspect: events.connectionSuspect, lost: events.connectionLost };
    return { open, suspect, lost }[what.connection];
  }

  #caused(what: string, cause: Cause): string {
    const { byRouting, byConnection, byLimit } = this.texts.events;
    const known: Partial<Record<Cause, string>> = { routing: byRouting, connection: byConnection, limit: byLimit };
    return fill(known[cause] ?? "{what}", { what });
  }

  /** The heading and the sentence of an end. */
  ended(ended: Ended | null): { title: string; why: string } {
    const texts = this.texts.ended;
    if (!ended) return { title: texts.unknown, why: texts.unknownWhy };
    const [title, why] = {
      signed_out: [texts.signedOut, texts.signedOutWhy],
      taken_over: [texts.takenOver, texts.takenOverWhy],
      replaced: [texts.replaced, texts.replacedWhy],
      connection_lost: [texts.connectionLost, texts.connectionLostWhy],
      hard_end: [texts.hardEnd, texts.hardEndWhy],
      forced: [texts.forced, texts.forcedWhy],
      disabled: [texts.disabled, texts.disabledWhy],
    }[ended.reason] ?? [texts.unknown, texts.unknownWhy];
    const values = { time: this.clock(ended.at), by: ended.by ?? texts.somebody, browser: this.browser(ended.browser) };
    return { title: title ?? "", why: fill(why ?? "", values) };
  }
}
