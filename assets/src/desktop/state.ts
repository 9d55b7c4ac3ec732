/** The agent's state: large, in words, colour and shape, for how long, and what can be chosen. */

import type { Desk } from "../link/desk.ts";
import { type Answered, subject } from "../link/commands.ts";
import type { Ask, DeskEvent, Next } from "../link/protocol.ts";
import { announce, button, icon, make, need, write } from "./dom.ts";
import { NotReadyButton } from "./reasons.ts";
import { Work } from "./work.ts";
import { type StateName, type Words, fill, stateName } from "./words.ts";

/** Each state has a shape of its own. */
const SHAPES: Record<StateName | "unknown", string[]> = {
  registering: ["M4 5h16v11H4z", "M9 20h6M12 16v4", "M12 8.500v2.500l1.500 1"],
  ready: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M8 12.3l2.8 2.8L16.2 9.4"],
  notReady: ["M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3z", "M9.8 9v6M14.2 9v6"],
  offered: ["M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500H4.500z", "M10 21.500h4"],
  interaction: ["M4 5h16v11h-7l-5 4v-4H4z", "M8.5 10.5h7"],
  wrapUp: ["M7 3h10M7 21h10", "M8 3c0 5 8 5.500 8 9s-8 4-8 9M16 3c0 5-8 5.500-8 9s8 4 8 9"],
  unknown: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 8v4.500l3 2"],
};

/** What this card asks the desk for. */
const ABOUT_STATE = new Set(["state", "offer", "end"]);
const NO_REFUSAL = { words: "", until: Infinity };
/** Seconds that a refusal is shown, unless the agent asks for something else; events that arrive meanwhile leave it. */
const REFUSAL_STANDS = 10;

/** What the card shows. */
export interface StateShown {
  desk: Desk | undefined;
  /** Whether the desk is heard now; if not, what is shown is what was last known. */
  isHeard: boolean;
  /** What the desk has not confirmed: the last choice counts. */
  asked: Ask[];
  answered: Answered[];
}

export class StateCard {
  readonly element: HTMLElement;
  /** What is shown at the foot of the window while an offer is out of sight. */
  readonly offerBar: HTMLElement;
  #words: Words;
  #toUnmet: () => void;
  #shape = make("span", { class: "shape" });
  #label: HTMLElement;
  #word = make("p", { class: "word" });
  #timer = make("p", { class: "timer", role: "timer" });
  #hint = make("p", { class: "hint" });
  #next = make("p", { class: "next" });
  #awaited = make("p", { class: "awaited" });
  #choice: HTMLElement;
  #ready: HTMLButtonElement;
  #notReady: NotReadyButton;
  #work: Work;
  #since: number | undefined;
  #isBlocked = false;
  #told = "";
  #refusal = NO_REFUSAL;
  #answeredKeys = new Set<string>();

