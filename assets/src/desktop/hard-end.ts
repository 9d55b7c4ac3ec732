/** The last minute of a session, and what can be done about it. It is shown beside the work, never over it. */

import type { Desk } from "../link/desk.ts";
import type { Answered } from "../link/commands.ts";
import type { Ask } from "../link/protocol.ts";
import { announce, button, make, need, write } from "./dom.ts";
import { type Words, fill } from "./words.ts";

/** Seconds before the hard end at which the warning appears. */
const WARNING = 60;

export class HardEnd {
  #words: Words;
  #notice = need("#hard-end");
  #lead = make("p");
  #hint = make("p", { class: "hint" });
  #stay: HTMLButtonElement;
  /** How it goes on after the end. */
  #after: string;
  #desk: Desk | undefined;
  #isRefused = false;
  #isAsked = false;
  /** The end that was announced, so that it is announced once. */
  #told = "";

  /** `byPages` if the agent signs in again on pages. */
  constructor(words: Words, byPages: boolean, ask: (ask: Ask) => void) {
    const { stay, signInAfter, signInAfterByPages } = words.texts.hardEnd;
    this.#words = words;
    this.#after = byPages ? signInAfterByPages : signInAfter;
    this.#stay = button(stay, "button", () => ask("stay"));
    this.#notice.append(make("div", {}, this.#lead, this.#hint), this.#stay);
  }

  show(desk: Desk | undefined, asked: Ask[], answered: Answered[]): void {
    const before = this.#desk;
    this.#desk = desk;
    this.#isAsked = asked.includes("stay");
    this.#isRefused = answered.some(({ ask, refused }) => ask === "stay" && refused !== null);
    const wasTold = !this.#notice.hidden;
    this.tick();
    const isLater = before && desk && before.sid === desk.sid && desk.hardEnd > before.hardEnd;
    if (isLater && wasTold && this.#notice.hidden) {
      announce(fill(this.#words.texts.hardEnd.stays, { time: this.#words.clock(desk.hardEnd) }));
    }
  }

  tick(): void {
    const desk = this.#desk;
    const left = desk ? desk.hardEnd - this.#words.now() : Infinity;
    const isTold = desk !== undefined && (desk.waits || left <= WARNING);
    if (!isTold && this.#notice.contains(document.activeElement)) need("#desktop h1").focus();
    this.#notice.hidden = !isTold;
    if (!isTold || !desk) return;
    const texts = this.#words.texts.hardEnd;
    const canStay = desk.overtime > 0 && !desk.waits && !this.#isRefused;
    write(this.#lead, desk.waits ? texts.waits : fill(texts.soon, { duration: this.#words.shortDuration(left) }));
    const hint = this.#isRefused ? `${texts.stayRefused} ${this.#after}` : this.#after;
    write(this.#hint, canStay ? (this.#isAsked ? texts.staySent : "") : hint);
    this.#stay.hidden = !canStay;
    const about = `${desk.sid} ${desk.waits ? "waits" : desk.hardEnd}`;
    if (this.#told !== about) {
      this.#told = about;
      announce([this.#lead.textContent, this.#hint.textContent].filter(Boolean).join(" "));
    }
  }
}
