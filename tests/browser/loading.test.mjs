// The loading screen names each thing as it is really loaded, and what failed to load, with a retry.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { MAIN, anAgent, fill, hasFocus, passwordOf, place, says, signIn, untilDesktop, valueOf } from "./harness/agent.mjs";
import { inBrowser, url } from "./harness/world.mjs";

const PARTS = ["profile", "instance", "extension", "session"];
/** What Chromium writes in the console of a request that gets no answer. */
const NO_ANSWER = { expected: [/ERR_FAILED/] };
/** And of one that is refused. */
const REFUSED = { expected: [/^503/] };

const part = (page, name) => page.locator(`[data-part="${name}"]`);
const stateOf = (page, name) => part(page, name).locator(".state");

/** Holds back the answers for a part until the returned function is called. */
async function hold(page, name) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(`**/desktop/parts/${name}`, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** Answers for a part that it cannot be had. */
const answer = (page, name, problem, headers = {}) =>
  page.route(`**/desktop/parts/${name}`, (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", headers, body: JSON.stringify({ status: 503, ...problem }) }),
  );
const lose = (page, name) => page.route(`**/desktop/parts/${name}`, (route) => route.abort());
/** Loses a part for so long, as the server says, that it does not come by itself while a test asks for it. */
const refuse = (page, name) => answer(page, name, { code: "unavailable", request: "abc-123" }, { "retry-after": "30" });
const find = (page, name) => page.unroute(`**/desktop/parts/${name}`);

describe("the loading screen", { concurrency: 3 }, () => {
  inBrowser("has everything waiting until its script asks for it", async (page) => {
    const agent = anAgent();
    let goOn;
    const held = new Promise((resolve) => (goOn = resolve));
    await page.route("**/assets/desktop.en.*.js", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(url(MAIN));
    await fill(page, { username: agent, password: passwordOf(agent) });
    await page.keyboard.press("Enter");
    await says(page.locator("#loading h1"), "Your desktop is loading");
    await says(page.locator("#loading"), new RegExp(`Signed in as ${agent} · Main Centre`));
    assert.deepEqual(await page.locator(".parts .name").allInnerTexts(), ["Profile", "Instance", "Extension", "Session"]);
    assert.deepEqual(await page.locator(".parts .state").allInnerTexts(), PARTS.map(() => "Waiting"));
    goOn();
    await untilDesktop(page);
  });

  for (const name of PARTS) {
    inBrowser(`waits for ${name} alone, and then gives way`, async (page) => {
      const release = await hold(page, name);
      await signIn(page, anAgent());
      for (const other of PARTS) await says(stateOf(page, other), other === name ? "Loading…" : "Loaded");
      await says(page.locator("#announcer"), "3 of 4 loaded");
      assert.equal(await page.locator("#desktop").isVisible(), false);
      release();
      await untilDesktop(page);
      assert.equal(await page.locator("#loading").isVisible(), false);
      await says(page.locator("#announcer"), "Your desktop is ready.");
    });

    inBrowser(`names ${name} when it is not loaded, and retries it at once`, REFUSED, async (page) => {
      await refuse(page, name);
      await signIn(page, anAgent());
      await says(stateOf(page, name), "Not loaded");
      await says(part(page, name).locator(".cause"), /^Part of our service is not responding\. Request ID: abc-123 Next attempt in (30|2\d) s\.$/);
      await says(page.locator("#loading h1"), "Not everything could be loaded");
      for (const other of PARTS.filter((other) => other !== name)) await says(stateOf(page, other), "Loaded");
      assert.equal(await page.getByRole("button", { name: "Retry all" }).isVisible(), false);
      await find(page, name);
      await part(page, name).getByRole("button", { name: /^Retry: / }).click();
      await untilDesktop(page);
      assert.equal(await page.locator("#missing").isVisible(), false);
    });
  }

  inBrowser("keeps the focus on a retry that failed again", NO_ANSWER, async (page) => {
    await lose(page, "profile");
    await signIn(page, anAgent());
    const retry = part(page, "profile").getByRole("button");
    await retry.focus();
    await page.keyboard.press("Enter");
    await says(stateOf(page, "profile"), "Not loaded");
    assert.ok(await retry.evaluate((button) => button === document.activeElement));
  });

  inBrowser("goes on by itself when what failed is back, and says when it tries", NO_ANSWER, async (page) => {
    for (const name of ["profile", "session"]) await lose(page, name);
    await signIn(page, anAgent());
    for (const name of ["profile", "session"]) await says(part(page, name).locator(".cause"), /^The server cannot be reached\. Next attempt in \d+ s\.$/);
    for (const name of ["profile", "session"]) await find(page, name);
    await untilDesktop(page);
    assert.equal(await page.locator("#missing").isVisible(), false);
  });

  inBrowser("waits as long as the server asks, leaves the focus alone and repeats nothing aloud", REFUSED, async (page) => {
    const asked = [];
    await page.route("**/desktop/parts/profile", (route) => {
      asked.push(Date.now());
      const body = JSON.stringify({ status: 503, code: "unavailable", request: `request-${asked.length}` });
      return route.fulfill({ status: 503, contentType: "application/problem+json", headers: { "retry-after": "3" }, body });
    });
    await signIn(page, anAgent());
    await says(part(page, "profile").locator(".cause"), /request-1 Next attempt in [123] s\.$/);
    await page.locator("#go-on").focus();
    await says(part(page, "profile").locator(".cause"), /request-2 Next attempt in [123] s\.$/);
    assert.ok(asked[1] - asked[0] >= 3_000, `after ${asked[1] - asked[0]} ms`);
    await hasFocus(page, "go-on");
    assert.doesNotMatch(await page.locator("#announcer").innerText(), /request-2/);
  });

  inBrowser("keeps trying on the desktop for what is missing there", NO_ANSWER, async (page) => {
    await lose(page, "session");
    await signIn(page, anAgent());
    await page.getByRole("button", { name: "Open the desktop anyway" }).click();
    await says(page.locator("#missing .cause"), /Next attempt in \d+ s\.$/);
    await find(page, "session");
    await page.locator("#missing").waitFor({ state: "hidden" });
    await says(valueOf(page, "install"), "Main");
  });

  inBrowser("says of a record that cannot be read who has to mend it, and leaves trying again to the agent", REFUSED, async (page) => {
    let asked = 0;
    page.on("request", (request) => (asked += request.url().endsWith("/parts/profile") ? 1 : 0));
    await answer(page, "profile", { code: "unreadable_record", request: "abc-123" });
    await signIn(page, anAgent());
    const words = "A stored record that this page needs cannot be read. An administrator needs to fix this. Please give your supervisor the request ID: abc-123";
    await says(part(page, "profile").locator(".cause"), words);
    await new Promise((go) => setTimeout(go, 3_000));
    assert.equal(asked, 1);
    await says(part(page, "profile").locator(".cause"), words);
    await find(page, "profile");
    await part(page, "profile").getByRole("button").click();
    await untilDesktop(page);
  });

  inBrowser("gives up on a part that is not answered at all", async (page) => {
    await page.route("**/desktop/parts/instance", () => {});
    await signIn(page, anAgent());
    await stateOf(page, "session").filter({ hasText: "Loaded" }).waitFor();
    await part(page, "instance").filter({ hasText: "Not loaded" }).waitFor({ timeout: 15_000 });
  });

  inBrowser("retries all at once where several are missing", REFUSED, async (page) => {
    for (const name of PARTS) await refuse(page, name);
    await signIn(page, anAgent());
    const all = page.getByRole("button", { name: "Retry all" });
    await all.waitFor();
    for (const name of PARTS) await find(page, name);
    await all.click();
    await untilDesktop(page);
  });

  inBrowser("can be left with something missing, which the desktop keeps in sight", REFUSED, async (page) => {
    await refuse(page, "session");
    await signIn(page, anAgent());
    await page.getByRole("button", { name: "Open the desktop anyway" }).click();
    await untilDesktop(page);
    await says(valueOf(page, "display-name"), "Window Desk");
    await says(valueOf(page, "install"), "Unknown");
    await says(page.locator("#missing"), /Not everything could be loaded Session Not loaded Part of our service is not responding\. .+ Next attempt in \d+ s\. Retry/);
    await find(page, "session");
    await page.locator("#missing").getByRole("button", { name: "Retry: Session" }).click();
    await page.locator("#missing").waitFor({ state: "hidden" });
    await says(valueOf(page, "install"), "Main");
  });

  inBrowser("leads to the login page, and says why, when the session is over", { expected: [/^401/] }, async (page, context) => {
    const release = await hold(page, "session");
    await signIn(page, anAgent());
    await says(stateOf(page, "session"), "Loading…");
    const elsewhere = await context.newPage();
    await elsewhere.goto(url(`${MAIN}/desktop/plain`));
    await elsewhere.getByRole("button", { name: "Sign out" }).click();
    await elsewhere.locator("#password").waitFor();
    release();
    await page.locator("#password").waitFor();
    assert.equal(place(page), `${MAIN}?next=/desktop&over=1`, "there is no token left to ask with");
    await says(page.locator(".notice"), "Your session has ended. Please sign in again.");
    await hasFocus(page, "username");
  });

  inBrowser("offers the page without script when nothing happens", async (page) => {
    await hold(page, "session");
    await signIn(page, anAgent());
    await page.getByRole("link", { name: "Open the page without script" }).click();
    await says(page.getByRole("heading", { level: 1 }), "Window Desk");
    assert.equal(place(page), `${MAIN}/desktop/plain`);
  });
});
