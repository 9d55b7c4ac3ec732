/**
 * The end of a session, shown over the desktop: why, by whom, when, and what to do. Nothing behind it acts any more;
 * signing in right here continues it, or on the login page if that takes more than a password.
 */

import type { Ended } from "../link/protocol.ts";
import { AgainForm } from "./again-form.ts";
import { button, keepOpen, make, write } from "./dom.ts";
import type { Account, Login, Occupied, Outcome } from "./login.ts";
import { type Words, fill, stateName } from "./words.ts";

/** The ends that also end an interaction. */
const ENDING_INTERACTIONS = ["connection_lost", "forced", "disabled", "password_changed"];

interface Events {
  /** The account of whoever signs in again. */
  account(): Account;
  /** Whether they sign in on pages. */
  byPages: boolean;
  /** Whether there was an interaction when the page last heard of the session. */
  wasEngaged(): boolean;
  /** The agent is signed in again, with this extension if they chose one. */
  signedIn(extension: string | undefined): void;
}

/** What was sent to sign in again, and from where. */
interface Sent {
  ended: Ended | null;
  form: AgainForm;
  account: Account;
}

export class EndedDialog {
  #words: Words;
  #home: string;
  #login: Login;
  #events: Events;
  #dialog = make("dialog", { id: "ended", "aria-labelledby": "ended-title", closedby: "none" });
  #title = make("h2", { id: "ended-title", tabindex: "-1" });
  #body = make("div", { class: "body" });
  #isOpen = false;
  #isKnown = false;

