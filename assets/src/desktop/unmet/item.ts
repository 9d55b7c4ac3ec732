/** One thing that keeps the agent from being ready: what it is, why, and what mends it. */

import type { Answered } from "../../link/commands.ts";
import type { Desk } from "../../link/desk.ts";
import type { Ask } from "../../link/protocol.ts";
import { icon, make, write } from "../dom.ts";

/** What determines how an item is shown. */
export interface Situation {
  desk: Desk;
  isHeard: boolean;
  asked: Ask[];
  answered: Answered[];
  /** Whether this tab holds the connection. */
  leads: boolean;
}

/** The common look of items. */
export class Item {
  readonly element: HTMLLIElement;
  readonly actions = make("div", { class: "actions" });
  readonly more = make("div", { class: "more" });
  #title = make("h3");
  #why = make("p");
  #note = make("p", { class: "hint", role: "status" });

  constructor(name: string, shape: string[]) {
    const words = make("div", { class: "words" }, this.#title, this.#why, this.more, this.actions, this.#note);
    this.element = make("li", { "data-missing": name }, make("span", { class: "sign" }, icon(...shape)), words);
  }

  /** Sets its words; `note` is what came of the last try. */
  say(title: string, why: string, note = ""): void {
    write(this.#title, title);
    write(this.#why, why);
    write(this.#note, note);
  }

  get title(): string {
    return this.#title.textContent ?? "";
  }
}
