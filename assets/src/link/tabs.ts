/**
 * One tab leads: it holds the link, and the others get everything from it and send through it. The browser's own lock
 * says which; where the leading tab is closed, the next one that waits for the lock goes on from what it was told last.
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
  session: undefined,
  ended: null,
  resumes: undefined,
};

export class Tabs {
  #link: Link;
  #tell: (message: ToPage) => void;
  #channel: BroadcastChannel | undefined;
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
    else this.#post(message);
    this.#show();
  }

  #start({ home, sid, memory }: { home: string; sid: string | undefined; memory: Memory | undefined }): void {
    const name = among(home);
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<AmongTabs>) => {
      if ("snapshot" in data) this.#follow(data.snapshot);
      else if (this.#leads) this.#obey(data);
    };
    this.#post({ hello: { sid } });
    const lead = (): Promise<never> => {
      this.#lead(sid, memory);
      return new Promise(() => {}); // the lock is held for as long as this tab is there
    };
    void navigator.locks.request(name, lead);
  }

  #lead(sid: string | undefined, memory: Memory | undefined): void {
    this.#leads = true;
    const { desk, outbox, backoff, phase, ended } = this.#snapshot;
    this.#resumes = this.#snapshot.resumes;
    if (phase === "over" || phase === "aside") {
      this.#link.rest(phase, ended, { desk, outbox, backoff });
    } else if (phase === "off") {
      const isSame = sid !== undefined && memory?.sid === sid;
      this.#link.start(isSame ? memory : memory && { backoff: memory.backoff });
    } else {
      this.#link.start({ desk, outbox, backoff });
    }
    for (const { key, ask } of this.#unheard) this.#link.ask(key, ask);
  }

  #obey(message: Exclude<AmongTabs, { snapshot: Snapshot }> | FromPage): void {
    if ("key" in message) this.#link.ask(message.key, message.ask);
    if ("hurry" in message) this.#link.hurry(message.hurry);
    if ("signedIn" in message) {
      this.#resumes = message.signedIn.resumes;
      this.#link.start();
    }
    if ("signedOut" in message) this.#link.signedOut(message.signedOut.since, message.signedOut.at);
    if ("hello" in message) {
      const { desk } = this.#link.kept;
      const isOther = message.hello.sid !== undefined && desk !== undefined && desk.sid !== message.hello.sid;
      // The cookie is another session's now: nothing of the former one goes on.
      if (isOther) this.#link.start();
      this.changed();
    }
  }

  #follow(snapshot: Snapshot): void {
    if (this.#leads) return;
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
