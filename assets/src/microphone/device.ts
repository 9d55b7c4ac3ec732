/** The microphone on display: how loud it is, and which one it is. The page may have several of each. */

import { make } from "../desktop/dom.ts";
import type { Texts } from "../texts/texts.ts";
import type { Device, Microphone } from "./microphone.ts";

/** A meter, which is told each new level. It is for the eyes only: the words beside it say what it means. */
export class Meter {
  readonly element = make("span", { class: "meter", "aria-hidden": "true" }, make("span"));

  show(level: number): void {
    if (!document.hidden) this.element.style.setProperty("--level", level.toFixed(2));
  }
}

let made = 0;

/** The choice of a device, if there is one. */
export class DeviceChoice {
  readonly element: HTMLElement;
  #texts: Texts["microphone"];
  #select: HTMLSelectElement;
  #shown = "";

  /** `kind` is the look of its label. */
  constructor(texts: Texts["microphone"], kind: string, choose: (id: string) => void) {
    made += 1;
    const id = `microphone-${made}`;
    this.#texts = texts;
    this.#select = make("select", { id });
    this.#select.addEventListener("change", () => choose(this.#select.value));
    this.element = make("p", { class: "device" }, make("label", { for: id, class: kind }, texts.device), this.#select);
  }

  show(microphone: Microphone): void {
    const devices = named(microphone.found.devices);
    this.element.hidden = devices.length === 0;
    const { chosen } = microphone;
    const known = devices.some(({ id }) => id === "default") ? devices : [{ id: "default", label: this.#texts.usual }, ...devices];
    const key = JSON.stringify([known, chosen]);
    if (key === this.#shown) return; // an open list is not pulled away
    this.#shown = key;
    const options = known.map(({ id, label }) => make("option", { value: id }, label));
    if (!known.some(({ id }) => id === chosen)) options.unshift(make("option", { value: chosen }, this.#texts.notThere));
    this.#select.replaceChildren(...options);
    this.#select.value = chosen;
  }
}

/** Those with a name: until it is allowed, browsers name no devices. */
function named(devices: Device[]): Device[] {
  return devices.filter(({ id, label }) => id !== "" && label !== "");
}
