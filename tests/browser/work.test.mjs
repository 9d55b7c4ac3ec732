// Offers, interactions and their wrap-up on the desktop: what is shown, what can be done, by mouse and by keyboard, and
// who is alerted.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { hasFocus, says, until, untilDesktop } from "./harness/agent.mjs";
import { now, offered, subject } from "./harness/fake-desk.mjs";
import { announced, asks, choice, note, onDeskExpecting, word } from "./harness/on-desk.mjs";
import { inBrowser, withFakeDesk } from "./harness/world.mjs";

const REASONS = [
  { code: "lunch", name: "Lunch" },
  { code: "training", name: "Training" },
  { code: "team", name: "Team meeting" },
];

const onOpenDesk = onDeskExpecting([/WebSocket connection to .* failed/, /^503 for/, /ERR_/]);
/** A test with an open, connected desktop whose rings are counted. */
const onDesk = (name, arrange, body) =>
  onOpenDesk(name, async (desk, context) => {
    await context.addInitScript(listen);
    await arrange(desk, context);
  }, body);

/** Counts rings, those that were ended, and notifications by their text. */
function listen() {
  window.rings = 0;
  window.silenced = 0;
  const { disconnect } = GainNode.prototype;
  GainNode.prototype.disconnect = function () {
    window.silenced += 1;
    disconnect.call(this);
  };
  window.shown = [];
  window.gone = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) {
    window.rings += 1;
    start.call(this, at);
  };
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => (Notification.permission = window.answer ?? "granted");
    constructor(title, { body }) {
      window.shown.push(`${title}: ${body}`);
    }
    close() {
      window.gone += 1;
    }
  };
}

const ready = (desk) => desk.become("ready");
const work = (page) => page.locator(".state-card .work");
const rings = (page) => page.evaluate(() => window.rings);

