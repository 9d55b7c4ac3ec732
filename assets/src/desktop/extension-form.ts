/** Where an agent types another extension. The page may have several of these. */

import { digits } from "../extension.ts";
import { make, write } from "./dom.ts";
import type { Texts } from "../texts/texts.ts";
import { fill } from "./words.ts";

/** The most digits of an extension, as in the domain's `Extension`. */
const LONGEST = 15;

export class ExtensionForm {
  readonly element: HTMLFormElement;
  readonly input: HTMLInputElement;
  #texts: Texts["extension"];
  #problem: HTMLElement;
  #told = "";

  /** `id` distinguishes it from others on the page; `take` is given digits only. */
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

  /** Says once what is wrong with the extension that was asked for, and returns whoever is still at it to the field. */
  tell(problem: string): void {
    if (this.#told === problem) return;
    this.#told = problem;
    this.#mark(problem);
    if (problem !== "" && this.element.contains(document.activeElement)) this.#choose();
  }

  #submit(take: (number: string) => void): void {
    const { number, problem } = extensionIn(this.#texts, this.input.value);
    this.#mark(problem);
    if (number === undefined) this.#choose();
    else take(number);
  }

  #mark(problem: string): void {
    write(this.#problem, problem);
    for (const [name, value] of [["aria-invalid", "true"], ["aria-describedby", this.#problem.id]] as const) {
      if (problem === "") this.input.removeAttribute(name);
      else this.input.setAttribute(name, value);
    }
  }

  #choose(): void {
    this.input.focus();
    this.input.select();
  }
}

/** The extension that was typed; if it is not one, why not. */
export function extensionIn(texts: Texts["extension"], typed: string): { number: string | undefined; problem: string } {
  const number = digits(typed);
  if (number === undefined) return { number, problem: texts.notDigits };
  if (number.length <= LONGEST) return { number, problem: "" };
  return { number: undefined, problem: fill(texts.tooManyDigits, { most: String(LONGEST) }) };
}
