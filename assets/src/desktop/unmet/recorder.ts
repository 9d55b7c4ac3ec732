/** The screen recorder that this workstation is not registered with. */

import type { Ask, Recorder } from "../../link/protocol.ts";
import { button } from "../dom.ts";
import { inFours } from "../recorder.ts";
import { recorderCause, recorderNote } from "../standing.ts";
import type { Words } from "../words.ts";
import { Item, type Situation } from "./item.ts";

export const RECORDER_SHAPE = ["M3.500 5h17v11.500h-17z", "M9 20h6M12 16.500V20", "M12 8.500a2.250 2.250 0 1 0 0 4.500 2.250 2.250 0 0 0 0-4.500z"];

export class RecorderItem {
  readonly item = new Item("recorder", RECORDER_SHAPE);
  #words: Words;
  #again: HTMLButtonElement;
  #hide: HTMLButtonElement;

  /** `hide` puts a recorder that is not required out of sight. */
  constructor(words: Words, ask: (ask: Ask) => void, hide: () => void) {
    const texts = words.texts.recorder;
    this.#words = words;
    this.#again = button(texts.again, "button", () => ask("register"));
    this.#hide = button(texts.hide, "button", hide);
    this.item.actions.append(this.#again, this.#hide);
  }

  show(recorder: Recorder, { isHeard, asked }: Situation): void {
    const texts = this.#words.texts.recorder;
    const { status, required, notes, cause, asks_again: asksAgain = true } = recorder;
    const isAsked = asked.includes("register");
    const note = notes.at(-1);
    const why = status === "registering" ? (note ? recorderNote(this.#words.texts, note.note) : "") : recorderCause(this.#words.texts, cause);
    const more = [
      status === "lost" && asksAgain ? texts.byItself : "",
      cause === "unknown_workstation" ? `${texts.workstation} ${inFours(recorder.workstation)}.` : "",
      required ? "" : texts.workAnyway,
    ];
    const title = { registering: texts.registering, registered: texts.registered, failed: texts.failed, lost: texts.lost }[status];
    this.item.say(title, [why, ...more].filter(Boolean).join(" "), isAsked ? (isHeard ? texts.sent : texts.waits) : "");
    this.#again.hidden = status === "registering" || status === "registered" || isAsked;
    this.#hide.hidden = required;
  }
}
