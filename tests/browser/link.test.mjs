// What the link decides, with the test's own clock and random numbers: no browser, no socket, no waiting.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { afterFailure, believed, FRESH, retryAfter } from "../../assets/src/link/backoff.ts";
import { asked, allSent, answered, EMPTY, numberedFrom } from "../../assets/src/link/commands.ts";
import { happened, welcomed } from "../../assets/src/link/desk.ts";
import { Link, PATIENCE, PING, RENEWAL, SILENCE } from "../../assets/src/link/link.ts";

const SUBJECT = { id: "i", kind: "call", service: "Support", from: null, since: 1 };
const START = 1_795_424_520_000;
const SID = "01S1";
const NOT_READY = { not_ready: { reason: null } };

const welcome = (more = {}) => ({
  sid: SID, now: START / 1000, seq: 1, lease: 1, state: "ready", state_since: START / 1000, next: null,
  since: START / 1000, hard_end: START / 1000 + 12 * 3600, waits: false, overtime: 0, applied: 0, events: [], ...more,
});

/** A link whose surroundings are all simulated: time passes by `pass`, and everything that it does is recorded. */
class Played {
  now = START;
  dice = 0.5;
  opened = [];
  sent = [];
  learnt = 0;
  forgotten = 0;
  closed = 0;
  alarm = Infinity;
  link = new Link({
    now: () => this.now,
    random: () => this.dice,
    open: (after) => this.opened.push({ after, at: this.now - START }),
    send: (text) => this.sent.push(text),
    close: () => (this.closed += 1),
    learn: () => (this.learnt += 1),
    forget: () => (this.forgotten += 1),
    wake: (at) => (this.alarm = at),
    changed: () => {},
  });

  /** Lets time pass, with every alarm due meanwhile. */
  pass(milliseconds, during = () => {}) {
    const until = this.now + milliseconds;
    while (this.alarm <= until) {
      this.now = Math.max(this.now, this.alarm);
      this.alarm = Infinity;
      this.link.woken();
      during();
    }
    this.now = until;
  }

  /** Sets the clock back. An alarm rings after as long as before. */
  setBack(milliseconds) {
    this.now -= milliseconds;
    this.alarm -= milliseconds;
  }