describe("an offer", { concurrency: 3 }, () => {
  onDesk("says who it is, for which service, since when, and how long is left to answer", ready, async (page, desk) => {
    await says(work(page), "Nothing at the moment. The next offer will appear here.");
    const { height } = await work(page).boundingBox();
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    await says(work(page), /^Call for Support \+351 912 345 678 Waiting for 4\d s Accept F2 Reject F4 (20|19|18) s left to answer$/);
    assert.equal(await page.title(), "Call for Support – Desktop – OneContact Agent");
    assert.equal((await work(page).boundingBox()).height, height, "nothing below it has moved");
    await says(page.locator("#alarm"), /^Call for Support, from \+351 912 345 678\. \d\d s left to answer\. F2 accepts, F4 rejects\.$/);
    await says(page.locator(".events li").first(), /Offered: Call for Support, from \+351 912 345 678$/);
  });

  for (const width of [768, 1024]) {
    onDesk(`leaves no empty band in its card, and nothing below that moves, at ${width} pixels`, ready, async (page, desk) => {
      await page.setViewportSize({ width, height: 900 });
      const [before, { height }] = [await note(page).boundingBox(), await page.locator(".state-card").boundingBox()];
      desk.become(offered(), "routing");
      await says(word(page), "Offer");
      const [told, under, after] = await Promise.all([page.locator(".told"), work(page), note(page)].map((part) => part.boundingBox()));
      assert.ok(under.y - told.y - told.height < 64, "what is offered stands right below the state");
      assert.ok(Math.abs(after.y - before.y) <= 1, `the note moved from ${before.y} to ${after.y}, below ${height}`);
    });
  }

  onDesk("is accepted with a button, and the focus is led to what came of it", ready, async (page, desk) => {
    desk.become(offered(), "routing");
    await page.getByRole("button", { name: "Accept" }).click();
    await says(word(page), "In an interaction");
    assert.deepEqual(asks(desk), [{ accept: { offer: "o-1" } }]);
    await page.waitForFunction(() => document.activeElement?.id === "state-title");
  });

  onDesk("is accepted and rejected by keys that type nothing, wherever the agent is typing", ready, async (page, desk) => {
    await note(page).fill("ring back");
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    assert.ok(await note(page).evaluate((note) => note === document.activeElement), "the focus stays where it was");
    await page.keyboard.type(" today");
    await page.keyboard.press("F4");
    await says(word(page), "Ready");
    desk.become(offered({ id: "i-2" }, 20, "o-2"), "routing");
    await says(word(page), "Offer");
    await page.keyboard.press("F2");
    await says(word(page), "In an interaction");
    assert.deepEqual(asks(desk), [{ reject: { offer: "o-1" } }, { accept: { offer: "o-2" } }]);
    assert.equal(await note(page).inputValue(), "ring back today");
    await page.keyboard.press("F2");
    assert.equal(desk.heard.length, 2, "without an offer they mean nothing");
  });

  onDesk("that comes while the agent is at the choice of a state leaves the focus beside it, and on no answer", (desk) => {
    desk.reasons = REASONS;
  }, async (page, desk) => {
    await choice(page, "Ready").focus();
    await page.keyboard.press("Enter");
    await says(word(page), "Ready");
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    await hasFocus(page, "state-title");
    desk.become("ready", "routing");
    await says(word(page), "Ready");
    await choice(page, "Not ready").click();
    await page.getByRole("menuitemradio", { name: "Training" }).focus();
    desk.become(offered({ id: "i-2" }, 20, "o-2"), "routing");
    await says(word(page), "Offer");
    await hasFocus(page, "state-title");
    assert.equal(await page.getByRole("menu").isVisible(), false);
  });

  for (const [how, outcome] of [["answered", "accepted"], ["rejected", "rejected"], ["not answered in time", "timed_out"], ["withdrawn", "cancelled"]]) {
    onDesk(`that was ${how} is not read out any more`, ready, async (page, desk) => {
      desk.become(offered(), "routing");
      await page.waitForFunction(() => document.querySelector("#alarm").textContent !== "");
      desk.tell({ offer: { offer: "o-1", outcome, reason: null } });
      desk.become(outcome === "accepted" ? { in_interaction: { interaction: subject() } } : "ready", "routing");
      await page.waitForFunction(() => document.querySelector("#alarm").textContent === "");
    });
  }

  onDesk("that is withdrawn is said to be, where it was, until the state is another", ready, async (page, desk) => {
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    desk.tell({ offer: { offer: "o-1", outcome: "cancelled", reason: null } });
    desk.become("ready", "routing", now(), "care");
    await says(page.locator("#announcer"), "Offer withdrawn. Ready");
    await says(work(page), "Offer withdrawn Nothing at the moment. The next offer will appear here.");
    await choice(page, "Not ready").click();
    await says(word(page), "Not ready");
    assert.equal(await announced(page), "Not ready");
    await choice(page, "Ready").click();
    await says(work(page), "Nothing at the moment. The next offer will appear here.");
  });

  onDesk("that the agent has rejected is said to be", ready, async (page, desk) => {
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    await page.keyboard.press("F4");
    await says(page.locator("#announcer"), "Offer rejected. Ready");
  });

  onDesk("in the history keeps a number on one line", ready, async (page, desk) => {
    desk.become(offered(), "routing");
    const number = page.locator(".events li").first().getByText("+351 912 345 678", { exact: true });
    await number.waitFor();
    for (let width = 320; width < 480; width += 8) {
      await page.setViewportSize({ width, height: 700 });
      const lines = await number.evaluate((number) => {
        const range = document.createRange();
        range.selectNodeContents(number);
        return range.getClientRects().length;
      });
      assert.equal(lines, 1, `at ${width} pixels`);
    }
  });

  onDesk("is answered once, however often somebody presses", ready, async (page, desk) => {
    desk.isIdle = true;
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    for (let times = 0; times < 4; times += 1) await page.keyboard.press("F2");
    await page.keyboard.press("F4");
    await says(work(page), /Accepting… F2/);
    await until(() => desk.heard.length > 0);
    assert.deepEqual(asks(desk), [{ accept: { offer: "o-1" } }]);
  });

  onDesk("that is gone by the time it is answered is said to be", ready, async (page, desk) => {
    desk.isIdle = true;
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    await page.keyboard.press("F2");
    await until(() => desk.heard.length === 1);
    desk.say({ refused: { id: 1, why: "gone" } });
    await says(page.locator("p.awaited"), /^It is no longer available/);
    desk.tell({ offer: { offer: "o-1", outcome: "cancelled", reason: null } });
    desk.become("ready", "routing");
    await says(word(page), "Ready");
    assert.match(await page.locator("p.awaited").textContent(), /^It is no longer available/, "events leave it there");
    await choice(page, "Not ready").click();
    await says(page.locator("p.awaited"), "“Not ready” is being sent.");
  });

  for (const [outcome, reason, after] of [
    ["accepted", null, "In an interaction"],
    ["rejected", "agent", "Ready"],
  ]) {
    onDesk(`that was ${outcome} in another window at the same moment is not said to be gone`, ready, async (page, desk) => {
      desk.isIdle = true;
      desk.become(offered(), "routing");
      await says(word(page), "Offer");
      await page.keyboard.press("F2");
      await until(() => desk.heard.length === 1);
      desk.tell({ offer: { offer: "o-1", outcome, reason } });
      desk.say({ refused: { id: 1, why: "gone" } });
      desk.become(outcome === "accepted" ? { in_interaction: { interaction: subject() } } : "ready");
      await says(word(page), after);
      assert.equal(await page.locator("p.awaited").textContent(), "");
      assert.doesNotMatch(await announced(page), /no longer available/);
    });
  }

  onDesk("that was rejected as the agent was no longer ready is told as that, whoever changed their state", ready, async (page, desk) => {
    desk.become(offered(), "routing");
    desk.tell({ offer: { offer: "o-1", outcome: "rejected", reason: "not_ready" } });
    desk.become({ not_ready: { reason: "chosen" } }, "service");
    await says(page.locator("#announcer"), /^Offer rejected: you were no longer ready\. Not ready/);
  });

  onDesk("that nobody answers leaves the agent not ready, and says why", ready, async (page, desk) => {
    desk.become(offered({}, 1), "routing");
    await says(work(page), /The time to answer is up\./);
    desk.tell({ offer: { offer: "o-1", outcome: "timed_out", reason: null } });
    desk.become({ not_ready: { reason: "no_answer" } }, "limit");
    await says(word(page), "Not ready");
    await says(page.locator(".now .hint"), "You did not answer an offer. Choose “Ready” when you are back.");
    assert.equal(await announced(page), "Not ready. You did not answer an offer. Choose “Ready” when you are back.");
    await says(page.locator(".events li").nth(1), /Offer not answered$/);
    await says(page.locator(".events li").first(), /Not ready: you did not answer an offer$/);
  });

  onDesk("whose connection is lost says so, sends the answer once it is back, and does not ring on", ready, async (page, desk) => {
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    desk.refusal = { status: 503, headers: { "retry-after": "60" } };
    desk.drop();
    await says(page.locator(".state-card .label"), "Last known state");
    await page.keyboard.press("F2");
    await says(work(page), /Your answer is waiting for the connection\./);
    desk.refusal = undefined;
    await page.getByRole("button", { name: "Reconnect now" }).click();
    await says(word(page), "In an interaction");
    assert.deepEqual(desk.heard, [{ id: 1, ask: { accept: { offer: "o-1" } } }]);
  });

  for (const [kind, from, says_] of [
    ["call", null, "Number withheld"],
    ["email", "customer@example.org", "customer@example.org"],
    ["chat", null, "Visitor without a name"],
  ]) {
    onDesk(`of kind ${kind} is told from ${says_}`, ready, async (page, desk) => {
      desk.become(offered({ kind, from }), "routing");
      await says(page.locator(".from"), says_);
    });
  }
});

