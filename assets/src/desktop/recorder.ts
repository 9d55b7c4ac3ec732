/**
 * Between the loading screen and the desktop: this workstation is registered with the screen recorder. Shows each
 * notification as it happens; if registration fails and is required, also why, a retry, and the way out after a
 * countdown that can be stopped.
 */

import type { Desk } from "../link/desk.ts";
import type { Ask, Recorder, RecorderNote } from "../link/protocol.ts";
import { announce, button, make, need, write } from "./dom.ts";
import { recorderCause, recorderNote } from "./standing.ts";
import { type Words, fill } from "./words.ts";

/** Seconds before the agent is led back to the login page. */
const WAY_OUT = 30;

export class RecorderScreen {
  #words: Words;
  #signOut: () => void;
  #page = need("#recorder");
  #title = make("h1", { tabindex: "-1" });
  #lead = make("p");
  #number = make("code");
  #workstation = make("p", { class: "workstation" }, make("span", { class: "hint" }), this.#number);
  #notes = make("ol", { class: "parts notes", role: "list" });
  #deadline = make("p", { class: "hint" });
  #again: HTMLButtonElement;
  #toLogin: HTMLButtonElement;
  #countdown = make("p", { class: "countdown" });
  #stay: HTMLButtonElement;
  #actions: HTMLElement;
  #out: HTMLElement;
  #recorder: Recorder | undefined;
  #isHeard = false;
  #leads = false;
  /** It was registered at some time while this page was open: what goes wrong later is for the desktop to show. */
  #wasRegistered = false;
  /** Seconds left, counted only while somebody could see them; `undefined` if nothing is being counted. */
  #left: number | undefined;
  #isStopped = false;
  #told = "";

