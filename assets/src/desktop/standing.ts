/** The state of the workstation's parts, in words. Pure. */

import type {
  Browser,
  Extension,
  Lack,
  MicrophoneState,
  Microphone,
  Recorder,
  RecorderCause,
  RecorderNote,
} from "../link/protocol.ts";
import type { Texts } from "../texts/texts.ts";
import { type Words, fill } from "./words.ts";

/** The state of something: a word, and a light that says the same. */
export interface Standing {
  light: "good" | "busy" | "odd" | "bad" | "none" | "unknown";
  word: string;
}

export function extensionStanding({ extension: texts }: Texts, { kind, held }: Extension): Standing {
  const kinds = { desk_phone: texts.deskPhone, browser_phone: texts.browserPhone, external: texts.external };
  const name = kind ? kinds[kind] : texts.held;
  return { light: held ? "good" : "odd", word: held ? name : texts.notHeld };
}

/** What is wrong with an extension that the agent does not hold. */
export function extensionLack(words: Words, number: string, { why, free_at: freeAt, is_silent: isSilent, by }: Lack): { title: string; why: string } {
  const texts = words.texts.extension;
  const [title, reason] = {
    none: [texts.none, texts.noneWhy],
    asking: [texts.asking, texts.askingWhy],
    unknown: [texts.unknown, texts.unknownWhy],
    other_instance: [texts.otherInstance, texts.otherInstanceWhy],
    not_allowed: [texts.notAllowed, texts.notAllowedWhy],
    held: [texts.inUse, `${by === null ? texts.inUseWhy : texts.inUseBy} ${freeAt === null ? "" : isSilent ? texts.freeUnlessBack : texts.freeAt}`],
    unavailable: [texts.unavailable, texts.unavailableWhy],
  }[why];
  const values = { number, by: by ?? "", time: freeAt === null ? "" : words.clock(freeAt) };
  return { title: fill(title ?? "", values), why: fill(reason ?? "", values).trim() };
}

/** `isTested` while this tab is finding out; what has worked still counts as working meanwhile. */
export function microphoneStanding({ microphone: texts }: Texts, { needed, state }: Microphone, isTested: boolean): Standing {
  if (!needed) return { light: "none", word: texts.notNeeded };
  if (isTested && state !== "working") return { light: "busy", word: texts.wordTesting };
  const light = state === "working" ? "good" : state === "unasked" ? "odd" : "bad";
  return { light, word: microphoneWord(texts, state) };
}

export function microphoneWord(texts: Texts["microphone"], state: MicrophoneState): string {
  return {
    unasked: texts.wordUnasked,
    working: texts.wordWorking,
    silent: texts.wordSilent,
    denied: texts.wordDenied,
    absent: texts.wordAbsent,
    in_use: texts.wordInUse,
    lost: texts.wordLost,
  }[state];
}

export function recorderStanding({ recorder: texts }: Texts, recorder: Recorder | null): Standing {
  if (!recorder) return { light: "none", word: texts.wordNone };
  const { status, required } = recorder;
  const trouble = required ? "bad" : "odd";
  return {
    light: ({ registering: "busy", registered: "good", failed: trouble, lost: trouble } as const)[status],
    word: { registering: texts.wordRegistering, registered: texts.wordRegistered, failed: texts.wordFailed, lost: texts.wordLost }[status],
  };
}

/** Why the workstation is not registered, and what the agent can do about it. */
export function recorderCause({ recorder: texts }: Texts, cause: RecorderCause | null): string {
  const known: Partial<Record<string, string>> = {
    unreachable: texts.unreachable,
    busy: texts.busy,
    refused: texts.refused,
    not_understood: texts.notUnderstood,
    misconfigured: texts.misconfigured,
    too_slow: texts.tooSlow,
    unknown_workstation: texts.unknownWorkstation,
    recorder_absent: texts.recorderAbsent,
    recorder_failed: texts.recorderFailed,
    no_licence: texts.noLicence,
    ended: texts.ended,
    replaced: texts.replaced,
  };
  return known[cause ?? ""] ?? texts.unknown;
}

export function recorderNote({ recorder: texts }: Texts, note: RecorderNote): string {
  const known: Partial<Record<string, string>> = {
    calling: texts.calling,
    retrying: texts.retrying,
    told_to_wait: texts.toldToWait,
    accepted: texts.accepted,
    workstation_found: texts.workstationFound,
    recorder_found: texts.recorderFound,
    recorder_starting: texts.recorderStarting,
    recorder_ready: texts.recorderReady,
    registered: texts.registered,
    failed: texts.noteFailed,
    lost: texts.noteLost,
  };
  return known[note] ?? texts.other;
}

/** What the agent can do about a microphone, step by step, in this browser on this system. */
export function microphoneSteps(texts: Texts, verdict: MicrophoneState | undefined, bySystem: boolean, { family, system }: Browser): string[] {
  const { steps, microphone } = texts;
  const ofSystem = { Windows: [steps.windows1, steps.windows2], macOS: [steps.macos1, steps.macos2] }[system ?? ""];
  if (verdict === "denied" && bySystem) return [...(ofSystem ?? [steps.system1]), steps.then];
  if (verdict === "denied") {
    const isPhone = system === "Android" || system === "iOS";
    const ofBrowser = {
      Chrome: [steps.chrome1, steps.chrome2],
      Edge: [steps.edge1, steps.edge2],
      Firefox: [steps.firefox1, steps.firefox2],
      Safari: [steps.safari1, steps.safari2],
    }[isPhone ? "" : (family ?? "")];
    return [...(ofBrowser ?? [steps.other1, steps.other2]), steps.then];
  }
  if (verdict === "silent") {
    const level = { Windows: steps.windowsLevel, macOS: steps.macosLevel }[system ?? ""] ?? steps.systemLevel;
    return [steps.muteButton, level, microphone.orOther];
  }
  return [];
}
