/**
 * The page's side of its Worker: starting it, sending requests through it, and remembering for it what a reload would
 * lose.
 */

import { type AmongTabs, type FromPage, type Memory, type ToPage, among } from "../link/messages.ts";
import type { Ask, Seconds } from "../link/protocol.ts";

/** Milliseconds after which a Worker that could not be loaded is loaded again. */
const RELOAD = 5_000;

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

export class Client {
  #home: string;
  #url: string;
  #changed: (told: ToPage) => void;
  #lost: () => void;
  #worker: Worker | undefined;
  #reload: ReturnType<typeof setTimeout> | undefined;
  #sid: string | undefined;

  /** `url` is the only script that may become a Worker; `lost` is called if it cannot be loaded. */
  constructor(home: string, url: string, changed: (told: ToPage) => void, lost: () => void) {
    this.#home = home;
    this.#url = trusted(url);
    this.#changed = changed;
    this.#lost = lost;
  }

  start(sid: string | undefined): void {
    this.#sid = sid;
    this.#stop();
    this.#worker = new Worker(this.#url);
    this.#worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
      this.#remember(data);
      this.#changed(data);
    };
    this.#worker.onerror = () => {
      this.#stop();
      this.#lost();
      this.#reload = setTimeout(() => this.start(this.#sid), RELOAD);
    };
    this.#post({ start: { home: this.#home, sid, memory: this.#memory() } });
  }

  ask(ask: Ask): void {
    this.#post({ ask, key: crypto.randomUUID() });
  }

  hurry(by: "agent" | "network"): void {
    this.#post({ hurry: by });
  }

  signedIn(resumes: string | undefined): void {
    this.#post({ signedIn: { resumes } });
  }

  /** The agent signs out: forgets what was remembered, and asks for nothing more. */
  leave(): void {
    clearTimeout(this.#reload);
    this.#stop();
    this.#forget();
  }

  /** The agent has signed out of the session that began at `since`: spares the other tabs finding that out. */
  left(since: Seconds, at: Seconds): void {
    const channel = new BroadcastChannel(among(this.#home));
    channel.postMessage({ signedOut: { since, at } } satisfies AmongTabs);
    channel.close();
  }

  /** Ends the Worker, and discards what it has said that has not been heard yet. */
  #stop(): void {
    if (this.#worker) this.#worker.onmessage = this.#worker.onerror = null;
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #post(message: FromPage): void {
    this.#worker?.postMessage(message);
  }

  #remember({ snapshot: { phase, desk, backoff, outbox } }: ToPage): void {
    if (phase === "over") return this.#forget();
    if (!desk) return;
    const memory: Memory = { sid: desk.sid, backoff, outbox };
    stored(() => localStorage.setItem(this.#key(), JSON.stringify(memory)));
  }

  #forget(): void {
    stored(() => localStorage.removeItem(this.#key()));
  }

  #memory(): Memory | undefined {
    const text = stored(() => localStorage.getItem(this.#key()));
    if (!text) return undefined;
    try {
      return JSON.parse(text) as Memory;
    } catch {
      return undefined;
    }
  }

  #key(): string {
    return `onecontact-link:${this.#home.toLowerCase()}`;
  }
}

/** The page's policy lets a string become a script's address only here, and only this one. */
function trusted(url: string): string {
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (!types) return url;
  const createScriptURL = (given: string): string => {
    if (given !== url) throw new TypeError("not the script of the link");
    return given;
  };
  return types.createPolicy("desk", { createScriptURL }).createScriptURL(url);
}

/** Runs `use` of something that browsers may deny a page, such as storage. The page works without it. */
export function stored<Value>(use: () => Value): Value | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
