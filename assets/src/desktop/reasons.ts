/** The button "not ready": if the instance declares reasons for it, it opens a menu of them. */

import { button, icon, make } from "./dom.ts";
import type { Words } from "./words.ts";

/** One of the instance's reasons. */
export interface NamedReason {
  code: string;
  name: string;
}

export class NotReadyButton {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;
  #words: Words;
  #choose: (reason: string | null) => void;
  #menu: HTMLElement;
  #caret = icon("M7 10l5 5 5-5");

  constructor(words: Words, shape: string[], choose: (reason: string | null) => void) {
    this.#words = words;
    this.#choose = choose;
    this.button = button(words.texts.state.notReady, "button", () => this.#press());
    this.button.prepend(icon(...shape));
    this.#caret.classList.add("caret");
    this.#menu = make("div", { class: "menu", role: "menu", id: "reasons", "aria-label": words.texts.state.reasons, hidden: true });
    this.element = make("div", { class: "with-menu" }, this.button, this.#menu);
    this.#menu.addEventListener("keydown", (event) => this.#move(event));
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.element.contains(relatedTarget as Node | null)) this.#close();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.element.contains(target as Node)) this.#close();
    });
  }

  /** The instance's reasons are known. */
  offer(reasons: NamedReason[]): void {
    const item = (code: string | null, name: string): HTMLElement => {
      const made = button("", "item", () => this.#take(code));
      for (const [key, value] of Object.entries({ role: "menuitemradio", tabindex: "-1", "aria-checked": "false" })) {
        made.setAttribute(key, value);
      }
      if (code !== null) made.dataset["reason"] = code;
      made.append(icon("M5 12.500l4.500 4.500L19 7.500"), make("span", {}, name));
      return made;
    };
    const items = reasons.map(({ code, name }) => item(code, name));
    this.#menu.replaceChildren(...items, item(null, this.#words.texts.state.noReason));
    if (reasons.length === 0) return;
    for (const [key, value] of Object.entries({ "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": "reasons" })) {
      this.button.setAttribute(key, value);
    }
    this.button.append(this.#caret);
  }

  /**
   * Marks the reason for which the agent is not ready; `undefined` if they are ready, or not ready for another reason.
   */
  mark(reason: string | null | undefined): void {
    for (const item of this.#items()) {
      const code = item.dataset["reason"] ?? null;
      item.setAttribute("aria-checked", String(reason !== undefined && code === reason));
    }
  }

  #items(): HTMLElement[] {
    return [...this.#menu.querySelectorAll<HTMLElement>(".item")];
  }

  #press(): void {
    if (this.button.getAttribute("aria-disabled") === "true") return;
    if (!this.button.hasAttribute("aria-haspopup")) return this.#choose(null);
    if (!this.#menu.hidden) return this.#close();
    this.#menu.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    const items = this.#items();
    (items.find((item) => item.getAttribute("aria-checked") === "true") ?? items[0])?.focus();
    // Focusing brings only one of them into view, not the whole choice.
    this.#menu.scrollIntoView({ block: "nearest" });
  }

  #take(reason: string | null): void {
    this.button.focus();
    this.#close();
    this.#choose(reason);
  }

  #close(): void {
    if (this.#menu.hidden) return;
    if (this.#menu.contains(document.activeElement)) this.button.focus();
    this.#menu.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  /** Keyboard use of menus: arrows, first and last, first letter, and the way out. */
  #move(event: KeyboardEvent): void {
    const { key } = event;
    if (key === "Escape" || key === "Tab") {
      this.#close();
      if (key === "Escape") event.preventDefault();
      return;
    }
    const items = this.#items();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const round = (to: number): HTMLElement | undefined => items[(to + items.length) % items.length];
    const next = { ArrowDown: round(at + 1), ArrowUp: round(at - 1), Home: items[0], End: items.at(-1) }[key];
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    const isLetter = key.length === 1 && key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    const found = next ?? (isLetter ? after.find((item) => startsWith(item, key)) : undefined);
    if (!found) return;
    event.preventDefault();
    found.focus();
  }
}

function startsWith(item: HTMLElement, letter: string): boolean {
  return (item.textContent ?? "").toLocaleLowerCase().startsWith(letter.toLocaleLowerCase());
}
