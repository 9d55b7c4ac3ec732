/**
 * The conveniences of pages with a form: pointing out mistakes at once, showing the password, Caps Lock, the rules for
 * a new password, sending once and not without a network, carrying what was typed over to another of these pages, times
 * in this computer's zone, a wait, and the pop-up for disabled cookies. The pages work without any of it, and supply
 * every text.
 */

import { countDown } from "./countdown.ts";
import { digits } from "./extension.ts";
import { hour, locale } from "./locale.ts";
import { carryTyped } from "./typed.ts";

/** Milliseconds after which an unanswered login may be sent again: the browser tells nobody that it was stopped. */
const BUSY_FOR = 20_000;

// The browser remembers the answer to a form as the form's. Going back to it, or reloading it, would ask whether to
// send that again, and a wrong password that is sent again counts. So the history gets the address that shows the same.
const address = document.querySelector("main")?.dataset["address"];
if (address !== undefined) history.replaceState(history.state, "", address);

const form = document.querySelector<HTMLFormElement>("form[data-login]");
if (form) {
  // Fields say what is wrong with them in their own words; a form without such words is left to the browser.
  form.noValidate = form.querySelector("[data-missing]") !== null;
  const busy = sendOnce(form);
  form.addEventListener("submit", (event) => {
    if (busy.now()) {
      event.preventDefault();
      return;
    }
    const faulty = tellFaults(form);
    if (faulty) {
      event.preventDefault();
      faulty.focus();
      return;
    }
    if (isOffline(form)) {
      event.preventDefault();
      return;
    }
    hidePassword(form);
    busy.start();
  });
  carryTyped(form);
  offerToShowPassword(form);
  watchCapsLock(form);
  checkRules(form);
}
countDown();
const tag = locale();
for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-at]")) {
  const at = Number(time.dataset["at"]) * 1000;
  time.textContent = new Intl.DateTimeFormat(tag, { hour: hour(tag), minute: "2-digit" }).format(at);
}
const popUp = document.querySelector<HTMLDialogElement>("dialog#cookies");
if (popUp && !cookiesWork()) tellSteps(popUp);

/**
 * Marks each field with a mistake that can be seen here, as the server would, and returns the first of them. The server
 * would not send back the password that was typed.
 */
function tellFaults(form: HTMLFormElement): HTMLInputElement | undefined {
  const faulty: HTMLInputElement[] = [];
  for (const input of form.querySelectorAll<HTMLInputElement>("input[data-missing], input[data-longest]")) {
    const fault = input.dataset["longest"] === undefined ? blank(input) : noNumber(input);
    if (fault === undefined) {
      unmark(input);
    } else {
      mark(input, fault);
      faulty.push(input);
    }
  }
  return faulty[0];
}

/** What to say about a mandatory field that is blank. */
function blank({ type, id, value, dataset }: HTMLInputElement): string | undefined {
  const isBlank = type === "text" && !id.startsWith("password") ? !value.trim() : !value;
  return isBlank ? dataset["missing"] : undefined;
}

/** What to say about an extension that is not one. */
function noNumber({ value, dataset }: HTMLInputElement): string | undefined {
  if (!value.trim()) return undefined;
  const number = digits(value);
  if (number === undefined) return dataset["notDigits"];
  return number.length > Number(dataset["longest"]) ? dataset["tooManyDigits"] : undefined;
}

function mark(input: HTMLInputElement, text: string): void {
  unmark(input);
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.id = `${input.id}-problem`;
  problem.textContent = text;
  input.parentElement?.after(problem);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", [problem.id, ...describers(input)].join(" "));
}

function unmark(input: HTMLInputElement): void {
  const id = `${input.id}-problem`;
  document.getElementById(id)?.remove();
  input.removeAttribute("aria-invalid");
  const others = describers(input).filter((other) => other !== id);
  if (others.length > 0) {
    input.setAttribute("aria-describedby", others.join(" "));
  } else {
    input.removeAttribute("aria-describedby");
  }
}