  constructor(words: Words, home: string, login: Login, events: Events) {
    this.#words = words;
    this.#home = home;
    this.#login = login;
    this.#events = events;
    this.#dialog.append(this.#title, this.#body);
    // There is nothing behind it to go back to.
    keepOpen(this.#dialog, () => this.#isOpen);
    document.body.append(this.#dialog);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether it says why the session is over. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** `form` is one that was already filled in, if any. */
  show(ended: Ended | null, form?: AgainForm): void {
    const { title, why } = this.#words.ended(ended);
    this.#isKnown = ended !== null;
    const texts = this.#words.texts.ended;
    const isLost = ended !== null && ENDING_INTERACTIONS.includes(ended.reason) && this.#events.wasEngaged();
    this.#begin(title, make("p", {}, isLost ? `${why} ${texts.engagedWhy}` : why));
    if (ended?.reason === "replaced") {
      const reload = button(texts.showCurrent, "primary", () => location.reload());
      this.#body.append(make("p", { class: "actions" }, reload));
    } else if (ended?.reason === "disabled") {
      this.#body.append(make("p", { class: "actions" }, this.#toLogin()));
    } else {
      const isTakenOver = ended?.reason === "taken_over";
      const label = isTakenOver ? this.#words.texts.login.takeBack : this.#words.texts.login.submit;
      if (isTakenOver) this.#body.append(make("p", {}, texts.takenOverNotYou));
      const isSignedOut = ended?.reason === "signed_out";
      if (this.#events.byPages) {
        const go = make("a", { class: "button primary", href: `${this.#home}?again=1` }, label);
        this.#body.append(make("p", {}, isSignedOut ? texts.goOnByPagesSignedOut : texts.goOnByPages), make("p", { class: "actions" }, go));
      } else {
        this.#body.append(make("p", {}, isSignedOut ? texts.goOnSignedOut : texts.goOn), form?.element ?? this.#form(ended, label));
      }
    }
    this.#isOpen = true;
    // Whoever is typing types on for a moment: what was meant for the note must not be sent as a password.
    const isTyping = !this.#dialog.open && document.activeElement?.matches("textarea, input") === true;
    if (!this.#dialog.open) this.#dialog.showModal();
    const first = this.#body.querySelector<HTMLElement>("input[type=password], .primary, a");
    (isTyping || !first ? this.#title : first).focus();
  }

  close(): void {
    this.#isOpen = false;
    this.#dialog.close(); // the browser gives the focus back to where it was
    this.#body.replaceChildren(); // no password stays behind
  }

  #begin(title: string, ...what: HTMLElement[]): void {
    write(this.#title, title);
    this.#body.replaceChildren(...what);
  }

  #toLogin(): HTMLElement {
    return make("a", { class: "button", href: this.#home }, this.#words.texts.ended.toLogin);
  }

  #form(ended: Ended | null, label: string): HTMLElement {
    const submit = make("button", { class: "primary", type: "submit" }, label);
    const form = new AgainForm(this.#words, () => this.#events.account(), [submit, this.#toLogin()], (account, password) => {
      if (submit.getAttribute("aria-disabled") === "true") return;
      const free = this.#busy(submit, label);
      void this.#login.signIn(account, password).then((outcome) => {
        free();
        this.#go(outcome, { ended, form, account }, (text) => form.tell(text));
      });
    });
    return form.element;
  }

  #busy(submit: HTMLButtonElement, label: string): () => void {
    submit.setAttribute("aria-disabled", "true");
    write(submit, this.#words.texts.login.busy);
    return () => {
      submit.removeAttribute("aria-disabled");
      write(submit, label);
    };
  }

  #go(outcome: Outcome, sent: Sent, tell: (text: string) => void): void {
    const { form, account } = sent;
    if (outcome.is === "signed_in") {
      this.#events.signedIn(account.extension);
    } else if (outcome.is === "occupied") {
      this.#askTakeOver(outcome.occupied, sent);
    } else if (outcome.is === "without_extension") {
      if (!form.element.isConnected) this.show(sent.ended, form);
      form.askExtension(account.extension ?? "", outcome.lack);
    } else if (outcome.is === "extension_not_allowed") {
      form.takeUsualExtension();
    } else {
      tell(this.#problem(outcome));
    }
  }

  #problem(outcome: Exclude<Outcome, { is: "occupied" | "without_extension" | "extension_not_allowed" }>): string {
    const texts = this.#words.texts.login;
    if (outcome.is === "too_many") {
      return fill(texts.tooMany, { duration: this.#words.shortDuration(Math.ceil(outcome.wait / 1000)) });
    }
    return {
      refused: texts.refused,
      stale: texts.stale,
      cookies: texts.cookies,
      go_to_login: texts.goToLogin,
      browser_in_use: texts.browserInUse,
      outage: texts.outage,
      unreachable: texts.unreachable,
      signed_in: texts.done,
    }[outcome.is];
  }

  /** Somebody is signed in as this agent elsewhere: the password was right, so the answer may say where. */
  #askTakeOver(occupied: Occupied, sent: Sent): void {
    const texts = this.#words.texts.login;
    const where = fill(texts.occupiedWhere, {
      browser: this.#words.browser(occupied.browser),
      time: this.#words.clock(occupied.since),
      state: this.#words.state(occupied.state),
    });
    const isEngaged = stateName(occupied.state) === "interaction";
    const problem = make("p", { class: "problem", role: "alert" });
    const label = isEngaged ? texts.takeOverAnyway : texts.takeOver;
    const submit = button(label, "primary", () => {
      const free = this.#busy(submit, label);
      void this.#login.takeOver(sent.account, occupied.take_over).then((outcome) => {
        free();
        this.#go(outcome, sent, (text) => write(problem, text));
      });
    });
    const cancel = button(texts.cancel, "button", () => {
      sent.form.password.value = "";
      this.show(sent.ended, sent.form);
    });
    const { silent_seconds: silent } = occupied;
    this.#begin(texts.occupied, make("p", {}, where));
    if (silent !== null) {
      this.#body.append(make("p", {}, fill(texts.silent, { duration: this.#words.shortDuration(silent) })));
    }
    if (isEngaged) this.#body.append(make("p", { class: "notice odd" }, texts.engaged));
    this.#body.append(make("p", {}, texts.consequence), problem, make("p", { class: "actions" }, submit, cancel));
    this.#title.focus();
  }
}

/**
 * Whether the agent may have left, and somebody else may sit here: then nothing of theirs is to be readable behind the
 * dialog. If only the shift was over, or the network was away, they are probably still there, in the middle of a call.
 */
export function isLeft(ended: Ended | null): boolean {
  return ended === null || !["connection_lost", "hard_end"].includes(ended.reason);
}
