/** The microphone that delivers no sound: why, with the steps for this browser and this system, and a retry. */

import { DeviceChoice, Meter } from "../../microphone/device.ts";
import type { Microphone } from "../../microphone/microphone.ts";
import type { MicrophoneState as Verdict } from "../../link/protocol.ts";
import { button, make } from "../dom.ts";
import { microphoneSteps } from "../standing.ts";
import { type Words, fill } from "../words.ts";
import { Item, type Situation } from "./item.ts";

export const MICROPHONE_SHAPE = ["M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3z", "M5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21"];

export class MicrophoneItem {
  readonly item = new Item("microphone", MICROPHONE_SHAPE);
  readonly meter = new Meter();
  #words: Words;
  #microphone: Microphone;
  #steps = make("ol", { class: "steps", hidden: true });
  #device: DeviceChoice;
  #allow: HTMLButtonElement;
  #again: HTMLButtonElement;
  #shownSteps = "";

  constructor(words: Words, microphone: Microphone) {
    const texts = words.texts.microphone;
    this.#words = words;
    this.#microphone = microphone;
    this.#device = new DeviceChoice(texts, "hint", (id) => void microphone.choose(id));
    this.#allow = button(texts.allow, "button primary", () => void microphone.open());
    this.#again = button(texts.again, "button", () => void microphone.open());
    this.item.more.append(this.meter.element, this.#steps, this.#device.element);
    this.item.actions.append(this.#allow, this.#again);
  }

  show(told: Verdict, { leads }: Situation): void {
    const { found } = this.#microphone;
    const isOpen = leads && found.phase !== "off";
    const verdict = isOpen ? found.verdict : told;
    this.item.element.dataset["why"] = verdict ?? found.phase;
    const [title, why] = this.#saying(verdict, isOpen);
    this.item.say(title, why, leads ? "" : this.#words.texts.microphone.otherTab);
    const isListening = isOpen && found.phase === "listening";
    this.#allow.hidden = !isOpen || verdict !== "unasked";
    this.#again.hidden = !isOpen || isListening || verdict === undefined || verdict === "unasked" || verdict === "working";
    this.meter.element.hidden = !isListening || found.needsClick;
    this.#device.show(this.#microphone);
    // If none is found, none of those listed before is there.
    const isNothingToChoose = verdict === undefined || ["unasked", "denied", "absent"].includes(verdict);
    this.#device.element.hidden ||= !isOpen || isNothingToChoose;
    this.#showSteps(isOpen ? microphoneSteps(this.#words.texts, verdict, found.bySystem, this.#words.own) : []);
  }

  #saying(verdict: Verdict | undefined, isOpen: boolean): [string, string] {
    const texts = this.#words.texts.microphone;
    const { found } = this.#microphone;
    // Browsers may withhold a device's name.
    const device = { device: found.device && ` ${fill(texts.named, { device: found.device })}` };
    if (isOpen && found.phase === "asking") return [texts.asking, texts.askingWhy];
    if (isOpen && found.needsClick) return [texts.needsClick, texts.needsClickWhy];
    if (verdict === undefined) return [texts.testing, fill(texts.testingWhy, device)];
    const [title, why] = {
      unasked: [texts.unasked, texts.unaskedWhy],
      working: [texts.working, texts.workingWhy],
      silent: [texts.silent, texts.silentWhy],
      denied: [texts.denied, found.bySystem ? texts.deniedBySystem : texts.deniedWhy],
      absent: [texts.absent, texts.absentWhy],
      in_use: [texts.inUse, texts.inUseWhy],
      lost: [texts.lost, texts.lostWhy],
    }[verdict];
    return [title ?? "", fill(why ?? "", device)];
  }

  #showSteps(steps: string[]): void {
    const key = steps.join();
    if (key === this.#shownSteps) return;
    this.#shownSteps = key;
    this.#steps.replaceChildren(...steps.map((step) => make("li", {}, step)));
    this.#steps.hidden = steps.length === 0;
  }
}
