/**
 * The offer once more, at the foot of the window, while its own answers are out of sight: for whoever has scrolled away
 * from it and hears no ring. It neither takes the focus nor is read out: the offer itself was.
 */

import { button, make, need, write } from "./dom.ts";

/** How much of the offer's own answers has to be visible: all but a rounding error. */
const SEEN = 0.95;

export class OfferBar {
  readonly element: HTMLElement;
  #place: HTMLElement;
  /** The offer's own answers, each with the button that presses it from here. */
  #answers: [HTMLButtonElement, HTMLButtonElement][];
  #what = make("p", { class: "line" });
  #left = make("p", { class: "hint line" });
  #seen: IntersectionObserver | undefined;
  #id: string | undefined;

  /** `place` contains the offer's own answers. */
  constructor(label: string, place: HTMLElement, own: HTMLButtonElement[]) {
    this.#place = place;
    this.#answers = own.map((answer) => {
      const made = button("", answer.className, () => answer.click());
      made.append(...[...answer.childNodes].map((part) => part.cloneNode(true)));
      made.setAttribute("aria-keyshortcuts", answer.getAttribute("aria-keyshortcuts") ?? "");
      return [answer, made];
    });
    const about = make("div", { class: "about" }, this.#what, this.#left);
    const answers = this.#answers.map(([, made]) => made);
    this.element = make("section", { class: "offer-bar", "aria-label": label, hidden: true }, about, ...answers);
  }

  /** The offer `id` awaits an answer. */
  show(id: string, from: string, what: string): void {
    write(this.#what, `${from} · ${what}`);
    for (const [own, made] of this.#answers) {
      write(need("span", made), need("span", own).textContent ?? "");
      made.setAttribute("aria-disabled", own.getAttribute("aria-disabled") ?? "false");
    }
    if (id === this.#id) return;
    this.hide();
    this.#id = id;
    this.#watch();
  }

  /** No offer is waiting any more. */
  hide(): void {
    this.#seen?.disconnect();
    this.#id = undefined;
    this.element.hidden = true;
  }

  /** The session is over, and nothing is answered here: the offer's own place shows what was last known. */
  rest(): void {
    this.#turn(false);
    this.hide();
  }

  /** How long is left to answer. */
  tick(left: string): void {
    write(this.#left, left);
  }

  #watch(): void {
    const head = need(".bar");
    // What is behind the head of the page is out of sight as well.
    const covered = getComputedStyle(head).position === "sticky" ? head.offsetHeight : 0;
    let isFirst = true;
    this.#seen = new IntersectionObserver((entries) => {
      this.#turn((entries.at(-1)?.intersectionRatio ?? 0) < SEEN);
      if (isFirst && !this.element.hidden) this.#uncover();
      isFirst = false;
    }, { threshold: SEEN, rootMargin: `-${covered}px 0px 0px` });
    this.#seen.observe(this.#place);
  }

  /** Moves the focus from an answer here to the same one there. */
  #turn(isNeeded: boolean): void {
    const held = this.#answers.find(([, made]) => made === document.activeElement);
    if (!isNeeded) held?.[0].focus({ preventScroll: true });
    this.element.hidden = !isNeeded;
  }

  /** Keeps whatever has the focus from being covered when the bar appears. */
  #uncover(): void {
    const active = document.activeElement;
    if (!active || active === document.body) return;
    const { top, bottom } = active.getBoundingClientRect();
    const bar = this.element.getBoundingClientRect();
    if (top < bar.bottom && bottom > bar.top) active.scrollIntoView({ block: "nearest" });
  }
}
