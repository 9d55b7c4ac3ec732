/**
 * The page's sound, in and out. Browsers let a page make sound, or listen, only after somebody has used it; this is the
 * one place that waits for that. Nothing runs while nobody needs it.
 */

import { stored } from "./client.ts";

/** Milliseconds within which a browser that lets the page sound will have done so. */
const ALLOWED_WITHIN = 400;

/** Seconds from one ring to the next, and between its two notes. */
const RING_EVERY = 3;
const SECOND_NOTE = 0.22;
/** Hertz: a falling third, gentle. */
const NOTES = [659.25, 523.25];
/** No offer rings for longer than this many seconds. */
const LONGEST = 120;

export class Sound {
  #context: AudioContext | undefined;
  #users = 0;
  #allowed = new AbortController();
  #changed: () => void;

  /** `changed` is called when `isBlocked` may have changed. */
  constructor(changed: () => void) {
    this.#changed = changed;
    // A finger counts when it is lifted, a mouse button when it is pressed.
    for (const type of ["pointerdown", "pointerup", "keydown"]) {
      document.addEventListener(type, () => void this.#resume(), { capture: true, passive: true });
    }
  }

  /** Whether the browser waits for somebody to use the page; `undefined` while that is unknown. */
  isBlocked: boolean | undefined;

  /** Aborts as soon as it is known that the page may sound: from then on it may, for as long as it exists. */
  get allowed(): AbortSignal {
    return this.#allowed.signal;
  }

  /** Begins to use it. Each caller must also `leave`. Throws where the browser has no sound. */
  take(): AudioContext {
    this.#context ??= new AudioContext();
    this.#users += 1;
    void this.#resume();
    return this.#context;
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users === 0) void this.#context?.suspend();
  }

  /** Finds out whether the page could make a sound now. */
  probe(): void {
    if (!stored(() => this.take())) return;
    setTimeout(() => {
      this.#judge();
      this.leave();
    }, ALLOWED_WITHIN);
  }

  /**
   * Rings until `stop` is called, for at most `seconds`. All of it is scheduled at once: a hidden page's timers run
   * late.
   */
  ring(seconds: number): () => void {
    const context = this.take();
    const volume = new GainNode(context, { gain: 0.2 });
    volume.connect(context.destination);
    for (let at = 0; at < Math.min(seconds, LONGEST); at += RING_EVERY) {
      NOTES.forEach((hertz, index) => strike(volume, hertz, context.currentTime + 0.05 + at + index * SECOND_NOTE));
    }
    return () => {
      volume.gain.setTargetAtTime(0, context.currentTime, 0.02);
      setTimeout(() => {
        volume.disconnect();
        this.leave();
      }, 200);
    };
  }

  /**
   * Counts as a user while it waits: a context that is suspended while it starts no longer starts, and says so to
   * nobody.
   */
  async #resume(): Promise<void> {
    if (this.#users === 0 && this.isBlocked !== true) return;
    this.#users += 1;
    await this.#context?.resume().catch(() => {}); // what became of it is judged by its state
    this.#judge();
    this.leave();
  }

  #judge(): void {
    const isBlocked = this.#context?.state !== "running";
    if (this.isBlocked === isBlocked) return;
    this.isBlocked = isBlocked;
    if (!isBlocked) this.#allowed.abort();
    this.#changed();
  }
}

/** One note, like a small bell. */
function strike(into: AudioNode, frequency: number, at: number): void {
  const { context } = into;
  const bell = new GainNode(context, { gain: 0 });
  bell.gain.setValueAtTime(0, at);
  bell.gain.linearRampToValueAtTime(1, at + 0.01);
  bell.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
  bell.connect(into);
  for (const [overtone, gain] of [[1, 1], [2, 0.25]] as const) {
    const tone = new OscillatorNode(context, { frequency: frequency * overtone });
    tone.connect(new GainNode(context, { gain })).connect(bell);
    tone.start(at);
    tone.stop(at + 1);
  }
}
