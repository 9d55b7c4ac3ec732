/** The agent's state: large, in words, colour and shape, for how long, and what may be chosen. */

import type { Desk } from "../link/desk.ts";
import type { Answered } from "../link/commands.ts";
import type { Ask, Next } from "../link/protocol.ts";
import { announce, button, icon, make, write } from "./dom.ts";
import { type StateName, type Words, fill, stateName } from "./words.ts";

/** Each state has a shape of its own. */
const SHAPES: Record<StateName | "unknown", string[]> = {
  ready: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M8 12.3l2.8 2.8L16.2 9.4"],
  notReady: ["M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3z", "M9.8 9v6M14.2 9v6"],
  interaction: ["M4 5h16v11h-7l-5 4v-4H4z", "M8.5 10.5h7"],
  wrapUp: ["M7 3h10M7 21h10", "M8 3c0 5 8 5.500 8 9s-8 4-8 9M16 3c0 5-8 5.500-8 9s8 4 8 9"],
  unknown: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 8v4.500l3 2"],
};

/** What may be chosen, whatever the reason. */
type Choice = "ready" | "not_ready";

function choice(ask: Ask): Choice | undefined {
  if (ask === "ready") return "ready";
  return typeof ask === "object" && "not_ready" in ask ? "not_ready" : undefined;
}

/** What the card shows. */
export interface StateShown {
  desk: Desk | undefined;
  /** Whether the desk is heard now; if not, what is shown is what was known last. */
  isHeard: boolean;
  /** Choices that the desk has not confirmed: the last one counts. */
  asked: Ask[];
  answered: Answered[];
}

export class StateCard {
  readonly element: HTMLElement;
  #words: Words;
  #shape = make("span", { class: "shape" });
  #label: HTMLElement;
  #word = make("p", { class: "word" });
  #timer = make("p", { class: "timer", role: "timer" });
  #hint = make("p", { class: "hint" });
  #next = make("p", { class: "next" });
  #awaited = make("p", { class: "awaited" });
  #choice: HTMLElement;
  #buttons: Record<Choice, HTMLButtonElement>;
  #since: number | undefined;
  #told = "";
  #answeredKeys = new Set<string>();

  constructor(words: Words, ask: (ask: Ask) => void) {
    const texts = words.texts.state;
    this.#words = words;
    this.#label = make("h2", { class: "label", id: "state-title" }, texts.title);
    this.#buttons = {
      ready: button(texts.ready, "button", () => ask("ready")),
      not_ready: button(texts.notReady, "button", () => ask({ not_ready: { reason: null } })),
    };
    this.#buttons.ready.prepend(icon(...SHAPES.ready));
    this.#buttons.not_ready.prepend(icon(...SHAPES.notReady));
    this.#choice = make("div", { class: "choice", role: "group" }, this.#buttons.ready, this.#buttons.not_ready);
    const now = make("div", { class: "now" }, this.#label, make("div", { class: "told" }, this.#word, this.#timer), this.#hint);
    const chosen = make("div", { class: "chosen" }, this.#choice, this.#next, this.#awaited);
    this.element = make("section", { class: "state-card", "aria-labelledby": "state-title" }, this.#shape, now, chosen);
  }

  show({ desk, isHeard, asked, answered }: StateShown): void {
    const texts = this.#words.texts.state;
    const name = desk ? stateName(desk.state) : "unknown";
    if (this.element.dataset["state"] !== name) this.#shape.replaceChildren(icon(...SHAPES[name]));
    this.element.dataset["state"] = name;
    this.element.dataset["stale"] = String(!isHeard);
    // Of a desk that is not heard nobody knows whether it is still so.
    this.#since = isHeard ? desk?.stateSince : undefined;
    write(this.#label, isHeard || !desk ? texts.title : texts.stale);
    write(this.#word, texts[name]);
    write(this.#hint, desk && isHeard ? this.#words.stateHint(desk.state) : "");
    const after = name === "interaction" ? this.#after(desk?.next ?? null) : "";
    write(this.#next, after);
    this.#showChoice(desk, name, asked, isHeard);
    this.#tell(desk, name, after, answered);
    this.tick();
  }

  /** The time goes on. */
  tick(): void {
    write(this.#timer, this.#since === undefined ? "" : this.#words.counter(this.#words.now() - this.#since));
  }

  #after(next: Next | null): string {
    const texts = this.#words.texts.state;
    return next === null ? texts.afterWrapUp : next === "ready" ? texts.afterReady : texts.afterNotReady;
  }

  #showChoice(desk: Desk | undefined, name: StateName | "unknown", asked: Ask[], isHeard: boolean): void {
    const texts = this.#words.texts.state;
    const awaited = asked.map(choice).findLast((chosen) => chosen !== undefined);
    const present = name === "ready" ? "ready" : name === "notReady" ? "not_ready" : desk?.next ? choice(desk.next) : undefined;
    this.#choice.setAttribute("aria-label", name === "interaction" ? texts.chooseNext : texts.choose);
    for (const [value, made] of Object.entries(this.#buttons)) {
      made.setAttribute("aria-pressed", String(value === present));
      made.classList.toggle("awaited", value === awaited);
    }
    const state = awaited === "ready" ? texts.ready : texts.notReady;
    write(this.#awaited, awaited ? fill(isHeard ? texts.sending : texts.waits, { state }) : "");
  }

  /** Says once what has changed, for whoever does not see it. */
  #tell(desk: Desk | undefined, name: StateName | "unknown", after: string, answered: Answered[]): void {
    const texts = this.#words.texts.state;
    const refused = answered.find(({ key, ask, refused }) => refused && choice(ask) && !this.#answeredKeys.has(key));
    for (const { key } of answered) this.#answeredKeys.add(key);
    if (refused) {
      const words = fill(texts.refused, { state: refused.ask === "ready" ? texts.ready : texts.notReady });
      write(this.#awaited, words);
      announce(words);
    }
    const told = [texts[name], after].filter(Boolean).join(". ");
    const isNew = desk !== undefined && this.#told !== "" && this.#told !== told;
    if (desk) this.#told = told;
    if (isNew) announce(told);
  }
}
