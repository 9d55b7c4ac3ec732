/**
 * The work at hand: an offer with the time left to answer it, the running interaction, its wrap-up. Who, which service,
 * since when, and what can be done. An offer never takes the focus: whoever is typing would answer it by accident.
 */

import type { Desk } from "../link/desk.ts";
import type { Ask, Kind, Seconds, Subject } from "../link/protocol.ts";
import { alarm, button, icon, make, need, write } from "./dom.ts";
import { OfferBar } from "./offer-bar.ts";
import { type StateName, type Words, fill, stateName } from "./words.ts";

/** Keys that type nothing, that browsers leave to pages, and that are not next to each other. */
const ACCEPT = "F2";
const REJECT = "F4";

export const KIND_SHAPES: Record<Kind, string[]> = {
  call: ["M6.500 3.500h3l1.500 4.500-2 1.500a12 12 0 0 0 5.500 5.500l1.500-2 4.500 1.500v3a2 2 0 0 1-2 2A15 15 0 0 1 4.500 5.500a2 2 0 0 1 2-2z"],
  email: ["M3.500 5.500h17v13h-17z", "M4 6.500l8 6.500 8-6.500"],
  chat: ["M4 5h16v11h-9l-4 4v-4H4z", "M8.500 10.500h.01M12 10.500h.01M15.500 10.500h.01"],
};

interface Shown {
  name: StateName;
  /** The offer's own id, or the interaction's. */
  id: string;
  subject: Subject;
  until: Seconds | null;
  /** Since when the agent is in this state. */
  from: Seconds;
}

export class Work {
  readonly element = make("div", { class: "work", role: "group" });
  /** The offer, for whoever has scrolled away from it. */
  readonly bar: OfferBar;
  #words: Words;
  /** What became of the last offer, shown in its place. */
  #before = make("p", { class: "before" });
  #none: HTMLElement;
  #picture = make("span", { class: "kind" });
  #what = make("h3", { class: "what" });
  #from = make("p", { class: "from" });
  #waits = make("p", { class: "hint" });
  #left = make("p", { class: "left" });
  #track = make("span", { class: "track", "aria-hidden": "true" });
  #accept: HTMLButtonElement;
  #reject: HTMLButtonElement;
  #end: HTMLButtonElement;
  #answer: HTMLElement;
  #body: HTMLElement;
  #shown: Shown | undefined;
  #isHeard = false;
  /** How it goes on after the wrap-up. */
  #after: "endsIn" | "endsInUnmet" | "endsInOver" = "endsIn";
  #isAsked = false;
  #alarmed = "";

