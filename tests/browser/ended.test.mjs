// How the desktop reports the end of a session, how to go on after it, and what becomes of the note.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { hasFocus, says, until, untilDesktop } from "./harness/agent.mjs";
import { now, offered, subject } from "./harness/fake-desk.mjs";
import { PERSONAL, announced, calling, dialog, light, note, onDeskExpecting, password, readable, signInAgain, stays } from "./harness/on-desk.mjs";

/** What Chromium writes to the console about sockets and requests that are refused or cut off. */
const onDesk = onDeskExpecting([/WebSocket connection to .* failed/, /^(400|401|403|409|422|429|503) for/, /ERR_/]);
const ELSEWHERE = { family: "Edge", system: "MacOs" };

describe("the end of a session", { concurrency: 3 }, () => {
  const ENDS = [
    ["signed_out", {}, "You have signed out", /^You signed out at \d\d:\d\d, in another tab or window\.$/],
    ["taken_over", { browser: ELSEWHERE }, "Your session continues elsewhere", /^It has been open there since \d\d:\d\d \(Edge on macOS\)\.$/],
    ["replaced", {}, "You have signed in again", /another tab/],
    ["connection_lost", {}, "Your connection was lost for too long", /^You were signed out at/],
    ["hard_end", {}, "Your session’s time is up", /^It ended at/],
    ["forced", { by: "workforce" }, "Your session was ended", /^It was ended by workforce at \d\d:\d\d\.$/],
    ["disabled", { by: null }, "Your account is disabled", /^It was disabled by an administrator at/],
  ];
  for (const [reason, more, title, why] of ENDS) {
    onDesk(`is told where it was ${reason}: why, by whom, when`, async (page, desk) => {
      desk.end(reason, more);
      await says(dialog(page).getByRole("heading"), title);
      await says(dialog(page).locator(".body > p").first(), why);
      await stays(page.locator("dialog#ended"));
      const inside = await page.evaluate(() => document.querySelector("dialog[open]").contains(document.activeElement));
      assert.ok(inside, "the focus is in it");
      await page.waitForTimeout(1200);
      assert.equal(desk.opened.length, 1, "nothing behind it acts any more");
    });
  }

  onDesk("is told where the interaction has ended with it", async (page, desk) => {
    desk.become({ in_interaction: { interaction: subject() } }, "routing");
    await says(page.locator(".state-card .word"), "In an interaction");
    desk.end("connection_lost");
    await says(dialog(page).locator(".body > p").first(), /^You were signed out at .* The interaction you were in ended with your session\.$/);
  });

  onDesk("sends nothing that was being typed as a password", async (page, desk) => {
    let posted = 0;
    desk.login = () => {
      posted += 1;
      return desk.letIn();
    };
    await note(page).pressSequentially("Customer wants a call");
    desk.end("forced");
    await dialog(page).waitFor();
    await page.keyboard.type(" back tomorrow\n");
    assert.deepEqual([await password(page).inputValue(), posted], ["", 0]);
    await signInAgain(page);
    await dialog(page).waitFor({ state: "hidden" });
    assert.equal(posted, 1);
    assert.equal(await note(page).inputValue(), "Customer wants a call");
    await hasFocus(page, "note");
  });

  onDesk("stops the clocks behind it, until the agent goes on", async (page, desk) => {
    const timer = page.locator(".timer");
    const before = await timer.innerText();
    await until(async () => (await timer.innerText()) !== before, "the state's time goes on");
    desk.end("taken_over", { browser: ELSEWHERE });
    await dialog(page).waitFor();
    await page.waitForTimeout(1200);
    assert.equal(await timer.textContent(), "");
    desk.login = () => desk.letIn();
    await signInAgain(page);
    await until(async () => /\d:\d\d/.test(await timer.innerText()));
  });

  const lastMinute = (desk) => {
    desk.become("ready");
    desk.recorder = { status: "registered", required: true, since: now(), deadline: null, cause: null, workstation: "0".repeat(32), notes: [] };
    Object.assign(desk.session, { hard_end: now() + 50, overtime: 30 });
  };
  for (const reason of ["connection_lost", "hard_end"]) {
    onDesk(`where it was ${reason} shows behind it what was known last, as such`, lastMinute, async (page, desk) => {
      const card = page.locator(".state-card");
      const stay = page.getByRole("button", { name: "Stay signed in" });
      await says(card.locator(".label"), "My state");
      await stay.focus();
      desk.end(reason);
      await dialog(page).waitFor();
      await says(card.locator(".label"), "Last known state");
      assert.equal(await card.getAttribute("data-stale"), "true");
      assert.deepEqual([await card.locator(".hint").first().innerText(), await card.locator(".timer").innerText()], ["", ""]);
      assert.equal(await page.locator("#hard-end").isVisible(), false);
      assert.equal(await page.locator("[data-value=remaining]").innerText(), "");
      assert.equal(await page.locator(".bar .lit:not([hidden])").count(), 0);
      assert.equal(await page.locator("#station .lit[data-light=good]").count(), 0);
      desk.login = () => desk.letIn();
      await signInAgain(page);
      await says(card.locator(".label"), "My state");
      await stay.waitFor();
      await says(page.locator(".bar .lit:not([hidden])"), "Screen recorder: running");
    });
  }

  onDesk("by signing out leaves nothing personal to read behind it, and signing in again brings it back", calling, async (page, desk) => {
    await note(page).fill("ring back: order 4711");
    assert.deepEqual(await readable(page), PERSONAL);
    desk.end("signed_out");
    await says(dialog(page).locator(".body > p").nth(1), /^Sign in again right here: your desktop comes back\. Your note was deleted/);
    assert.deepEqual(await readable(page), []);
    assert.equal(await note(page).isVisible(), false);
    desk.login = () => desk.letIn();
    await signInAgain(page);
    await dialog(page).waitFor({ state: "hidden" });
    await says(page.locator("#desktop h1"), "Desk One");
    assert.equal(await note(page).inputValue(), "");
    await hasFocus(page, "note");
  });

  const left = [
    ["disabled", { by: "workforce" }],
    ["forced", { by: "supervisor" }],
    ["replaced", {}],
    ["taken_over", { browser: ELSEWHERE }],
  ];
  for (const [reason, more] of left) {
    onDesk(`where it was ${reason} leaves nothing personal to read behind it`, calling, async (page, desk) => {
      desk.end(reason, more);
      await dialog(page).waitFor();
      assert.deepEqual(await readable(page), []);
    });
  }

  for (const reason of ["connection_lost", "hard_end"]) {
    onDesk(`where it was ${reason} lets nobody be called to an offer any more`, (desk) => desk.become(offered(), "routing"), async (page, desk) => {
      await page.waitForFunction(() => document.querySelector("#alarm").textContent !== "");
      desk.end(reason);
      await dialog(page).waitFor();
      assert.equal(await page.locator("#alarm").textContent(), "");
    });

    onDesk(`where it was ${reason} leaves an agent who is there what they are in the middle of`, calling, async (page, desk) => {
      desk.end(reason);
      await dialog(page).waitFor();
      assert.deepEqual(await readable(page), ["Desk One", "+351 912 345 678", "desk.one"]);
    });
  }

  onDesk("that the server knows nothing of leaves nothing personal to read, and keeps the note for its agent", calling, async (page, desk) => {
    await note(page).fill("ring back: order 4711");
    desk.refusal = { status: 401, body: { code: "no_session" } };
    desk.drop();
    await says(dialog(page).getByRole("heading"), "Your session has ended");
    assert.deepEqual(await readable(page), []);
    desk.login = () => desk.letIn();
    await signInAgain(page);
    await dialog(page).waitFor({ state: "hidden" });
    assert.equal(await note(page).inputValue(), "ring back: order 4711");
  });

  onDesk("in the middle of an offer lets it ring no more", (desk) => desk.become("ready"), async (page, desk) => {
    await page.evaluate(() => {
      window.silenced = 0;
      const disconnect = GainNode.prototype.disconnect;
      GainNode.prototype.disconnect = function () {
        window.silenced += 1;
        disconnect.call(this);
      };
    });
    desk.become(offered(), "routing");
    await page.waitForTimeout(1_000);
    desk.end("forced");
    await until(() => page.evaluate(() => window.silenced === 1));
  });

  onDesk("that the page was not told of is learnt at the next attempt", async (page, desk) => {
    const ended = { sid: "01S1", reason: "forced", by: "workforce", browser: null, at: now() };
    desk.refusal = { status: 401, body: { code: "no_session", ended } };
    desk.drop();
    await says(dialog(page).getByRole("heading"), "Your session was ended");
  });

  onDesk("that a part learns of before the link does stays told, and signing in again loads that part", async (desk, context) => {
    const ended = { sid: "01S1", reason: "connection_lost", by: null, browser: null, at: now() };
    const refused = (status, body, headers = {}) => ({ status, headers, contentType: "application/json", body: JSON.stringify(body) });
    await context.route("**/parts/profile", (route) => {
      if (desk.session.sid === "01S2") return route.continue();
      const isOver = desk.refusal !== undefined;
      return route.fulfill(isOver ? refused(401, { code: "no_session", ended }) : refused(503, { code: "unavailable" }, { "retry-after": "600" }));
    });
    await context.addInitScript(() => {
      document.addEventListener("DOMContentLoaded", () => {
        const goOn = document.querySelector("#go-on");
        new MutationObserver(() => goOn.checkVisibility() && goOn.click()).observe(document, { attributes: true, subtree: true });
      });
    });
  }, async (page, desk) => {
    await says(page.locator("#missing"), /Profile/);
    desk.refusal = { status: 503, headers: { "retry-after": "60" } };
    desk.drop();
    await says(light(page), "Connection lost");
    await page.evaluate(() => dispatchEvent(new Event("online"))); // the part is requested, and the link tries again
    await says(dialog(page).getByRole("heading"), "Your connection was lost for too long");
    await page.waitForTimeout(1_500);
    assert.ok(await dialog(page).isVisible(), "whatever the link says of the same session");
    desk.login = () => desk.letIn();
    await signInAgain(page);
    await dialog(page).waitFor({ state: "hidden" });
    await page.locator("#missing").waitFor({ state: "hidden" });
    await says(page.locator("#desktop h1"), "Desk One");
  });

  onDesk("is gone on from in place: same text, and a session that takes the old one's place", async (page, desk) => {
    await note(page).fill("ring back: order 4711");
    desk.end("taken_over", { browser: ELSEWHERE });
    await says(dialog(page).locator("dd"), "desk.one");
    desk.login = ({ password }) => {
      if (password !== "right") return [403, { code: "refused" }];
      return desk.letIn();
    };
    await dialog(page).getByRole("button", { name: "Take back" }).click();
    await says(dialog(page).locator(".problem"), "Enter your password.");
    await signInAgain(page, "wrong");
    await says(dialog(page).locator(".problem"), /^We could not sign you in\. Check your password\./);
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
      return desk.letIn();
    };
    await signInAgain(page);
    await says(dialog(page).getByRole("heading"), "You are already signed in elsewhere");
    await says(dialog(page), /Edge on macOS, since \d\d:\d\d: In an interaction\. No contact with it for 25 s\. You are in an interaction there\./);
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await says(dialog(page).getByRole("heading"), "Your connection was lost for too long");
    await signInAgain(page);
    await dialog(page).getByRole("button", { name: "Take over during the interaction" }).click();
    await dialog(page).waitFor({ state: "hidden" });
    await until(() => page.evaluate(() => document.activeElement.matches("#desktop h1")), "the focus on the desktop");
    assert.deepEqual(desk.posted.at(-1), { path: "/take-over", step: "step-1", resumes: "01S1" });
    await says(light(page), "Connected");
  });

  const ANSWERS = [
    [403, { code: "go_to_login" }, {}, /One more step is needed/],
    [400, { code: "cookies_required" }, {}, /^Cookies are turned off/],
    [409, { code: "browser_in_use" }, {}, /^Another agent is in an interaction in this browser/],
    [429, { code: "too_many_attempts" }, { "retry-after": "60" }, "Too many attempts. Try again in 60 s."],
    [503, { code: "unavailable" }, {}, /^Part of our service is not responding/],
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

  const JSON_TYPE = "application/json";
  const FOREIGN = [
    ["the form’s token is a page of the network’s", "**/form-token", { contentType: "text/html", body: "<h1>Welcome</h1>" }],
    ["the form’s token is none", "**/form-token", { contentType: JSON_TYPE, body: "{}" }],
    ["the login is a page of the network’s", "**/OneAgentWeb_Demo", { contentType: "text/html", body: "<h1>Welcome</h1>" }],
    ["the login is cut off", "**/OneAgentWeb_Demo", { contentType: JSON_TYPE, body: '{"code":"signed_' }],
    ["the login is refused by something in between", "**/OneAgentWeb_Demo", { status: 403, contentType: "text/html", body: "<h1>Blocked</h1>" }],
  ];
  for (const [what, path, answer] of FOREIGN) {
    onDesk(`is not gone on from where ${what}`, async (page, desk) => {
      desk.end("hard_end");
      await page.route(path, (route) => route.fulfill(answer));
      await signInAgain(page);
      await says(dialog(page).locator(".problem"), /^The server cannot be reached\. Check your network/);
      assert.ok(await dialog(page).isVisible());
    });
  }

  const lack = (why, more) => [409, { code: "extension", lack: { why, free_at: null, is_silent: false, by: null, ...more } }];
  const typed = (desk) => (desk.isTyped = true);

  onDesk("with an extension that another agent has by now says whose it is, and takes another one", typed, async (page, desk) => {
    desk.end("signed_out");
    await dialog(page).waitFor();
    const extension = dialog(page).getByLabel("Your extension");
    assert.equal(await extension.isVisible(), false, "nobody is asked before that is needed");
    desk.login = ({ extension }) => {
      if (extension === "1001") return lack("held", { by: "desk.two", free_at: now() + 600 });
      if (extension !== "1002") return lack("not_allowed");
      return desk.letIn();
    };
    await signInAgain(page);
    const problem = dialog(page).locator(".problem:not(:empty)");
    await says(problem, /^Extension 1001 is in use\. desk\.two is signed in with it\. It will be free at \d\d:\d\d at the latest\.$/);
    await hasFocus(page, "again-extension");
    assert.equal(await password(page).inputValue(), "right", "the password is not typed again");
    assert.equal(await password(page).getAttribute("aria-invalid"), null);
    await extension.fill("10 03");
    await page.keyboard.press("Enter");
    await says(problem, /^You cannot use extension 1003\./);
    await extension.fill("none");
    await page.keyboard.press("Enter");
    await says(problem, "Type the extension’s digits.");
    await extension.fill("1002");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "hidden" });
    assert.deepEqual(desk.posted.map(({ extension }) => extension), ["1001", "1003", "1002"]);
    desk.end("hard_end");
    await signInAgain(page);
    await until(() => desk.posted.length === 4);
    assert.equal(desk.posted.at(-1).extension, "1002", "the one that was chosen last");
  });

  onDesk("with an extension that cannot be had goes on with the usual one, where that is what is wanted", typed, async (page, desk) => {
    desk.end("hard_end");
    desk.login = ({ extension }) => (extension ? lack("unknown") : [503, { code: "unavailable" }]);
    await signInAgain(page);
    await says(dialog(page).locator(".hint"), "Leave blank to use your usual extension.");
    await dialog(page).getByLabel("Your extension").fill("");
    await page.keyboard.press("Enter");
    await until(() => desk.posted.length === 2);
    assert.equal("extension" in desk.posted[1], false);
  });

  onDesk("with an extension where none may be chosen any more says so, and goes on with the usual one", typed, async (page, desk) => {
    desk.end("hard_end");
    desk.login = ({ extension }) => (extension ? [422, { code: "extension_not_allowed" }] : desk.letIn());
    await signInAgain(page);
    await says(dialog(page).locator(".problem:not(:empty)"), /^You can no longer choose an extension here\. Sign in again/);
    assert.equal(await password(page).inputValue(), "right", "the password is not typed again");
    desk.isTyped = false;
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "hidden" });
    assert.deepEqual(desk.posted.map(({ extension }) => extension), ["1001", undefined]);
    await says(page.locator("[data-value=extension-note]"), "Your usual extension");
  });

  onDesk("with another extension typed where none may be chosen any more asks for none", typed, async (page, desk) => {
    desk.end("hard_end");
    desk.login = ({ extension }) => (extension === "1001" ? lack("held") : [422, { code: "extension_not_allowed" }]);
    await signInAgain(page);
    const extension = dialog(page).getByLabel("Your extension");
    await extension.fill("1002");
    await page.keyboard.press("Enter");
    await says(dialog(page).locator(".problem:not(:empty)"), /^You can no longer choose an extension here/);
    assert.equal(await extension.isVisible(), false);
    await page.keyboard.press("Enter");
    await until(() => desk.posted.length === 3);
    assert.equal("extension" in desk.posted[2], false);
  });

  onDesk("that takes over without getting the extension asks for another one, and keeps the password", typed, async (page, desk) => {
    desk.end("connection_lost");
    const occupied = { code: "occupied", take_over: "step-1", browser: ELSEWHERE, since: now(), state: "ready", silent_seconds: null, now: now() };
    desk.login = ({ step }) => (step ? lack("held") : [409, occupied]);
    await signInAgain(page);
    await dialog(page).getByRole("button", { name: "Take over" }).click();
    await says(dialog(page).getByRole("heading"), "Your connection was lost for too long");
    await says(dialog(page).locator(".problem:not(:empty)"), "Extension 1001 is in use. Somebody is signed in with it.");
    assert.equal(await password(page).inputValue(), "right");
  });

  onDesk("with a form that went stale in between sends a fresh one, once", async (page, desk) => {
    desk.end("hard_end");
    desk.login = () => (desk.posted.length < 2 ? [403, { code: "stale_form" }] : [403, { code: "refused" }]);
    await signInAgain(page);
    await says(dialog(page).locator(".problem"), /^We could not sign you in/);
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
    desk.tell({ hard_end: { hard_end: now() + 40, waits: false } });
    await says(page.locator("#hard-end"), /^Your session ends in \d+ s\. Then sign in again right here\./);
    assert.equal(await page.getByRole("button", { name: "Stay signed in" }).isVisible(), false, "no second time");
  });

  onDesk("an agent who may not stay is told what will follow", soon(0), async (page) => {
    await says(page.locator("#hard-end"), /^Your session ends in \d+ s\. Then sign in again right here\./);
    assert.equal(await page.getByRole("button", { name: "Stay signed in" }).isVisible(), false);
  });

  onDesk("an agent who signs in on pages is told so, as at the end itself", (desk) => {
    soon(0)(desk);
    desk.isByPages = true;
  }, async (page, desk) => {
    await says(page.locator("#hard-end"), /^Your session ends in \d+ s\. Then sign in again on the login page: it brings you back here, and your note is kept\.$/);
    desk.end("hard_end");
    await says(dialog(page), /Sign in again on the login page/);
  });

  onDesk("an agent who has stayed before is told so", soon(30), async (page, desk) => {
    desk.isIdle = true;
    await page.getByRole("button", { name: "Stay signed in" }).click();
    await says(page.locator("#hard-end"), /Asked to stay signed in…/);
    desk.say({ refused: { id: 1, why: "not_allowed" } });
    await says(page.locator("#hard-end"), /Your session cannot be extended again\. Then sign in again right here\./);
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
    await page.route("**/sign-out", (route) => route.fulfill({ status: 204 }));
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
