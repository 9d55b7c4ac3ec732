/** The connection's true state: a word in the bar, and while it is away a notice with what to do. */

import { PING, SILENCE } from "../link/link.ts";
import type { ToPage } from "../link/messages.ts";
import { announce, button, make, need, write } from "./dom.ts";
import { type Words, fill, stateName } from "./words.ts";

/** Milliseconds for which a connection may be away before anyone is told: a change of node takes less. */
const UNNOTICED = 1_000;
/** Milliseconds for which the desk may have heard nothing by the time a connection is noticed to be away. */
const UNHEARD = PING + SILENCE;

type Shown = "connecting" | "open" | "lost" | "offline" | "aside" | "over";

export class Connection {
  #words: Words;
  #light = need("#network");
  #notice = need("#away");
  #lead = make("p");
  #count = make("p", { class: "hint" });
  #now: HTMLButtonElement;
  #told: ToPage | undefined;
  #wasOpen = false;
  #isOver = false;
  #awaySince: number | undefined;
  /** When this page took the session back: until then, the desk has heard another one. */
  #takenBack = 0;
  #due = 0;

  constructor(words: Words, hurry: () => void) {
    this.#words = words;
    this.#now = button(words.texts.connection.now, "button", hurry);
    this.#notice.append(make("div", {}, this.#lead, this.#count), this.#now);
  }

  get isOpen(): boolean {
    return this.#told?.snapshot.phase === "open" && navigator.onLine;
  }

  /** The word in the bar for a connection that is away; nothing while nobody has been told that it is. */
  get away(): string | undefined {
    return this.#notice.hidden ? undefined : (this.#light.textContent ?? undefined);
  }

  show(told: ToPage): void {
    const { phase } = told.snapshot;
    const wasAside = this.#told?.snapshot.phase === "aside";
    this.#told = told;
    this.#isOver = false;
    // Whoever takes the session back sees at once that it is not there yet.
    if (wasAside && phase !== "aside") {
      this.#takenBack = Date.now();
      this.#awaySince = this.#takenBack - UNNOTICED;
    }
    this.#wasOpen ||= phase === "open";
    this.#due = told.snapshot.backoff.due;
    this.tick();
  }

  /** The link's script cannot be loaded at the moment. */
  showLost(): void {
    this.#awaySince ??= Date.now() - UNNOTICED;
    this.#wasOpen = true;
    this.tick();
  }

  /** This page's session is over, whatever becomes of the connection: that belongs to another session. */
  end(): void {
    this.#isOver = true;
    this.tick();
  }

  tick(): void {
    const texts = this.#words.texts.connection;
    const before = this.#light.dataset["state"];
    if (this.#isOver || this.isOpen || this.#told?.snapshot.phase === "aside") this.#awaySince = undefined;
    else if (this.#told) this.#awaySince ??= Date.now();
    const shown = this.#shown();
    this.#light.dataset["state"] = shown;
    write(this.#light, shown === "open" && !this.#told?.leads ? texts.openThroughTab : texts[shown]);
    const isAway = shown === "lost" || shown === "offline" || shown === "aside";
    if (isAway) this.#showNotice(shown);
    if (this.#notice.hidden === isAway) this.#turn(shown, isAway, before);
    this.#notice.hidden = !isAway;
  }

  #shown(): Shown {
    const phase = this.#told?.snapshot.phase ?? "off";
    if (this.#isOver) return "over";
    if (phase === "over" || phase === "aside") return phase;
    if (!navigator.onLine) return "offline";
    if (this.isOpen) return "open";
    const isNoticed = Date.now() - (this.#awaySince ?? Date.now()) >= UNNOTICED;
    if (!this.#wasOpen) return "connecting";
    return isNoticed ? "lost" : "open";
  }

  #showNotice(shown: "lost" | "offline" | "aside"): void {
    const texts = this.#words.texts.connection;
    const lead = { lost: `${texts.lost}. ${texts.away}`, offline: texts.offlineNotice, aside: texts.asideNotice }[shown];
    write(this.#lead, lead);
    write(this.#now, shown === "aside" ? texts.useThisTab : texts.now);
    const left = Math.ceil((this.#due - Date.now()) / 1000);
    const when = left > 0 ? fill(texts.again, { seconds: String(left) }) : texts.trying;
    write(this.#count, shown === "aside" ? "" : shown === "lost" ? `${when} ${this.#until()}` : this.#until());
    this.#now.hidden = shown === "offline";
  }

  /** How long the agent can go on, and what happens then. */
  #until(): string {
    const texts = this.#words.texts.connection;
    const desk = this.#told?.snapshot.desk;
    const since = this.#silentSince();
    if (!desk?.loggedOutSeconds || since === undefined) return texts.goOn;
    // At the latest; what is promised is what holds in any case.
    const over = since + desk.loggedOutSeconds * 1000;
    const time = this.#words.clock((over - UNHEARD - desk.skew) / 1000);
    if (Date.now() >= over) return fill(texts.untilOver, { time });
    return [texts.goOn, fill(texts.until, { time }), stateName(desk.state) === "interaction" ? texts.untilEngaged : ""].join(" ").trim();
  }

  /** Since when, at the latest, the desk has heard nothing. A computer that was asleep notices that late. */
  #silentSince(): number | undefined {
    const { phase, heard } = this.#told?.snapshot ?? {};
    if (this.#awaySince === undefined || heard === undefined || phase === "open") return this.#awaySince;
    return Math.min(this.#awaySince, Math.max(heard + SILENCE, this.#takenBack));
  }

  /** Announces once that the connection is lost, with how long the session lasts then, and once that it is back. */
  #turn(shown: Shown, isAway: boolean, before: string | undefined): void {
    const { texts } = this.#words;
    const lead = this.#lead.textContent ?? "";
    if (isAway) announce(shown === "aside" ? lead : `${lead} ${this.#until()}`);
    else if (before && before !== "connecting" && this.isOpen) announce(texts.connection.back);
    if (!isAway && this.#notice.contains(document.activeElement)) need("#desktop h1").focus();
  }
}
