/** What happened in this session, in words, newest first. */

import type { DeskEvent } from "../link/protocol.ts";
import { make, unbroken } from "./dom.ts";
import type { Words } from "./words.ts";

export class Events {
  readonly element: HTMLElement;
  #words: Words;
  #list = make("ol", { class: "events", tabindex: "0", role: "list", "aria-labelledby": "events-title" });
  #none: HTMLElement;
  #shown: string = "";

  constructor(words: Words) {
    const texts = words.texts.events;
    this.#words = words;
    this.#none = make("p", { class: "hint" }, texts.none);
    const title = make("h2", { id: "events-title" }, texts.title);
    this.element = make("section", { class: "sheet", "aria-labelledby": "events-title" }, title, this.#none, this.#list);
  }

  show(sid: string, events: DeskEvent[]): void {
    const key = `${sid} ${events.at(-1)?.seq ?? 0}`;
    if (this.#shown === key) return;
    this.#shown = key;
    const items: HTMLElement[] = [];
    let before = "";
    for (const event of events) {
      const words = this.#words.event(event);
      // Some events are steps of the same thing, and some only repeat what another one says better.
      if (words === "" || words === before) continue;
      before = words;
      const at = make("time", { datetime: new Date(event.at * 1000).toISOString() }, this.#words.clock(event.at));
      items.push(make("li", {}, at, make("span", {}, ...unbroken(words))));
    }
    this.#list.replaceChildren(...items.reverse());
    this.#list.hidden = items.length === 0;
    this.#none.hidden = items.length > 0;
  }
}
