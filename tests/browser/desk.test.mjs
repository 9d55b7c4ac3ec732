// The desktop and its desk: states, the connection, several tabs, the end of a session and going on after it.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { hasFocus, says, until, untilDesktop } from "./harness/agent.mjs";
import { now, subject } from "./harness/fake-desk.mjs";
import { inBrowser, withFakeDesk } from "./harness/world.mjs";

/** What Chromium writes in the console of sockets and requests that are refused or cut. */
const REFUSED = [/WebSocket connection to .* failed/, /^(400|401|403|409|429|503) for/, /ERR_/];
const NOT_READY = { not_ready: { reason: null } };
const ELSEWHERE = { family: "Edge", system: "MacOs" };

/** A test with a desktop that is open and connected. `arrange` comes before it is opened. */
function onDesk(name, arrange, body) {
  inBrowser(name, { expected: REFUSED }, (page, context) =>
    withFakeDesk(async (desk) => {
      if (body) arrange(desk);
      await page.goto(desk.url());
      await untilDesktop(page);
      await desk.connected();
      await says(light(page), "Connected");
      await (body ?? arrange)(page, desk, context);
    }),
  );
}

const light = (page) => page.locator("#network");
const word = (page) => page.locator(".state-card .word");
const choice = (page, name) => page.locator(".choice").getByRole("button", { name, exact: true });
const dialog = (page) => page.locator("dialog[open]");
const note = (page) => page.getByLabel("Note");
const password = (page) => dialog(page).getByLabel("Password");
const events = (page) => page.locator(".events li span").allInnerTexts();
const announced = (page) => page.locator("#announcer").innerText();

async function signInAgain(page, text = "right") {
  await password(page).fill(text);
  await page.keyboard.press("Enter");
}

describe("the agent's state", { concurrency: 3 }, () => {
  onDesk("is told in a word, for how long, and why", async (page) => {
    await says(word(page), "Not ready");
    await says(page.locator(".timer"), /^5:\d\d$/);
    await says(page.locator(".state-card .now .hint"), /You have just signed in/);
    assert.equal(await choice(page, "Not ready").getAttribute("aria-pressed"), "true");
    assert.equal(await choice(page, "Ready").getAttribute("aria-pressed"), "false");
  });

  onDesk("is chosen with a button, and said once", async (page, desk) => {
    await choice(page, "Ready").click();
    await says(word(page), "Ready");
    assert.deepEqual(desk.heard, [{ id: 1, ask: "ready" }]);
    assert.equal(await announced(page), "Ready");
    assert.equal(await page.title(), "Ready – Desktop – OneContact Agent");
    assert.equal(await choice(page, "Ready").getAttribute("aria-pressed"), "true");
    await says(page.locator(".timer"), /^0:0\d$/);
    assert.deepEqual(await events(page), ["Ready", "Signed in with Chrome on Windows"]);
  });

  onDesk(
    "chosen in an interaction is what comes after it",
    (desk) => desk.become({ in_interaction: { interaction: subject() } }, "routing"),
    async (page, desk) => {
      await says(word(page), "In an interaction");
      await says(page.locator(".next"), "After this interaction: Wrap-up");
      await choice(page, "Not ready").click();
      await says(page.locator(".next"), "After this interaction: Not ready");
      await says(word(page), "In an interaction");
      assert.equal(await announced(page), "In an interaction. After this interaction: Not ready");
      desk.become({ not_ready: { reason: "chosen" } }, "routing");
      await says(word(page), "Not ready");
      assert.equal(await page.locator(".next").isVisible(), false);
    },
  );

  onDesk(
    "in wrap-up waits for the agent",
    (desk) => desk.become({ wrap_up: { interaction: subject(), until: null } }, "routing"),
    async (page) => {
      await says(word(page), "Wrap-up");
      await choice(page, "Ready").click();
      await says(word(page), "Ready");
    },
  );

  onDesk("that the desk refuses is said", async (page, desk) => {
    desk.isIdle = true;
    await choice(page, "Ready").click();
    await says(page.locator("p.awaited"), "“Ready” is being sent.");
    desk.say({ refused: { id: 1, why: "not_now" } });
    await says(page.locator("p.awaited"), "“Ready” is not possible right now.");
    assert.equal(await announced(page), "“Ready” is not possible right now.");
    await says(word(page), "Not ready");
  });
});

