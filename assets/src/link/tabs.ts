/**
 * One tab leads: it holds the link, and the others get everything from it and send through it. The browser's own lock
 * says which; when the leading tab is closed, the next one in the queue for the lock continues from what it was last
 * told. If somebody has signed in since, the tab that shows their session takes the lock: what only the leading tab
 * does (such as listening to the microphone) must not be left to a page whose own session is over.
 */

import { EMPTY } from "./commands.ts";
import { FRESH } from "./backoff.ts";
import type { Link } from "./link.ts";
import { type AmongTabs, type FromPage, type Memory, type Snapshot, type ToPage, among } from "./messages.ts";
import type { Ask } from "./protocol.ts";

const NOTHING: Snapshot = {
  phase: "off",
  backoff: FRESH,
  desk: undefined,
  outbox: EMPTY,
  heard: undefined,
  session: undefined,
  ended: null,
  resumes: undefined,
};

export class Tabs {
  #link: Link;
  #tell: (message: ToPage) => void;
  #channel: BroadcastChannel | undefined;
  #name = "";
  #sid: string | undefined;
  #memory: Memory | undefined;
  /** Ends the wait for the lock. */
  #waiting = new AbortController();
  /** Counts this tab's requests for the lock: the outcome of an earlier request no longer matters. */
  #asking = 0;
  /** What the lock is being taken with, while that is under way. */
  #seizing: Snapshot | undefined;
  #leads = false;
  #snapshot = NOTHING;
  #resumes: string | undefined;
  #unheard: { key: string; ask: Ask }[] = [];

  constructor(link: Link, tell: (message: ToPage) => void) {
    this.#link = link;
    this.#tell = tell;
  }

  /** Something happened on the link that this tab holds. */
  changed(): void {
    if (!this.#leads) return;
    const { phase, ended, session, kept } = this.#link;
    this.#take({ phase, ended, session, resumes: this.#resumes, ...kept });
    this.#post({ snapshot: this.#snapshot });
  }

  hear(message: FromPage): void {
    if ("start" in message) return this.#start(message.start);
    if ("key" in message) this.#unheard.push({ key: message.key, ask: message.ask });
    if (this.#leads) this.#obey(message);
    // What is known is of the session that is over. There is more to show once this tab leads.
    else if ("signedIn" in message) return this.#seize(message.signedIn.resumes);
    else this.#post(message);
    this.#show();
  }

  #start({ home, sid, memory }: { home: string; sid: string | undefined; memory: Memory | undefined }): void {
    this.#name = among(home);
    this.#sid = sid;
    this.#memory = memory;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }: MessageEvent<AmongTabs>) => {
      if ("snapshot" in data) this.#follow(data.snapshot);
      else if ("yours" in data) data.yours.sid === this.#sid && this.#seize(undefined);
      else if (this.#leads) this.#obey(data);
    };
    this.#post({ hello: { sid } });
    this.#wait();
  }

  /** Waits for the lock, and holds it for as long as this tab exists and nobody takes it. */
  #wait(): void {
    const { signal } = (this.#waiting = new AbortController());
    this.#hold({ signal }, () => {});
  }

  /** Takes the lock: the other tab knows of another session than the one that `resumes`, if given, continues in. */
  #seize(resumes: string | undefined): void {
    if (this.#leads) return;
    const isUnderWay = this.#seizing !== undefined;
    this.#seizing = { ...NOTHING, resumes };
    if (isUnderWay) return;
    this.#waiting.abort();
    this.#hold({ steal: true }, () => {
      this.#snapshot = this.#seizing ?? NOTHING;
      this.#seizing = undefined;
    });
  }

  #hold(how: { signal: AbortSignal } | { steal: true }, begin: () => void): void {
    const asking = (this.#asking += 1);
    const lead = (): Promise<never> => {
      begin();
      this.#lead();
      return new Promise(() => {});
    };
    navigator.locks.request(this.#name, how, lead).catch(() => {
      if (this.#leads && asking === this.#asking) this.#cede();
    });
  }

  /** Another tab has taken the lock. This one may queue for it again. */
  #cede(): void {
    this.#leads = false;
    this.#link.stop();
    this.#wait();
    this.#show();
    this.#post({ hello: { sid: undefined } });
  }

  #lead(): void {
    const [sid, memory] = [this.#sid, this.#memory];
    this.#leads = true;
    const { desk, outbox, backoff, heard, phase, ended } = this.#snapshot;
    this.#resumes = this.#snapshot.resumes;
    if (phase === "over" || phase === "aside") {
      this.#link.rest(phase, ended, { desk, outbox, backoff, heard });
    } else if (phase === "off") {
      const isSame = sid !== undefined && memory?.sid === sid;
      this.#link.start(isSame ? memory : memory && { backoff: memory.backoff });
    } else {
      this.#link.start({ desk, outbox, backoff, heard });
    }
    for (const { key, ask } of this.#unheard) this.#link.ask(key, ask);
  }

  #obey(message: Exclude<AmongTabs, { snapshot: Snapshot } | { yours: { sid: string } }> | FromPage): void {
    if ("key" in message) this.#link.ask(message.key, message.ask);
    if ("hurry" in message) this.#link.hurry(message.hurry);
    // Whoever signs in leads from then on.
    if ("signedIn" in message) {
      this.#resumes = message.signedIn.resumes;
      this.#link.start();
    }
    if ("signedOut" in message) this.#link.signedOut(message.signedOut.since, message.signedOut.at);
    if ("hello" in message) {
      const { desk } = this.#link.kept;
      const { sid } = message.hello;
      // The cookie is now another session's: nothing of the former one continues.
      if (sid !== undefined && desk !== undefined && desk.sid !== sid) this.#post({ yours: { sid } });
      else this.changed();
    }
  }

  #follow(snapshot: Snapshot): void {
    if (this.#leads || this.#seizing) return;
    this.#take(snapshot);
    for (const { key, ask } of this.#unheard) this.#post({ key, ask });
  }

  #take(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    const { pending, answered } = snapshot.outbox;
    const isHeard = (key: string): boolean => [...pending, ...answered].some((command) => command.key === key);
    this.#unheard = snapshot.phase === "over" ? [] : this.#unheard.filter(({ key }) => !isHeard(key));
    this.#show();
  }

  #show(): void {
    const unheard = this.#unheard.map(({ ask }) => ask);
    this.#tell({ snapshot: this.#snapshot, leads: this.#leads, unheard });
  }

  #post(message: AmongTabs | FromPage): void {
    this.#channel?.postMessage(message);
  }
}
