/**
 * The agent's note. It stays in this tab over reconnects, reloads and signing in again, goes when the agent signs out,
 * and is never shown to anybody else who signs in here.
 */

import { make } from "./dom.ts";
import { stored } from "./client.ts";
import type { Words } from "./words.ts";

const KEY = "onecontact-note";
/** Characters; far above any note, far below what a browser keeps. */
const LONGEST = 20_000;

/** Whose note it is. */
export interface Owner {
  sid: string | undefined;
  /** Install, instance and user name: the same person may have signed in anew. */
  agent: string | undefined;
}

interface Kept extends Owner {
  text: string;
}

export class Note {
  readonly element: HTMLElement;
  #text = make("textarea", {
    id: "note",
    rows: "6",
    maxlength: String(LONGEST),
    autocomplete: "off",
    "aria-describedby": "note-hint",
    disabled: true,
  });
  #owner: Owner = { sid: undefined, agent: undefined };

  constructor(words: Words) {
    const { label, hint } = words.texts.note;
    this.#text.addEventListener("input", () => this.#keep());
    this.element = make(
      "section",
      { class: "sheet note" },
      make("h2", {}, make("label", { for: "note" }, label)),
      this.#text,
      make("p", { class: "hint", id: "note-hint" }, hint),
    );
  }

  /** It is known whose desktop this is: brings back their note, and no other. */
  open(owner: Owner): void {
    this.#owner = owner;
    if (this.#text.disabled) {
      const kept = read();
      if (kept && isSame(kept, owner)) this.#text.value = kept.text;
      else stored(() => sessionStorage.removeItem(KEY));
      this.#text.disabled = false;
    }
    this.#keep();
  }

  /** The agent signs out. */
  clear(): void {
    this.#text.value = "";
    stored(() => sessionStorage.removeItem(KEY));
  }

  #keep(): void {
    const kept: Kept = { ...this.#owner, text: this.#text.value };
    if (kept.text === "") stored(() => sessionStorage.removeItem(KEY));
    else stored(() => sessionStorage.setItem(KEY, JSON.stringify(kept)));
  }
}

function isSame(kept: Kept, owner: Owner): boolean {
  const isSession = kept.sid !== undefined && kept.sid === owner.sid;
  return isSession || (kept.agent !== undefined && kept.agent === owner.agent);
}

function read(): Kept | undefined {
  const text = stored(() => sessionStorage.getItem(KEY));
  return text ? stored(() => JSON.parse(text) as Kept) : undefined;
}
