/**
 * The agent's note. It stays in this tab across reconnects, reloads and signing in again, is deleted when the agent
 * signs out, and is never shown to anybody else who signs in here.
 */

import { make } from "./dom.ts";
import { stored } from "./client.ts";
import type { Words } from "./words.ts";

const KEY = "onecontact-note";
/** In characters: far above any note, far below what a browser can store. */
const LONGEST = 20_000;

/** Whose note it is. */
export interface Owner {
  sid: string | undefined;
  /** Install, instance and username: the same person may have signed in again. */
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
  });
  #owner: Owner | undefined;

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

  /** It is known whose desktop this is: restores their note, and no other. What was typed meanwhile follows it. */
  open(owner: Owner): void {
    if (!this.#owner) {
      const kept = read();
      const isOwn = kept !== undefined && isSame(kept, owner);
      // Another session's, and whose that was is not known until the instance is: it may be this agent's.
      if (kept && !isOwn && owner.agent === undefined) return;
      const own = isOwn ? kept.text : "";
      this.#text.value = [own, this.#text.value].filter(Boolean).join("\n");
    }
    this.#owner = owner;
    this.#keep();
  }

  /** The agent signs out. */
  clear(): void {
    this.#text.value = "";
    stored(() => sessionStorage.removeItem(KEY));
  }

  #keep(): void {
    if (!this.#owner) return;
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