describe("the connection", { concurrency: 3 }, () => {
  onDesk("that is cut comes back before anyone is told, with what was missed", async (page, desk) => {
    desk.events.push({ seq: 2, at: now(), what: { state: { state: "ready", cause: "routing" } } });
    desk.state = "ready";
    await page.evaluate(() => {
      const note = () => (window.told = window.told || !document.querySelector("#away").hidden);
      new MutationObserver(note).observe(document.querySelector("#away"), { attributes: true });
    });
    desk.drop();
    await says(word(page), "Ready");
    assert.equal(desk.opened[1].after, 1);
    assert.equal(await page.evaluate(() => window.told ?? false), false);
    assert.deepEqual(await events(page), ["Ready, by routing", "Signed in with Chrome on Windows"]);
  });

  onDesk("that stays away is told of, once, with when it is tried again", async (page, desk) => {
    desk.refusal = { status: 503, headers: { "retry-after": "60" } };
    desk.drop();
    await says(light(page), "Connection lost");
    await says(page.locator("#away"), /^Connection lost\. We are reconnecting\. Next attempt in \d+ s\. You can go on/);
    assert.match(await announced(page), /^Connection lost/);
    await says(page.locator(".state-card .label"), "Last known state");
    const attempts = desk.opened.length;
    desk.refusal = undefined;
    await page.getByRole("button", { name: "Reconnect now" }).click();
    await says(light(page), "Connected");
    assert.equal(desk.opened.length, attempts + 1);
    assert.equal(await announced(page), "The connection is back.");
    assert.equal(await page.locator("#away").isVisible(), false);
  });

  onDesk("keeps the last choice while it is away, marked as waiting, and sends it once", async (page, desk) => {
    desk.refusal = { status: 503, headers: { "retry-after": "60" } };
    desk.drop();
    await says(light(page), "Connection lost");
    await choice(page, "Not ready").click();
    await choice(page, "Ready").click();
    await says(page.locator("p.awaited"), "“Ready” is waiting for the connection.");
    await says(word(page), "Not ready");
    desk.refusal = undefined;
    await page.getByRole("button", { name: "Reconnect now" }).click();
    await says(word(page), "Ready");
    assert.deepEqual(desk.heard, [{ id: 1, ask: "ready" }]);
    assert.equal(await page.locator("p.awaited").isVisible(), false);
  });

  onDesk("keeps a waiting choice, the back-off and the numbers over a reload", async (page, desk) => {
    await choice(page, "Ready").click();
    await says(word(page), "Ready");
    desk.refusal = { status: 503, headers: { "retry-after": "6" } };
    desk.drop();
    await says(page.locator("#away"), /Next attempt in [56] s/);
    await choice(page, "Not ready").click();
    await says(page.locator("p.awaited"), /is waiting/);
    desk.refusal = undefined;
    const attempts = desk.opened.length;
    await page.reload();
    await untilDesktop(page);
    assert.equal(desk.opened.length, attempts, "a reload is no reason to hurry");
    await says(word(page), "Not ready");
    assert.deepEqual([desk.opened.at(-1).after, desk.heard.at(-1)], [0, { id: 2, ask: NOT_READY }]);
    assert.deepEqual((await events(page)).slice(0, 2), ["Not ready", "Ready"]);
  });

  onDesk("that says nothing for 20 seconds is dead, and is replaced at once", async (page, desk) => {
    desk.isMute = true;
    const start = Date.now();
    await until(() => desk.opened.length > 1, "a second connection", 25_000);
    const silence = desk.opened[1].at - start;
    assert.ok(silence > 9_000 && silence < 21_500, `${silence} ms`);
  });

  onDesk("that another one replaced steps aside until it is asked for", async (page, desk) => {
    desk.drop(4000);
    await says(light(page), "Connected elsewhere");
    await says(page.locator("#away"), /^Your desktop is being used in another window\./);
    await page.waitForTimeout(1500);
    assert.equal(desk.opened.length, 1, "it does not fight");
    await page.getByRole("button", { name: "Use this tab" }).click();
    await says(light(page), "Connected");
  });

  inBrowser("is tried again where its script cannot be loaded", { expected: REFUSED }, (page) =>
    withFakeDesk(async (desk) => {
      await page.route("**/assets/desk-link.*.js", (route) => route.abort());
      await page.goto(desk.url());
      await untilDesktop(page);
      await says(light(page), "Connection lost");
      await page.unroute("**/assets/desk-link.*.js");
      await desk.connected();
      await says(light(page), "Connected");
    }),
  );
});