  constructor(words: Words, ask: (ask: Ask) => void) {
    const texts = words.texts.work;
    this.#words = words;
    this.#none = make("div", { class: "none" }, this.#before, make("p", {}, texts.none));
    const choice = (kind: string, wish: (id: string) => Ask, key?: string): HTMLButtonElement => {
      const made = button("", `button ${kind}`, () => {
        if (!this.#shown || this.#isAsked) return;
        // Until the link has heard of it: the next press may come sooner.
        this.#isAsked = true;
        ask(wish(this.#shown.id));
      });
      made.append(make("span"), key === undefined ? "" : make("kbd", { "aria-hidden": "true" }, key));
      if (key !== undefined) made.setAttribute("aria-keyshortcuts", key);
      return made;
    };
    this.#accept = choice("accept", (offer) => ({ accept: { offer } }), ACCEPT);
    this.#reject = choice("reject", (offer) => ({ reject: { offer } }), REJECT);
    this.#end = choice("end", (interaction) => ({ end: { interaction } }));
    this.#answer = make("div", { class: "answer" }, this.#accept, this.#reject, this.#end);
    this.bar = new OfferBar(words.texts.state.offered, this.#answer, [this.#accept, this.#reject]);
    const about = make("div", { class: "about" }, this.#what, this.#from, this.#waits);
    const time = make("div", { class: "time" }, this.#left, this.#track);
    this.#body = make("div", { class: "subject" }, this.#picture, about, this.#answer, time);
    this.element.append(this.#none, this.#body);
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  show(desk: Desk | undefined, isHeard: boolean, asked: Ask[]): void {
    const before = this.#shown;
    const shown = desk && shownOf(desk);
    const hadFocus = [this.element, this.bar.element].some((place) => place.contains(document.activeElement));
    this.#shown = shown;
    this.#isHeard = isHeard;
    this.#after = desk?.waits ? "endsInOver" : desk && desk.missing.length > 0 ? "endsInUnmet" : "endsIn";
    this.element.hidden = !shown && desk?.state !== "ready";
    this.#none.hidden = shown !== undefined;
    write(this.#before, desk ? this.#words.offerBefore(desk) : "");
    this.#body.hidden = shown === undefined;
    this.element.dataset["shows"] = shown?.name ?? "none";
    if (shown?.name !== "offered") {
      this.#silence();
      this.bar.hide();
    }
    // Buttons that disappear hand the focus to the state that they led to.
    if (hadFocus && before?.name !== shown?.name) need("#state-title").focus();
    if (!shown) return;
    if (before?.subject.id !== shown.subject.id) this.#picture.replaceChildren(icon(...KIND_SHAPES[shown.subject.kind]));
    write(this.#what, this.#words.subject(shown.subject));
    write(this.#from, this.#words.from(shown.subject));
    this.#showButtons(shown.name, shown.id, asked);
    if (shown.name !== "offered") return;
    this.#sound(shown.id);
    this.bar.show(shown.id, this.#words.from(shown.subject), this.#words.subject(shown.subject));
  }

  /** Time passes. */
  tick(): void {
    const shown = this.#shown;
    if (!shown) return;
    const texts = this.#words.texts.work;
    const now = this.#words.now();
    const { name, subject, until, from } = shown;
    const waited = (name === "offered" ? now : from) - subject.since;
    const waits = { offered: texts.waits, interaction: texts.waited }[name as string] ?? "";
    write(this.#waits, fill(waits, { duration: this.#words.shortDuration(waited) }));
    const left = until === null ? undefined : Math.max(0, until - now);
    this.#track.hidden = name !== "offered";
    if (!this.#isHeard) {
      const answer = this.#isAsked ? texts.waitsForConnection : "";
      this.bar.tick(answer);
      return write(this.#left, answer);
    }
    if (left === undefined) return write(this.#left, "");
    // The server's clock is known to the second: nobody is promised more time than there ever was.
    const seconds = Math.ceil(Math.min(left, (until ?? 0) - from));
    const duration = this.#words.shortDuration(seconds);
    this.bar.tick(duration);
    if (name === "wrapUp") write(this.#left, fill(texts[this.#after], { duration }));
    else write(this.#left, seconds > 0 ? fill(texts.left, { seconds: String(seconds) }) : texts.timeIsUp);
    const whole = (until ?? 0) - from;
    this.#track.style.setProperty("--left", String(whole > 0 ? Math.min(1, Math.max(0, left - 1) / whole) : 0));
  }

  #showButtons(name: StateName, id: string, asked: Ask[]): void {
    const texts = this.#words.texts.work;
    const wish = askedFor(asked, id);
    this.#isAsked = wish !== undefined;
    for (const [made, label, isThere] of [
      [this.#accept, wish === "accept" ? texts.accepting : texts.accept, name === "offered"],
      [this.#reject, wish === "reject" ? texts.rejecting : texts.reject, name === "offered"],
      [this.#end, wish === "end" ? texts.ending : texts.end, name === "interaction"],
    ] as const) {
      made.hidden = !isThere;
      made.setAttribute("aria-disabled", String(this.#isAsked));
      write(need("span", made), label);
    }
    this.#answer.hidden = name === "wrapUp";
  }

  /** Announces it at once to whoever does not see it. */
  #sound(id: string): void {
    if (this.#alarmed === id) return;
    this.#alarmed = id;
    this.tick();
    const { announced } = this.#words.texts.work;
    const [what, from, left] = [this.#what, this.#from, this.#left].map(({ textContent }) => textContent ?? "");
    alarm(fill(announced, { what: what ?? "", from: from ?? "", left: left ?? "", accept: ACCEPT, reject: REJECT }));
  }

  /** Stops telling anyone to answer what is gone. */
  #silence(): void {
    if (this.#alarmed !== "") alarm("");
    this.#alarmed = "";
  }

  #press(event: KeyboardEvent): void {
    const { key, repeat, ctrlKey, altKey, metaKey, shiftKey } = event;
    const isAnswer = key === ACCEPT || key === REJECT;
    if (!isAnswer || ctrlKey || altKey || metaKey || shiftKey || this.#shown?.name !== "offered") return;
    event.preventDefault();
    if (repeat || document.querySelector("dialog[open]")) return;
    (key === ACCEPT ? this.#accept : this.#reject).click();
  }
}

/** What has already been asked for this very offer or interaction. */
function askedFor(asked: Ask[], id: string): "accept" | "reject" | "end" | undefined {
  for (const ask of asked.toReversed()) {
    if (typeof ask !== "object") continue;
    if ("accept" in ask && ask.accept.offer === id) return "accept";
    if ("reject" in ask && ask.reject.offer === id) return "reject";
    if ("end" in ask && ask.end.interaction === id) return "end";
  }
  return undefined;
}

function shownOf({ state, stateSince: from }: Desk): Shown | undefined {
  if (typeof state !== "object") return undefined;
  const name = stateName(state);
  if ("offered" in state) {
    const { offer: id, interaction: subject, until } = state.offered;
    return { name, id, subject, until, from };
  }
  const known = "in_interaction" in state ? { ...state.in_interaction, until: null } : "wrap_up" in state ? state.wrap_up : undefined;
  return known && { name, id: known.interaction.id, subject: known.interaction, until: known.until, from };
}
