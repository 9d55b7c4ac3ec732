// A browser that accepts no cookies.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";

import { MAIN, anAgent, fill, passwordOf, place, says, submit } from "./harness/agent.mjs";
import { url, withProfile } from "./harness/world.mjs";

/** Chromium's number for “block”. */
const BLOCK = 2;

function withoutCookies(name, options, body) {
  test(name, async () => {
    const profile = await mkdtemp(path.join(tmpdir(), "onecontact-"));
    try {
      const preferences = { profile: { default_content_setting_values: { cookies: BLOCK } } };
      await mkdir(path.join(profile, "Default"));
      await writeFile(path.join(profile, "Default/Preferences"), JSON.stringify(preferences));
      await withProfile(profile, options, body);
    } finally {
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

describe("with cookies turned off", { concurrency: 2 }, () => {
  withoutCookies("a pop-up has the steps, those for this browser first", {}, async (page, context) => {
    const agent = anAgent();
    await page.goto(url(MAIN));
    const dialog = page.getByRole("dialog", { name: "Cookies are turned off" });
    await dialog.waitFor();
    assert.deepEqual(await context.cookies(), [], "the test's own browser has to block them");
    await says(dialog.locator("section h2").first(), "Your browser: Chrome");
    await says(dialog.locator(".own li").first(), /chrome:\/\/settings\/content\/siteData$/);
    assert.deepEqual(await dialog.locator("summary").allInnerTexts(), ["Edge", "Firefox", "Safari", "Internet Explorer"]);
    assert.equal(await page.evaluate(() => document.activeElement.id), "cookies-title");
    await dialog.getByRole("link", { name: "Try again" }).click();
    await dialog.waitFor(); // they are still off
    await page.keyboard.press("Escape");
    assert.equal(await dialog.isVisible(), false);
    assert.ok(await page.locator("#username").isVisible());
  });

  withoutCookies("where the steps cannot be fetched the pop-up links to them", { expected: [/ERR_FAILED/] }, async (page) => {
    await page.route("**/cookies", (route) => route.abort());
    await page.goto(url(MAIN));
    const dialog = page.getByRole("dialog", { name: "Cookies are turned off" });
    await dialog.waitFor();
    assert.match(await dialog.locator("p a").getAttribute("href"), /\/cookies$/);
  });

  withoutCookies("the pop-up closes by its button too", {}, async (page) => {
    await page.goto(url(MAIN));
    await page.getByRole("button", { name: "Close" }).click();
    assert.equal(await page.locator("dialog").isVisible(), false);
  });

  withoutCookies("without script a login is answered by the page with the steps", { javaScriptEnabled: false }, async (page) => {
    await page.goto(url(MAIN));
    await fill(page, { username: "window", password: passwordOf("window") });
    const answer = await submit(page);
    assert.equal(answer.status(), 400);
    await says(page.locator(".own"), /^Your browser: Chrome/);
    await page.getByRole("link", { name: "Go to the login page" }).click();
    assert.equal(place(page), MAIN);
  });
});
