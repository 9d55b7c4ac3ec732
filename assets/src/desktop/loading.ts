/** The loading screen: each part is fetched and shown independently, and retried until it is there. */

import { FRESH, afterFailure, retryAfter } from "../link/backoff.ts";
import type { Ended } from "../link/protocol.ts";
import { announce, need, write } from "./dom.ts";
import { type Words, fill } from "./words.ts";

/** Milliseconds after which a part counts as unanswered. */
const PATIENCE = 10_000;

/** Milliseconds before a part is requested again. */
const RETRY = 500;

export type Part = "profile" | "instance" | "extension" | "session";
export type Values = Record<string, unknown>;
type State = "waiting" | "loading" | "loaded" | "failed";

/** Why a part is missing: the words to show. */
class NotLoaded extends Error {
  /** Milliseconds that the server asked to wait. */
  readonly wait: number;
  /** Whether it stays so until somebody has mended it. */
  readonly isLasting: boolean;

  constructor(words: string, wait = 0, isLasting = false) {
    super(words);
    this.wait = wait;
    this.isLasting = isLasting;
  }
}

/** The session turned out to be over. */
class Over {
  readonly ended: Ended | null;

  constructor(ended: Ended | null) {
    this.ended = ended;
  }
}

interface Events {
  /** A part has arrived. */
  loaded(part: Part, values: Values): void;
  /** The session is over. */
  over(ended: Ended | null): void;
  /** It is time for the desktop. */
  done(): void;
}

export class Loading {
  #words: Words;
  #home: string;
  #events: Events;
  #screen = need("#loading");
  #missing = need("#missing");
  #items = [...this.#screen.querySelectorAll<HTMLElement>("[data-part]")];
  /** Why each part that failed did. */
  #causes = new Map<HTMLElement, NotLoaded>();
  /** The last request for each part: what comes of an earlier one counts no more. */
  #asked = new Map<HTMLElement, symbol>();
  /** When the parts that failed are requested again. */
  #backoff = FRESH;
  /** Whether they are being requested again. */
  #isTrying = false;

