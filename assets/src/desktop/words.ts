/** Times, browsers, states, events and ends in words. Pure: the clock is passed in. */

import type { Desk } from "../link/desk.ts";
import type { Browser, DeskEvent, Ended, Next, Seconds, State, Subject, What } from "../link/protocol.ts";
import { hour } from "../locale.ts";
import type { Texts } from "../texts/texts.ts";
import type { NamedReason } from "./reasons.ts";
import { extensionLack, extensionStanding, microphoneWord, recorderStanding } from "./standing.ts";

export type StateName = "registering" | "ready" | "notReady" | "offered" | "interaction" | "wrapUp";

/** The server's names for browsers and systems, where people use other names. */
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
  if (typeof state === "string") return state;
  if ("not_ready" in state) return "notReady";
  if ("offered" in state) return "offered";
  return "in_interaction" in state ? "interaction" : "wrapUp";
}

export class Words {
  readonly texts: Texts;
  readonly #locale: string;
  /** Milliseconds by which this computer's clock is ahead of the server's. */
  skew = 0;
  /** The instance's reasons for not being ready. */
  reasons: NamedReason[] = [];
  /** This browser, as the server calls it. */
  own: Browser = { family: null, system: null };

  constructor(texts: Texts, locale: string) {
    this.texts = texts;
    this.#locale = locale;
  }

  /** The server's time now. */
  now(): Seconds {
    return (Date.now() - this.skew) / 1000;
  }

  /** The time of day, with the date if it is not today's. */
  clock(at: Seconds): string {
    const [then, today] = [at, this.now()].map((seconds) => new Date(seconds * 1000 + this.skew));
    const isToday = then?.toDateString() === today?.toDateString();
    return new Intl.DateTimeFormat(this.#locale, {
      hour: hour(this.#locale),
      minute: "2-digit",
      ...(isToday ? {} : { day: "numeric", month: "short" }),
    }).format(then);
  }