  say(message) {
    this.link.heard(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** A link that is open. */
  static open(more) {
    const played = new Played();
    played.link.start();
    played.say({ welcome: welcome(more) });
    return played;
  }

  /** The same after some time of answered pings. */
  stand(milliseconds) {
    this.pass(milliseconds, () => this.sent.at(-1) === "ping" && this.say("pong"));
  }
}

/** A link that has failed so often that it waits the longest for the next attempt. */
function failedOften() {
  const played = Played.open();
  played.dice = 1;
  for (let failure = 0; failure < 6; failure += 1) {
    played.pass(failure === 0 ? 0 : 30_000);
    played.link.closed(1006);
  }
  return played;
}

describe("signing out in another tab", () => {
  const since = START / 1000;
  const ended = { sid: SID, reason: "signed_out", by: null, browser: null, at: since + 60 };

  test("is over at once, however long the wait before the next attempt is", () => {
    const played = failedOften();
    assert.equal(played.link.phase, "waiting");
    played.link.signedOut(since, since + 60);
    assert.deepEqual([played.link.phase, played.link.ended], ["over", ended]);
    const before = played.opened.length;
    played.pass(120_000);
    assert.equal(played.opened.length, before);
  });

  test("says why, where that was not known yet, and no more than that", () => {
    const played = Played.open();
    played.link.learned({ over: null });
    played.link.learned({ over: null });
    assert.deepEqual([played.link.phase, played.link.ended], ["over", null]);
    played.link.signedOut(since, since + 60);
    assert.deepEqual(played.link.ended, ended);
    played.link.signedOut(since, since + 90);
    assert.equal(played.link.ended.at, since + 60);
  });

  test("is nothing to a session that has begun since", () => {
    const played = Played.open({ since: since + 5 });
    played.link.signedOut(since, since + 60);
    assert.equal(played.link.phase, "open");
  });
});

describe("the wait between two attempts", () => {
  test("is none at first, then up to 1, 2, 4, … 30 seconds", () => {
    let backoff = FRESH;
    const waits = Array.from({ length: 8 }, () => {
      backoff = afterFailure(backoff, START, 1);
      return backoff.due - START;
    });
    assert.deepEqual(waits, [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test("is drawn from the whole span, so that nobody comes at the same moment as everybody", () => {
    const before = { failures: 3, due: 0 };
    assert.deepEqual([0, 0.25, 1].map((dice) => afterFailure(before, 0, dice).due), [0, 1000, 4000]);
  });

  test("is never shorter than the server asks for", () => {
    assert.equal(afterFailure(FRESH, START, 0.5, 7000).due, START + 7000);
  });

  test("is believed after a reload only as far as a wait can be", () => {
    assert.deepEqual(believed({ failures: 4, due: START + 5000 }, START), { failures: 4, due: START + 5000 });
    assert.equal(believed({ failures: 4, due: START + 86_400_000 }, START).due, START + 30_000);
    for (const odd of [undefined, {}, { failures: -1, due: 0 }, { failures: 1, due: Infinity }]) {
      assert.deepEqual(believed(odd, START), FRESH);
    }
  });

  test("Retry-After is read as seconds and as a date", () => {
    assert.equal(retryAfter("7", START), 7000);
    assert.equal(retryAfter(new Date(START + 9000).toUTCString(), START), 9000);
    for (const nothing of [null, "soon", "", new Date(START - 9000).toUTCString()]) assert.equal(retryAfter(nothing, START), 0);
  });
});

describe("commands", () => {
  test("are numbered once, without gaps", () => {
    const outbox = asked(asked(EMPTY, "a", "ready"), "b", "stay");
    assert.deepEqual(outbox.pending.map(({ id, ask }) => [id, ask]), [[1, "ready"], [2, "stay"]]);
    assert.equal(asked(outbox, "a", "ready"), outbox, "a key that is known changes nothing");
  });

  test("a choice that cannot have arrived gives way to the next, number and all", () => {
    const outbox = asked(asked(asked(EMPTY, "a", "ready"), "b", "stay"), "c", NOT_READY);
    assert.deepEqual(outbox.pending.map(({ id, ask }) => [id, ask]), [[1, "stay"], [2, NOT_READY]]);
    assert.equal(outbox.last, 2);
  });

  test("of two about the same the later counts, and others stay as they are", () => {
    const asks = [{ microphone: "silent" }, { accept: { offer: "o" } }, "ready", { microphone: "working" }, { reject: { offer: "o" } }];
    const outbox = asks.reduce((outbox, ask, at) => asked(outbox, String(at), ask), EMPTY);
    assert.deepEqual(outbox.pending.map(({ ask }) => ask), asks.slice(2));
  });

  test("a choice that may have arrived keeps its number and is followed by the next", () => {
    const outbox = asked(allSent(asked(EMPTY, "a", "ready")), "b", NOT_READY);
    assert.deepEqual(outbox.pending.map(({ id, ask }) => [id, ask]), [[1, "ready"], [2, NOT_READY]]);
  });

  test("are numbered after what the desk has applied from another tab", () => {
    const outbox = numberedFrom(asked(EMPTY, "a", "ready"), 7);
    assert.deepEqual([outbox.pending[0].id, outbox.last], [8, 8]);
    assert.equal(numberedFrom(allSent(outbox), 3).pending[0].id, 8, "never back");
  });

  test("are done with once they are answered", () => {
    const outbox = answered(allSent(asked(EMPTY, "a", "stay")), 1, "not_allowed");
    assert.deepEqual(outbox.pending, []);
    assert.deepEqual(outbox.answered, [{ key: "a", ask: "stay", refused: "not_allowed" }]);
    assert.equal(answered(outbox, 9, null), outbox);
  });
});

describe("the desk as the browser knows it", () => {
  const desk = welcomed(undefined, welcome({ events: [{ seq: 1, at: 1, what: { connection: "open" } }] }), START + 3000);

  test("goes on from event to event, each once", () => {
    const event = { seq: 2, at: 9, what: { state: { state: { in_interaction: { interaction: SUBJECT } }, cause: "routing" } } };
    const after = happened(desk, event);
    assert.deepEqual([after.seq, after.stateSince, after.events.length], [2, 9, 2]);
    assert.equal(happened(after, event), after);
  });

  test("takes the last word on what is missing, the extension, the recorder and the microphone", () => {
    const told = { missing: [{ recorder: { why: "lost" } }], extension: null, recorder: null, microphone: { needed: true, state: "silent" } };
    const after = Object.entries(told).reduce((desk, [name, value], at) => happened(desk, { seq: 2 + at, at: 9, what: { [name]: value } }), desk);
    for (const [name, value] of Object.entries(told)) assert.deepEqual(after[name], value);
  });

  test("forgets what was chosen for after the interaction once it is over", () => {
    const next = { seq: 2, at: 9, what: { next: { next: NOT_READY } } };
    const over = { seq: 3, at: 10, what: { state: { state: { not_ready: { reason: "chosen" } }, cause: "routing" } } };
    assert.deepEqual(happened(desk, next).next, NOT_READY);
    assert.equal(happened(happened(desk, next), over).next, null);
  });

  test("keeps its events over a reconnect, and none of another session's", () => {
    const more = { seq: 2, events: [{ seq: 1, at: 1, what: {} }, { seq: 2, at: 2, what: { connection: "suspect" } }] };
    assert.deepEqual(welcomed(desk, welcome(more), START).events.map(({ seq }) => seq), [1, 2]);
    assert.deepEqual(welcomed(desk, welcome({ sid: "01S2" }), START).events, []);
  });

  test("knows by how much this computer's clock is wrong", () => {
    assert.equal(desk.skew, 3000);
  });
});

describe("the link", () => {
  test("pings every 10 seconds while it is heard", () => {
    const played = Played.open();
    played.stand(60_000);
    assert.equal(played.sent.filter((text) => text === "ping").length, 6);
    assert.equal(played.opened.length, 1);
  });

  test("takes 20 seconds of silence for the end of a connection, and connects again at once from the last event", () => {
    const played = Played.open({ seq: 5 });
    played.pass(SILENCE - 1);
    assert.equal(played.opened.length, 1);
    played.pass(1);
    assert.deepEqual(played.opened[1], { after: 5, at: SILENCE });
  });

  test("after a sleep of hours connects at once instead of pinging the dead", () => {
    const played = Played.open();
    played.now += 3 * 3_600_000;
    played.link.woken();
    assert.equal(played.opened.length, 2);
    assert.deepEqual(played.sent, []);
    assert.equal(played.link.kept.heard, START, "it says when the desk was last heard");
  });

  test("connects at once when it is cut, and backs off only when that fails", () => {
    const played = Played.open();
    played.stand(PING);
    played.link.closed(1006);
    assert.equal(played.opened.length, 2);
    played.dice = 1;
    played.link.closed(1006);
    assert.equal(played.link.phase, "waiting");
    assert.equal(played.learnt, 1, "asks why");
    played.pass(999);
    assert.equal(played.opened.length, 2);
    played.pass(1);
    assert.equal(played.opened.length, 3);
  });

  test("begins with a clean slate after a connection that stood for a while", () => {
    const played = new Played();
    played.link.start({ backoff: { failures: 5, due: START } });
    played.say({ welcome: welcome() });
    played.stand(PING);
    played.dice = 1;
    played.link.closed(1006);
    assert.equal(played.opened.length, 2, "at once");
  });

  test("does not run in circles where every connection falls at once", () => {
    const played = new Played();
    played.dice = 1;
    played.link.start();
    for (let second = 0; second < 60; second += 1) {
      if (played.link.phase === "connecting") {
        played.say({ welcome: welcome() });
        played.link.closed(1012);
      }
      played.pass(1000);
    }
    assert.ok(played.opened.length <= 7, `${played.opened.length} attempts in a minute`);
  });

  test("gives up on a connection that does not come to stand", () => {
    const played = new Played();
    played.link.start();
    played.pass(PATIENCE);
    assert.deepEqual([played.opened.length, played.learnt], [2, 1]);
  });

  test("waits for as long as the server asks", () => {
    const played = new Played();
    played.link.start();
    played.link.closed(1006);
    played.link.closed(1006);
    played.link.learned({ outage: 9000 });
    played.pass(8999);
    assert.equal(played.opened.length, 2);
    played.pass(1);
    assert.equal(played.opened.length, 3);
  });

  test("goes on with the back-off of the page before a reload", () => {
    const played = new Played();
    played.link.start({ backoff: { failures: 5, due: START + 6000 } });
    assert.deepEqual([played.link.phase, played.opened.length], ["waiting", 0]);
    played.pass(6000);
    assert.equal(played.opened.length, 1);
    played.dice = 1;
    played.link.closed(1006);
    assert.equal(played.link.kept.backoff.due, START + 6000 + 16_000);
  });

  test("does not wait when the network is back", () => {
    const played = new Played();
    played.link.start({ backoff: { failures: 5, due: START + 30_000 } });
    played.link.hurry();
    assert.equal(played.opened.length, 1);
  });

  test("is over at the desk's word, and stays so", () => {
    const played = Played.open();
    const ended = { sid: SID, reason: "forced", by: "workforce", browser: null, at: 1 };
    played.say({ ended });
    played.link.closed(4001);
    played.pass(600_000);
    played.link.hurry();
    played.link.ask("a", "ready");
    assert.deepEqual([played.link.phase, played.link.ended, played.opened.length], ["over", ended, 1]);
    assert.deepEqual(played.link.kept.outbox.pending, []);
  });

  test("believes a refusal without the desk's word the second time only", () => {
    const played = new Played();
    played.link.start();
    played.link.closed(1006);
    played.link.closed(1006);
    played.link.learned({ over: null });
    assert.equal(played.link.phase, "waiting");
    played.pass(1000);
    played.link.closed(1006);
    played.link.learned({ over: null });
    assert.deepEqual([played.link.phase, played.link.ended], ["over", null]);
  });

  test("shows a session that was refused once more within a second, however long the server was away before", () => {
    const played = new Played();
    played.dice = 1;
    played.link.start();
    for (let failure = 0; failure < 6; failure += 1) {
      played.link.closed(1006);
      played.link.learned("unreachable");
      played.pass(30_000);
    }
    played.link.closed(1006);
    played.link.learned({ over: null });
    const before = played.opened.length;
    played.pass(1000);
    assert.deepEqual([played.link.phase, played.opened.length], ["connecting", before + 1]);
    played.link.closed(1006);
    played.link.learned({ over: null });
    assert.deepEqual([played.link.phase, played.link.ended], ["over", null]);
  });

  test("goes on where the computer's clock is set back: connected anew, with pings and a renewal", () => {
    const played = Played.open();
    played.stand(25_000);
    const [opened, learnt] = [played.opened.length, played.learnt];
    played.setBack(3_600_000);
    played.stand(PING);
    assert.deepEqual([played.link.phase, played.opened.length], ["connecting", opened + 1]);
    played.say({ welcome: welcome() });
    assert.equal(played.link.kept.desk.skew, played.now - START);
    const pings = played.sent.length;
    played.stand(3 * PING);
    assert.deepEqual([played.link.phase, played.sent.length, played.learnt], ["open", pings + 3, learnt + 1]);
  });

  test("waits no longer for the next attempt where the clock is set back", () => {
    const played = failedOften();
    const opened = played.opened.length;
    played.setBack(3_600_000);
    played.pass(30_000);
    assert.deepEqual([played.link.phase, played.opened.length], ["connecting", opened + 1]);
  });

  test("has nothing to wait for when the page is loaded again after the agent has hurried it", () => {
    const played = failedOften();
    played.link.hurry();
    played.say({ welcome: welcome() });
    const reloaded = new Played();
    reloaded.now = played.now;
    reloaded.link.start(played.link.kept);
    assert.equal(reloaded.link.phase, "connecting");
  });

  test("forgets a single refusal once it was let in", () => {
    const played = Played.open();
    played.link.learned({ over: null });
    played.link.learned({ session: {} });
    played.link.learned({ over: null });
    assert.equal(played.link.phase, "open");
  });

  test("steps aside for another connection of its session, until it is asked back", () => {
    const played = Played.open();
    played.link.closed(4000);
    played.pass(600_000);
    assert.deepEqual([played.link.phase, played.opened.length], ["aside", 1]);
    played.link.hurry();
    assert.equal(played.opened.length, 2);
  });

  test("keeps commands while it is away, and sends them again with their numbers until they are answered", () => {
    const played = Played.open();
    played.link.closed(1006);
    played.link.ask("a", "ready");
    assert.deepEqual(played.sent, []);
    played.say({ welcome: welcome() });
    assert.deepEqual(played.sent, ['{"id":1,"ask":"ready"}']);
    played.link.closed(1006);
    played.pass(1000);
    played.say({ welcome: welcome({ applied: 1 }) });
    assert.equal(played.sent[1], '{"id":1,"ask":"ready"}', "whether it arrived, only the desk knows");
    played.say({ done: { id: 1 } });
    played.link.ask("b", NOT_READY);
    assert.equal(played.sent[2], '{"id":2,"ask":{"not_ready":{"reason":null}}}');
  });

  test("sends a command once while it is connected, numbered after all that were applied", () => {
    const played = Played.open({ applied: 5 });
    played.link.ask("a", "ready");
    played.link.ask("b", "stay");
    assert.deepEqual(played.sent, ['{"id":6,"ask":"ready"}', '{"id":7,"ask":"stay"}']);
  });

  test("never sends the commands of one session in another", () => {
    const played = Played.open();
    played.link.closed(1006);
    played.link.ask("a", "ready");
    played.say({ welcome: welcome({ sid: "01S2" }) });
    assert.deepEqual([played.sent, played.link.kept.outbox.pending], [[], []]);
  });

  test("renews every 5 minutes, when its hard end moves, and before it comes", () => {
    const played = Played.open({ hard_end: START / 1000 + 8 * 60 });
    played.stand(RENEWAL);
    assert.equal(played.learnt, 1);
    played.link.learned({ session: {} });
    played.stand(2 * 60_000);
    assert.equal(played.learnt, 2, "a minute before the end");
    played.link.learned({ session: {} });
    played.say({ event: { seq: 2, at: 1, what: { hard_end: { hard_end: START / 1000 + 3600, waits: false } } } });
    played.stand(1);
    assert.equal(played.learnt, 3);
  });

  test("tries a renewal that failed again after half a minute to a minute", () => {
    const played = Played.open();
    played.stand(RENEWAL);
    played.link.learned("unreachable");
    played.stand(29_000);
    assert.equal(played.learnt, 1);
    played.stand(31_000);
    assert.equal(played.learnt, 2);
  });

  test("renews when a welcome says that the hard end has moved meanwhile", () => {
    const played = Played.open({ hard_end: START / 1000 + 3600 });
    played.link.closed(1006);
    played.say({ welcome: welcome({ hard_end: START / 1000 + 7200 }) });
    played.stand(1);
    assert.equal(played.learnt, 1);
  });

  test("asks no faster in the last minute before its hard end", () => {
    const played = Played.open({ hard_end: START / 1000 + 8 * 60 });
    played.stand(7 * 60_000);
    const before = played.learnt;
    for (let second = 0; second < 60; second += 1) {
      played.link.learned({ outage: 5000 });
      played.stand(1000);
    }
    assert.ok(played.learnt - before <= 2, `${played.learnt - before} requests in a minute`);
  });

  test("lets go of what it asked for about another session", () => {
    const played = Played.open();
    const before = played.forgotten;
    played.link.start();
    assert.equal(played.forgotten, before + 1);
  });

  test("waits as long as the server asks, also where the answer came while it was connecting", () => {
    const played = Played.open();
    played.link.closed(1006);
    assert.equal(played.link.phase, "connecting", "at once");
    played.link.learned({ outage: 9000 });
    const opened = played.opened.length;
    played.link.closed(1006);
    played.pass(8_999);
    assert.equal(played.opened.length, opened);
    played.pass(1);
    assert.equal(played.opened.length, opened + 1);
  });

  test("the network's return does not take the desk back from another tab", () => {
    const played = Played.open();
    played.link.closed(4000);
    played.link.hurry("network");
    assert.equal(played.link.phase, "aside");
    played.link.hurry("agent");
    assert.equal(played.link.phase, "connecting");
  });

  test("takes what it does not understand for a sign of life", () => {
    const played = Played.open();
    played.pass(SILENCE - 1);
    played.say("{not json");
    played.say('{"news":{}}');
    played.pass(1);
    assert.equal(played.opened.length, 1);
  });
});
