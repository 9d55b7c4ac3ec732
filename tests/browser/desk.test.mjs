// The desktop and its desk: states, the connection, several tabs.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { says, until, untilDesktop } from "./harness/agent.mjs";
import { now, subject } from "./harness/fake-desk.mjs";
import { announced, choice, dialog, light, onDeskExpecting, signInAgain, word } from "./harness/on-desk.mjs";
import { inBrowser, withFakeDesk } from "./harness/world.mjs";

/** What Chromium writes to the console about sockets and requests that are refused or cut off. */
const REFUSED = [/WebSocket connection to .* failed/, /^(400|401|403|409|429|503) for/, /ERR_/];
const onDesk = onDeskExpecting(REFUSED);
const NOT_READY = { not_ready: { reason: null } };
const events = (page) => page.locator(".events li span").allInnerTexts();

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
    assert.deepEqual(await events(page), ["Ready", "Signed in: Chrome on Windows"]);
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

  onDesk("that a service has made is not called the agent’s own, nor when the connection brings it back", async (page, desk) => {
    const chosen = { not_ready: { reason: "chosen" } };
    const hint = page.locator(".state-card .now .hint");
    desk.become(chosen);
    await says(hint, "You chose this.");
    desk.become(chosen, "service", now(), "supervisor");
    await says(hint, "Chosen by supervisor.");
    assert.equal(await announced(page), "Not ready. Chosen by supervisor.");
    desk.become({ not_ready: { reason: "connection_lost" } }, "connection");
    desk.become(chosen, "connection");
    await says(hint, "Chosen by supervisor.");
  });

  onDesk("that was made during an interaction is not called the agent’s own, for it may be a service’s", async (page, desk) => {
    const chosen = { not_ready: { reason: "chosen" } };
    const hint = page.locator(".state-card .now .hint");
    for (const cause of ["routing", "agent"]) {
      desk.become(chosen);
      await says(hint, "You chose this.");
      desk.become({ in_interaction: { interaction: subject() } });
      desk.tell({ next: { next: NOT_READY } });
      await says(word(page), "In an interaction");
      desk.become(chosen, cause);
      await says(word(page), "Not ready");
      assert.equal(await hint.textContent(), "");
    }
  });

  onDesk(
    "of which nobody tells who has made it, as after a take-over, is not called the agent’s own",
    (desk) => (desk.state = { not_ready: { reason: "chosen" } }),
    async (page) => {
      await says(word(page), "Not ready");
      assert.equal(await page.locator(".state-card .now .hint").textContent(), "");
    },
  );

  onDesk("that a service has made while the desktop was away is not called the agent’s own", async (page, desk) => {
    const chosen = { not_ready: { reason: "chosen" } };
    desk.become(chosen);
    desk.become("ready");
    await says(word(page), "Ready");
    desk.become({ not_ready: { reason: "connection_lost" } }, "connection");
    desk.become(chosen, "connection");
    await says(word(page), "Not ready");
    await until(async () => (await page.locator(".state-card .now .hint").textContent()) === "");
  });

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
    assert.deepEqual(await events(page), ["Ready, by routing", "Signed in: Chrome on Windows"]);
  });

  onDesk("that stays away is told of, once, with when it is tried again", async (page, desk) => {
    desk.refusal = { status: 503, headers: { "retry-after": "60" } };
    desk.drop();
    await says(light(page), "Connection lost");
    await says(page.locator("#away"), /^Connection lost\. We are reconnecting\. Next attempt in \d+ s\. You can keep .* If it is not back by \d\d:\d\d, you will be signed out\. Reconnect now$/);
    assert.match(await announced(page), /^Connection lost\. We are reconnecting\. You can keep .* If it is not back by \d\d:\d\d, you will be signed out\.$/);
    await says(page.locator(".state-card .label"), "Last known state");
    assert.equal(await page.title(), "Connection lost – Desktop – OneContact Agent");
    const attempts = desk.opened.length;
    desk.refusal = undefined;
    await page.getByRole("button", { name: "Reconnect now" }).click();
    await says(light(page), "Connected");
    assert.equal(desk.opened.length, attempts + 1);
    assert.equal(await announced(page), "The connection is back.");
    assert.equal(await page.title(), "Not ready – Desktop – OneContact Agent");
    assert.equal(await page.locator("#away").isVisible(), false);
  });

  onDesk("that stays away in an interaction says that this would end, and after its time what has probably become of it", async (page, desk) => {
    desk.become({ in_interaction: { interaction: subject() } }, "routing");
    await says(page.locator(".state-card .word"), "In an interaction");
    await page.clock.install();
    desk.refusal = { status: 503, headers: { "retry-after": "600" } };
    desk.drop();
    await says(page.locator("#away"), /you will be signed out\. Your interaction would end too\. Reconnect now$/);
    assert.match(await announced(page), /you will be signed out\. Your interaction would end too\.$/);
    await page.clock.fastForward(301_000);
    await says(page.locator("#away"), /You were probably signed out at \d\d:\d\d\. Reconnect now$/);
  });

  onDesk("that stays away promises no more time than the desk gives, which may have heard nothing for half a minute already", async (page, desk) => {
    const time = new Date();
    time.setSeconds(10, 0);
    await page.clock.install({ time });
    desk.refusal = { status: 503, headers: { "retry-after": "600" } };
    desk.drop();
    const minute = String((time.getMinutes() + 4) % 60).padStart(2, "0");
    await says(page.locator("#away"), new RegExp(`If it is not back by \\d\\d:${minute}, you will be signed out`));
  });

  onDesk("that a computer has slept through promises no time that has passed meanwhile", async (page, desk) => {
    await page.clock.install();
    await page.clock.fastForward("02:00:00"); // the page wakes, and its link has heard nothing since
    desk.refusal = { status: 503, headers: { "retry-after": "600" } };
    const heard = Date.now();
    desk.drop();
    const minutes = [4, 5].map((more) => String(new Date(heard + more * 60_000).getMinutes()).padStart(2, "0"));
    await says(page.locator("#away"), new RegExp(`You were probably signed out at \\d\\d:(${minutes.join("|")})\\. Reconnect now$`));
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

  onDesk("that was another one’s for long, and is away when it is asked for, has only just gone", async (page, desk) => {
    desk.drop(4000);
    await says(light(page), "Connected elsewhere");
    assert.equal(await announced(page), "Your desktop is being used in another window.");
    await page.clock.install();
    await page.clock.fastForward("15:00");
    desk.refusal = { status: 503, headers: { "retry-after": "600" } };
    await page.getByRole("button", { name: "Use this tab" }).click();
    await says(page.locator("#away"), /^Connection lost\. .* If it is not back by \d\d:\d\d, you will be signed out\. Reconnect now$/);
    desk.refusal = undefined;
    await page.getByRole("button", { name: "Reconnect now" }).click();
    await says(light(page), "Connected");
    assert.equal(await announced(page), "The connection is back.");
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
    await until(() => desk.opened.length > 1);
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
    desk.login = () => desk.letIn();
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
    await says(light(other), "Connected");
    assert.equal(await other.locator("dialog[open]").count(), 0);
    desk.become("ready");
    await says(word(other), "Ready");
    assert.deepEqual([await word(page).isVisible(), await word(page).textContent()], [false, "Not ready"]);
    await dialog(page).getByRole("button", { name: "Show the current session" }).click();
    await untilDesktop(page);
    await says(word(page), "Ready");
  });

  for (const reason of ["replaced", "another_agent"]) {
    onDesk(`of two sessions: the older one, ${reason}, is not said to be reconnecting`, async (page, desk, context) => {
      if (reason === "another_agent") desk.end(reason);
      desk.refusal = undefined;
      desk.session = { ...desk.session, sid: "01S2", since: now() };
      const other = await context.newPage();
      await other.goto(desk.url());
      await untilDesktop(other);
      await dialog(page).waitFor();
      await page.waitForTimeout(1_500); // by when a connection that is away is told of
      await says(light(page), "Signed out");
      assert.equal(await page.locator("#away").isHidden(), true);
      assert.equal(await announced(page), "");
    });
  }
});
