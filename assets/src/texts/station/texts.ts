/** The texts of the work at hand and of the workstation; `texts.ts` has the rest. */

export interface StationTexts {
  /** An offer, an interaction, its wrap-up. */
  work: {
    none: string;
    call: string;
    email: string;
    chat: string;
    about: string;
    noNumber: string;
    noSender: string;
    noName: string;
    waits: string;
    waited: string;
    left: string;
    timeIsUp: string;
    endsIn: string;
    endsInUnmet: string;
    endsInOver: string;
    accept: string;
    reject: string;
    end: string;
    accepting: string;
    rejecting: string;
    ending: string;
    waitsForConnection: string;
    gone: string;
    announced: string;
  };
  /** What keeps the agent from being ready. */
  unmet: {
    title: string;
    goodToKnow: string;
    nothing: string;
    unheard: string;
    heard: string;
  };
  /** The workstation's names. */
  station: {
    microphone: string;
    recorder: string;
    light: string;
  };
  /** Sound and notifications. */
  alerts: {
    title: string;
    sound: string;
    notification: string;
    asking: string;
    denied: string;
    needsClick: string;
  };
  /** The extension. */
  extension: {
    deskPhone: string;
    browserPhone: string;
    external: string;
    notHeld: string;
    none: string;
    noneWhy: string;
    asking: string;
    askingWhy: string;
    unknown: string;
    unknownWhy: string;
    notAllowed: string;
    notAllowedWhy: string;
    held: string;
    otherInstance: string;
    otherInstanceWhy: string;
    inUse: string;
    inUseWhy: string;
    inUseBy: string;
    freeAt: string;
    freeUnlessBack: string;
    unavailable: string;
    unavailableWhy: string;
    again: string;
    other: string;
    label: string;
    take: string;
    notDigits: string;
    tooManyDigits: string;
    sent: string;
    waits: string;
    refused: string;
  };
  /** The microphone of a browser phone. */
  microphone: {
    levelAndDevice: string;
    device: string;
    usual: string;
    notThere: string;
    /** A device’s name, in the middle of a sentence. */
    named: string;
    notNeeded: string;
    wordUnasked: string;
    wordTesting: string;
    wordWorking: string;
    wordSilent: string;
    wordDenied: string;
    wordAbsent: string;
    wordInUse: string;
    wordLost: string;
    allow: string;
    again: string;
    asking: string;
    askingWhy: string;
    needsClick: string;
    needsClickWhy: string;
    testing: string;
    testingWhy: string;
    unasked: string;
    unaskedWhy: string;
    working: string;
    workingWhy: string;
    silent: string;
    silentWhy: string;
    denied: string;
    deniedWhy: string;
    deniedBySystem: string;
    absent: string;
    absentWhy: string;
    inUse: string;
    inUseWhy: string;
    lost: string;
    lostWhy: string;
    orOther: string;
    otherTab: string;
    changed: string;
  };
  /** What to do about it, step by step. */
  steps: {
    chrome1: string;
    chrome2: string;
    edge1: string;
    edge2: string;
    firefox1: string;
    firefox2: string;
    safari1: string;
    safari2: string;
    other1: string;
    other2: string;
    windows1: string;
    windows2: string;
    macos1: string;
    macos2: string;
    system1: string;
    then: string;
    muteButton: string;
    windowsLevel: string;
    macosLevel: string;
    systemLevel: string;
  };
  /** The screen recorder: its page, its causes, its notifications. */
  recorder: {
    title: string;
    lead: string;
    within: string;
    failedTitle: string;
    out: string;
    stay: string;
    stays: string;
    toLogin: string;
    again: string;
    hide: string;
    sent: string;
    waits: string;
    registering: string;
    registered: string;
    failed: string;
    lost: string;
    byItself: string;
    workAnyway: string;
    workstation: string;
    wordNone: string;
    wordRegistering: string;
    wordRegistered: string;
    wordFailed: string;
    wordLost: string;
    unreachable: string;
    busy: string;
    refused: string;
    notUnderstood: string;
    misconfigured: string;
    tooSlow: string;
    unknownWorkstation: string;
    recorderAbsent: string;
    recorderFailed: string;
    noLicence: string;
    ended: string;
    replaced: string;
    unknown: string;
    calling: string;
    retrying: string;
    times: string;
    toldToWait: string;
    accepted: string;
    workstationFound: string;
    recorderFound: string;
    recorderStarting: string;
    recorderReady: string;
    noteFailed: string;
    noteLost: string;
    other: string;
  };
}
