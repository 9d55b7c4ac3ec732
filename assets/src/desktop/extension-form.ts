/** Where an agent types another extension. It may stand in several places of the page. */

import { make, write } from "./dom.ts";
import type { Texts } from "../texts/texts.ts";

/** Digits of the longest extension. */
const LONGEST = 20;

export class ExtensionForm {
  readonly element: HTMLFormElement;
  readonly input: HTMLInputElement;
  #texts: Texts["extension"];
  #problem: HTMLElement;

  /** `id` tells it from others on the page; `take` gets digits alone. */
  constructor(texts: Texts["extension"], id: string, take: (number: string) => void) {
    this.#texts = texts;
    this.#problem = make("p", { class: "problem", id: `${id}-problem`, role: "alert" });
    this.input = make("input", { id, inputmode: "numeric", autocomplete: "off", spellcheck: "false" });
    const submit = make("button", { class: "button primary", type: "submit" }, texts.take);
    const control = make("div", { class: "control" }, this.input, submit);
    this.element = make("form", { class: "field inline" }, make("label", { for: id }, texts.label), control, this.#problem);
    this.element.noValidate = true;
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(take);
    });
  }

  #submit(take: (number: string) => void): void {
    const number = digits(this.input.value);
    write(this.#problem, number === undefined ? this.#texts.notDigits : "");
    if (number !== undefined) {
      this.input.removeAttribute("aria-invalid");
      this.input.removeAttribute("aria-describedby");
      take(number);
      return;
    }
    this.input.setAttribute("aria-invalid", "true");
    this.input.setAttribute("aria-describedby", this.#problem.id);
    this.input.focus();
  }
}

/** The extension that was typed; nothing where that is none. Numbers are pasted with blanks and dashes. */
export function digits(typed: string): string | undefined {
  const number = typed.replace(/[\s.,()/+-]/g, "");
  return /^\d+$/.test(number) && number.length <= LONGEST ? number : undefined;
}
