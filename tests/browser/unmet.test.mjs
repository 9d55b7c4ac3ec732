// What keeps an agent from being ready: the one place that says so, with a remedy for each thing; and the screen
// recorder's own page between the loading screen and the desktop.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { hasFocus, says, until, untilDesktop } from "./harness/agent.mjs";
import { now, subject } from "./harness/fake-desk.mjs";
import { asks, word } from "./harness/on-desk.mjs";
import { inBrowser, withFakeDesk } from "./harness/world.mjs";

const REFUSED = [/WebSocket connection to .* failed/, /^503 for/, /ERR_/];

/** A test with an open, connected page. `arrange` runs before it is opened. */
function withDesk(name, arrange, body, { skew = 0 } = {}) {
  inBrowser(name, { expected: REFUSED }, (page) =>
    withFakeDesk(async (desk) => {
      arrange(desk);
      if (skew) await page.clock.install();
      await page.goto(desk.url());
      await desk.connected();
      await page.locator("#desktop:not([hidden]), #recorder:not([hidden])").waitFor();
      await body(page, desk);
    }),
  );
}

const lacks = (desk, ...missing) => Object.assign(desk, { missing });
const extension = (why, more = {}) => ({ extension: { why, free_at: null, is_silent: false, by: null, ...more } });
const unmet = (page) => page.locator("#unmet");
const item = (page, name) => unmet(page).locator(`[data-missing=${name}]`);
/** Records what is announced, from the start. */
function listen() {
  window.said = [];
  new MutationObserver((changes) => {
    const isNews = changes.some(({ target }) => target.id === "announcer");
    const words = document.querySelector("#announcer")?.textContent;
    if (isNews && words) window.said.push(words);
  }).observe(document, { childList: true, subtree: true });
}
const ready = (page) => page.locator(".choice").getByRole("button", { name: "Ready", exact: true });

const WORKSTATION = "00112233445566778899aabbccddeeff";
const note = (number, note, ago) => ({ number, at: now() - ago, note });
/** The recorder as the desk reports it. */
const recorder = (status, more = {}) => ({
  status, required: true, since: now() - 6, deadline: status === "registering" ? now() + 55 : null, cause: null,
  workstation: WORKSTATION, notes: [note(1, "calling", 6)], ...more,
});

describe("what keeps an agent from ready", { concurrency: 3 }, () => {
  withDesk("is said in one place, and “Ready” leads there", (desk) => {
    lacks(desk, extension("held", { free_at: now() + 600 }), { recorder: { why: "lost" } });
    desk.extension = { number: "1001", kind: "desk_phone", held: false, asked: null };
    desk.recorder = recorder("lost", { cause: "recorder_failed" });
  }, async (page, desk) => {
    await says(unmet(page).getByRole("heading", { level: 2 }), "Before you can be ready");
    assert.deepEqual(await unmet(page).locator("h3").allInnerTexts(), ["Extension 1001 is in use", "The screen recorder has stopped"]);
    await says(page.locator(".now .hint"), "You have just signed in. Below is what you need before you can be ready.");
    assert.equal(await ready(page).getAttribute("aria-disabled"), "true");
    await ready(page).click({ force: true });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Try again");
    assert.deepEqual(desk.heard, []);
    desk.tell({ recorder: recorder("registered") });
    desk.tell({ missing: [] });
    await unmet(page).waitFor({ state: "hidden" });
    await says(page.locator("#announcer"), "You now have everything you need to be ready.");
    await hasFocus(page, "state-title");
    await ready(page).click();
    await says(word(page), "Ready");
  });

  withDesk("is led to as well where the desk knows of it first", () => {}, async (page, desk) => {
    desk.isIdle = true;
    await says(page.locator("#network"), "Connected");
    await ready(page).click();
    await page.waitForFunction(() => document.querySelector("p.awaited").textContent !== "");
    lacks(desk, extension("held"));
    desk.tell({ missing: desk.missing });
    desk.say({ refused: { id: 1, why: "missing" } });
    await says(page.locator("p.awaited"), "“Ready” is not possible yet: something is missing.");
    await page.waitForFunction(() => document.querySelector("#unmet").contains(document.activeElement));
  });

  withDesk("does not keep them from choosing what comes after an interaction", (desk) => {
    lacks(desk, extension("held"));
    desk.become({ in_interaction: { interaction: subject() } }, "routing");
  }, async (page, desk) => {
    await ready(page).click();
    await says(page.locator(".next"), "After this interaction: Ready");
    assert.deepEqual(asks(desk), ["ready"]);
  });
});

