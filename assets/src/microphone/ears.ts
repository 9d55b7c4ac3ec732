/** Listens to a stream: how loud it is. Nothing is kept, and nothing leaves the page. */

import type { Sound } from "../desktop/sound.ts";

/** Decibels below full scale at which the meter begins. */
const FLOOR = -60;

export class Ears {
  #sound: Sound;
  #context: AudioContext;
  #source: MediaStreamAudioSourceNode;
  #analyser: AnalyserNode;
  #samples: Float32Array<ArrayBuffer>;

  constructor(sound: Sound, stream: MediaStream) {
    this.#sound = sound;
    this.#context = sound.take();
    this.#source = new MediaStreamAudioSourceNode(this.#context, { mediaStream: stream });
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 4096 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  /** Whether the browser lets the page listen by now. */
  get isOpen(): boolean {
    return this.#context.state === "running";
  }

  /** The loudest of the last moments: 0 for silence, 1 for the maximum. */
  peak(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return this.#samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
  }

  close(): void {
    this.#source.disconnect();
    this.#sound.leave();
  }
}

/** How far a meter goes for a peak: from 0 to 1, as people hear it. */
export function level(peak: number): number {
  return peak <= 0 ? 0 : Math.min(1, Math.max(0, 1 - (20 * Math.log10(peak)) / FLOOR));
}
