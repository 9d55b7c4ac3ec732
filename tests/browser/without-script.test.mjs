// From the login to the desktop and out again in a browser that runs no script.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { FIXED, MAIN, anAgent, fill, passwordOf, place, says, submit } from "./harness/agent.mjs";
import { inBrowser, url } from "./harness/world.mjs";

const PLAIN = { javaScriptEnabled: false };

describe("without script", { concurrency: 2 }, () => {
  inBrowser("an agent signs in, sees the desktop and signs out", PLAIN, async (page) => {
    const agent = anAgent();
    await page.goto(url(MAIN));
    await fill(page, { username: agent, password: passwordOf(agent), extension: "43-22" });
    await submit(page);
    await page.waitForURL("**/desktop/plain");
    await says(page.getByRole("heading", { level: 1 }), "Window Desk");
    const main = page.locator("main");
    await says(main, /Main Centre/);
    await says(main, /Extension 4322 Chosen for this session/);
    await says(main, /Signed in since \d\d:\d\d/);
    await says(main, new RegExp(`Username ${agent} Install Main Browser Chrome on Linux`));
    await page.getByRole("link", { name: "Refresh" }).click();
    assert.equal(place(page), `${MAIN}/desktop/plain`);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#password").waitFor();
    await says(page.locator(".notice"), "You have signed out.");
    await page.goBack();
    assert.equal(await page.locator("text=Window Desk").count(), 0, "the desktop does not come back");
    await page.goto(url(`${MAIN}/desktop/plain`));
    assert.equal(place(page), `${MAIN}?next=/desktop/plain`);
  });

  inBrowser("errors stand beside their fields", PLAIN, async (page) => {
    await page.goto(url(MAIN));
    // Without script, the browser itself refuses to send blank fields.
    assert.equal(await page.locator("#username").evaluate((input) => input.required), true);
    await fill(page, { username: "window", password: "wrong", extension: "abc" });
    assert.equal((await submit(page)).status(), 422);
    await says(page.locator("#extension-problem"), /only digits/);
    await fill(page, { password: "wrong", extension: "" });
    assert.equal((await submit(page)).status(), 403);
    await says(page.locator(".notice.bad"), /We could not sign you in/);
    assert.equal(await page.locator("#username").inputValue(), "window");
  });

  inBrowser("nothing is offered that needs script", PLAIN, async (page) => {
    await page.goto(url(FIXED, "127.0.0.1"));
    assert.equal(await page.locator(".reveal").isVisible(), false);
    assert.equal(await page.locator("dialog").isVisible(), false);
  });

  inBrowser("a given password is replaced", PLAIN, async (page) => {
    await page.goto(url(MAIN));
    await fill(page, { username: "north", password: "was-given-once-1" });
    await submit(page);
    await fill(page, { password: "orchard window 42", again: "orchard window 42" });
    await submit(page);
    await page.waitForURL("**/desktop/plain");
    await says(page.getByRole("heading", { level: 1 }), "North Desk");
  });

  inBrowser("the page about cookies has the steps for this browser first, and the others to open", PLAIN, async (page) => {
    await page.goto(url(MAIN));
    await page.getByRole("link", { name: "How to turn on cookies" }).click();
    await says(page.locator(".own"), /^Your browser: Chrome .*chrome:\/\/settings\/content\/siteData/);
    assert.deepEqual(await page.locator("summary").allInnerTexts(), ["Edge", "Firefox", "Safari", "Internet Explorer"]);
    const firefox = page.locator("details", { hasText: "Firefox" });
    await firefox.locator("summary").click();
    await says(firefox, /about:preferences#privacy/);
  });
});
