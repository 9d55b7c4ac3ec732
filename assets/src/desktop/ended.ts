/**
 * The end of a session, told over the desktop: why, by whom, when, and what to do. Nothing behind it acts any more; a
 * sign-in right here goes on with it, or one on the login page where that takes more than a password.
 */

import type { Ended } from "../link/protocol.ts";
import { button, make, write } from "./dom.ts";
import type { Account, Login, Occupied, Outcome } from "./login.ts";
import { type Words, fill, stateName } from "./words.ts";

interface Events {
  /** Who signs in again. */
  account(): Account;
  /** Whether they do so on pages. */
  byPages: boolean;
  /** The agent is signed in again. */
  signedIn(): void;
}

export class EndedDialog {
  #words: Words;
  #home: string;
  #login: Login;
  #events: Events;
  #dialog = make("dialog", { id: "ended", "aria-labelledby": "ended-title" });
  #title = make("h2", { id: "ended-title", tabindex: "-1" });
  #body = make("div", { class: "body" });

  constructor(words: Words, home: string, login: Login, events: Events) {
    this.#words = words;
    this.#home = home;
    this.#login = login;
    this.#events = events;
    this.#dialog.append(this.#title, this.#body);
    // There is nothing behind it to go back to.
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(this.#dialog);
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  show(ended: Ended | null): void {
    const { title, why } = this.#words.ended(ended);
    this.#begin(title, make("p", {}, why));
    const texts = this.#words.texts.ended;
    if (ended?.reason === "replaced") {
      const reload = button(texts.showCurrent, "primary", () => location.reload());
      this.#body.append(make("p", { class: "actions" }, reload));
    } else if (ended?.reason === "disabled") {
      this.#body.append(make("p", { class: "actions" }, this.#toLogin()));
    } else {
      const isTakenOver = ended?.reason === "taken_over";
      const label = isTakenOver ? this.#words.texts.login.takeBack : this.#words.texts.login.submit;
      if (isTakenOver) this.#body.append(make("p", {}, texts.takenOverNotYou));
      if (this.#events.byPages) {
        const go = make("a", { class: "button primary", href: `${this.#home}?again=1` }, label);
        this.#body.append(make("p", {}, texts.goOnByPages), make("p", { class: "actions" }, go));
      } else {
        this.#body.append(make("p", {}, texts.goOn), this.#form(ended, label));
      }
    }
    if (!this.#dialog.open) this.#dialog.showModal();
    (this.#body.querySelector<HTMLElement>("input[type=password], .primary, a") ?? this.#title).focus();
  }

  close(): void {
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
    const texts = this.#words.texts.login;
    const { username } = this.#events.account();
    const password = make("input", {
      id: "again-password",
      type: "password",
      autocomplete: "current-password",
      autocapitalize: "none",
      spellcheck: "false",
    });
    const problem = make("p", { class: "problem", id: "again-problem", role: "alert" });
    const submit = make("button", { class: "primary", type: "submit" }, label);
    const form = make(
      "form",
      { class: "login" },
      make("dl", { class: "rows" }, make("div", {}, make("dt", {}, texts.username), make("dd", {}, username))),
      // For password managers, which look for a field.
      make("input", { type: "text", name: "username", value: username, autocomplete: "username", readonly: true, hidden: true }),
      make(
        "div",
        { class: "field" },
        make("label", { for: "again-password" }, texts.password),
        make("div", { class: "control" }, password),
        problem,
      ),
      make("p", { class: "actions" }, submit, this.#toLogin()),
    );
    const tell = (text: string): void => {
      write(problem, text);
      if (text === "") {
        password.removeAttribute("aria-invalid");
        password.removeAttribute("aria-describedby");
        return;
      }
      password.setAttribute("aria-invalid", "true");
      password.setAttribute("aria-describedby", "again-problem");
      password.focus();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (submit.getAttribute("aria-disabled") === "true") return;
      if (password.value === "") return tell(texts.missing);
      tell("");
      const free = this.#busy(submit, label);
      void this.#login.signIn(this.#events.account(), password.value).then((outcome) => {
        free();
        this.#go(outcome, ended, tell);
      });
    });
    return form;
  }

  #busy(submit: HTMLButtonElement, label: string): () => void {
    submit.setAttribute("aria-disabled", "true");
    write(submit, this.#words.texts.login.busy);
    return () => {
      submit.removeAttribute("aria-disabled");
      write(submit, label);
    };
  }

  #go(outcome: Outcome, ended: Ended | null, tell: (text: string) => void): void {
    if (outcome.is === "signed_in") this.#events.signedIn();
    else if (outcome.is === "occupied") this.#askTakeOver(outcome.occupied, ended);
    else tell(this.#problem(outcome));
  }

  #problem(outcome: Exclude<Outcome, { is: "occupied" }>): string {
    const texts = this.#words.texts.login;
    if (outcome.is === "too_many") {
      return fill(texts.tooMany, { duration: this.#words.shortDuration(Math.ceil(outcome.wait / 1000)) });
    }
    return {
      refused: texts.refused,
      stale: texts.stale,
      cookies: texts.cookies,
      go_to_login: texts.goToLogin,
      outage: texts.outage,
      unreachable: texts.unreachable,
      signed_in: texts.done,
    }[outcome.is];
  }

  /** Somebody is signed in as this agent elsewhere: the password was right, so the answer may say where. */
  #askTakeOver(occupied: Occupied, ended: Ended | null): void {
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
      void this.#login.takeOver(this.#events.account(), occupied.take_over).then((outcome) => {
        free();
        this.#go(outcome, ended, (text) => write(problem, text));
      });
    });
    const cancel = button(texts.cancel, "button", () => this.show(ended));
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
