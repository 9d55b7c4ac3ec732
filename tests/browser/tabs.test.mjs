// Which tab leads, with the test's own lock, which does what the browser's may: it grants the lock to one tab before
// telling the tab that it took it from.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { among } from "../../assets/src/link/messages.ts";
import { Tabs } from "../../assets/src/link/tabs.ts";

/** One lock (Web Locks, section 3). */
class Lock {
  holder;
  queue = [];

  request(name, how, callback) {
    assert.equal(name, among(home()));
    return new Promise((_, reject) => {
      const asked = { callback, reject };
      how.signal?.addEventListener("abort", () => {
        this.queue = this.queue.filter((other) => other !== asked);
        reject(new DOMException("aborted", "AbortError"));
      });
      if (how.steal) this.grantLater(asked);
      else this.queue.push(asked);
      this.next();
    });
  }

  grantLater(asked) {
    queueMicrotask(() => {
      const former = this.holder;
      this.holder = asked;
      asked.callback();
      setImmediate(() => former?.reject(new DOMException("stolen", "AbortError")));
    });
  }

  next() {
    if (this.holder || this.queue.length === 0) return;
    this.holder = this.queue.shift();
    this.holder.callback();
  }

  /** Closes the tab that holds it. */
  close() {
    this.holder = undefined;
    this.next();
  }
}

/** What the tabs say to each other (HTML, section 9.5), without keeping the process alive. */
class Channel {
  static all = new Set();

  constructor(name) {
    this.name = name;
    Channel.all.add(this);
  }

  postMessage(message) {
    const data = structuredClone(message);
    for (const other of Channel.all) {
      if (other !== this && other.name === this.name) queueMicrotask(() => other.onmessage?.({ data }));
    }
  }
}

/** A link that does what it is told, and nothing by itself. */
class PlayedLink {
  phase = "off";
  ended = null;
  session = undefined;
  kept = { desk: undefined, outbox: { pending: [], answered: [] }, backoff: {} };
  did = [];

  constructor(changed) {
    for (const name of ["start", "rest", "stop", "ask", "hurry", "signedOut"]) this[name] = () => this.did.push(name);
    this.changed = changed;
  }

  /** The desk has welcomed this session. */
  welcome(sid) {
    Object.assign(this, { phase: "open", kept: { ...this.kept, desk: { sid } } });
    this.tabs.changed();
  }
}

let lock;
let install = 0;

/** Each test has tabs of its own. */
const home = () => `/OneAgentWeb_${install}`;

/** A tab that shows session `sid`. */
function open(sid) {
  const link = new PlayedLink();
  const tab = { link, told: undefined, phases: [] };
  tab.tabs = link.tabs = new Tabs(link, (told) => {
    tab.told = told;
    tab.phases.push(told.snapshot.phase);
  });
  tab.tabs.hear({ start: { home: home(), sid, memory: undefined } });
  return tab;
}

async function settled() {
  for (let turns = 0; turns < 20; turns += 1) await turn();
}

describe("of several tabs", () => {
  const { BroadcastChannel } = globalThis;
  before(() => {
    globalThis.BroadcastChannel = Channel;
    Object.defineProperty(navigator, "locks", { get: () => lock, configurable: true });
  });
  after(() => {
    globalThis.BroadcastChannel = BroadcastChannel;
    delete navigator.locks;
  });
  beforeEach(() => {
    lock = new Lock();
    install += 1;
  });

  test("the one of whoever has signed in since leads, and the others follow it", async () => {
    const first = open("01S1");
    first.link.welcome("01S1");
    const second = open("01S2");
    await settled();
    assert.deepEqual([first.told.leads, second.told.leads], [false, true]);
    assert.deepEqual([first.link.did, second.link.did], [["start", "stop"], ["start"]]);
    second.link.welcome("01S2");
    await settled();
    assert.equal(first.told.snapshot.desk.sid, "01S2");
    lock.close();
    assert.deepEqual(first.link.did, ["start", "stop", "start"], "it goes on where that one is closed");
  });

  test("one leads whom two others have told so", async () => {
    const [first, second] = [open("01S1"), open("01S2")];
    const channel = new Channel(among(home()));
    for (let times = 0; times < 2; times += 1) channel.postMessage({ yours: { sid: "01S2" } });
    await settled();
    assert.deepEqual([first.told.leads, second.told.leads], [false, true]);
    assert.equal(lock.queue.length, 1);
  });

  test("whoever signs in again in place leads, and goes on in the place of that session", async () => {
    const [first, second] = [open("01S1"), open("01S1")];
    first.link.welcome("01S1");
    await settled();
    assert.deepEqual([first.told.leads, second.told.leads], [true, false]);
    second.tabs.hear({ signedIn: { resumes: "01S1" } });
    await settled();
    assert.deepEqual([first.told.leads, second.told.leads], [false, true]);
    second.link.welcome("01S3");
    await settled();
    for (const { told } of [first, second]) assert.deepEqual([told.snapshot.desk.sid, told.snapshot.resumes], ["01S3", "01S1"]);
  });

  test("one that follows and is signed in to again is not told once more of the end that it goes on from", async () => {
    const [first, second] = [open("01S1"), open("01S1")];
    first.link.welcome("01S1");
    first.link.phase = "over";
    first.tabs.changed();
    await settled();
    assert.equal(second.told.snapshot.phase, "over");
    second.phases = [];
    second.tabs.hear({ signedIn: { resumes: "01S1" } });
    first.tabs.changed(); // the other one may still have something to say
    await settled();
    second.link.welcome("01S3");
    assert.deepEqual([second.phases.includes("over"), second.phases.at(-1)], [false, "open"], `${second.phases}`);
  });
});
