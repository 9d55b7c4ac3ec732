/** The desktop: what replaces the loading screen, and what each part of it is told. */

import type { ToPage } from "../link/messages.ts";
import type { Desk } from "../link/desk.ts";
import type { Ask, Browser, Ended } from "../link/protocol.ts";
import { locale } from "../locale.ts";
import { Microphone } from "../microphone/microphone.ts";
import type { Texts } from "../texts/texts.ts";
import { Alerts } from "./alerts.ts";
import { Client } from "./client.ts";
import { Connection } from "./connection.ts";
import { announce, hush, need, put } from "./dom.ts";
import { EndedDialog, isLeft } from "./ended.ts";
import { Events } from "./events.ts";
import { HardEnd } from "./hard-end.ts";
import { Loading, type Part, type Values } from "./loading.ts";
import { Login } from "./login.ts";
import { Note } from "./note.ts";
import type { NamedReason } from "./reasons.ts";
import { RecorderScreen } from "./recorder.ts";
import { SignOut } from "./sign-out.ts";
import { Sound } from "./sound.ts";
import { StateCard } from "./state.ts";
import { Lights, Station } from "./station.ts";
import { Unmet } from "./unmet/unmet.ts";
import { Words, fill } from "./words.ts";

/** Milliseconds that the desk may take to say how things stand before the desktop is shown without that. */
const FIRST_WORD = 1_000;

/** What is known of the agent, part by part. */
interface Known {
  sid: string | undefined;
  since: number;
  hardEnd: number;
  username: string;
  instance: string | undefined;
  /** The extension, if the agent chose one for this session. */
  chosenExtension: string | undefined;
}

/** Opens the page's desktop. */
export function open(texts: Texts): void {
  new Desktop(texts).load();
}

class Desktop {
  #words: Words;
  #page = need("#desktop");
  #recorderPage = need("#recorder");
  #home: string;
  #known: Known;
  #loading: Loading;
  #client: Client;
  #connection: Connection;
  #state: StateCard;
  #hardEnd: HardEnd;
  #events: Events;
  #note: Note;
  #ended: EndedDialog;
  #recorder: RecorderScreen;
  #unmet: Unmet;
  #station: Station;
  #lights: Lights;
  #alerts: Alerts;
  #sound = new Sound(() => this.#station.showAlerts());
  #microphone: Microphone;
  #isStarted = false;
  #isLoaded = false;
  /** Ends what the page does by itself, once the agent signs out. */
  #life = new AbortController();
  /** The session that the notice of an end is about. */
  #endedSid: string | undefined;
  /** Whether there was an interaction when the session ended. */
  #wasEngaged = false;
  #firstWord: () => void = () => {};
  /** What was last reported of the microphone, and what the desk thought before: each is reported once. */
  #reported = "";
  #told: ToPage | undefined;
  #title = document.title;
  #signOut: SignOut;

