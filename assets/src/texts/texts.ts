/**
 * The texts of the desktop's script: one table per language, of one type, so that a text that one language lacks does
 * not compile. They are served as static files; what the server renders has its texts in `templates/src/texts`.
 *
 * A `{name}` is filled in by the script; the tests keep its spelling consistent.
 */

import type { StationTexts } from "./station/texts.ts";

export interface Texts extends StationTexts {
  /** The loading screen. */
  loading: {
    waiting: string;
    loading: string;
    loaded: string;
    failed: string;
    progress: string;
    ready: string;
    noAnswer: string;
    outage: string;
    unreadable: string;
  };
  /** Who and where the agent is. */
  profile: {
    none: string;
    usual: string;
    chosen: string;
    without: string;
    browserOn: string;
    browserUnknown: string;
  };
  /** Times and durations. */
  time: {
    seconds: string;
    minutes: string;
    hours: string;
    justNow: string;
    lasting: string;
    remaining: string;
  };
  /** The agent's state. */
  state: {
    title: string;
    registering: string;
    ready: string;
    notReady: string;
    offered: string;
    interaction: string;
    wrapUp: string;
    unknown: string;
    because: string;
    signedIn: string;
    signedInUnmet: string;
    chosen: string;
    chosenBy: string;
    connectionLost: string;
    noAnswer: string;
    unmet: string;
    unmetNoMore: string;
    readyHint: string;
    registeringHint: string;
    wrapUpHint: string;
    after: string;
    choose: string;
    chooseNext: string;
    reasons: string;
    noReason: string;
    waits: string;
    sending: string;
    refused: string;
    refusedMissing: string;
    stale: string;
  };
  /** The connection to the desk. */
  connection: {
    connecting: string;
    open: string;
    openThroughTab: string;
    lost: string;
    offline: string;
    aside: string;
    over: string;
    away: string;
    again: string;
    trying: string;
    now: string;
    goOn: string;
    until: string;
    untilEngaged: string;
    untilOver: string;
    offlineNotice: string;
    asideNotice: string;
    useThisTab: string;
    back: string;
  };
  /** What happened in this session. */
  events: {
    title: string;
    none: string;
    signedIn: string;
    byRouting: string;
    byConnection: string;
    byLimit: string;
    byNoAnswer: string;
    byRecorder: string;
    byExtension: string;
    byMicrophone: string;
    byService: string;
    system: string;
    offered: string;
    offerRejected: string;
    offerLost: string;
    offerNotReady: string;
    offerTimedOut: string;
    offerCancelled: string;
    extensionHeld: string;
    extensionLost: string;
    microphone: string;
    recorder: string;
    connectionOpen: string;
    connectionSuspect: string;
    connectionLost: string;
    hardEnd: string;
    hardEndWaits: string;
  };
  /** The agent's note. */
  note: {
    label: string;
    hint: string;
  };
  /** Before and at the hard end. */
  hardEnd: {
    soon: string;
    stay: string;
    staySent: string;
    stayRefused: string;
    signInAfter: string;
    /** If signing in again is done on pages. */
    signInAfterByPages: string;
    waits: string;
    stays: string;
  };
  /** Signing out: while it waits for the network, and in the middle of an interaction. */
  signOut: {
    waits: string;
    waitsWhy: string;
    engaged: string;
    engagedWhy: string;
    goOn: string;
    stay: string;
  };
  /** The end of a session: why, by whom, when, and what to do. */
  ended: {
    signedOut: string;
    signedOutWhy: string;
    takenOver: string;
    takenOverWhy: string;
    takenOverNotYou: string;
    replaced: string;
    replacedWhy: string;
    anotherAgent: string;
    anotherAgentWhy: string;
    connectionLost: string;
    connectionLostWhy: string;
    hardEnd: string;
    hardEndWhy: string;
    forced: string;
    forcedWhy: string;
    disabled: string;
    disabledWhy: string;
    passwordChanged: string;
    passwordChangedWhy: string;
    unknown: string;
    unknownWhy: string;
    engagedWhy: string;
    somebody: string;
    goOn: string;
    /** If signing in again is done on pages. */
    goOnByPages: string;
    /** After signing out, which deletes the note. */
    goOnSignedOut: string;
    goOnByPagesSignedOut: string;
    showCurrent: string;
    toLogin: string;
  };
  /** Signing in again in place. */
  login: {
    username: string;
    password: string;
    extensionHint: string;
    /** It was chosen before, which is no longer allowed. */
    extensionNotAllowed: string;
    missing: string;
    submit: string;
    takeBack: string;
    busy: string;
    refused: string;
    stale: string;
    tooMany: string;
    outage: string;
    unreachable: string;
    cookies: string;
    goToLogin: string;
    /** Another agent is in an interaction in this browser. */
    browserInUse: string;
    occupied: string;
    occupiedWhere: string;
    silent: string;
    engaged: string;
    consequence: string;
    takeOver: string;
    takeOverAnyway: string;
    cancel: string;
    done: string;
  };
}
