/**
 * Alerts whoever is not looking to an offer: with a sound, and with a notification if the agent has asked for them. Of
 * several tabs only one alerts: one that the browser allows to sound before one that it silences, and of these a
 * visible one, if any.
 */

import type { Subject } from "../link/protocol.ts";
import { stored } from "./client.ts";
import type { Sound } from "./sound.ts";
import type { Words } from "./words.ts";

const KEY = "onecontact-alerts";
/** Milliseconds for which a hidden tab lets the others go first; a silenced one waits twice as long. */
const COURTESY = 300;

/** What the agent wants on this device. */
export interface Wanted {
  sound: boolean;
  notification: boolean;
}

export class Alerts {
  #words: Words;
  #sound: Sound;
  #lock: string;
  #alerting: { id: string; over: AbortController } | undefined;
  #wanted: Wanted;
  /** Ends the ring that can be heard, if there is one. */
  #silence: () => void = () => {};

  /** `changed` is called when the agent has chosen something else in another tab. */
  constructor(words: Words, home: string, sound: Sound, changed: () => void) {
    this.#words = words;
    this.#sound = sound;
    this.#lock = `onecontact-alert${home.toLowerCase()}`;
    this.#wanted = read();
    window.addEventListener("storage", ({ key }) => {
      if (key !== KEY) return;
      this.#choose(read());
      changed();
    });
  }

  get wanted(): Wanted {
    return this.#wanted;
  }

  want(more: Partial<Wanted>): void {
    this.#choose({ ...this.#wanted, ...more });
    stored(() => localStorage.setItem(KEY, JSON.stringify(this.#wanted)));
  }

  /** From now on, for the offer that is ringing as well. */
  #choose(wanted: Wanted): void {
    this.#wanted = wanted;
    if (!wanted.sound) this.#silence();
  }

  /** What the browser says about notifications. */
  get permission(): NotificationPermission | "unsupported" {
    return typeof Notification === "undefined" ? "unsupported" : Notification.permission;
  }

  /** Asks for permission to notify: only ever because the agent pressed a button for it. */
  async ask(): Promise<void> {
    const answer = await Notification.requestPermission();
    this.want({ notification: answer === "granted" });
  }

  /** One ring, as a sample. */
  sample(): void {
    const stop = stored(() => this.#sound.ring(1));
    setTimeout(() => stop?.(), 1500);
  }

  /** There is an offer that can be answered for `seconds`; or there is none. */
  show(offered: { offer: string; interaction: Subject } | undefined, seconds: number): void {
    if (this.#alerting?.id === offered?.offer) return;
    this.#alerting?.over.abort();
    this.#alerting = undefined;
    if (!offered) return;
    const over = new AbortController();
    this.#alerting = { id: offered.offer, over };
    void this.#alert(offered.interaction, seconds, over.signal).catch(() => {}); // it was over before it was this tab's turn
  }

  async #alert(offer: Subject, seconds: number, signal: AbortSignal): Promise<void> {
    const { allowed } = this.#sound;
    const courtesy = (document.hidden ? COURTESY : 0) + (allowed.aborted ? 0 : 2 * COURTESY);
    if (courtesy > 0) await new Promise((go) => setTimeout(go, courtesy));
    const say = (options: LockOptions): Promise<boolean> => this.#hold(options, offer, seconds, signal);
    // A silenced tab alerts until one that may sound takes over, and then waits for its turn again.
    let isTaken = !allowed.aborted;
    while (isTaken) isTaken = await say({ signal: AbortSignal.any([signal, allowed]) });
    // Of the tabs that may sound, one at a time takes the lock.
    await navigator.locks.request(`${this.#lock}-heard`, { signal }, () => say({ steal: true }));
  }

  /**
   * Alerts while this tab has the lock, until the offer is over. Returns whether another tab took the lock before that.
   */
  async #hold(options: LockOptions, offer: Subject, seconds: number, signal: AbortSignal): Promise<boolean> {
    const taken = new AbortController();
    let isHeld = false;
    const say = (): Promise<void> => {
      isHeld = true;
      return this.#sayUntil(offer, seconds, AbortSignal.any([signal, taken.signal]));
    };
    try {
      await navigator.locks.request(this.#lock, options, say);
      return false;
    } catch {
      taken.abort();
      return isHeld;
    }
  }

  async #sayUntil(offer: Subject, seconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (this.#wanted.sound) this.#ring(seconds);
    let notification: Notification | undefined;
    const notify = (): void => {
      const isSeen = !document.hidden && document.hasFocus();
      if (!isSeen) notification ??= this.#notify(offer);
    };
    notify();
    window.addEventListener("blur", notify, { signal });
    document.addEventListener("visibilitychange", notify, { signal });
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    this.#silence();
    notification?.close();
  }

  #ring(seconds: number): void {
    // Without a sound, there is still the notification.
    const stop = stored(() => this.#sound.ring(seconds));
    this.#silence = () => {
      this.#silence = () => {};
      stop?.();
    };
  }

  #notify(offer: Subject): Notification | undefined {
    if (!this.#wanted.notification || this.permission !== "granted") return undefined;
    const body = this.#words.from(offer);
    // Telephones do not allow a page to notify on its own, and throw.
    const notification = stored(() => new Notification(this.#words.subject(offer), { body, tag: offer.id, requireInteraction: true, silent: true }));
    if (notification) {
      notification.onclick = () => {
        window.focus();
        notification.close();
      };
    }
    return notification;
  }
}

function read(): Wanted {
  const kept = stored(() => JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Wanted>) ?? {};
  return { sound: kept.sound !== false, notification: kept.notification === true };
}
