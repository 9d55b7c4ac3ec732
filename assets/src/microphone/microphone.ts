/**
 * The microphone of a browser phone, watched for as long as the desktop is open: whether it is there, allowed, free,
 * and really delivers sound. The page asks for it only when the agent says so; if it is already allowed, it is used
 * without asking.
 */

import type { MicrophoneState as Verdict } from "../link/protocol.ts";
import { stored } from "../desktop/client.ts";
import type { Sound } from "../desktop/sound.ts";
import { Ears, level } from "./ears.ts";
import { UNHEARD, fault, heard } from "./verdict.ts";

const KEY = "onecontact-microphone";
/** Milliseconds between two looks at the level. */
const LOOK = 100;
/** The browser's name for the system's default device. */
const DEFAULT = "default";

export interface Device {
  id: string;
  label: string;
}

/** How things stand. */
export interface Found {
  /** `undefined` while it is being found out. */
  verdict: Verdict | undefined;
  /** Asking: the browser's own question is open. Listening: the level is being tested or watched. */
  phase: "off" | "asking" | "listening" | "done";
  bySystem: boolean;
  /** The browser lets the page listen only after a click. */
  needsClick: boolean;
  /** The one in use, or last in use. */
  device: string;
  devices: Device[];
  /** It is a different one than before, and nobody chose it. */
  hasChanged: boolean;
}

const OFF: Found = {
  verdict: undefined,
  phase: "off",
  bySystem: false,
  needsClick: false,
  device: "",
  devices: [],
  hasChanged: false,
};

export class Microphone {
  #sound: Sound;
  #changed: () => void;
  #leveled: (level: number) => void;
  #found = OFF;
  #hearing = UNHEARD;
  #stream: MediaStream | undefined;
  #ears: Ears | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looked = 0;
  #attempt = 0;
  #permission: PermissionStatus | undefined;
  #isWatching = false;

  /** `changed` is called when `found` has changed; `leveled` with each new level, from 0 to 1. */
  constructor(sound: Sound, changed: () => void, leveled: (level: number) => void) {
    this.#sound = sound;
    this.#changed = changed;
    this.#leveled = leveled;
  }

  get found(): Found {
    return this.#found;
  }

  /** Whether it is in use, and not yet known to work or not. */
  get isTested(): boolean {
    return this.#found.phase === "listening" && this.#found.verdict === undefined;
  }

  /** The device that the agent chose on this computer, if it is known by this id. */
  get chosen(): string {
    const { id, label } = kept();
    const same = this.#found.devices.find((device) => device.id === id) ?? this.#found.devices.find((device) => label !== "" && device.label === label);
    return same?.id ?? id;
  }

