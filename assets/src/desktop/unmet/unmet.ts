/** The one place that says what keeps the agent from being ready, and for each thing what mends it. */

import type { Microphone } from "../../microphone/microphone.ts";
import type { Ask, Missing, Recorder, State } from "../../link/protocol.ts";
import { announce, make, need, write } from "../dom.ts";
import type { Words } from "../words.ts";
import { ExtensionItem } from "./extension.ts";
import type { Item, Situation } from "./item.ts";
import { MicrophoneItem } from "./microphone.ts";
import { RecorderItem } from "./recorder.ts";

export class Unmet {
  readonly element: HTMLElement;
  #words: Words;
  #title = make("h2", { id: "unmet-title", tabindex: "-1" });
  #list = make("ul");
  #extension: ExtensionItem;
  #recorder: RecorderItem;
  #microphone: MicrophoneItem;
  #situation: Situation | undefined;
  /** Since when the recorder has been in the state in which the agent put it out of sight. */
  #hidden: number | undefined;
  #told = "";
  #wasUnheard = false;

  /** `changed` is called when the agent has put something out of sight. */
  constructor(words: Words, microphone: Microphone, ask: (ask: Ask) => void, changed: () => void) {
    this.#words = words;
    this.#extension = new ExtensionItem(words, ask);
    this.#microphone = new MicrophoneItem(words, microphone);
    this.#recorder = new RecorderItem(words, ask, () => {
      this.#hidden = this.#situation?.desk.recorder?.since;
      changed();
    });
    this.element = make("section", { id: "unmet", class: "sheet", "aria-labelledby": "unmet-title", hidden: true }, this.#title, this.#list);
  }

  /** Shows a level of the microphone, from 0 to 1. */
  level(level: number): void {
    this.#microphone.meter.show(level);
  }

  /** Whether it says anything about the recorder. */
  get tellsRecorder(): boolean {
    return this.#recorder.item.element.isConnected;
  }

  /** Moves the focus here. */
  focus(): void {
    const first = [...this.element.querySelectorAll<HTMLElement>("button, input")].find((each) => each.checkVisibility());
    (first ?? this.#title).focus();
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** `isSeen` if the desktop is shown, or about to be: what another page covers is not announced. */
  show(situation: Situation, isSeen: boolean): void {
    this.#situation = situation;
    const { desk, isHeard } = situation;
    const hadFocus = this.element.contains(document.activeElement);
    const items = this.#items(situation);
    const texts = this.#words.texts.unmet;
    const needed = desk.missing.length > 0;
    const isUnheard = isCall(desk.state) && desk.missing.some(isDead);
    this.element.dataset["stale"] = String(!isHeard);
    this.element.dataset["needed"] = String(needed);
    write(this.#title, isUnheard ? texts.unheard : needed ? texts.title : texts.goodToKnow);
    const isSame = items.length === this.#list.children.length && items.every(({ element }, index) => this.#list.children[index] === element);
    if (!isSame) {
      for (const child of [...this.#list.children]) if (!items.some(({ element }) => element === child)) child.remove();
      items.forEach(({ element }, index) => {
        if (this.#list.children[index] !== element) this.#list.insertBefore(element, this.#list.children[index] ?? null);
      });
    }
    this.element.hidden = items.length === 0;
    // What is hidden keeps the focus until the browser draws the page anew, and then nothing has it.
    const { activeElement: active } = document;
    const hasFocus = this.element.contains(active) && active?.checkVisibility() === true;
    if (hadFocus && !hasFocus) (items.length > 0 ? this.#title : need("#state-title")).focus();
    const isBack = this.#wasUnheard && isCall(desk.state) && !desk.missing.some((missing) => "microphone" in missing);
    if (isSeen && isBack) announce(texts.heard);
    if (isSeen) this.#tell(needed, items, isBack ? "" : texts.nothing);
    else this.#told = "";
    this.#wasUnheard = isUnheard;
  }

  #items(situation: Situation): Item[] {
    const { desk } = situation;
    const items: Item[] = [];
    for (const missing of desk.missing) {
      if ("extension" in missing) {
        this.#extension.show(missing.extension, situation);
        items.push(this.#extension.item);
      } else if ("microphone" in missing) {
        this.#microphone.show(missing.microphone.why, situation);
        items.push(this.#microphone.item);
      }
    }
    const { recorder } = desk;
    if (recorder && this.#isShown(recorder, desk.missing.some((missing) => "recorder" in missing))) {
      this.#recorder.show(recorder, situation);
      items.push(this.#recorder.item);
    }
    return items;
  }

  /** A recorder that is not required is shown as well, until the agent has read it. */
  #isShown({ status, since }: Recorder, isNeeded: boolean): boolean {
    // Once registered, it is no longer missing.
    if (status === "registered") return false;
    return isNeeded || (status !== "registering" && this.#hidden !== since);
  }

  /** Announces once what has become missing, and `nothing` when nothing is missing any more. */
  #tell(needed: boolean, items: Item[], nothing: string): void {
    if (needed && items.length === 0) return;
    const told = needed ? `${this.#title.textContent}: ${items.map((item) => item.title).join(", ")}` : "";
    if (told === this.#told) return;
    const isFirst = this.#told === "" && told === "";
    this.#told = told;
    if (!isFirst && (told || nothing)) announce(told || nothing);
  }
}

/** Whether the microphone delivers nothing; one that nobody has asked for yet is not known to. */
function isDead(missing: Missing): boolean {
  return "microphone" in missing && missing.microphone.why !== "unasked";
}

/** Whether somebody should be hearing the agent now. */
function isCall(state: State): boolean {
  return typeof state === "object" && "in_interaction" in state && state.in_interaction.interaction.kind === "call";
}