  /** The time of day to the second. */
  clockSeconds(at: Seconds): string {
    const form = { hour: hour(this.#locale), minute: "2-digit", second: "2-digit" } as const;
    return new Intl.DateTimeFormat(this.#locale, form).format(at * 1000 + this.skew);
  }

  /** "1 h 5 min", "12 h"; what has passed is rounded down. */
  duration(seconds: number): string {
    const all = Math.max(0, Math.floor(seconds / 60));
    const [hours, minutes] = [Math.floor(all / 60), all % 60];
    const parts = [
      hours > 0 && fill(this.texts.time.hours, { hours: String(hours) }),
      (minutes > 0 || hours === 0) && fill(this.texts.time.minutes, { minutes: String(minutes) }),
    ];
    return parts.filter(Boolean).join(" ");
  }

  /** The same, in seconds below two minutes. */
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

  /** The state, with the instance's reason if there is one. */
  state(state: State): string {
    const word = this.texts.state[stateName(state)];
    if (typeof state !== "object" || !("not_ready" in state) || typeof state.not_ready.reason !== "object") return word;
    return fill(this.texts.state.because, { state: word, reason: this.reason(state.not_ready.reason.named) });
  }

  /** The state for the window's title: an offer says what it is. */
  title(state: State): string {
    const offer = typeof state === "object" && "offered" in state ? state.offered.interaction : undefined;
    return offer ? this.subject(offer) : this.state(state);
  }

  /** One of the instance's reasons; its code if it is no longer among them. */
  reason(code: string): string {
    return this.reasons.find((reason) => reason.code === code)?.name ?? code;
  }

  /** A state that can be chosen. */
  choice(next: Next): string {
    const { ready, notReady, because } = this.texts.state;
    if (next === "ready") return ready;
    const { reason } = next.not_ready;
    return reason === null ? notReady : fill(because, { state: notReady, reason: this.reason(reason) });
  }

  /** What comes after the interaction. */
  next(next: Next | null): string {
    const { after, wrapUp } = this.texts.state;
    return fill(after, { state: next === null ? wrapUp : this.choice(next) });
  }

  /** Why it is this state, or what to do in it. */
  stateHint({ state, missing, events }: Desk): string {
    const texts = this.texts.state;
    const isMissing = missing.length > 0;
    if (state === "ready") return texts.readyHint;
    if (state === "registering") return texts.registeringHint;
    if ("offered" in state || "in_interaction" in state) return "";
    if ("wrap_up" in state) return texts.wrapUpHint;
    const { reason } = state.not_ready;
    const chosen = this.#chosen(state, events);
    if (typeof reason === "object") return chosen;
    if (isMissing) return reason === "signed_in" ? texts.signedInUnmet : texts.unmet;
    return {
      signed_in: texts.signedIn,
      chosen,
      connection_lost: texts.connectionLost,
      no_answer: texts.noAnswer,
      unmet: texts.unmetNoMore,
    }[reason];
  }

  /** Why the agent is in this state, unless it is their own doing or said elsewhere. */
  stateCause({ state, events }: Desk): string {
    if (typeof state !== "object" || !("not_ready" in state)) return "";
    const { chosen, connectionLost, noAnswer } = this.texts.state;
    const { reason } = state.not_ready;
    if (reason === "no_answer") return noAnswer;
    if (reason === "connection_lost") return connectionLost;
    const by = this.#chosen(state, events);
    return by === chosen ? "" : by;
  }

  /** What became of the offer that immediately preceded the state; nothing if the state itself says so. */
  offerBefore(desk: Desk): string {
    const [before, change] = desk.events.filter(({ what }) => "offer" in what || "state" in what).slice(-2);
    const follows = before && "offer" in before.what && change && "state" in change.what;
    return follows && this.stateCause(desk) === "" ? this.event(before) : "";
  }

  /**
   * Who chose the state, the agent or a service; nothing if that is not known. It makes no difference that the
   * connection brought it back. What immediately follows an interaction was chosen earlier, and nobody says by whom.
   */
  #chosen(state: State, told: DeskEvent[]): string {
    const { chosen, chosenBy } = this.texts.state;
    const changes = told.flatMap(({ what }) => ("state" in what && what.state.cause !== "connection" ? [what.state] : []));
    const [change, before] = changes.slice(-2).reverse();
    if (JSON.stringify(change?.state) !== JSON.stringify(state)) return "";
    if (change?.cause === "service" && change.by) return fill(chosenBy, { by: change.by });
    const follows = before !== undefined && ["offered", "interaction"].includes(stateName(before.state));
    return change?.cause === "agent" && !follows ? chosen : "";
  }

  /** "Call for Support". */
  subject({ kind, service }: Subject): string {
    const { call, email, chat, about } = this.texts.work;
    return fill(about, { kind: { call, email, chat }[kind], service });
  }

  /** Who it is from, if that is known. */
  from({ kind, from }: Subject): string {
    const { noNumber, noSender, noName } = this.texts.work;
    return from || { call: noNumber, email: noSender, chat: noName }[kind];
  }

  /** What happened; nothing if another event says it better. */
  event({ what }: DeskEvent): string {
    const { events } = this.texts;
    if ("signed_in" in what) return fill(events.signedIn, { browser: this.browser(what.signed_in.browser) });
    if ("state" in what) return this.#stateEvent(what.state);
    if ("next" in what) return this.next(what.next.next);
    if ("hard_end" in what) {
      const { hard_end: at, waits } = what.hard_end;
      return waits ? events.hardEndWaits : fill(events.hardEnd, { time: this.clock(at) });
    }
    if ("connection" in what) {
      const { connectionOpen: open, connectionSuspect: suspect, connectionLost: lost } = events;
      return { open, suspect, lost }[what.connection];
    }
    if ("offer" in what) {
      const { offerTimedOut: timed_out, offerCancelled: cancelled, offerLost, offerNotReady, offerRejected } = events;
      const { reason } = what.offer;
      const rejected = reason === "connection_lost" ? offerLost : reason === "not_ready" ? offerNotReady : offerRejected;
      return { accepted: "", rejected, timed_out, cancelled }[what.offer.outcome];
    }
    return this.#stationEvent(what);
  }

  #stateEvent({ state, cause, by }: { state: State; cause: string; by: string | null }): string {
    const { events } = this.texts;
    const about = typeof state === "object" && "offered" in state ? state.offered.interaction : undefined;
    if (about) return fill(events.offered, { what: this.subject(about), from: this.from(about) });
    // An interaction is routing's doing, and its wrap-up follows: nobody has to be told by whom.
    const isByAgent = cause === "agent" || stateName(state) === "interaction" || stateName(state) === "wrapUp";
    const causes: Partial<Record<string, string>> = {
      routing: events.byRouting,
      connection: events.byConnection,
      limit: events.byLimit,
      recorder: events.byRecorder,
      extension: events.byExtension,
      microphone: events.byMicrophone,
      service: events.byService,
    };
    // Of the time limits, the state itself names this one.
    const isUnanswered = typeof state === "object" && "not_ready" in state && state.not_ready.reason === "no_answer";
    const why = isUnanswered ? events.byNoAnswer : isByAgent ? undefined : causes[cause];
    return fill(why ?? "{what}", { what: this.state(state), by: by ?? events.system });
  }

  #stationEvent(what: What): string {
    const { events, microphone } = this.texts;
    if ("extension" in what) {
      if (!what.extension) return "";
      const { number, asked } = what.extension;
      // The extension that is held is still held: the news is what became of the other one.
      if (asked && what.extension.held) return extensionLack(this, asked.number, asked.lacks).title;
      return fill(what.extension.held ? events.extensionHeld : events.extensionLost, { number, word: extensionStanding(this.texts, what.extension).word });
    }
    if ("recorder" in what) return what.recorder ? fill(events.recorder, { word: recorderStanding(this.texts, what.recorder).word }) : "";
    if ("microphone" in what && what.microphone.needed) return fill(events.microphone, { word: microphoneWord(microphone, what.microphone.state) });
    return "";
  }

  /** The heading and the sentence for an end. */
  ended(ended: Ended | null): { title: string; why: string } {
    const texts = this.texts.ended;
    if (!ended) return { title: texts.unknown, why: texts.unknownWhy };
    const [title, why] = {
      signed_out: [texts.signedOut, texts.signedOutWhy],
      taken_over: [texts.takenOver, texts.takenOverWhy],
      replaced: [texts.replaced, texts.replacedWhy],
      another_agent: [texts.anotherAgent, texts.anotherAgentWhy],
      connection_lost: [texts.connectionLost, texts.connectionLostWhy],
      hard_end: [texts.hardEnd, texts.hardEndWhy],
      forced: [texts.forced, texts.forcedWhy],
      disabled: [texts.disabled, texts.disabledWhy],
      password_changed: [texts.passwordChanged, texts.passwordChangedWhy],
    }[ended.reason] ?? [texts.unknown, texts.unknownWhy];
    const values = { time: this.clock(ended.at), by: ended.by ?? texts.somebody, browser: this.browser(ended.browser) };
    return { title: title ?? "", why: fill(why ?? "", values) };
  }
}
