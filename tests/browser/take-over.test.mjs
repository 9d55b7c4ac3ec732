// An agent has one desktop at a time: the second login asks, the first desktop is told, and either can come back.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { MAIN, anAgent, fill, passwordOf, place, says, signIn, submitOnce, untilDesktop } from "./harness/agent.mjs";
import { inBrowser, url, withPage } from "./harness/world.mjs";

/** What the first desktop hears when it asks why. */
const OVER = { expected: [/^401/, /^409/, /WebSocket connection/] };
const AWAY = { expected: [...OVER.expected, /ERR_INTERNET_DISCONNECTED/] };
const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

const light = (page) => page.locator("#network");
const dialog = (page) => page.locator("dialog[open]");

/** An open desktop, whose agent no other test uses. */
async function openDesktop(page) {
  const agent = anAgent();
  await signIn(page, agent);
  await untilDesktop(page);
  await says(light(page), "Connected");
  return agent;
}

/** Signs in and stays on whatever page comes. */
async function comeSecond(page, agent) {
  await page.goto(url(MAIN));
  await fill(page, { username: agent, password: passwordOf(agent) });
  await submitOnce(page);
}

describe("a second login", { concurrency: 3 }, () => {
  inBrowser("says where the first one is, and leaves it alone when it is cancelled", OVER, async (page) => {
    const agent = await openDesktop(page);
    await page.locator(".choice").getByRole("button", { name: "Ready", exact: true }).click();
    await says(page.locator(".state-card .word"), "Ready");
    await withPage({ userAgent: FIREFOX }, async (second) => {
      await comeSecond(second, agent);
      await says(second.getByRole("heading", { level: 1 }), "You are already signed in");
      await says(second.locator("dl"), /^Where Chrome on Linux Signed in since \d\d:\d\d (just now|for 1 min) State Ready$/);
      await second.reload();
      await says(second.getByRole("heading", { level: 1 }), "You are already signed in");
      assert.equal(place(second), `${MAIN}/take-over`);
      await second.getByRole("link", { name: "Cancel" }).click();
      await second.locator("#password").waitFor();
      assert.equal(place(second), MAIN);
      await second.goto(url(`${MAIN}/take-over`));
      await second.locator("#password").waitFor();
    });
    await says(light(page), "Connected");
    assert.equal(await dialog(page).count(), 0);
  });

  inBrowser("that takes over ends the first, which is told by whom and can take back with its text", OVER, async (page) => {
    const agent = await openDesktop(page);
    await page.getByLabel("Note").fill("ring back: order 4711");
    await withPage({ userAgent: FIREFOX, ...OVER }, async (second) => {
      await comeSecond(second, agent);
      await second.getByRole("button", { name: "Take over" }).click();
      await untilDesktop(second);
      await says(light(second), "Connected");
      await says(dialog(page), /^Your session continues elsewhere It has been open there since \d\d:\d\d \(Firefox on Windows\)\./);

      await dialog(page).getByLabel("Password").fill(passwordOf(agent));
      await dialog(page).getByRole("button", { name: "Take back" }).click();
      await says(dialog(page), /^You are already signed in elsewhere Firefox on Windows, since \d\d:\d\d: Not ready\./);
      await dialog(page).getByRole("button", { name: "Take over" }).click();
      await dialog(page).waitFor({ state: "hidden" });
      await says(light(page), "Connected");
      assert.equal(await page.getByLabel("Note").inputValue(), "ring back: order 4711");
      await says(dialog(second), /^Your session continues elsewhere It has been open there since \d\d:\d\d \(Chrome on Linux\)\./);
    });
  });

  inBrowser("tells the first, whose network was away meanwhile, as soon as it is back", AWAY, async (page, context) => {
    const agent = await openDesktop(page);
    await context.setOffline(true);
    await says(light(page), "No network");
    await withPage({ userAgent: FIREFOX, ...OVER }, async (second) => {
      await comeSecond(second, agent);
      await second.getByRole("button", { name: "Take over" }).click();
      await untilDesktop(second);
      await context.setOffline(false);
      await says(dialog(page), /^Your session continues elsewhere It has been open there since \d\d:\d\d \(Firefox on Windows\)\./);
    });
  });

  inBrowser("works without script as well", OVER, async (page) => {
    const agent = await openDesktop(page);
    await withPage({ javaScriptEnabled: false }, async (second) => {
      await comeSecond(second, agent);
      await says(second.locator("dl"), /Where Chrome on Linux Signed in since \d\d:\d\d UTC/);
      await second.getByRole("button", { name: "Take over" }).click();
      await says(second.getByRole("heading", { level: 1 }), "Window Desk");
      assert.equal(place(second), `${MAIN}/desktop/plain`);
    });
    await dialog(page).waitFor();
  });

  inBrowser("in the same browser goes on without a question, and the tab before says so", OVER, async (page, context) => {
    const agent = await openDesktop(page);
    const second = await context.newPage();
    const token = await (await context.request.get(url(`${MAIN}/form-token`))).json();
    const form = { form: token.form_token, username: agent, password: passwordOf(agent) };
    const answer = await context.request.post(url(MAIN), { form, headers: { origin: url("").replace(/\/$/, "") } });
    assert.match(answer.url(), /\/desktop$/);
    await second.goto(url(`${MAIN}/desktop`));
    await untilDesktop(second);
    await says(dialog(page).getByRole("heading"), "You have signed in again");
    await says(light(second), "Connected");
  });
});

describe("signing out in one tab", { concurrency: 3 }, () => {
  inBrowser("is told in the other, and leads back in", OVER, async (page, context) => {
    const agent = await openDesktop(page);
    const second = await context.newPage();
    await second.goto(url(`${MAIN}/desktop`));
    await untilDesktop(second);
    await says(light(second), "Connected through another tab");
    await second.getByRole("button", { name: "Sign out" }).click();
    await second.locator("#password").waitFor();
    await says(dialog(page), /^You have signed out You signed out at \d\d:\d\d, in another tab or window\./);
    await dialog(page).getByLabel("Password").fill(passwordOf(agent));
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "hidden" });
    await says(light(page), "Connected");
  });
});