describe("two tabs", { concurrency: 3 }, () => {
  onDesk("share one connection: one leads, the other follows and can do the same", async (page, desk, context) => {
    const other = await context.newPage();
    await other.goto(desk.url());
    await untilDesktop(other);
    await says(light(other), "Connected through another tab");
    await says(word(other), "Not ready");
    await choice(other, "Ready").click();
    for (const tab of [page, other]) await says(word(tab), "Ready");
    assert.deepEqual([desk.opened.length, desk.heard], [1, [{ id: 1, ask: "ready" }]]);
  });

  onDesk("hand over without anybody noticing when the leading one is closed", async (page, desk, context) => {
    const other = await context.newPage();
    await other.goto(desk.url());
    await says(light(other), "Connected through another tab");
    await choice(page, "Ready").click();
    await says(word(other), "Ready");
    await page.close();
    await says(light(other), "Connected");
    assert.equal(desk.opened[1].after, 2);
    assert.equal(await other.locator("#away").isVisible(), false);
    await choice(other, "Not ready").click();
    await says(word(other), "Not ready");
    assert.deepEqual(desk.heard.at(-1), { id: 2, ask: NOT_READY }, "numbers go on");
  });

  onDesk("leave each other what the leading one knew: put aside stays put aside, over stays over", async (page, desk, context) => {
    const [second, third] = [await context.newPage(), await context.newPage()];
    for (const tab of [second, third]) {
      await tab.goto(desk.url());
      await says(light(tab), "Connected through another tab");
    }
    desk.drop(4000);
    await says(light(second), "Connected elsewhere");
    await page.close();
    await second.waitForTimeout(1000);
    assert.equal(desk.opened.length, 1);
    await says(light(third), "Connected elsewhere");
    await third.getByRole("button", { name: "Use this tab" }).click();
    for (const tab of [second, third]) await says(light(tab), /^Connected/);
    desk.end("forced");
    await dialog(third).waitFor();
    await second.close();
    await third.waitForTimeout(1000);
    assert.equal(desk.opened.length, 2);
    await says(dialog(third).getByRole("heading"), "Your session was ended");
  });

  onDesk("are both told of an end, and both go on after one sign-in", async (page, desk, context) => {
    const other = await context.newPage();
    await other.goto(desk.url());
    await says(light(other), "Connected through another tab");
    desk.end("hard_end");
    for (const tab of [page, other]) await dialog(tab).waitFor();
    desk.login = () => {
      desk.refusal = undefined;
      desk.session = { ...desk.session, sid: "01S2", since: now() };
      return [200, { code: "signed_in" }];
    };
    await signInAgain(other);
    for (const tab of [page, other]) {
      await dialog(tab).waitFor({ state: "hidden" });
      await says(word(tab), "Not ready");
    }
    assert.equal(desk.opened.length, 2);
  });

  onDesk("of two sessions: the older one says so, and shows nothing of the newer", async (page, desk, context) => {
    desk.session = { ...desk.session, sid: "01S2", since: now() };
    const other = await context.newPage();
    await other.goto(desk.url());
    await untilDesktop(other);
    await says(dialog(page).getByRole("heading"), "You have signed in again");
    await says(light(other), "Connected through another tab");
    assert.equal(await other.locator("dialog[open]").count(), 0);
    desk.become("ready");
    await says(word(other), "Ready");
    await says(word(page), "Not ready");
    await dialog(page).getByRole("button", { name: "Show the current session" }).click();
    await untilDesktop(page);
    await says(word(page), "Ready");
  });
});

