/** The workstation: extension, microphone, screen recorder and alerts, each with its state and what can be set. */

import { subject } from "../link/commands.ts";
import type { Desk } from "../link/desk.ts";
import type { Ask, Extension, Refusal } from "../link/protocol.ts";
import { DeviceChoice, Meter } from "../microphone/device.ts";
import type { Microphone } from "../microphone/microphone.ts";
import type { Alerts } from "./alerts.ts";
import { ExtensionForm } from "./extension-form.ts";
import { announce, button, make, need, put, write } from "./dom.ts";
import type { Sound } from "./sound.ts";
import { type Standing, extensionLack, extensionStanding, microphoneStanding, recorderStanding } from "./standing.ts";
import type { Situation } from "./unmet/item.ts";
import { type Words, fill } from "./words.ts";

export class Station {
  readonly meter = new Meter();
  #words: Words;
  #microphone: Microphone;
  #alerts: Alerts;
  #sound: Sound;
  #extension = new Row();
  /** What became of another one that was asked for. */
  #asked = make("p", { class: "hint", role: "status" });
  #form: ExtensionForm;
  #other: HTMLDetailsElement;
  #microphoneRow = new Row();
  #recorder = new Row();
  #device: DeviceChoice;
  /** Closed at first: what moves all day is nothing to have in view all day. */
  #settings: HTMLElement;
  #again: HTMLButtonElement;
  #ring: HTMLButtonElement;
  #notify: HTMLButtonElement;
  #alertHint = make("p", { class: "hint" });
  #changed = make("p", { class: "hint" });
  #number: string | undefined;
  /** The agent's usual extension, if they have signed in with it, once that is known. */
  #usual: string | undefined;
  #isKnown = false;
  #isAsking = false;
  /** What is wrong with another extension, as its field says. */
  #problem = "";