  constructor(words: Words, ask: (ask: Ask) => void, signOut: () => void) {
    const texts = words.texts.recorder;
    this.#words = words;
    this.#signOut = signOut;
    write(need("span", this.#workstation), texts.workstation);
    this.#again = button(texts.again, "primary", () => {
      if (this.#again.getAttribute("aria-disabled") !== "true") ask("register");
    });
    this.#toLogin = button(texts.toLogin, "button", signOut);
    this.#stay = button(texts.stay, "button", () => this.#stop());
    this.#actions = make("div", { class: "actions" }, this.#again, this.#toLogin);
    this.#out = make("div", { class: "notice odd out" }, this.#countdown, this.#stay);
    // The way out comes before the notifications, however many of them there are.
    this.#page.append(this.#title, this.#lead, this.#workstation, this.#out, this.#actions, this.#notes, this.#deadline);
  }

  /** Whether the recorder has the page to itself. */
  show(desk: Desk, isHeard: boolean, leads: boolean, asked: Ask[]): boolean {
    const { recorder, state } = desk;
    this.#recorder = recorder ?? undefined;
    this.#isHeard = isHeard;
    this.#leads = leads;
    if (recorder?.status === "registered" || recorder?.status === "lost") this.#wasRegistered = true;
    const hasFailed = recorder?.status === "failed" && recorder.required && state !== "registering";
    const isFree = typeof state === "string" || "not_ready" in state;
    const isOurs = recorder !== null && isFree && (state === "registering" || (hasFailed && !this.#wasRegistered));
    if (!isOurs || !recorder) {
      this.#left = undefined;
      return false;
    }
    this.#render(recorder, hasFailed, asked.includes("register"));
    return true;
  }

  /** A second has passed. */
  tick(): void {
    const recorder = this.#recorder;
    if (this.#page.hidden || !recorder) return;
    const texts = this.#words.texts.recorder;
    const left = recorder.deadline === null ? 0 : Math.ceil(recorder.deadline - this.#words.now());
    write(this.#deadline, left > 0 && recorder.status === "registering" ? fill(texts.within, { seconds: String(left) }) : "");
    // Nobody is led away by a page that does not know how things stand, nor by a tab that only follows.
    if (this.#left !== undefined && this.#isHeard && this.#leads) {
      this.#left -= 1;
      if (this.#left <= 0) {
        this.#left = undefined;
        this.#signOut();
      }
    }
    this.#count();
  }

  focus(): void {
    this.#title.focus();
  }

  #render(recorder: Recorder, hasFailed: boolean, isAsked: boolean): void {
    const texts = this.#words.texts.recorder;
    write(this.#title, hasFailed ? texts.failedTitle : texts.title);
    write(this.#lead, hasFailed ? recorderCause(this.#words.texts, recorder.cause) : texts.lead);
    const isNew = hasFailed && recorder.cause === "unknown_workstation";
    this.#workstation.hidden = !isNew;
    write(this.#number, isNew ? inFours(recorder.workstation) : "");
    const steps = stepsOf(recorder.notes);
    const items = steps.map(({ at, note, times }, index) => {
      const isLast = index === steps.length - 1;
      const state = stateOf(note, isLast && !hasFailed);
      const light = make("span", { class: "light", "aria-hidden": "true" });
      const time = make("time", { class: "state", datetime: new Date(at * 1000).toISOString() }, this.#words.clockSeconds(at));
      const name = make("span", { class: "name" }, recorderNote(this.#words.texts, note));
      if (times > 1) name.append(make("span", { class: "times" }, ` · ${fill(texts.times, { times: String(times) })}`));
      return make("li", { "data-state": state }, light, name, time);
    });
    if (this.#notes.textContent !== items.map((item) => item.textContent).join("")) this.#notes.replaceChildren(...items);
    else items.forEach((item, index) => this.#notes.children[index]?.setAttribute("data-state", item.dataset["state"] ?? ""));
    this.#notes.hidden = items.length === 0;
    if (!hasFailed) [this.#left, this.#isStopped] = [undefined, false];
    else if (!this.#isStopped) this.#left ??= WAY_OUT;
    this.#actions.hidden = !hasFailed;
    this.#again.setAttribute("aria-disabled", String(isAsked));
    write(this.#again, isAsked ? texts.sent : texts.again);
    this.#count();
    const last = steps.at(-1);
    const told = hasFailed ? `${texts.failedTitle}. ${this.#lead.textContent}` : last ? recorderNote(this.#words.texts, last.note) : "";
    if (told !== this.#told) announce(this.#out.hidden ? told : `${told} ${this.#countdown.textContent}`);
    this.#told = told;
  }

  #count(): void {
    const wasHidden = this.#out.hidden;
    this.#out.hidden = this.#left === undefined || !this.#leads;
    if (this.#left !== undefined) write(this.#countdown, fill(this.#words.texts.recorder.out, { seconds: String(this.#left) }));
    if (wasHidden && !this.#out.hidden) this.#out.scrollIntoView({ block: "nearest" });
  }

  #stop(): void {
    this.#left = undefined;
    this.#isStopped = true;
    this.#again.focus();
    this.#count();
    announce(this.#words.texts.recorder.stays);
  }
}

/** Notifications as they are shown: one that only repeats the previous one is counted, at its latest time. */
function stepsOf(notes: Recorder["notes"]): { at: number; note: RecorderNote; times: number }[] {
  const steps: { at: number; note: RecorderNote; times: number }[] = [];
  for (const { at, note } of notes) {
    const last = steps.at(-1);
    if (last?.note === note) Object.assign(last, { at, times: last.times + 1 });
    else steps.push({ at, note, times: 1 });
  }
  return steps;
}

/** The light of a notification: once a call has failed, none says that all is well. */
function stateOf(note: RecorderNote, isUnderWay: boolean): "failed" | "loading" | "waiting" | "loaded" {
  if (note === "failed" || note === "lost") return "failed";
  if (isUnderWay) return "loading";
  return note === "retrying" || note === "told_to_wait" ? "waiting" : "loaded";
}

/** `number` in groups of four, as people read out long numbers. */
export function inFours(number: string): string {
  return number.replace(/(.{4})(?=.)/g, "$1 ");
}
