/** The extension that the agent does not hold: why, and a retry or another number. */

import { subject } from "../../link/commands.ts";
import type { Ask, Lack } from "../../link/protocol.ts";
import { button } from "../dom.ts";
import { ExtensionForm } from "../extension-form.ts";
import { extensionLack } from "../standing.ts";
import type { Words } from "../words.ts";
import { Item, type Situation } from "./item.ts";

/** Keys, as on a telephone. */
const SHAPE = ["M5 4h14v16H5z", "M8 7.500h8", "M9 11.500h.01M12 11.500h.01M15 11.500h.01M9 15.500h.01M12 15.500h.01M15 15.500h.01"];

export class ExtensionItem {
  readonly item = new Item("extension", SHAPE);
  #words: Words;
  #number = "";
  #again: HTMLButtonElement;
  #other: HTMLButtonElement;
  #form: ExtensionForm;

  constructor(words: Words, ask: (ask: Ask) => void) {
    const texts = words.texts.extension;
    const take = (number: string): void => ask({ extension: { number } });
    this.#words = words;
    this.#again = button(texts.again, "button", () => take(this.#number));
    this.#other = button(texts.other, "button", () => this.#open());
    this.#form = new ExtensionForm(texts, "needed-extension", take);
    this.#form.element.hidden = true;
    this.item.more.append(this.#form.element);
    this.item.actions.append(this.#again, this.#other);
  }

  show(lack: Lack, { desk, isHeard, asked, answered }: Situation): void {
    const texts = this.#words.texts.extension;
    const { why } = lack;
    this.#number = desk.extension?.number ?? "";
    const refused = answered.findLast(({ ask }) => subject(ask) === "extension")?.refused;
    const isAsked = asked.some((ask) => subject(ask) === "extension");
    const told = extensionLack(this.#words, this.#number, lack);
    this.item.say(told.title, told.why, isAsked ? (isHeard ? texts.sent : texts.waits) : refused ? texts.refused : "");
    const isBusy = why === "asking" || isAsked;
    const mayType = refused !== "not_allowed";
    const isOpen = why === "none" || !this.#form.element.hidden;
    this.#form.element.hidden = !mayType || !isOpen || isBusy;
    this.#again.hidden = isBusy || this.#number === "";
    this.#other.hidden = !mayType || isOpen || isBusy;
  }

  #open(): void {
    this.#form.element.hidden = false;
    this.#other.hidden = true;
    this.#form.input.focus();
  }
}