function describers(input: HTMLInputElement): string[] {
  return (input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
}

/** Shows that the form is on its way. Returning to the page, or a long wait, makes it ready again. */
function sendOnce(form: HTMLFormElement): { now(): boolean; start(): void } {
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  const label = button?.textContent ?? "";
  let busy = false;
  const stop = (): void => {
    busy = false;
    button?.removeAttribute("aria-disabled");
    button?.replaceChildren(label);
  };
  window.addEventListener("pageshow", stop);
  return {
    now: () => busy,
    start: () => {
      busy = true;
      button?.setAttribute("aria-disabled", "true");
      button?.replaceChildren(button.dataset["busy"] ?? label);
      setTimeout(stop, BUSY_FOR);
    },
  };
}

/**
 * Whether there is no network to send the form over; if so, says so until there is one. The browser would replace the
 * form with a page of its own, and what was typed would be lost.
 */
function isOffline(form: HTMLFormElement): boolean {
  const main = form.closest("main");
  if (navigator.onLine || !main) return false;
  main.querySelector(".offline")?.remove();
  const notice = document.createElement("div");
  notice.className = "notice odd offline";
  notice.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = main.dataset["offline"] ?? "";
  notice.append(text);
  const heading = main.querySelector(".heading");
  if (heading) heading.after(notice);
  else main.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
  window.addEventListener("online", () => notice.remove(), { once: true });
  return true;
}

function passwords(form: HTMLFormElement): HTMLInputElement[] {
  return [...form.querySelectorAll<HTMLInputElement>("#password, #again")];
}

/** Makes one button show the form's password, and its repetition if there is one. */
function offerToShowPassword(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>(".reveal");
  if (!button) return;
  const { show = "", hide = "", hideLabel = "" } = button.dataset;
  const showLabel = button.getAttribute("aria-label") ?? show;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = passwords(form).some((input) => input.type === "password");
    for (const input of passwords(form)) input.type = shown ? "text" : "password";
    button.textContent = shown ? hide : show;
    button.setAttribute("aria-label", shown ? hideLabel : showLabel);
  });
}

/** A password has to leave from a password field, or browsers keep it among the texts that they suggest next time. */
function hidePassword(form: HTMLFormElement): void {
  if (passwords(form).some((input) => input.type === "text")) {
    form.querySelector<HTMLButtonElement>(".reveal")?.click();
  }
}

function watchCapsLock(form: HTMLFormElement): void {
  for (const input of passwords(form)) {
    const hint = input.closest(".field")?.querySelector<HTMLElement>("[data-caps-lock]");
    if (!hint) continue;
    const tell = (on: boolean): void => {
      const text = on ? (hint.dataset["capsLock"] ?? "") : "";
      if (hint.textContent !== text) hint.textContent = text;
    };
    for (const type of ["keydown", "keyup"] as const) {
      // Autofill sends key events that are not keyboard events.
      input.addEventListener(type, (event) =>
        tell(event instanceof KeyboardEvent && event.getModifierState("CapsLock")),
      );
    }
    input.addEventListener("blur", () => tell(false));
  }
}

/** Marks each rule that a new password can be checked against here, while it is typed; the server checks the others. */
function checkRules(form: HTMLFormElement): void {
  const rules = form.querySelector<HTMLElement>(".rules");
  const [password, again] = passwords(form);
  if (!rules || !password || !again) return;
  const names = (rules.dataset["names"] ?? "").split(" ").filter(Boolean);
  const check = (): void => {
    const { value } = password;
    const plain = value.normalize("NFKC").toLowerCase().replace(/\s/g, "");
    const length = [...value].length;
    tell("length", length >= Number(rules.dataset["shortest"]));
    tell("variety", new Set(value).size >= 5);
    tell("name", value !== "" && !names.some((name) => plain.includes(name)));
    tell("bytes", value !== "" && new TextEncoder().encode(value).length <= Number(rules.dataset["longest"]));
    tell("same", value !== "" && value === again.value);
  };
  const tell = (rule: string, met: boolean): void => {
    const item = rules.querySelector<HTMLElement>(`[data-rule="${rule}"]`);
    const text = (met ? rules.dataset["met"] : rules.dataset["unmet"]) ?? "";
    item?.classList.toggle("met", met);
    item?.classList.toggle("unmet", !met);
    item?.querySelector(".unseen")?.replaceChildren(text);
  };
  for (const input of [password, again]) input.addEventListener("input", check);
}

/** Opens the pop-up with the steps from the page that it links to; if that cannot be fetched, with the link. */
function tellSteps(popUp: HTMLDialogElement): void {
  const link = popUp.querySelector<HTMLAnchorElement>("[data-guide] a");
  // Not `fetch`: a page's text may not be turned into nodes here, and this makes the browser itself parse it.
  const request = new XMLHttpRequest();
  request.responseType = "document";
  request.addEventListener("loadend", () => {
    const guide = request.responseXML?.querySelector(".guide");
    if (guide) link?.parentElement?.replaceWith(guide);
    popUp.showModal();
  });
  request.open("GET", link?.href ?? "");
  request.send();
}

/**
 * Whether a cookie that is set here is there afterwards: browsers that block cookies may still claim to accept them.
 */
function cookiesWork(): boolean {
  if (!navigator.cookieEnabled) return false;
  const name = "oneagent-probe";
  try {
    document.cookie = `${name}=1; SameSite=Lax; Path=/; Max-Age=60`;
    const works = document.cookie.includes(`${name}=1`);
    document.cookie = `${name}=; SameSite=Lax; Path=/; Max-Age=0`;
    return works;
  } catch {
    return false;
  }
}