describe("an alert", { concurrency: 3 }, () => {
  onDesk("rings by default, and can be told not to, on this device", ready, async (page, desk) => {
    desk.become(offered(), "routing");
    await until(async () => (await rings(page)) > 8, "a ring for as long as the offer waits");
    desk.become("ready", "routing");
    const ring = page.getByRole("switch", { name: "Ring" });
    assert.equal(await ring.getAttribute("aria-checked"), "true");
    await ring.click();
    await page.reload();
    await untilDesktop(page);
    await says(word(page), "Ready");
    assert.equal(await ring.getAttribute("aria-checked"), "false");
    desk.become(offered({ id: "i-2" }, 20, "o-2"), "routing");
    await says(word(page), "Offer");
    await page.waitForTimeout(500);
    assert.equal(await rings(page), 0);
  });

  onDesk("that is turned off ends the ring at once, in every tab, and stays off whatever else is chosen there", ready, async (page, desk, context) => {
    const other = await context.newPage();
    await other.goto(desk.url());
    await untilDesktop(other);
    await says(word(other), "Ready");
    const choices = (tab, name) => tab.getByRole("switch", { name });
    desk.become(offered(), "routing");
    await until(async () => (await rings(page)) + (await rings(other)) > 0);
    await page.waitForTimeout(600);
    const [ringing, quiet] = (await rings(page)) > 0 ? [page, other] : [other, page];
    const silenced = () => ringing.evaluate(() => window.silenced);
    const before = await silenced();
    await choices(quiet, "Ring").click();
    await until(async () => (await silenced()) > before, "the ring has ended");
    assert.equal(await choices(ringing, "Ring").getAttribute("aria-checked"), "false");
    await choices(ringing, "Show a notification").click();
    await until(async () => (await choices(quiet, "Show a notification").getAttribute("aria-checked")) === "true");
    assert.equal(await choices(quiet, "Ring").getAttribute("aria-checked"), "false");
    const counts = await Promise.all([page, other].map(rings));
    desk.become("ready", "routing");
    desk.become(offered({ id: "i-2" }, 20, "o-2"), "routing");
    await says(word(page), "Offer");
    await page.waitForTimeout(1_500);
    assert.deepEqual(await Promise.all([page, other].map(rings)), counts);
  });

  onDesk("says that the browser waits for a click, until there was one", async (desk, context) => {
    desk.become("ready");
    await context.addInitScript(() => {
      window.isAllowed = false;
      Object.defineProperty(AudioContext.prototype, "state", { get: () => (window.isAllowed ? "running" : "suspended") });
      document.addEventListener("pointerdown", () => (window.isAllowed = true), { capture: true });
    });
  }, async (page) => {
    await says(page.locator("#station"), /Click once anywhere on this page, so that your browser lets it ring\./);
    await page.locator("#desktop h1").click();
    await until(async () => !/Click once/.test(await page.locator("#station").innerText()));
  });

  /** A browser that lets a page sound once somebody has used it, with loudspeakers that take a while to start. */
  const slowly = async (desk, context) => {
    desk.become("ready");
    await context.addInitScript(() => {
      const { resume, suspend } = AudioContext.prototype;
      const starting = new Set();
      let state = "suspended";
      let isUsed = false;
      // As in the HTML standard: a mouse counts as soon as it is pressed, a finger only when it is lifted.
      window.addEventListener("pointerdown", ({ pointerType }) => (isUsed ||= pointerType === "mouse"), true);
      window.addEventListener("pointerup", () => (isUsed = true), true);
      Object.defineProperty(AudioContext.prototype, "state", { get: () => state });
      AudioContext.prototype.resume = function () {
        return new Promise((started) => {
          if (!isUsed) return;
          const timer = setTimeout(() => {
            starting.delete(timer);
            state = "running";
            void resume.call(this).then(started);
          }, 600);
          starting.add(timer);
        });
      };
      AudioContext.prototype.suspend = function () {
        for (const timer of starting) clearTimeout(timer);
        state = "suspended";
        return suspend.call(this);
      };
    });
  };

  inBrowser("is let ring by a click that came while the page was finding that out", async (page, context) => {
    await withFakeDesk(async (desk) => {
      await slowly(desk, context);
      await page.goto(desk.url());
      await page.locator("#desktop").waitFor(); // what the browser allows, the page asks as soon as that is there
      await page.mouse.click(5, 300);
      await page.waitForTimeout(1_500);
      assert.ok(!/Click once/.test(await page.locator("#station").innerText()));
    });
  });

  inBrowser("is let ring by a finger as by a mouse", { hasTouch: true }, async (page, context) => {
    await withFakeDesk(async (desk) => {
      await slowly(desk, context);
      await page.goto(desk.url());
      await says(page.locator("#station"), /Click once anywhere on this page/);
      await page.touchscreen.tap(5, 300);
      await until(async () => !/Click once/.test(await page.locator("#station").innerText()));
    });
  });

  onDesk("rings in one of two tabs, and in the other once that is closed", ready, async (page, desk, context) => {
    const other = await context.newPage();
    await other.goto(desk.url());
    await untilDesktop(other);
    await says(word(other), "Ready");
    desk.become(offered(), "routing");
    for (const tab of [page, other]) await says(word(tab), "Offer");
    await until(async () => (await rings(page)) + (await rings(other)) > 0);
    await page.waitForTimeout(600);
    const [ringing, quiet] = (await rings(page)) > 0 ? [page, other] : [other, page];
    assert.equal(await rings(quiet), 0);
    await ringing.close();
    await until(async () => (await rings(quiet)) > 0, "the other tab rings");
  });

  /** A tab that nobody has used. It is inspected without Playwright's means, which all count as using it. */
  const untouched = async (page, desk, context) => {
    const devtools = await context.newCDPSession(page);
    const look = async (expression) => (await devtools.send("Runtime.evaluate", { expression })).result.value;
    await page.goto(desk.url());
    const isReady = () => look('document.querySelector("#station").innerText.includes("Click once anywhere on this page")');
    await until(isReady, "the browser keeps it silent");
    return { page, look, rings: () => look("rings"), isUsed: () => look("navigator.userActivation.hasBeenActive") };
  };
  const use = async (page) => {
    await page.mouse.click(5, 300);
    await until(async () => !/Click once/.test(await page.locator("#station").innerText()), "the browser lets it sound");
  };
  const inTwoTabs = (name, body) =>
    inBrowser(name, async (page, context) => {
      await context.addInitScript(listen);
      await withFakeDesk(async (desk) => {
        desk.become("ready");
        const first = await untouched(page, desk, context);
        await body(first, await untouched(await context.newPage(), desk, context), desk);
      });
    });

  inTwoTabs("rings in the tab that the browser lets sound, also where another one is in sight", async (used, inSight, desk) => {
    await use(used.page);
    await used.look('Object.defineProperty(document, "hidden", { get: () => true })');
    desk.become(offered(), "routing");
    await until(async () => (await used.rings()) > 0);
    await used.page.waitForTimeout(1_200);
    assert.deepEqual([await inSight.rings(), await inSight.isUsed()], [0, false]);
    const before = await used.rings();
    await use(inSight.page);
    await used.page.waitForTimeout(600);
    assert.deepEqual([await inSight.rings(), await used.rings()], [0, before], "one of two that may sound");
    await used.page.close();
    await until(async () => (await inSight.rings()) > 0, "the other one rings");
  });

  inTwoTabs("goes over to the tab that somebody uses while it cannot be heard", async (first, second, desk) => {
    desk.become(offered(), "routing");
    await until(async () => (await first.rings()) + (await second.rings()) > 0);
    const [silent, waiting] = (await first.rings()) > 0 ? [first, second] : [second, first];
    const before = await silent.rings();
    await use(waiting.page);
    await until(async () => (await waiting.rings()) > 0, "the tab that was used rings");
    assert.deepEqual([await silent.rings(), await silent.isUsed()], [before, false]);
    await waiting.page.close();
    await until(async () => (await silent.rings()) > before, "the other one tries again");
  });

  onDesk("shows a notification only to whoever asked for one and does not look", ready, async (page, desk) => {
    const shown = () => page.evaluate(() => window.shown);
    const notify = page.getByRole("switch", { name: "Show a notification" });
    assert.equal(await notify.getAttribute("aria-checked"), "false", "nobody is asked by itself");
    desk.become(offered(), "routing");
    await says(word(page), "Offer");
    await page.evaluate(() => dispatchEvent(new Event("blur")));
    assert.deepEqual(await shown(), []);
    desk.become("ready", "routing");
    await page.evaluate(() => (Notification.permission = "default"));
    await notify.click();
    await until(async () => (await notify.getAttribute("aria-checked")) === "true");
    desk.become(offered({ id: "i-2" }, 20, "o-2"), "routing");
    await says(word(page), "Offer");
    assert.deepEqual(await shown(), [], "the agent is looking");
    await page.evaluate(() => {
      document.hasFocus = () => false;
      dispatchEvent(new Event("blur"));
    });
    assert.deepEqual(await shown(), ["Call for Support: +351 912 345 678"]);
    await page.keyboard.press("F2");
    await until(() => page.evaluate(() => window.gone === 1), "it goes with the offer");
  });

  for (const [what, breaks] of [
    ["has no sound", () => delete window.AudioContext],
    ["cannot open its sound", () => (window.AudioContext = class { constructor() { throw new DOMException("", "NotSupportedError"); } })],
  ]) {
    onDesk(`comes as a notification where the browser ${what}, and takes its turn once`, async (desk, context) => {
      desk.become("ready");
      await context.addInitScript(breaks);
      await context.addInitScript(() => {
        window.turns = 0;
        document.hasFocus = () => false;
        localStorage.setItem("onecontact-alerts", JSON.stringify({ sound: true, notification: true }));
        const { request } = LockManager.prototype;
        LockManager.prototype.request = function (...args) {
          window.turns += 1;
          return request.apply(this, args);
        };
      });
    }, async (page, desk) => {
      desk.become(offered(), "routing");
      await says(word(page), "Offer");
      await until(() => page.evaluate(() => window.shown.length === 1), "the notification");
      const turns = await page.evaluate(() => window.turns);
      await page.waitForTimeout(300);
      assert.equal(await page.evaluate(() => window.turns), turns);
      await page.getByRole("switch", { name: "Ring" }).click();
      await page.getByRole("switch", { name: "Ring" }).click();
      assert.equal(await page.getByRole("switch", { name: "Ring" }).getAttribute("aria-checked"), "true");
    });
  }

  onDesk("whose sound fails to start still says that the browser waits for a click", async (desk, context) => {
    desk.become("ready");
    await context.addInitScript(() => {
      Object.defineProperty(AudioContext.prototype, "state", { get: () => "suspended" });
      AudioContext.prototype.resume = () => Promise.reject(new DOMException("", "InvalidStateError"));
    });
  }, async (page) => {
    await says(page.locator("#station"), /Click once anywhere on this page/);
  });

  onDesk("that the browser denies is said to be", ready, async (page) => {
    await page.evaluate(() => {
      Notification.permission = "default";
      window.answer = "denied";
    });
    await page.getByRole("switch", { name: "Show a notification" }).click();
    await says(page.locator("#station"), /Your browser blocks notifications from this site\./);
    assert.equal(await page.getByRole("switch", { name: "Show a notification" }).getAttribute("aria-checked"), "false");
  });
});

