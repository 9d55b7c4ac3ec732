/** The form for signing in again in place: a password, and an extension if the previous one cannot be had. */

import type { Lack } from "../link/protocol.ts";
import { make, write } from "./dom.ts";
import { extensionIn } from "./extension-form.ts";
import type { Account } from "./login.ts";
import { extensionLack } from "./standing.ts";
import type { Words } from "./words.ts";

export class AgainForm {
  readonly element: HTMLFormElement;
  readonly password: HTMLInputElement;
  #words: Words;
  #extension: HTMLInputElement;
  #problem: HTMLElement;
  /** The extension's field, and the element that it is put after once it is needed. */
  #field: HTMLElement;
  #before: HTMLElement;
  #fieldProblem: HTMLElement;
  /** Whether to take the usual extension, whichever was chosen before. */
  #isUsual = false;

  /** `actions` are its buttons, one of which submits it; `send` is given what was typed. */
  constructor(words: Words, account: () => Account, actions: HTMLElement[], send: (account: Account, password: string) => void) {
    const { login: texts, extension } = words.texts;
    const { username, extension: chosen } = account();
    this.#words = words;
    this.#problem = problem("again-problem");
    this.#fieldProblem = problem("again-extension-problem");
    this.password = make("input", {
      id: "again-password",
      type: "password",
      autocomplete: "current-password",
      autocapitalize: "none",
      spellcheck: "false",
    });
    this.#extension = make("input", {
      id: "again-extension",
      inputmode: "numeric",
      autocomplete: "off",
      spellcheck: "false",
      value: chosen ?? "",
    });
    const hint = make("p", { class: "hint", id: "again-extension-hint" }, texts.extensionHint);
    this.#field = field(extension.label, this.#extension, this.#fieldProblem, hint);
    this.#before = field(texts.password, this.password, this.#problem);
    this.element = make(
      "form",
      { class: "login" },
      make("dl", { class: "rows" }, make("div", {}, make("dt", {}, texts.username), make("dd", {}, username))),
      // For password managers, which look for a username field.
      make("input", { type: "text", name: "username", value: username, autocomplete: "username", readonly: true, hidden: true }),
      this.#before,
      make("p", { class: "actions" }, ...actions),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = this.#account(account());
      if (typed) send(typed, this.password.value);
    });
    this.tell("");
  }

  /** Says what is wrong with the password, or with signing in at all. */
  tell(text: string): void {
    mark(this.password, this.#problem, text);
    mark(this.#extension, this.#fieldProblem, "", "again-extension-hint");
    if (text !== "") this.password.focus();
  }

  /** The extension `number` cannot be had: says why, and asks for another one. What was typed remains. */
  askExtension(number: string, lack: Lack): void {
    const { title, why } = extensionLack(this.#words, number, lack);
    this.#tellExtension(`${title}. ${why}`);
  }

  /** None may be chosen here any more: says so before the agent is at another telephone, and sends none next time. */
  takeUsualExtension(): void {
    this.#isUsual = true;
    this.#field.remove();
    this.tell(this.#words.texts.login.extensionNotAllowed);
  }

  #tellExtension(text: string): void {
    mark(this.password, this.#problem, "");
    mark(this.#extension, this.#fieldProblem, text, "again-extension-hint");
    if (!this.#field.parentElement) this.#before.after(this.#field);
    this.#extension.focus();
    this.#extension.select();
  }

  /** Who signs in, and with what; `undefined` if something typed cannot be sent. */
  #account(account: Account): Account | undefined {
    const { login, extension } = this.#words.texts;
    this.tell(this.password.value === "" ? login.missing : "");
    if (this.password.value === "") return undefined;
    if (!this.#field.parentElement) return this.#isUsual ? { ...account, extension: undefined } : account;
    if (this.#extension.value.trim() === "") return { ...account, extension: undefined };
    const { number, problem } = extensionIn(extension, this.#extension.value);
    if (number === undefined) this.#tellExtension(problem);
    return number === undefined ? undefined : { ...account, extension: number };
  }
}

function field(label: string, input: HTMLInputElement, problem: HTMLElement, hint?: HTMLElement): HTMLElement {
  const control = make("div", { class: "control" }, input);
  return make("div", { class: "field" }, make("label", { for: input.id }, label), control, hint, problem);
}

function problem(id: string): HTMLElement {
  return make("p", { class: "problem", id, role: "alert" });
}

function mark(input: HTMLInputElement, problem: HTMLElement, text: string, hint?: string): void {
  write(problem, text);
  const described = [text === "" ? undefined : problem.id, hint].filter(Boolean).join(" ");
  for (const [name, value] of [["aria-invalid", text === "" ? "" : "true"], ["aria-describedby", described]] as const) {
    if (value === "") input.removeAttribute(name);
    else input.setAttribute(name, value);
  }
}