  constructor(texts: Texts) {
    const { home = "", link = "", now = "", since = "", agent = "", byPages } = need("#loading").dataset;
    this.#words = new Words(texts, locale());
    this.#words.skew = Date.now() - Number(now) * 1000;
    this.#home = home;
    this.#known = {
      sid: undefined,
      since: Number(since),
      hardEnd: 0,
      username: agent,
      instance: undefined,
      chosenExtension: undefined,
    };
    const ask = (ask: Ask): void => this.#client.ask(ask);
    this.#client = new Client(home, link, (told) => this.#hear(told), () => this.#connection.showLost());
    this.#connection = new Connection(this.#words, () => this.#client.hurry("agent"));
    this.#microphone = new Microphone(this.#sound, () => this.#showAgain(), (level) => {
      this.#station.meter.show(level);
      this.#unmet.level(level);
    });
    this.#alerts = new Alerts(this.#words, home, this.#sound, () => this.#station.showAlerts());
    this.#unmet = new Unmet(this.#words, this.#microphone, ask, () => this.#showAgain());
    this.#state = new StateCard(this.#words, ask, () => this.#unmet.focus());
    this.#station = new Station(this.#words, this.#microphone, this.#alerts, this.#sound, ask);
    this.#lights = new Lights(this.#words);
    this.#recorder = new RecorderScreen(this.#words, ask, () => void this.#signOut.go("recorder"));
    this.#signOut = new SignOut(this.#words, home, `${agent} ${since}`, {
      isEngaged: () => this.#isEngaged(),
      leave: () => this.#leave(),
      left: () => this.#client.left(this.#known.since, Math.floor(this.#words.now())),
    });
    this.#hardEnd = new HardEnd(this.#words, byPages !== undefined, ask);
    this.#events = new Events(this.#words);
    this.#note = new Note(this.#words);
    this.#ended = new EndedDialog(this.#words, home, new Login(home), {
      account: () => ({
        username: this.#known.username,
        instance: this.#known.instance,
        extension: this.#known.chosenExtension,
        resumes: this.#known.sid,
      }),
      byPages: byPages !== undefined,
      wasEngaged: () => this.#wasEngaged,
      signedIn: (extension) => this.#goOn(extension),
    });
    this.#loading = new Loading(this.#words, home, {
      loaded: (part, values) => this.#take(part, values),
      over: (ended) => this.#over(ended),
      done: () => void this.#finish(),
    });
  }

  load(): void {
    need("#now").append(this.#state.element, this.#unmet.element, this.#note.element);
    need("#station").after(this.#events.element);
    this.#page.append(this.#state.offerBar);
    this.#measureBar();
    if (this.#signOut.goOn()) return;
    this.#state.show({ desk: undefined, isHeard: false, asked: [], answered: [] });
    this.#connection.tick();
    this.#showTimes();
    this.#listen(this.#life.signal);
    void this.#loading.load();
  }

  #listen(signal: AbortSignal): void {
    const ticking = setInterval(() => this.#tick(), 1000);
    signal.addEventListener("abort", () => clearInterval(ticking));
    document.addEventListener("visibilitychange", () => this.#tick(), { signal });
    for (const type of ["online", "offline"] as const) window.addEventListener(type, () => this.#showAgain(), { signal });
    window.addEventListener("online", () => {
      void this.#loading.loadMissing();
      this.#client.hurry("network");
    }, { signal });
  }

  /** Tells the style sheet how much of the window the bar covers. */
  #measureBar(): void {
    const bar = need(".bar");
    const { style } = document.documentElement;
    new ResizeObserver(() => style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar, { box: "border-box" });
  }

  /** Puts on the desktop what a part supplies. */
  #take(part: Part, values: Values): void {
    if (part === "profile") {
      put("display-name", text(values["display_name"]));
      put("username", text(values["username"]));
      this.#known.username = text(values["username"]) ?? this.#known.username;
    } else if (part === "instance") {
      put("instance", text(values["display_name"]));
      this.#known.instance = text(values["name"]);
      this.#words.reasons = (values["not_ready_reasons"] ?? []) as NamedReason[];
      this.#state.offerReasons();
    } else if (part === "extension") {
      const extension = text(values["extension"]);
      const isDefault = values["default"] === true;
      this.#station.signedInWith(extension, isDefault);
      this.#known.chosenExtension = isDefault ? undefined : extension;
    } else {
      this.#takeSession(values);
      this.#known.sid = text(values["sid"]);
      this.#start();
    }
    this.#openNote();
  }

  #takeSession(values: Values): void {
    this.#known.since = Number(values["since"]);
    this.#known.hardEnd = Number(values["hard_end"]);
    put("install", text(values["install"]));
    this.#words.own = values["browser"] as Browser;
    put("browser", this.#words.browser(this.#words.own));
    this.#showTimes();
  }

  /** Starts the link once; if the session part failed, the link finds out which session this is. */
  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#client.start(this.#known.sid);
  }

  /** The link tells how things stand. What it tells of somebody else's session is not shown. */
  #hear(told: ToPage): void {
    const { desk, ended, phase, resumes, session } = told.snapshot;
    const known = this.#known;
    if (phase === "over") {
      if (ended ? known.sid !== undefined && ended.sid !== known.sid : desk && desk.sid !== known.sid) return;
      this.#connection.show(told);
      return this.#over(ended);
    }
    if (desk && desk.sid !== known.sid) {
      const isOurs = known.sid === undefined || resumes === known.sid;
      if (!isOurs) return this.#tellOther(desk, phase === "open");
      known.sid = desk.sid;
      this.#openNote();
    }
    if (this.#ended.isOpen) {
      // A part's request may have learnt of the end before the link does.
      if (!desk || desk.sid === this.#endedSid) return;
      this.#resume();
    }
    this.#told = told;
    if (desk) this.#firstWord();
    this.#connection.show(told);
    if (session && (session as Values)["sid"] === known.sid) this.#takeSession(session as Values);
    this.#show(told, desk);
  }

  /** Something other than the desk has changed: the network, or the microphone. */
  #showAgain(): void {
    this.#connection.tick();
    if (this.#told && !this.#ended.isOpen) this.#show(this.#told, this.#told.snapshot.desk);
  }

  #show(told: ToPage, desk: Desk | undefined): void {
    if (!desk) return;
    const { outbox } = told.snapshot;
    const { leads } = told;
    const asked = [...outbox.pending.map(({ ask }) => ask), ...told.unheard];
    const { answered } = outbox;
    const isHeard = this.#connection.isOpen;
    if (!this.#isEngaged()) this.#signOut.stopAsking();
    this.#words.skew = desk.skew;
    this.#known.since = desk.since;
    this.#known.hardEnd = desk.hardEnd;
    this.#mindMicrophone(desk, isHeard && leads, asked);
    const isRecorders = this.#recorder.show(desk, isHeard, leads, asked);
    this.#state.show({ desk, isHeard, asked, answered });
    const situation = { desk, isHeard, asked, answered, leads };
    this.#unmet.show(situation, !isRecorders);
    this.#station.show(situation, this.#unmet.tellsRecorder);
    this.#lights.show(desk, isHeard, this.#microphone.isTested);
    this.#hardEnd.show(desk, asked, answered);
    this.#events.show(desk.sid, desk.events);
    this.#alert(desk, isHeard);
    this.#showTitle();
    this.#turn(isRecorders);
    this.#showTimes();
  }

  /** The leading tab watches the microphone, and tells the desk what it finds. */
  #mindMicrophone(desk: Desk, isMine: boolean, asked: Ask[]): void {
    const { needed, state } = desk.microphone;
    if (!needed || !this.#told?.leads) return this.#microphone.rest();
    void this.#microphone.watch();
    const { verdict } = this.#microphone.found;
    const isTold = verdict === state || asked.some((ask) => typeof ask === "object" && "microphone" in ask);
    if (!isMine || verdict === undefined || isTold) return;
    const report = `${desk.sid} ${verdict} ${state}`;
    if (report === this.#reported) return;
    this.#reported = report;
    this.#client.ask({ microphone: verdict });
  }

  #alert({ state }: Desk, isHeard: boolean): void {
    const offered = isHeard && typeof state === "object" && "offered" in state ? state.offered : undefined;
    this.#alerts.show(offered, offered ? offered.until - this.#words.now() : 0);
  }

  /** Switches from the loading screen to the desktop or the recorder's screen, and between those two. */
  #turn(isRecorders: boolean): void {
    if (!this.#isLoaded || this.#life.signal.aborted) return;
    const [shown, other] = isRecorders ? [this.#recorderPage, this.#page] : [this.#page, this.#recorderPage];
    if (!shown.hidden) return;
    need("#loading").hidden = true;
    other.hidden = true;
    shown.hidden = false;
    need("h1", shown).focus();
    if (!isRecorders) announce(this.#words.texts.loading.ready);
  }

  /**
   * This browser now has another session. Only a newer one ends this page: an older one is a tab that has yet to learn
   * of it.
   */
  #tellOther(desk: Desk, isOpen: boolean): void {
    if (!isOpen || desk.since <= this.#known.since || this.#ended.isOpen) return;
    this.#over({ sid: this.#known.sid ?? "", reason: "replaced", by: null, browser: null, at: desk.since });
  }

  #over(ended: Ended | null): void {
    if (ended?.reason === "signed_out") this.#note.clear();
    const isTold = this.#ended.isOpen;
    if (isTold && (!ended || this.#ended.isKnown)) return;
    if (!isTold && this.#page.hidden) return location.replace(`${this.#home}?next=/desktop&over=${ended?.reason ?? 1}`);
    document.title = `${this.#words.ended(ended).title} – ${this.#title}`;
    this.#endedSid = this.#known.sid;
    this.#wasEngaged ||= this.#isEngaged();
    this.#connection.end();
    this.#rest();
    this.#ended.show(ended);
    if (isLeft(ended)) this.#page.hidden = true;
    hush();
  }

  /** Nothing of the session continues: what is shown is the last that was known, and says so. */
  #rest(): void {
    const told = this.#told;
    this.#told = undefined;
    this.#alerts.show(undefined, 0);
    this.#microphone.rest();
    this.#lights.rest();
    this.#signOut.offer(false);
    this.#hardEnd.show(undefined, [], []);
    put("remaining", "");
    const desk = told?.snapshot.desk;
    if (!told || !desk) return;
    const last = { desk, isHeard: false, asked: [], answered: [], leads: told.leads };
    this.#state.show(last);
    this.#state.rest();
    this.#unmet.show(last, true);
    this.#station.show(last, this.#unmet.tellsRecorder);
  }

  /** The agent has signed in again here. */
  #goOn(extension: string | undefined): void {
    const isUsualAgain = extension === undefined && this.#known.chosenExtension !== undefined;
    this.#known.chosenExtension = extension;
    this.#client.signedIn(this.#known.sid);
    this.#resume();
    // This page has not been told yet which one that is.
    if (isUsualAgain) void this.#loading.loadAgain("extension");
  }

  /** Continues the desktop, after a sign-in in this tab or in another. */
  #resume(): void {
    this.#wasEngaged = false;
    this.#page.hidden = false;
    this.#signOut.offer(true);
    this.#ended.close();
    announce(this.#words.texts.login.done);
    void this.#loading.loadMissing();
  }

  #openNote(): void {
    const { sid, instance, username } = this.#known;
    const agent = instance === undefined ? undefined : `${this.#home} ${instance} ${username}`;
    if (sid === undefined && agent === undefined) return;
    this.#note.open({ sid, agent });
  }

  /** The agent is signing out. They may be gone before that is done: nothing of theirs stays to be read or heard. */
  #leave(): void {
    this.#life.abort();
    this.#loading.stop();
    this.#client.leave();
    this.#connection.end();
    this.#note.clear();
    this.#rest();
    for (const page of document.querySelectorAll("main")) page.hidden = true;
    document.title = this.#title;
    hush();
  }

  #tick(): void {
    this.#connection.tick();
    // Nothing continues behind the notice that the session has ended.
    if (this.#ended.isOpen) return;
    this.#loading.tick();
    this.#showTitle();
    this.#showTimes();
    this.#state.tick();
    this.#recorder.tick();
    this.#hardEnd.tick();
  }

  /** The window's title, for whoever looks at another window: the state, or that it may be out of date. */
  #showTitle(): void {
    const state = this.#told?.snapshot.desk?.state;
    if (state === undefined) return;
    const title = `${this.#connection.away ?? this.#words.title(state)} – ${this.#title}`;
    if (document.title !== title) document.title = title;
  }

  #showTimes(): void {
    const { time } = this.#words.texts;
    const { since, hardEnd } = this.#known;
    const now = this.#words.now();
    const lasts = now - since;
    put("since", this.#words.clock(since));
    put("lasting", fill(lasts < 60 ? time.justNow : time.lasting, { duration: this.#words.duration(lasts) }));
    if (hardEnd === 0) return;
    put("ends", this.#words.clock(hardEnd));
    // What is left is rounded up, what has passed is rounded down.
    put("remaining", fill(time.remaining, { duration: this.#words.duration(hardEnd - now + 59) }));
  }

  /** Everything is loaded. The desk's first word decides which page comes next, if it comes soon. */
  async #finish(): Promise<void> {
    this.#start();
    this.#isLoaded = true;
    if (!this.#told?.snapshot.desk) await new Promise<void>((go) => {
      this.#firstWord = go;
      setTimeout(go, FIRST_WORD);
    });
    if (this.#told?.snapshot.desk) this.#showAgain();
    else this.#turn(false);
    this.#sound.probe();
  }

  #isEngaged(): boolean {
    const state = this.#told?.snapshot.desk?.state;
    return typeof state === "object" && "in_interaction" in state;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