const engaged = (desk) => desk.become({ in_interaction: { interaction: subject({ since: now() - 90 }) } }, "routing", now() - 60);

describe("an interaction", { concurrency: 3 }, () => {
  onDesk("is told with its time, and ended with a button", engaged, async (page, desk) => {
    await says(page.locator(".timer"), /^1:0\d$/);
    await says(work(page), "Call for Support +351 912 345 678 Waited 30 s End");
    await page.getByRole("button", { name: "End" }).click();
    await says(word(page), "Wrap-up");
    assert.deepEqual(asks(desk), [{ end: { interaction: "i-1" } }]);
    await says(work(page), "Call for Support +351 912 345 678");
  });

  onDesk("is not left by signing out before that was asked about", engaged, async (page) => {
    let isGone = false;
    await page.route("**/sign-out", (route) => {
      isGone = true;
      return route.fulfill({ status: 204 });
    });
    const ask = page.locator("dialog#sign-out");
    const press = () => page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
    await press();
    await says(ask.getByRole("heading"), "You have an interaction");
    await ask.getByRole("button", { name: "Stay" }).click();
    assert.equal(await ask.isVisible(), false);
    assert.equal(isGone, false);
    await press();
    await ask.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**?signed-out=1");
    assert.equal(isGone, true);
  });

  onDesk("that ends by itself ends the question of whether to sign out, and the next offer is answered by key", engaged, async (page, desk) => {
    const ask = page.locator("dialog#sign-out");
    await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
    await says(ask.getByRole("heading"), "You have an interaction");
    desk.become("ready", "routing");
    await ask.waitFor({ state: "hidden" });
    desk.become(offered({ id: "i-2" }, 20, "o-2"), "routing");
    await says(word(page), "Offer");
    await page.keyboard.press("F2");
    await says(word(page), "In an interaction");
    assert.deepEqual(asks(desk), [{ accept: { offer: "o-2" } }]);
  });

  onDesk("lets what comes after it be chosen, with a reason", (desk) => {
    desk.reasons = REASONS;
    engaged(desk);
  }, async (page, desk) => {
    await says(page.locator(".next"), "After this interaction: Wrap-up");
    await choice(page, "Not ready").click();
    await page.getByRole("menuitemradio", { name: "Training" }).click();
    await says(page.locator(".next"), "After this interaction: Not ready · Training");
    assert.deepEqual(asks(desk), [{ not_ready: { reason: "training" } }]);
    await page.getByRole("button", { name: "End" }).click();
    await says(word(page), "Not ready · Training");
  });

  onDesk("has a wrap-up that says when it ends by itself", (desk) => {
    desk.become({ wrap_up: { interaction: subject(), until: now() + 90 } }, "routing");
  }, async (page, desk) => {
    await says(work(page), /Wrap-up ends by itself in \d\d s; then you are ready again\.$/);
    await choice(page, "Ready").click();
    await says(word(page), "Ready");
    assert.deepEqual(asks(desk), ["ready"]);
  });

  onDesk("has a wrap-up that does not promise to end in ready while something needed is missing", (desk) => {
    desk.missing = [{ recorder: { why: "lost" } }];
    desk.become({ wrap_up: { interaction: subject(), until: now() + 90 } }, "routing");
  }, async (page, desk) => {
    await says(work(page), /Wrap-up ends by itself in \d\d s; then you are not ready, as something you need is missing\.$/);
    desk.tell({ missing: [] });
    await says(work(page), /then you are ready again\.$/);
  });

  onDesk("has a wrap-up that promises nothing after the end of a session that waits for it", (desk) => {
    desk.become({ wrap_up: { interaction: subject(), until: now() + 90 } }, "routing");
  }, async (page, desk) => {
    await says(work(page), /then you are ready again\.$/);
    desk.tell({ hard_end: { hard_end: now() + 900, waits: true } });
    await says(work(page), /Wrap-up ends by itself in \d\d s; then your session ends\.$/);
  });
});