describe("the end of a session", { concurrency: 3 }, () => {
  const ENDS = [
    ["signed_out", {}, "You have signed out", /^You signed out at \d\d:\d\d, in another tab or window\.$/],
    ["taken_over", { browser: ELSEWHERE }, "You have taken over elsewhere", /^This desktop was replaced by Edge on macOS at \d\d:\d\d\.$/],
    ["replaced", {}, "You have signed in again", /another tab/],
    ["connection_lost", {}, "Your connection was lost for too long", /^You were signed out at/],
    ["hard_end", {}, "Your session’s time is over", /^It ended at/],
    ["forced", { by: "workforce" }, "Your session was ended", /^It was ended by workforce at \d\d:\d\d\.$/],
    ["disabled", { by: null }, "Your account is disabled", /^It was disabled by an administrator at/],
  ];
  for (const [reason, more, title, why] of ENDS) {
    onDesk(`is told where it was ${reason}: why, by whom, when`, async (page, desk) => {
      desk.end(reason, more);
      await says(dialog(page).getByRole("heading"), title);
      await says(dialog(page).locator(".body > p").first(), why);
      await page.keyboard.press("Escape");
      assert.ok(await dialog(page).isVisible(), "there is nothing to go back to");
      const inside = await page.evaluate(() => document.querySelector("dialog[open]").contains(document.activeElement));
      assert.ok(inside, "the focus is in it");
      await page.waitForTimeout(1200);
      assert.equal(desk.opened.length, 1, "nothing behind it acts any more");
    });
  }

  onDesk("that the page was not told of is learnt at the next attempt", async (page, desk) => {
    const ended = { sid: "01S1", reason: "forced", by: "workforce", browser: null, at: now() };
    desk.refusal = { status: 401, body: { code: "no_session", ended } };
    desk.drop();
    await says(dialog(page).getByRole("heading"), "Your session was ended");
  });

  onDesk("is gone on from in place: same text, and a session that takes the old one's place", async (page, desk) => {
    await note(page).fill("ring back: order 4711");
    desk.end("taken_over", { browser: ELSEWHERE });
    await says(dialog(page).locator("dd"), "desk.one");
    desk.login = ({ password }) => {
      if (password !== "right") return [403, { code: "refused" }];
      desk.refusal = undefined;
      desk.session = { ...desk.session, sid: "01S2", since: now() };
      return [200, { code: "signed_in" }];
    };
    await dialog(page).getByRole("button", { name: "Take back" }).click();
    await says(dialog(page).locator(".problem"), "Enter your password.");
    await signInAgain(page, "wrong");
    await says(dialog(page).locator(".problem"), /^That did not work\. Check your password\./);
    assert.equal(desk.opened.length, 1);
    await signInAgain(page);
    await dialog(page).waitFor({ state: "hidden" });
    await says(light(page), "Connected");
    assert.deepEqual(desk.posted.at(-1), {
      path: "", form: "token", username: "desk.one", password: "right", next: "/desktop", instance: "acme", resumes: "01S1",
    });
    assert.equal(desk.opened.at(-1).after, 0);
    assert.equal(await note(page).inputValue(), "ring back: order 4711");
    await hasFocus(page, "note");
    await page.reload();
    await untilDesktop(page);
    await until(async () => (await note(page).inputValue()) === "ring back: order 4711");
  });

  onDesk("gone on from where somebody else is signed in asks, warns and takes over", async (page, desk) => {
    desk.end("connection_lost");
    const occupied = {
      code: "occupied", take_over: "step-1", browser: ELSEWHERE, since: now() - 600,
      state: { in_interaction: { interaction: subject() } }, silent_seconds: 25, now: now(),
    };
    desk.login = ({ step }) => {
      if (!step) return [409, occupied];
      desk.refusal = undefined;
      desk.session = { ...desk.session, sid: "01S2", since: now() };
      return [200, { code: "signed_in" }];
    };
    await signInAgain(page);
    await says(dialog(page).getByRole("heading"), "You are already signed in elsewhere");
    await says(dialog(page), /Edge on macOS, since \d\d:\d\d: In an interaction\. Nothing has been heard from there for 25 s\. You are in an interaction there\./);
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await says(dialog(page).getByRole("heading"), "Your connection was lost for too long");
    await signInAgain(page);
    await dialog(page).getByRole("button", { name: "Take over during the interaction" }).click();
    await dialog(page).waitFor({ state: "hidden" });
    await until(() => page.evaluate(() => document.activeElement.matches("#desktop h1")), "the focus on the desktop");
    assert.deepEqual(desk.posted.at(-1), { path: "/take-over", step: "step-1", next: "/desktop", resumes: "01S1" });
    await says(light(page), "Connected");
  });

  const ANSWERS = [
    [403, { code: "go_to_login" }, {}, /One more step is wanted of you/],
    [400, { code: "cookies_required" }, {}, /^Cookies are turned off/],
    [429, { code: "too_many_attempts" }, { "retry-after": "60" }, "Too many attempts. Try again in 60 s."],
    [503, { code: "unavailable" }, {}, /^A part of our service does not answer/],
  ];
  for (const [status, body, headers, text] of ANSWERS) {
    onDesk(`answered ${status} ${body.code} at signing in says what to do`, async (page, desk) => {
      desk.end("hard_end");
      desk.login = () => [status, body, headers];
      await signInAgain(page);
      await says(dialog(page).locator(".problem"), text);
      assert.ok(await password(page).evaluate((input) => input === document.activeElement));
      assert.equal(await password(page).getAttribute("aria-invalid"), "true");
    });
  }

  onDesk("with a form that went stale in between sends a fresh one, once", async (page, desk) => {
    desk.end("hard_end");
    desk.login = () => (desk.posted.length < 2 ? [403, { code: "stale_form" }] : [403, { code: "refused" }]);
    await signInAgain(page);
    await says(dialog(page).locator(".problem"), /^That did not work/);
    assert.equal(desk.posted.length, 2);
  });
});