  constructor(words: Words, microphone: Microphone, alerts: Alerts, sound: Sound, ask: (ask: Ask) => void) {
    const { station, alerts: texts, extension, microphone: ofMicrophone, recorder } = words.texts;
    this.#words = words;
    this.#microphone = microphone;
    this.#alerts = alerts;
    this.#sound = sound;
    this.#device = new DeviceChoice(ofMicrophone, "unseen", (id) => void microphone.choose(id));
    this.#again = button(recorder.again, "button small", () => ask("register"));
    this.#ring = toggle(texts.sound, () => this.#toggleSound());
    this.#notify = toggle(texts.notification, () => void this.#toggleNotification());
    const rows = need("#station");
    this.#form = new ExtensionForm(extension, "other-extension", (number) => ask({ extension: { number } }));
    this.#other = make("details", {}, make("summary", {}, extension.other), this.#form.element);
    need("#extension-standing").append(this.#extension.element, this.#asked, this.#other);
    const summary = make("summary", {}, ofMicrophone.levelAndDevice);
    this.#settings = make("details", {}, summary, this.meter.element, this.#device.element);
    this.#microphoneRow.element.append(this.#changed, this.#settings);
    this.#recorder.element.append(this.#again);
    for (const [name, what] of [
      [station.microphone, this.#microphoneRow.element],
      [station.recorder, this.#recorder.element],
    ] as const) {
      rows.append(make("div", {}, make("dt", {}, name), make("dd", {}, what)));
    }
    const alertsRow = make("dd", {}, this.#ring, this.#notify, this.#alertHint);
    rows.append(make("div", {}, make("dt", {}, texts.title), alertsRow));
    this.showAlerts();
  }

  /** `isTold` if another part of the page says what is wrong with the recorder and what mends it. */
  show(situation: Situation, isTold: boolean): void {
    const { desk, isHeard, leads } = situation;
    const { extension, recorder } = desk;
    put("extension", extension?.number ?? this.#words.texts.profile.none);
    if (extension) this.#extension.say(extensionStanding(this.#words.texts, extension), isHeard);
    this.#showNote(extension?.number);
    this.#extension.element.hidden = !extension;
    this.#showOther(situation);
    this.#microphoneRow.say(microphoneStanding(this.#words.texts, desk.microphone, this.#microphone.isTested), isHeard);
    const isWatched = desk.microphone.needed && leads && this.#microphone.found.phase === "listening";
    this.#settings.hidden = !isWatched;
    this.#device.show(this.#microphone);
    this.#tellChanged();
    this.#recorder.say(recorderStanding(this.#words.texts, recorder), isHeard);
    this.#again.hidden = isTold || (recorder?.status !== "failed" && recorder?.status !== "lost");
    for (const [row, isThere] of [[this.#microphoneRow, desk.microphone.needed], [this.#recorder, recorder !== null]] as const) {
      const whole = row.element.closest("dl > div");
      if (whole instanceof HTMLElement) whole.hidden = !isThere;
    }
  }

  /** The extension that the agent has signed in with, and whether it is their usual one. */
  signedInWith(number: string | undefined, isUsual: boolean): void {
    this.#usual = isUsual ? number : undefined;
    this.#isKnown = true;
    put("extension", number ?? this.#words.texts.profile.none);
    this.#showNote(number);
  }

  #showNote(number: string | undefined): void {
    const { without, usual, chosen } = this.#words.texts.profile;
    if (number === undefined) put("extension-note", without);
    else if (this.#isKnown) put("extension-note", number === this.#usual ? usual : chosen);
  }

  /** If one is held, another can be taken instead. If none is, that is asked for elsewhere. */
  #showOther({ desk: { extension, state }, isHeard, asked, answered }: Situation): void {
    const refused = answered.findLast(({ ask }) => subject(ask) === "extension")?.refused;
    const wasOpen = this.#number !== undefined && this.#number !== extension?.number;
    this.#number = extension?.number;
    if (wasOpen) this.#other.open = false;
    // A call is on the extension that is held; and some installs leave no choice.
    const isEngaged = typeof state === "object" && !("not_ready" in state);
    this.#other.hidden = !extension?.held || isEngaged || refused === "not_allowed";
    const isAnother = (ask: Ask): boolean => typeof ask === "object" && "extension" in ask && ask.extension.number !== extension?.number;
    const isPending = extension?.held === true && asked.some(isAnother);
    const words = this.#ofAnother(extension?.asked, isPending, isHeard, refused);
    const isUnderWay = isPending || extension?.asked?.lacks.why === "asking";
    // What went wrong is shown at the field that mends it, if there is one.
    const problem = isUnderWay || this.#other.hidden ? "" : words;
    if (problem !== "" && problem !== this.#problem) this.#other.open = true;
    this.#problem = problem;
    this.#form.tell(problem);
    write(this.#asked, problem === "" ? words : "");
    this.#asked.className = isUnderWay ? "hint" : "problem";
    this.#asked.hidden = this.#asked.textContent === "";
  }

  /** What became of another one that was asked for. */
  #ofAnother(another: Extension["asked"] | undefined, isPending: boolean, isHeard: boolean, refused: Refusal | null | undefined): string {
    const texts = this.#words.texts.extension;
    if (isPending) return isHeard ? texts.sent : texts.waits;
    const lack = another && extensionLack(this.#words, another.number, another.lacks);
    return lack ? `${lack.title}. ${lack.why}` : refused ? texts.refused : "";
  }

  /** Another microphone is in use, and nobody chose it: announced once, and shown until somebody chooses. */
  #tellChanged(): void {
    const { hasChanged, device } = this.#microphone.found;
    const words = hasChanged ? fill(this.#words.texts.microphone.changed, { device }) : "";
    if (words !== "" && words !== this.#changed.textContent) announce(words);
    write(this.#changed, words);
    this.#changed.hidden = words === "";
  }

  showAlerts(): void {
    const texts = this.#words.texts.alerts;
    const { wanted, permission } = this.#alerts;
    this.#ring.setAttribute("aria-checked", String(wanted.sound));
    this.#notify.setAttribute("aria-checked", String(wanted.notification && permission === "granted"));
    this.#notify.hidden = permission === "unsupported";
    const hint = this.#isAsking
      ? texts.asking
      : permission === "denied"
        ? texts.denied
        : wanted.sound && this.#sound.isBlocked
          ? texts.needsClick
          : "";
    write(this.#alertHint, hint);
    this.#alertHint.hidden = hint === "";
  }

  #toggleSound(): void {
    const sound = !this.#alerts.wanted.sound;
    this.#alerts.want({ sound });
    if (sound) this.#alerts.sample();
    this.showAlerts();
  }

  async #toggleNotification(): Promise<void> {
    const { wanted, permission } = this.#alerts;
    if (permission === "default") {
      this.#isAsking = true;
      this.showAlerts();
      await this.#alerts.ask();
      this.#isAsking = false;
    } else if (permission === "granted") {
      this.#alerts.want({ notification: !wanted.notification });
    }
    this.showAlerts();
  }
}

/** A light with a word. */
class Row {
  readonly element = make("div", { class: "standing" });
  #word = make("span");
  #light = make("p", { class: "lit" }, this.#word);

  constructor() {
    this.element.append(this.#light);
  }

  say({ light, word }: Standing, isHeard: boolean): void {
    this.#light.dataset["light"] = isHeard ? light : "unknown";
    write(this.#word, word);
  }
}

function toggle(label: string, press: () => void): HTMLButtonElement {
  const made = button("", "switch", press);
  made.setAttribute("role", "switch");
  made.append(make("span", { class: "track" }), make("span", {}, label));
  return made;
}

/**
 * The lights beside the connection's in the bar: what an agent needs to see at a glance, wherever the page is scrolled
 * to.
 */
export class Lights {
  #words: Words;
  #microphone = make("p", { class: "lit", hidden: true });
  #recorder = make("p", { class: "lit", hidden: true });

  constructor(words: Words) {
    this.#words = words;
    need("#network").after(this.#microphone, this.#recorder);
  }

  /** `isTested` while this tab tests the microphone. */
  show(desk: Desk, isHeard: boolean, isTested: boolean): void {
    const { station } = this.#words.texts;
    const { microphone, recorder } = desk;
    const lights = [
      [this.#microphone, station.microphone, microphone.needed, microphoneStanding(this.#words.texts, microphone, isTested)],
      [this.#recorder, station.recorder, recorder !== null, recorderStanding(this.#words.texts, recorder)],
    ] as const;
    for (const [made, name, isThere, { light, word }] of lights) {
      made.hidden = !isThere;
      made.dataset["light"] = isHeard ? light : "unknown";
      write(made, fill(station.light, { name, word }));
    }
  }

  /** There is nothing that they could show. */
  rest(): void {
    for (const made of [this.#microphone, this.#recorder]) made.hidden = true;
  }
}
