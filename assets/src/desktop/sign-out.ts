/**
 * Signing out: confirmed first in the middle of an interaction, and done once the server has heard of it. Without a
 * network the page shows nothing else and keeps trying; so does the next page of this session in this browser, because
 * somebody else may sit down here meanwhile.
 */

import { stored } from "./client.ts";
import { button, keepOpen, make, need, write } from "./dom.ts";
import type { Words } from "./words.ts";

/** Milliseconds between two attempts, and before the page says that it has not worked yet. */
const PAUSE = 3_000;
const PATIENCE = 1_500;
/** Milliseconds that the server may take: it waits for one store after the other itself, ten seconds each. */
const LONGEST = 25_000;
/** The storage key for the session that is to end. */
const WANTED = "onecontact.signing-out";

interface Events {
  /** Whether there is an interaction. */
  isEngaged(): boolean;
  /** The page is about to be left. */
  leave(): void;
  /** The server has heard of it. */
  left(): void;
}

export class SignOut {
  #words: Words;
  #home: string;
  /** What only this session has. */
  #session: string;
  #events: Events;
  #form = need<HTMLFormElement>(".bar form");
  #title = make("h2", { id: "sign-out-title", tabindex: "-1" });
  #why = make("p", { role: "status" });
  #actions = make("p", { class: "actions" });
  #dialog = make("dialog", { id: "sign-out", "aria-labelledby": "sign-out-title" }, this.#title, this.#why, this.#actions);
  #isLeaving = false;

  constructor(words: Words, home: string, session: string, events: Events) {
    this.#words = words;
    this.#home = home;
    this.#session = session;
    this.#events = events;
    const texts = words.texts.signOut;
    this.#actions.append(
      button(texts.goOn, "primary", () => void this.go("1")),
      button(texts.stay, "button", () => this.#dialog.close()),
    );
    keepOpen(this.#dialog, () => this.#isLeaving);
    document.body.append(this.#dialog);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (events.isEngaged()) this.#ask();
      else void this.go("1");
    });
  }

  /** Continues what an earlier page of this session did not finish. Returns whether there is such a thing. */
  goOn(): boolean {
    const wanted = stored(() => localStorage.getItem(WANTED)) ?? null;
    if (wanted === null) return false;
    if (wanted === this.#session) void this.go("1");
    else stored(() => localStorage.removeItem(WANTED));
    return wanted === this.#session;
  }

  /** Whether there is a session to sign out of. */
  offer(isOffered: boolean): void {
    this.#form.hidden = !isOffered;
    if (!isOffered) this.stopAsking();
  }

  /** What the agent was asked about has ended: whether to leave it is no question any more. */
  stopAsking(): void {
    if (!this.#isLeaving) this.#dialog.close();
  }

  /** Signs out; the login page says `because` of what. */
  async go(because: string): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    stored(() => localStorage.setItem(WANTED, this.#session));
    this.#events.leave();
    this.#actions.hidden = true;
    this.#dialog.setAttribute("closedby", "none");
    const patience = setTimeout(() => this.#tell(), PATIENCE);
    while (!(await this.#send())) {
      this.#tell();
      await new Promise<void>((go) => {
        setTimeout(go, PAUSE);
        window.addEventListener("online", () => go(), { once: true });
      });
    }
    clearTimeout(patience);
    stored(() => localStorage.removeItem(WANTED));
    this.#events.left();
    location.replace(`${this.#home}?signed-out=${because}`);
  }

  #ask(): void {
    const { engaged, engagedWhy } = this.#words.texts.signOut;
    write(this.#title, engaged);
    write(this.#why, engagedWhy);
    this.#dialog.showModal();
    this.#title.focus();
  }

  #tell(): void {
    const { waits, waitsWhy } = this.#words.texts.signOut;
    write(this.#title, waits);
    write(this.#why, waitsWhy);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** Whether the server has ended the session, or knows of none. A network that wants a login of its own redirects. */
  async #send(): Promise<boolean> {
    try {
      const answer = await fetch(this.#form.action, {
        method: "POST",
        headers: { accept: "application/json" },
        redirect: "manual",
        signal: AbortSignal.timeout(LONGEST),
      });
      return answer.status === 204;
    } catch {
      return false;
    }
  }
}