describe("before the hard end", { concurrency: 3 }, () => {
  const soon = (overtime) => (desk) => Object.assign(desk.session, { hard_end: now() + 58, overtime });

  onDesk("the agent is warned, and may stay where that is allowed", soon(30), async (page, desk) => {
    await says(page.locator("#hard-end"), /^Your session ends in \d+ s\. Stay signed in$/);
    assert.match(await announced(page), /^Your session ends in/);
    await page.getByRole("button", { name: "Stay signed in" }).click();
    await page.locator("#hard-end").waitFor({ state: "hidden" });
    assert.deepEqual(desk.heard, [{ id: 1, ask: "stay" }]);
    assert.match(await announced(page), /^Your session now ends at/);
    await until(() => desk.renewals > 1, "the token of the longer session");
  });

  onDesk("an agent who may not stay is told what will follow", soon(0), async (page) => {
    await says(page.locator("#hard-end"), /^Your session ends in \d+ s\. Then sign in again right here\./);
    assert.equal(await page.getByRole("button", { name: "Stay signed in" }).isVisible(), false);
  });

  onDesk("an agent who has stayed before is told so", soon(30), async (page, desk) => {
    desk.isIdle = true;
    await page.getByRole("button", { name: "Stay signed in" }).click();
    await says(page.locator("#hard-end"), /Asked to stay signed in…/);
    desk.say({ refused: { id: 1, why: "not_allowed" } });
    await says(page.locator("#hard-end"), /It cannot be made longer again\. Then sign in again right here\./);
  });

  onDesk("an interaction goes first, and the page says so", async (page, desk) => {
    assert.equal(await page.locator("#hard-end").isVisible(), false);
    desk.tell({ hard_end: { hard_end: now() + 900, waits: true } });
    await says(page.locator("#hard-end"), /It ends once you have finished your work\./);
    desk.tell({ hard_end: { hard_end: now() + 58, waits: false } });
    await says(page.locator("#hard-end"), /^Your session ends in \d+ s/);
  });
});

describe("the note", { concurrency: 3 }, () => {
  const TEXT = "ring back: order 4711";

  onDesk("stays over a reload, and goes with signing out", async (page, desk) => {
    await note(page).fill(TEXT);
    await page.reload();
    await untilDesktop(page);
    await until(async () => (await note(page).inputValue()) === TEXT);
    await page.route("**/sign-out", (route) => route.fulfill({ status: 303, headers: { location: "/" } }));
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**?signed-out=1");
    desk.refusal = undefined;
    await page.goto(desk.url());
    await untilDesktop(page);
    assert.equal(await note(page).inputValue(), "");
  });

  onDesk("is the same agent's after a sign-in by the login page, and never anybody else's", async (page, desk) => {
    await note(page).fill(TEXT);
    desk.session = { ...desk.session, sid: "01S2" };
    await page.goto(desk.url());
    await untilDesktop(page);
    await until(async () => (await note(page).inputValue()) === TEXT);
    desk.session = { ...desk.session, sid: "01S3" };
    desk.username = "desk.two";
    await page.goto(desk.url());
    await untilDesktop(page);
    await says(light(page), "Connected");
    assert.equal(await note(page).inputValue(), "");
    assert.equal(await page.evaluate(() => Object.values(sessionStorage).join()), "");
  });

  onDesk("goes where the agent has signed out elsewhere", async (page, desk) => {
    await note(page).fill(TEXT);
    desk.end("signed_out");
    await dialog(page).waitFor();
    assert.equal(await note(page).inputValue(), "");
  });
});