describe("an extension that is not held", { concurrency: 3 }, () => {
  const at = now() + 600;
  const FAULTS = [
    ["asking", {}, "Taking extension 1001", /This takes a moment\./],
    ["unknown", {}, "Extension 1001 does not exist here", /Check the number on your phone\./],
    ["other_instance", {}, "Extension 1001 belongs to another instance", /cannot be used here/],
    ["not_allowed", {}, "You cannot use extension 1001", /reserved for others/],
    ["held", {}, "Extension 1001 is in use", /in use Somebody is signed in with it\. Try again/],
    ["held", { free_at: at }, "Extension 1001 is in use", /Somebody .* It will be free at (\d+ \w+, )?\d\d:\d\d at the latest\./],
    ["held", { free_at: at, is_silent: true, by: "desk.two" }, "Extension 1001 is in use", /desk\.two is .* unless they come back\./],
    ["unavailable", {}, "Extension 1001 cannot be taken right now", /We are still trying\./],
  ];
  for (const [why, more, title, text] of FAULTS) {
    withDesk(`says why: ${[why, ...Object.keys(more)].join(", ")}`, (desk) => {
      desk.extension = { number: "1001", kind: "desk_phone", held: false, asked: null };
      lacks(desk, extension(why, more));
    }, async (page) => {
      await says(item(page, "extension").getByRole("heading"), title);
      await says(item(page, "extension"), text);
    });
  }

  withDesk("may be changed for another one while it is held, and says what became of that", () => {}, async (page, desk) => {
    desk.isIdle = true;
    const row = page.locator("#extension-standing");
    await row.getByText("Another extension").click();
    await page.locator("#other-extension").fill("1003");
    await page.keyboard.press("Enter");
    await until(() => desk.heard.length > 0);
    assert.deepEqual(asks(desk), [{ extension: { number: "1003" } }]);
    desk.say({ done: { id: 1 } });
    const tell = (why) => desk.tell({ extension: { ...desk.extension, asked: { number: "1003", lacks: extension(why).extension } } });
    tell("asking");
    await says(row.getByRole("status"), /^Taking extension 1003\./);
    tell("held");
    const problem = row.locator(".problem:not(:empty)");
    await says(problem, "Extension 1003 is in use. Somebody is signed in with it.");
    const input = page.locator("#other-extension");
    assert.equal(await input.getAttribute("aria-invalid"), "true");
    assert.equal(await input.getAttribute("aria-describedby"), await problem.getAttribute("id"));
    await hasFocus(page, "other-extension");
    assert.equal(await row.getByRole("status").count(), 0, "it is told once");
    assert.equal(await unmet(page).isVisible(), false, "what is held is enough");
    await says(page.locator(".events li").first(), /Extension 1003 is in use$/);
    await page.keyboard.press("Enter");
    await until(() => desk.heard.length > 1);
    await until(async () => (await problem.count()) === 0, "nothing is told of it before there is an answer");
    desk.say({ done: { id: 2 } });
    await says(problem, "Extension 1003 is in use. Somebody is signed in with it.");
    for (const [none, why] of [["1".repeat(16), "An extension has at most 15 digits."], ["nine", "Type the extension’s digits."]]) {
      await input.fill(none);
      await page.keyboard.press("Enter");
      await says(problem, why);
    }
    assert.equal(desk.heard.length, 2, "the desk would not understand them");
    desk.tell({ missing: [] });
    await says(problem, "Type the extension’s digits.");
    desk.tell({ extension: { number: "1004", kind: "desk_phone", held: true, asked: null } });
    await problem.waitFor({ state: "detached" });
    assert.equal(await input.isVisible(), false);
  });

  withDesk("that is refused while another one is held takes the focus from nothing else", () => {}, async (page, desk) => {
    await page.locator("#note").focus();
    desk.tell({ extension: { ...desk.extension, asked: { number: "1003", lacks: extension("unknown").extension } } });
    await says(page.locator("#extension-standing .problem:not(:empty)"), /^Extension 1003 does not exist here\./);
    await hasFocus(page, "note");
  });

  withDesk("is tried again, or another one is", (desk) => {
    desk.extension = { number: "1001", kind: "desk_phone", held: false, asked: null };
    lacks(desk, extension("held"));
    desk.isIdle = true;
  }, async (page, desk) => {
    const its = item(page, "extension");
    await its.getByRole("button", { name: "Try again" }).click();
    await says(its, /Taking it…/);
    await hasFocus(page, "unmet-title");
    desk.say({ done: { id: 1 } });
    await its.getByRole("button", { name: "Another extension" }).click();
    await hasFocus(page, "needed-extension");
    await page.keyboard.type("nine");
    await page.keyboard.press("Enter");
    await says(its.locator(".problem"), "Type the extension’s digits.");
    await page.locator("#needed-extension").fill(" 10-03 ");
    await page.keyboard.press("Enter");
    await says(its, /Taking it…/);
    await hasFocus(page, "unmet-title");
    assert.deepEqual(asks(desk), [{ extension: { number: "1001" } }, { extension: { number: "1003" } }]);
    desk.tell({ extension: { number: "1003", kind: "external", held: true, asked: null } });
    desk.tell({ missing: [] });
    await says(page.locator("#extension-standing"), /^1003 .*External number Another extension$/);
    await says(page.locator(".events li").first(), /Extension 1003 is yours$/);
  });

  withDesk("may not be chosen where the install does not allow it", (desk) => {
    desk.extension = { number: "1001", kind: "desk_phone", held: false, asked: null };
    lacks(desk, extension("held"));
    desk.isIdle = true;
  }, async (page, desk) => {
    const its = item(page, "extension");
    await its.getByRole("button", { name: "Another extension" }).click();
    await page.locator("#needed-extension").fill("1003");
    await page.keyboard.press("Enter");
    await says(its, /Taking it…/);
    desk.say({ refused: { id: 1, why: "not_allowed" } });
    await says(its, /That is not possible here\./);
    assert.equal(await its.getByRole("button", { name: "Another extension" }).isVisible(), false);
  });

  withDesk("that an agent has none of is asked for", (desk) => {
    desk.extension = null;
    lacks(desk, extension("none"));
  }, async (page, desk) => {
    await says(item(page, "extension").getByRole("heading"), "You have no extension");
    await page.locator("#needed-extension").fill("1003");
    await item(page, "extension").getByRole("button", { name: "Use it" }).click();
    await until(() => desk.heard.length > 0);
    assert.deepEqual(asks(desk), [{ extension: { number: "1003" } }]);
  });
});

