// The desktop: who and where the agent is, since when, and the way out.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { MAIN, anAgent, extensionOf, place, says, signIn, untilDesktop, valueOf } from "./harness/agent.mjs";
import { inBrowser, url, withFakeDesk } from "./harness/world.mjs";

const clock = (at) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Lisbon" }).format(at);
const HOUR = 3_600_000;

describe("the desktop", { concurrency: 3 }, () => {
  inBrowser("shows who and where the agent is, and since when", async (page) => {
    const before = Date.now();
    const agent = anAgent();
    await signIn(page, agent);
    await untilDesktop(page);
    const after = Date.now();
    await says(valueOf(page, "display-name"), "Window Desk");
    await says(valueOf(page, "username"), agent);
    await says(valueOf(page, "instance"), "Main Centre");
    await says(valueOf(page, "extension"), extensionOf(agent));
    await says(valueOf(page, "install"), "Main");
    await says(valueOf(page, "browser"), "Chrome on Linux");
    const since = await valueOf(page, "since").innerText();
    assert.ok([clock(before), clock(after)].includes(since), since);
    await says(valueOf(page, "lasting"), /^(just now|for 1 min)$/);
    const ends = await valueOf(page, "ends").innerText();
    assert.ok([clock(before + 12 * HOUR), clock(after + 12 * HOUR)].some((time) => ends.includes(time)), ends);
    await says(page.locator("#network"), "Connected");
  });

  inBrowser("goes on counting by itself", async (page) => {
    await page.clock.install();
    await signIn(page, anAgent());
    await untilDesktop(page);
    await page.clock.fastForward("01:05:20");
    await says(valueOf(page, "lasting"), "for 1 h 5 min");
    await says(valueOf(page, "remaining"), "in 10 h 55 min");
    await page.clock.fastForward("54:30");
    await says(valueOf(page, "lasting"), "for 1 h 59 min");
    await says(valueOf(page, "remaining"), "in 10 h 1 min");
    await page.clock.fastForward("00:30");
    await says(valueOf(page, "lasting"), "for 2 h");
  });

  inBrowser("stays over a reload", async (page) => {
    await signIn(page, anAgent(), { extension: "4321" });
    await untilDesktop(page);
    await page.reload();
    await untilDesktop(page);
    await says(valueOf(page, "extension"), "4321");
  });

  inBrowser("says when the computer has no network, and when it has one again", { expected: [/ERR_INTERNET/] }, async (page, context) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    await says(page.locator("#network"), "Connected");
    await context.setOffline(true);
    await says(page.locator("#network"), "No network");
    await says(page.locator("#away"), /may be out of date.*You can keep working here.* If it is not back by \d\d:\d\d, you will be signed out\./);
    await says(page.locator("#announcer"), /^This computer has no network\. .* you will be signed out\.$/);
    await context.setOffline(false);
    await says(page.locator("#network"), "Connected");
    assert.equal(await page.locator("#away").isVisible(), false);
  });

  inBrowser("is gone after signing out, for the back button too", async (page, context) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    const session = (await context.cookies()).find(({ name }) => name === "__Host-oneagent-main");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#password").waitFor();
    await says(page.locator(".notice"), "You have signed out.");
    assert.equal(place(page), `${MAIN}?signed-out=1`);
    assert.equal((await context.cookies()).some(({ name }) => name === session.name), false);
    await page.goBack();
    await page.locator("#password").waitFor();
    assert.equal(await page.getByText("Window Desk").count(), 0);

    await context.addCookies([session]);
    await page.goto(url(`${MAIN}/desktop`));
    assert.equal(place(page), `${MAIN}?next=/desktop&over=signed_out`, "its token is worth nothing any more");
  });

  inBrowser("keeps its token from scripts", async (page, context) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    assert.equal(await page.evaluate(() => document.cookie), "");
    for (const cookie of await context.cookies()) {
      assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === "Lax", cookie.name);
    }
  });
});

describe("times of day", { concurrency: 3 }, () => {
  // The browser's locale, the page's language, and how it then writes a quarter to six in the afternoon.
  for (const [locale, language, told] of [
    ["en-GB", "en", "17:45"],
    ["en-US", "en", "5:45 PM"],
    ["en-AU", "en", "5:45 pm"],
    ["en", "en", "17:45"],
    ["pt-PT", "en", "17:45"],
    ["de-DE", "en", "17:45"],
    ["en-US", "de", "17:45"],
    ["en-US", "fr", "17:45"],
    ["pt-BR", "pt", "17:45"],
  ]) {
    inBrowser(`are “${told}” in a browser of ${locale} where the page is in ${language}`, { locale, timezoneId: "UTC" }, async (page) => {
      await withFakeDesk(async (desk) => {
        const at = new Date();
        at.setUTCHours(17, 45, 0, 0);
        desk.session.since = at.getTime() / 1000;
        await page.goto(desk.url(language));
        await untilDesktop(page);
        await says(valueOf(page, "since"), told);
      });
    });
  }
});