  /** `toUnmet` leads to what keeps the agent from being ready. */
  constructor(words: Words, ask: (ask: Ask) => void, toUnmet: () => void) {
    const texts = words.texts.state;
    this.#words = words;
    this.#toUnmet = toUnmet;
    this.#label = make("h2", { class: "label", id: "state-title", tabindex: "-1" }, texts.title);
    this.#ready = button(texts.ready, "button", () => (this.#isBlocked ? toUnmet() : ask("ready")));
    this.#ready.prepend(icon(...SHAPES.ready));
    this.#notReady = new NotReadyButton(words, SHAPES.notReady, (reason) => ask({ not_ready: { reason } }));
    this.#work = new Work(words, ask);
    this.offerBar = this.#work.bar.element;
    this.#choice = make("div", { class: "choice", role: "group" }, this.#ready, this.#notReady.element);
    const told = make("div", { class: "told" }, this.#word, this.#timer);
    const now = make("div", { class: "now" }, this.#label, told, this.#hint);
    const chosen = make("div", { class: "chosen" }, this.#next, this.#choice, this.#awaited);
    const head = make("div", { class: "head" }, this.#shape, now, chosen);
    this.element = make("section", { class: "state-card", "aria-labelledby": "state-title" }, head, this.#work.element);
  }

  /** The instance's reasons for not being ready are known. */
  offerReasons(): void {
    this.#notReady.offer(this.#words.reasons);
  }

  show({ desk, isHeard, asked, answered }: StateShown): void {
    const texts = this.#words.texts.state;
    const name = desk ? stateName(desk.state) : "unknown";
    if (this.element.dataset["state"] !== name) this.#shape.replaceChildren(icon(...SHAPES[name]));
    this.element.dataset["state"] = name;
    this.element.dataset["stale"] = String(!isHeard);
    // While the desk is silent, this may be out of date.
    this.#since = isHeard ? desk?.stateSince : undefined;
    write(this.#label, isHeard || !desk ? texts.title : texts.stale);
    write(this.#word, desk ? this.#words.state(desk.state) : texts.unknown);
    write(this.#hint, desk && isHeard ? this.#words.stateHint(desk) : "");
    const after = desk && name === "interaction" ? this.#words.next(desk.next) : "";
    write(this.#next, after);
    this.#work.show(desk, isHeard, asked);
    this.#showChoice(desk, name, asked, isHeard);
    this.#tell(desk, after, answered);
    this.tick();
  }

  /** Nothing more is asked of the agent. */
  rest(): void {
    this.#work.bar.rest();
  }

  /** Time passes. */
  tick(): void {
    if (this.#words.now() >= this.#refusal.until) {
      this.#refusal = NO_REFUSAL;
      write(this.#awaited, "");
    }
    write(this.#timer, this.#since === undefined ? "" : this.#words.counter(this.#words.now() - this.#since));
    this.#work.tick();
  }

  #showChoice(desk: Desk | undefined, name: StateName | "unknown", asked: Ask[], isHeard: boolean): void {
    const texts = this.#words.texts.state;
    const awaited = asked.findLast((ask): ask is Next => subject(ask) === "state");
    const present = desk && (name === "interaction" ? desk.next : nextOf(desk));
    // Afterwards is another matter: what is missing now may be there by then.
    this.#isBlocked = desk !== undefined && desk.missing.length > 0 && name !== "interaction";
    const isShut = name === "offered" || name === "registering";
    // A button that cannot be pressed would lose the focus to nothing. An answer is not given it: it could be pressed.
    if (isShut && this.#choice.contains(document.activeElement)) need("#state-title").focus();
    this.#choice.setAttribute("aria-label", name === "interaction" ? texts.chooseNext : texts.choose);
    for (const [made, value] of [[this.#ready, "ready"], [this.#notReady.button, "not_ready"]] as const) {
      made.setAttribute("aria-pressed", String(word(present) === value));
      made.classList.toggle("awaited", word(awaited) === value);
      made.disabled = isShut;
    }
    this.#ready.setAttribute("aria-disabled", String(this.#isBlocked));
    if (this.#isBlocked) this.#ready.setAttribute("aria-describedby", "unmet-title");
    else this.#ready.removeAttribute("aria-describedby");
    this.#notReady.mark(typeof present === "object" && present !== null ? present.not_ready.reason : undefined);
    if (asked.some((ask) => ABOUT_STATE.has(subject(ask)))) this.#refusal = NO_REFUSAL;
    const state = awaited ? this.#words.choice(awaited) : "";
    write(this.#awaited, awaited ? fill(isHeard ? texts.sending : texts.waits, { state }) : this.#refusal.words);
  }

  /** Announces once what has changed, for whoever does not see it. */
  #tell(desk: Desk | undefined, after: string, answered: Answered[]): void {
    const texts = this.#words.texts.state;
    const news = answered.filter(({ key, refused }) => refused && !this.#answeredKeys.has(key));
    for (const { key } of answered) this.#answeredKeys.add(key);
    const refused = news.find(({ ask }) => subject(ask) === "state");
    const gone = news.find(({ ask }) => (subject(ask) === "offer" || subject(ask) === "end") && !isAnswered(desk, ask));
    if (refused) {
      const words = refused.refused === "missing" ? texts.refusedMissing : texts.refused;
      this.#refuse(fill(words, { state: this.#words.choice(refused.ask as Next) }));
      if (refused.refused === "missing") this.#toUnmet();
    } else if (gone) {
      this.#refuse(this.#words.texts.work.gone);
    }
    if (!desk) return;
    const words = [this.#words.offerBefore(desk), this.#words.state(desk.state), after, this.#words.stateCause(desk)];
    const told = words.filter(Boolean).join(". ");
    const isNew = this.#told !== "" && this.#told !== told;
    this.#told = told;
    // An offer is announced at once and whole, elsewhere.
    if (isNew && stateName(desk.state) !== "offered") announce(told);
  }

  #refuse(words: string): void {
    this.#refusal = { words, until: this.#words.now() + REFUSAL_STANDS };
    write(this.#awaited, words);
    announce(words);
  }
}

/** Whether the agent has already answered the very same offer, in another window: what came of that is shown. */
function isAnswered(desk: Desk | undefined, ask: Ask): boolean {
  const answer = typeof ask !== "object" ? undefined : "accept" in ask ? ask.accept : "reject" in ask ? ask.reject : undefined;
  const isByAgent = ({ what }: DeskEvent): boolean =>
    "offer" in what && what.offer.offer === answer?.offer && (what.offer.outcome === "accepted" || what.offer.reason === "agent");
  return desk?.events.some(isByAgent) ?? false;
}

/** What the agent has chosen, if the present state was chosen at all. */
function nextOf({ state }: Desk): Next | null {
  if (state === "ready") return "ready";
  if (typeof state !== "object" || !("not_ready" in state)) return null;
  const { reason } = state.not_ready;
  return { not_ready: { reason: typeof reason === "object" ? reason.named : null } };
}

function word(next: Next | null | undefined): "ready" | "not_ready" | undefined {
  return next === "ready" ? "ready" : next ? "not_ready" : undefined;
}