const screen = (page) => page.locator("#recorder");
const steps = (page) => screen(page).locator(".notes .name").allInnerTexts();
const registering = (desk) => {
  desk.state = "registering";
  desk.recorder = recorder("registering");
};
const failed = (cause, more) => (desk) => {
  desk.state = { not_ready: { reason: "unmet" } };
  desk.recorder = recorder("failed", { cause, notes: [note(1, "calling", 6), note(2, "failed", 1)], ...more });
  lacks(desk, { recorder: { why: "failed" } });
};

describe("the screen recorder", { concurrency: 3 }, () => {
  withDesk("has a page of its own while it starts, with each notification as it happens", registering, async (page, desk) => {
    await says(screen(page).getByRole("heading"), "Your screen recorder is starting");
    assert.equal(await page.locator("#desktop").isVisible(), false);
    assert.deepEqual(await steps(page), ["Calling the recorder’s service"]);
    await says(screen(page), /This takes at most [2-5]\d s\./);
    const notes = [...desk.recorder.notes, note(2, "accepted", 0), note(3, "recorder_starting", 0)];
    desk.tell({ recorder: { ...desk.recorder, notes } });
    await says(page.locator("#announcer"), "The recorder is starting");
    assert.deepEqual(await steps(page), ["Calling the recorder’s service", "The service is working on it", "The recorder is starting"]);
    desk.tell({ recorder: recorder("registered", { notes: [...notes, note(4, "registered", 0)] }) });
    desk.become({ not_ready: { reason: "signed_in" } }, "recorder");
    await untilDesktop(page);
    assert.equal(await screen(page).isVisible(), false);
    await says(page.locator(".bar .lights"), "Connected Screen recorder: running");
  });

  withDesk("is said to be starting and then to be running, once, and not that it keeps the agent from ready", (desk) => {
    registering(desk);
    lacks(desk, { recorder: { why: "registering" } });
    desk.play = listen;
  }, async (page, desk) => {
    await says(screen(page).getByRole("heading"), "Your screen recorder is starting");
    await until(() => page.evaluate(() => window.said.some((words) => words.includes("Calling"))));
    await page.waitForTimeout(300);
    const atFirst = await page.evaluate(() => window.said.splice(0));
    assert.deepEqual(atFirst.filter((words) => !/of 4 loaded/.test(words)), ["Calling the recorder’s service"]);
    desk.tell({ recorder: recorder("registered", { notes: [...desk.recorder.notes, note(2, "registered", 0)] }) });
    desk.tell({ missing: [] });
    desk.become({ not_ready: { reason: "signed_in" } }, "recorder");
    await untilDesktop(page);
    await until(() => page.evaluate(() => window.said.length === 2));
    assert.deepEqual(await page.evaluate(() => window.said), ["The screen recorder is running", "Not ready Your desktop is ready."]);
  });

  withDesk("is told of by what else keeps the agent from ready only once the desktop is there", (desk) => {
    registering(desk);
    lacks(desk, extension("held"), { recorder: { why: "registering" } });
    desk.play = listen;
  }, async (page, desk) => {
    await says(screen(page).getByRole("heading"), "Your screen recorder is starting");
    desk.tell({ recorder: recorder("registered") });
    lacks(desk, extension("held"));
    desk.tell({ missing: desk.missing });
    desk.become({ not_ready: { reason: "signed_in" } }, "recorder");
    await untilDesktop(page);
    const told = "Before you can be ready: Extension 1001 is in use";
    await until(() => page.evaluate((told) => window.said.at(-1)?.includes(told), told));
    const all = await page.evaluate(() => window.said.join(" "));
    assert.equal(all.split("Before you can be ready").length, 2, all);
  });

  withDesk("that starts anew leaves nothing to be said of what kept the agent from ready before", (desk) => {
    desk.recorder = recorder("lost");
    desk.state = { not_ready: { reason: "signed_in" } };
    lacks(desk, { recorder: { why: "lost" } });
    desk.play = listen;
  }, async (page, desk) => {
    await untilDesktop(page);
    desk.tell({ recorder: recorder("registering") });
    desk.become("registering", "recorder");
    await says(screen(page).getByRole("heading"), "Your screen recorder is starting");
    await until(() => page.evaluate(() => window.said.at(-1).includes("Calling")));
    assert.doesNotMatch(await page.evaluate(() => window.said.join(" ")), /You now have everything/);
  });

  withDesk("that is needed and fails says why, offers another try, and leads to the login page", failed("no_licence"), async (page, desk) => {
    await says(screen(page).getByRole("heading"), "The screen recorder could not be started");
    await says(screen(page), /All the recorder’s licences are in use\./);
    await says(screen(page), /You will be signed out and taken to the login page in \d\d s\./);
    await screen(page).getByRole("button", { name: "Try again" }).click();
    await page.waitForFunction(() => document.activeElement.textContent === "Try again");
    assert.deepEqual(asks(desk), ["register"]);
    const left = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/sign-out"));
    await page.route("**/sign-out", (route) => route.fulfill({ status: 204 }));
    for (let seconds = 0; seconds < 31; seconds += 1) await page.clock.runFor(1000);
    await left;
  }, { skew: 1 });

  withDesk("lets the way to the login page be stopped", failed("too_slow"), async (page) => {
    await screen(page).getByRole("button", { name: "Stay here" }).click();
    assert.equal(await screen(page).locator(".out").isVisible(), false);
    let isGone = false;
    await page.route("**/sign-out", (route) => {
      isGone = true;
      return route.fulfill({ status: 204 });
    });
    for (let seconds = 0; seconds < 40; seconds += 1) await page.clock.runFor(1000);
    assert.equal(isGone, false);
    assert.ok(await screen(page).getByRole("button", { name: "Go to the login page" }).isVisible());
  }, { skew: 1 });

  withDesk("does not lead anybody away while the page cannot know how things stand", failed("too_slow"), async (page, desk) => {
    await says(screen(page).locator(".countdown"), /in \d\d s\.$/);
    desk.refusal = { status: 503, headers: { "retry-after": "60" } };
    desk.drop();
    await says(page.locator("#network"), "Connection lost");
    const before = await screen(page).locator(".countdown").innerText();
    await page.waitForTimeout(2500);
    assert.equal(await screen(page).locator(".countdown").innerText(), before);
  });

  withDesk("that does not answer gives no green light to a call that came to nothing", registering, async (page, desk) => {
    const lights = () => screen(page).locator(".notes li").evaluateAll((items) => items.map(({ dataset }) => dataset.state));
    const notes = ["calling", "retrying", "retrying", "told_to_wait"].map((name, at) => note(at + 1, name, 6 - at));
    desk.tell({ recorder: recorder("registering", { notes }) });
    await until(async () => (await lights()).length === 3);
    assert.deepEqual(await lights(), ["loaded", "waiting", "loading"]);
    desk.tell({ recorder: recorder("failed", { cause: "unreachable", notes: [...notes, note(5, "failed", 0)] }) });
    desk.become({ not_ready: { reason: "unmet" } }, "recorder");
    await until(async () => (await lights()).length === 4);
    assert.deepEqual(await lights(), ["loaded", "waiting", "waiting", "failed"]);
  });

  const calls = (times) => [note(1, "calling", 30), ...Array.from({ length: times }, (_, at) => note(at + 2, "retrying", 20 - at))];
  withDesk("that is called again and again has one row for that, with how often, and is said to be once", (desk) => {
    registering(desk);
    desk.play = listen;
  }, async (page, desk) => {
    for (let times = 1; times <= 8; times += 1) desk.tell({ recorder: recorder("registering", { notes: calls(times) }) });
    await says(screen(page).locator(".notes li").last(), /^No answer: calling again · 8 times \d\d:\d\d:\d\d$/);
    assert.equal(await screen(page).locator(".notes li").count(), 2);
    const said = await page.evaluate(() => window.said.filter((words) => words.includes("calling again")));
    assert.deepEqual(said, ["No answer: calling again"]);
  });

  for (const [width, height] of [[1366, 650], [320, 568]]) {
    withDesk(`that fails after all that has the way out in sight, and says so, at ${width} by ${height}`, (desk) => {
      registering(desk);
      desk.play = listen;
    }, async (page, desk) => {
      await page.setViewportSize({ width, height });
      const notes = [...calls(4), note(6, "told_to_wait", 9), note(7, "retrying", 8), note(8, "accepted", 7), note(9, "recorder_starting", 5)];
      desk.tell({ recorder: recorder("registering", { notes }) });
      await screen(page).locator(".notes li").nth(5).waitFor();
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      desk.tell({ recorder: recorder("failed", { cause: "unknown_workstation", notes: [...notes, note(10, "failed", 0)] }) });
      desk.become({ not_ready: { reason: "unmet" } }, "recorder");
      const parts = [screen(page).locator(".countdown"), screen(page).getByRole("button", { name: "Stay here" })];
      for (const part of parts) {
        await part.waitFor();
        const { y, height: high } = await part.boundingBox();
        assert.ok(y >= 0 && y + high <= height, `from ${y} to ${y + high}`);
      }
      await says(page.locator("#announcer"), /^The screen recorder could not be started\. .* taken to the login page in 30 s\. Not ready$/);
    });
  }

  withDesk("that does not know the workstation tells its number", failed("unknown_workstation"), async (page) => {
    await says(screen(page).locator("code"), "0011 2233 4455 6677 8899 aabb ccdd eeff");
  });

  withDesk("that is not needed and fails is told of on the desktop, until the agent has read it", (desk) => {
    failed("recorder_absent", { required: false })(desk);
    desk.state = { not_ready: { reason: "signed_in" } };
    lacks(desk);
  }, async (page, desk) => {
    await untilDesktop(page);
    await says(unmet(page).getByRole("heading", { level: 2 }), "Good to know");
    await says(unmet(page), /No recorder is running on this workstation\. .*You can work without it\./);
    assert.equal(await ready(page).getAttribute("aria-disabled"), "false");
    await unmet(page).getByRole("button", { name: "Got it" }).click();
    await unmet(page).waitFor({ state: "hidden" });
    await page.locator("#station").getByRole("button", { name: "Try again" }).click();
    await until(() => desk.heard.length > 0);
    assert.deepEqual(asks(desk), ["register"]);
  });

  withDesk("that is lost for good is not said to be tried again", (desk) => {
    desk.recorder = recorder("lost", { cause: "refused", asks_again: false });
    lacks(desk, { recorder: { why: "lost" } });
  }, async (page, desk) => {
    await untilDesktop(page);
    await says(item(page, "recorder"), /^The screen recorder has stopped .* Please tell your supervisor\. Try again$/);
    desk.tell({ recorder: recorder("lost", { cause: "unreachable", asks_again: true }) });
    await says(item(page, "recorder"), /We are trying again automatically\. Try again$/);
  });

  withDesk("that is lost later is told of on the desktop, and stays there when another try fails", (desk) => {
    desk.recorder = recorder("registered");
    desk.become("ready");
  }, async (page, desk) => {
    await untilDesktop(page);
    desk.tell({ recorder: recorder("lost", { cause: "ended" }) });
    desk.tell({ missing: [{ recorder: { why: "lost" } }] });
    desk.become({ not_ready: { reason: "unmet" } }, "recorder");
    await says(item(page, "recorder"), /The screen recorder has stopped .* We are trying again automatically\./);
    await item(page, "recorder").getByRole("button", { name: "Try again" }).click();
    desk.tell({ recorder: recorder("failed", { cause: "unreachable" }) });
    desk.tell({ missing: [{ recorder: { why: "failed" } }] });
    await says(item(page, "recorder"), /The screen recorder could not be started The recorder’s service is not responding\./);
    assert.equal(await screen(page).isVisible(), false);
    await says(page.locator(".events li").nth(1), /Not ready: screen recorder$/);
    assert.deepEqual(asks(desk), ["register"]);
  });

  for (const [cause, text] of [
    ["unreachable", /is not responding/], ["busy", /is too busy/], ["refused", /does not accept this workstation/],
    ["not_understood", /do not understand/], ["misconfigured", /not fully set up for the recorder/], ["too_slow", /not ready in time/],
    ["recorder_absent", /No recorder is running/], ["recorder_failed", /cannot record/], ["ended", /released this workstation/],
    ["replaced", /from elsewhere/], ["a_new_one", /gave no reason/],
  ]) {
    withDesk(`that failed says so in words: ${cause}`, failed(cause), (page) => says(screen(page), text));
  }
});