  /** Begins to watch, without asking for anything. */
  async watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    if (!navigator.mediaDevices) return this.#settle({ verdict: "absent" });
    navigator.mediaDevices.addEventListener("devicechange", this.#devicesChanged);
    this.#permission = await navigator.permissions?.query({ name: "microphone" }).catch(() => undefined);
    if (!this.#isWatching) return;
    this.#permission?.addEventListener("change", this.#permissionChanged);
    await this.#consider();
  }

  /** Lets go of it: another tab is watching now, or there is nothing to watch. */
  rest(): void {
    if (!this.#isWatching) return;
    this.#isWatching = false;
    navigator.mediaDevices?.removeEventListener("devicechange", this.#devicesChanged);
    this.#permission?.removeEventListener("change", this.#permissionChanged);
    this.#attempt += 1;
    this.#close();
    this.#found = OFF;
    this.#changed();
  }

  /** Uses it: the browser asks the agent if it has not done so before. */
  async open(): Promise<void> {
    const attempt = ++this.#attempt;
    this.#close();
    this.#settle({ verdict: undefined, phase: "asking", bySystem: false });
    const chosen = this.chosen;
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted(chosen) }).catch((error: unknown) => error);
    if (attempt !== this.#attempt) return stop(stream);
    await this.#look();
    if (attempt !== this.#attempt) return stop(stream);
    if (stream instanceof MediaStream) return this.#listen(stream);
    const isGone = stream instanceof Error && stream.name === "OverconstrainedError" && this.#found.devices.length > 0;
    // The chosen device is not plugged in: the agent has to know, and to choose again.
    if (isGone) return this.#settle({ verdict: "lost", phase: "done", device: kept().label });
    this.#settle({ ...fault(stream, this.#permission?.state), phase: "done" });
  }

  /** Uses this device from now on, on this computer. */
  choose(id: string): Promise<void> {
    const label = this.#found.devices.find((device) => device.id === id)?.label ?? "";
    stored(() => localStorage.setItem(KEY, JSON.stringify({ id, label })));
    this.#found = { ...this.#found, hasChanged: false };
    return this.open();
  }

  /** Finds out what can be known without asking. */
  async #consider(): Promise<void> {
    await this.#look();
    if (!this.#isWatching) return;
    const { devices } = this.#found;
    // A browser that does not report permissions names devices to pages that may use them.
    const permission = this.#permission?.state ?? (devices.some(({ label }) => label) ? "granted" : "prompt");
    if (permission === "denied") this.#settle({ verdict: "denied", phase: "done" });
    else if (permission === "granted") await this.open();
    else this.#settle({ verdict: devices.length > 0 ? "unasked" : "absent", phase: "done" });
  }

  async #look(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const devices = all.filter(({ kind }) => kind === "audioinput").map(({ deviceId: id, label }) => ({ id, label }));
    this.#found = { ...this.#found, devices };
  }

  #listen(stream: MediaStream): void {
    const [track] = stream.getAudioTracks();
    if (!track) return this.#settle({ verdict: "absent", phase: "done" });
    this.#stream = stream;
    this.#hearing = UNHEARD;
    this.#ears = new Ears(this.#sound, stream);
    this.#looked = performance.now();
    this.#timer = setInterval(() => this.#hear(track), LOOK);
    track.addEventListener("ended", () => {
      if (this.#stream === stream) void this.#lose();
    });
    this.#settle({ verdict: undefined, phase: "listening", device: track.label, needsClick: false });
  }

  #hear(track: MediaStreamTrack): void {
    const now = performance.now();
    const passed = now - this.#looked;
    this.#looked = now;
    const isOpen = this.#ears?.isOpen === true;
    const needsClick = !isOpen && !track.muted && passed > 0 && this.#sound.isBlocked === true;
    const peak = isOpen ? (this.#ears?.peak() ?? 0) : 0;
    this.#leveled(level(peak));
    const before = this.#hearing.verdict;
    // A page that may not listen hears nothing, which says nothing about the microphone.
    if (isOpen || track.muted) this.#hearing = heard(this.#hearing, Math.min(passed, 1000), peak, track.muted);
    const { verdict } = this.#hearing;
    if (verdict !== before || needsClick !== this.#found.needsClick) this.#settle({ verdict, needsClick });
  }

  async #lose(): Promise<void> {
    this.#attempt += 1;
    this.#close();
    await this.#look();
    if (!this.#isWatching) return;
    this.#settle({ verdict: "lost", phase: "done" });
    await this.#comeBack();
  }

  /** Switches to the lost device if it is back, or to another one if the agent leaves the choice to the system. */
  async #comeBack(): Promise<void> {
    const { devices, device } = this.#found;
    const { id } = kept();
    const isBack = devices.some(({ label }) => label !== "" && label === device);
    if (!isBack && (id !== DEFAULT || devices.length === 0)) return;
    await this.open();
    if (this.#found.device !== device && this.#stream) this.#settle({ hasChanged: true });
  }

  #devicesChanged = async (): Promise<void> => {
    const { verdict, phase, device } = this.#found;
    const before = this.#defaultLabel();
    await this.#look();
    if (!this.#isWatching) return;
    if (verdict === "lost") await this.#comeBack();
    else if (phase === "done") await this.#consider();
    else if (this.#stream && kept().id === DEFAULT && before !== "" && this.#defaultLabel() !== before) {
      // The system's default is another device now, and the stream is still the former one's.
      await this.open();
      if (this.#found.device !== device) this.#settle({ hasChanged: true });
    } else this.#changed();
  };

  #permissionChanged = (): void => {
    if (this.#found.phase === "asking") return; // the answer comes with the stream, or without
    const isAllowed = this.#permission?.state === "granted";
    if (isAllowed && this.#stream) return;
    this.#attempt += 1;
    this.#close();
    void this.#consider();
  };

  #defaultLabel(): string {
    return this.#found.devices.find(({ id }) => id === DEFAULT)?.label ?? "";
  }

  #settle(more: Partial<Found>): void {
    this.#found = { ...this.#found, ...more };
    this.#changed();
  }

  #close(): void {
    clearInterval(this.#timer);
    this.#ears?.close();
    this.#ears = undefined;
    stop(this.#stream);
    this.#stream = undefined;
    this.#leveled(0);
  }
}

/** Unprocessed: what the browser would clean away is what tells a live device from a dead one. */
function wanted(id: string): MediaTrackConstraints {
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  return id === DEFAULT ? plain : { ...plain, deviceId: { exact: id } };
}

function stop(stream: unknown): void {
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
}

function kept(): Device {
  const device = stored(() => JSON.parse(localStorage.getItem(KEY) ?? "null") as Device | null);
  return { id: device?.id || DEFAULT, label: device?.label ?? "" };
}