  constructor(words: Words, home: string, events: Events) {
    this.#words = words;
    this.#home = home;
    this.#events = events;
    for (const item of this.#items) {
      item.querySelector("button")?.addEventListener("click", () => void this.load([item]));
    }
    need("#retry-all").addEventListener("click", () => void this.loadMissing());
    need("#go-on").addEventListener("click", () => this.#finish());
  }

  /** The agent signs out: nothing comes of what was requested. */
  stop(): void {
    this.#asked.clear();
  }

  /** Retries what has failed. */
  loadMissing(): Promise<void> {
    return this.load(this.#failed());
  }

  /** Reloads a part that has changed since. */
  loadAgain(part: Part): Promise<void> {
    return this.load(this.#items.filter((item) => item.dataset["part"] === part));
  }

  /** Loads parts in parallel, and moves on when none is missing. */
  async load(wanted = this.#items): Promise<void> {
    if (wanted.length === 0) return;
    need("#after-failure").hidden = true;
    await this.#loadAll(wanted, false);
  }

  /** Requests again what has failed, when it is due, and says when that is. Nothing else on the page changes meanwhile. */
  tick(): void {
    const lost = this.#mendable();
    if (lost.length > 0 && !this.#isTrying && this.#left() <= 0) {
      this.#isTrying = true;
      void this.#loadAll(lost, true);
    }
    for (const item of lost) this.#showCause(item);
  }

  async #loadAll(wanted: HTMLElement[], isQuiet: boolean): Promise<void> {
    await Promise.all(wanted.map((item) => this.#loadOne(item, isQuiet)));
    this.#putOff();
    const lost = this.#failed();
    const busy = this.#items.some((item) => item.dataset["state"] === "loading");
    if (!this.#screen.hidden && !busy) {
      if (lost.length === 0) {
        this.#finish();
      } else {
        need("#after-failure").hidden = false;
        need("#retry-all").hidden = lost.length < 2;
        write(need("#loading h1"), need("#missing-title").textContent ?? "");
      }
    }
    if (this.#screen.hidden) this.#showMissing();
  }

  #failed(): HTMLElement[] {
    return this.#items.filter((item) => this.#causes.has(item));
  }

  /** What has failed and may come by itself. */
  #mendable(): HTMLElement[] {
    return this.#failed().filter((item) => !this.#causes.get(item)?.isLasting);
  }

  /** What has failed is due later than before; if nothing has, all begins afresh. */
  #putOff(): void {
    this.#isTrying = false;
    const lost = this.#mendable();
    const waits = lost.map((item) => this.#causes.get(item)?.wait ?? 0);
    // By a clock that nobody sets.
    this.#backoff = lost.length === 0 ? FRESH : afterFailure(this.#backoff, performance.now(), Math.random(), Math.max(...waits));
    for (const item of lost) this.#showCause(item);
  }

  /** Seconds until the next attempt. */
  #left(): number {
    return Math.ceil((this.#backoff.due - performance.now()) / 1000);
  }

  async #loadOne(item: HTMLElement, isQuiet: boolean): Promise<void> {
    const texts = this.#words.texts.loading;
    const part = item.dataset["part"] as Part;
    const hadFocus = item.contains(document.activeElement);
    const asked = Symbol(part);
    this.#asked.set(item, asked);
    if (!isQuiet) this.#mark(item, "loading");
    const answer = await this.#fetch(part).catch((error: unknown) =>
      error instanceof NotLoaded ? error : new NotLoaded(texts.noAnswer),
    );
    if (this.#asked.get(item) !== asked) return;
    if (answer instanceof Over) return this.#end(item, answer.ended);
    if (answer instanceof NotLoaded) {
      this.#mark(item, "failed", answer);
      // That nothing has changed is not read out again and again.
      if (isQuiet && !answer.isLasting) return;
      announce(`${item.querySelector(".name")?.textContent ?? ""}: ${texts.failed}. ${answer.message}`);
      if (hadFocus && !isQuiet) item.querySelector("button")?.focus();
      return;
    }
    this.#events.loaded(part, answer);
    this.#mark(item, "loaded");
    const done = this.#items.filter((other) => other.dataset["state"] === "loaded").length;
    announce(fill(texts.progress, { done: String(done), all: String(this.#items.length) }));
  }

  /** The session is over. Whoever signs in again on the desktop has the part requested once more. */
  #end(item: HTMLElement, ended: Ended | null): void | Promise<never> {
    this.#events.over(ended);
    if (!this.#screen.hidden) return new Promise(() => {}); // the loading screen is left: nothing on it changes any more
    this.#mark(item, "failed", new NotLoaded(this.#words.texts.loading.noAnswer, 0, true));
  }

  async #fetch(part: Part, isRepeated = false): Promise<Values | Over> {
    const answer = await fetch(`${this.#home}/desktop/parts/${part}`, {
      headers: { accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const body: unknown = await answer.json().catch(() => null);
    if (answer.status === 401) {
      const ended = (body as { ended?: Ended } | null)?.ended ?? null;
      // Without a word from the desk, one silent retry: the token may have met a node that did not know its key yet.
      if (!ended && !isRepeated) return new Promise((go) => setTimeout(go, RETRY)).then(() => this.#fetch(part, true));
      return new Over(ended);
    }
    if (typeof body !== "object" || body === null) throw new Error("not an object");
    const values = body as Values;
    if (answer.ok) return values;
    const request = typeof values["request"] === "string" ? values["request"] : "–";
    const { outage, unreadable } = this.#words.texts.loading;
    const isLasting = values["code"] === "unreadable_record";
    const wait = retryAfter(answer.headers.get("retry-after"), Date.now());
    throw new NotLoaded(fill(isLasting ? unreadable : outage, { request }), wait, isLasting);
  }

  #mark(item: HTMLElement, state: State, cause?: NotLoaded): void {
    item.dataset["state"] = state;
    write(need(".state", item), this.#words.texts.loading[state]);
    need("button", item).hidden = state !== "failed";
    need(".cause", item).hidden = !cause;
    if (cause) this.#causes.set(item, cause);
    else this.#causes.delete(item);
    this.#showCause(item);
  }

  /** Why a part is missing, and when it is requested again. */
  #showCause(item: HTMLElement): void {
    const cause = this.#causes.get(item);
    const { again, trying } = this.#words.texts.connection;
    const left = this.#left();
    const when = !this.#isTrying && left > 0 ? fill(again, { seconds: String(left) }) : trying;
    write(need(".cause", item), !cause || cause.isLasting ? (cause?.message ?? "") : `${cause.message} ${when}`);
  }

  #finish(): void {
    this.#screen.hidden = true;
    this.#showMissing();
    this.#events.done();
  }

  /** Keeps what could not be loaded in sight, each part with its own retry. */
  #showMissing(): void {
    const list = need("ul", this.#missing);
    const lost = this.#items.filter((item) => item.dataset["state"] !== "loaded");
    if (!lost.every((item) => list.contains(item))) list.replaceChildren(...lost);
    for (const item of this.#items) {
      if (item.dataset["state"] === "loaded" && list.contains(item)) item.remove();
    }
    this.#missing.hidden = lost.length === 0;
  }
}