describe("the reasons for not being ready", { concurrency: 3 }, () => {
  const withReasons = (desk) => {
    desk.reasons = REASONS;
    desk.become("ready");
  };

  onDesk("are a menu, used by mouse", withReasons, async (page, desk) => {
    const button = choice(page, "Not ready");
    assert.equal(await button.getAttribute("aria-expanded"), "false");
    await button.click();
    assert.deepEqual(await page.getByRole("menuitemradio").allInnerTexts(), ["Lunch", "Training", "Team meeting", "No reason"]);
    await page.getByRole("menuitemradio", { name: "Lunch" }).click();
    await says(word(page), "Not ready · Lunch");
    assert.equal(await page.title(), "Not ready · Lunch – Desktop – OneContact Agent");
    assert.deepEqual(asks(desk), [{ not_ready: { reason: "lunch" } }]);
    await button.click();
    assert.equal(await page.getByRole("menuitemradio", { name: "Lunch" }).getAttribute("aria-checked"), "true");
    await note(page).click();
    assert.equal(await page.getByRole("menu").isVisible(), false, "a click elsewhere shuts it");
  });

  onDesk("are in sight as a whole where there is little room", withReasons, async (page) => {
    await page.setViewportSize({ width: 320, height: 568 });
    const button = choice(page, "Not ready");
    // As low on the screen as a button can be pressed.
    await button.evaluate((button) => button.scrollIntoView({ block: "end" }));
    await button.click();
    const { y, height } = await page.getByRole("menu").boundingBox();
    assert.ok(y >= 0 && y + height <= 568, `from ${y} to ${y + height}`);
  });

  onDesk("are a menu, used by keyboard", withReasons, async (page, desk) => {
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    await choice(page, "Not ready").focus();
    await page.keyboard.press("Enter");
    assert.equal(await focused(), "Lunch");
    await page.keyboard.press("ArrowUp");
    assert.equal(await focused(), "No reason");
    await page.keyboard.press("Home");
    await page.keyboard.press("t");
    assert.equal(await focused(), "Training");
    await page.keyboard.press("t");
    assert.equal(await focused(), "Team meeting");
    await page.keyboard.press("Escape");
    assert.equal(await page.getByRole("menu").isVisible(), false);
    assert.equal(await focused(), "Not ready");
    await page.keyboard.press("Enter");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await says(word(page), "Not ready");
    assert.deepEqual(asks(desk), [{ not_ready: { reason: null } }]);
    assert.equal(await focused(), "Not ready");
  });
});
