// Signing out holds, whatever the network does; during an interaction the agent is asked first.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { MAIN, anAgent, place, says, signIn, until, untilDesktop } from "./harness/agent.mjs";
import { offered } from "./harness/fake-desk.mjs";
import { playMicrophone } from "./harness/microphone.mjs";
import { PERSONAL, calling, note, onDeskExpecting, readable, stays } from "./harness/on-desk.mjs";
import { inBrowser, url } from "./harness/world.mjs";

const signOut = (page) => page.getByRole("banner").getByRole("button", { name: "Sign out" });
const dialog = (page) => page.locator("dialog#sign-out");

const LOST = { expected: [/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/, /^401 for .*\/parts\/session/] };

const onDesk = onDeskExpecting([/ERR_/]);
/** The server does not hear of it. */
const unheard = (page) => page.route("**/sign-out", (route) => route.abort());

/** Counts the rings that were silenced, and the tracks of microphones that were let go of. */
function watch() {
  window.silenced = window.stopped = 0;
  const { disconnect } = GainNode.prototype;
  GainNode.prototype.disconnect = function () {
    window.silenced += 1;
    disconnect.call(this);
  };
  const { stop } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.stop = function () {
    window.stopped += 1;
    stop.call(this);
  };
}

describe("signing out", { concurrency: 2 }, () => {
  inBrowser("without a network is done as soon as it is back, and the page shows nothing else until then", LOST, async (page, context) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    await context.setOffline(true);
    await signOut(page).click();
    await says(dialog(page).getByRole("heading"), "Not signed out yet");
    await stays(dialog(page));
    await context.setOffline(false);
    await page.locator("#password").waitFor();
    await says(page.locator(".notice"), "You have signed out.");
    await page.goto(url(`${MAIN}/desktop`));
    assert.equal(place(page), `${MAIN}?next=/desktop`);
  });

  onDesk("leaves nothing personal to read while the server has not heard of it, for the agent may be gone", calling, async (page) => {
    await note(page).fill("ring back: order 4711");
    assert.deepEqual(await readable(page), PERSONAL);
    await unheard(page);
    await signOut(page).click();
    await dialog(page).getByRole("button", { name: "Sign out" }).click();
    await says(dialog(page).getByRole("heading"), "Not signed out yet");
    assert.deepEqual(await readable(page), []);
    assert.equal(await page.title(), "Desktop – OneContact Agent");
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await page.waitForTimeout(1_200);
    assert.deepEqual(await readable(page), [], "nor does time bring anything back");
  });

  onDesk("lets nothing ring, and goes on listening to nobody, while the server has not heard of it", (desk) => {
    desk.become(offered(), "routing");
    desk.extension = { number: "1001", kind: "browser_phone", held: true, asked: null };
    desk.microphone = { needed: true, state: "working" };
    desk.play = `() => { (${watch})(); (${playMicrophone("working")})(); }`;
  }, async (page) => {
    await page.locator("#station summary", { hasText: "Level and device" }).waitFor();
    await page.waitForTimeout(1_000); // hidden or silenced, a tab lets the others ring first
    assert.deepEqual(await page.evaluate(() => [window.silenced, window.stopped]), [0, 0]);
    await unheard(page);
    await signOut(page).click();
    await until(() => page.evaluate(() => window.silenced > 0 && window.stopped === 1));
  });

  for (const [what, answer] of [
    ["leads to its own login page", { status: 302, headers: { location: "/login-of-the-network" } }],
    ["answers with its own page", { status: 200, contentType: "text/html", body: "<h1>Welcome to our network</h1>" }],
  ]) {
    onDesk(`is not done by a network that ${what}`, async (page) => {
      let isOurs = false;
      await page.route("**/sign-out", (route) => route.fulfill(isOurs ? { status: 204 } : answer));
      await signOut(page).click();
      await says(dialog(page).getByRole("heading"), "Not signed out yet");
      isOurs = true;
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await page.waitForURL("**?signed-out=1");
    });
  }

  onDesk("is tried again where the connection died and nobody answers any more", async (page) => {
    let times = 0;
    await page.route("**/sign-out", (route) => (times += 1) > 1 && route.fulfill({ status: 204 }));
    await page.evaluate(() => {
      const { timeout } = AbortSignal;
      AbortSignal.timeout = (wait) => timeout.call(AbortSignal, wait / 50); // nobody has as long as the server may take
    });
    await signOut(page).click();
    await page.waitForURL("**?signed-out=1");
    assert.equal(times, 2);
  });

  for (const [what, refuse] of [
    ["takes nothing", () => (Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); })],
    ["is kept from pages", () => Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("kept", "SecurityError"); } })],
  ]) {
    inBrowser(`works where the browser's storage ${what}, as the desktop does`, async (page) => {
      await page.addInitScript(refuse);
      await signIn(page, anAgent());
      await untilDesktop(page);
      await signOut(page).click();
      await page.locator("#password").waitFor();
      await says(page.locator(".notice"), "You have signed out.");
    });
  }

  inBrowser("without a network is told to the other tabs as soon as it is done", LOST, async (page, context) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    const other = await context.newPage();
    await other.goto(url(`${MAIN}/desktop`));
    await untilDesktop(other);
    await context.setOffline(true);
    await signOut(page).click();
    await says(dialog(page).getByRole("heading"), "Not signed out yet");
    await other.waitForTimeout(5_000); // the other tab waits longer from attempt to attempt
    await context.setOffline(false);
    await page.locator("#password").waitFor();
    await says(other.locator("dialog#ended").getByRole("heading"), "You have signed out");
    assert.equal(await other.locator("#desktop").isVisible(), false);
  });

  inBrowser("is made good by the next page in this browser, where the one that tried was closed", LOST, async (page, context) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    await context.setOffline(true);
    await signOut(page).click();
    await dialog(page).waitFor();
    await page.close();
    await context.setOffline(false);
    const next = await context.newPage();
    await next.goto(url(MAIN));
    await next.locator("#password").waitFor();
    await says(next.locator(".notice"), "You have signed out.");
  });
});
