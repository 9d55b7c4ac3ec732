// What an agent sees who cannot be signed in: what is wrong and where; only the password has to be typed again.

import assert from "node:assert/strict";
import { describe } from "node:test";

import {
  MAIN, SHARED, anAgent, fill, hasFocus, passwordOf, place, says, submit, submitUnread, untilDesktop,
} from "./harness/agent.mjs";
import { inBrowser, url } from "./harness/world.mjs";

describe("a refusal", { concurrency: 3 }, () => {
  inBrowser("names blank fields at once, beside them, and sends nothing", async (page) => {
    let posted = false;
    page.on("request", (request) => (posted ||= request.method() === "POST"));
    await page.goto(url(MAIN));
    await page.getByRole("button", { name: "Login" }).click();
    await says(page.locator("#username-problem"), "Enter your username.");
    await says(page.locator("#password-problem"), "Enter your password.");
    await hasFocus(page, "username");
    const described = await page.locator("#username").getAttribute("aria-describedby");
    assert.deepEqual(described.split(" "), ["username-problem", "username-hint"]);
    assert.equal(await page.locator("#username").getAttribute("aria-invalid"), "true");

    await fill(page, { username: "window" });
    await page.getByRole("button", { name: "Login" }).click();
    assert.equal(await page.locator("#username-problem").count(), 0);
    await hasFocus(page, "password");
    assert.equal(posted, false);
  });

  inBrowser("is not sent once more by whoever goes back to it, or loads it again", async (page) => {
    const posts = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
    await page.goto(url(MAIN));
    await fill(page, { username: "nobody", password: "not the password" });
    assert.equal((await submit(page)).status(), 403);
    assert.equal(posts.length, 1);
    await page.getByRole("link", { name: "Forgot password?" }).click();
    await says(page.getByRole("heading", { level: 1 }), "Forgot your password?");
    assert.equal((await page.goBack()).status(), 200);
    await says(page.getByRole("heading", { level: 1 }), "Login");

    await fill(page, { username: "nobody", password: "not the password" });
    assert.equal((await submit(page)).status(), 403);
    assert.equal((await page.reload()).status(), 200);
    assert.equal(posts.length, 2);
  });

  inBrowser("that is loaded again leads to where the form did", async (page) => {
    const agent = anAgent();
    await page.goto(url(`${MAIN}?next=/desktop/plain`));
    await fill(page, { username: agent, password: "not the password" });
    assert.equal((await submit(page)).status(), 403);
    assert.equal((await page.reload()).status(), 200);
    assert.equal(place(page), `${MAIN}?next=/desktop/plain`);
    await fill(page, { username: agent, password: passwordOf(agent) });
    await submit(page);
    await page.waitForURL(`**${MAIN}/desktop/plain`);
  });

  inBrowser("of an extension that is none is told as the server tells it, before the password is gone", async (page) => {
    const field = page.locator(".field", { has: page.locator("#extension") });
    const told = () =>
      field.evaluate((field) => {
        const { ariaInvalid, ariaDescribedByElements: by } = field.querySelector("input");
        return [ariaInvalid, by.map(({ id }) => id), [...field.children].slice(1).map(({ className, textContent }) => [className, textContent.trim()])];
      });
    const posts = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
    for (const typed of ["abc", "٤٢", "1Ⅷ", " - ", "1-".repeat(16)]) {
      await page.goto(url(MAIN));
      await fill(page, { username: "nobody", password: "x", extension: typed });
      assert.equal((await submitUnread(page)).status(), 422, typed);
      const byServer = await told();

      await page.goto(url(MAIN));
      await fill(page, { username: "nobody", password: "x", extension: typed });
      posts.length = 0;
      await page.getByRole("button", { name: "Login" }).click();
      await page.locator("#extension-problem").waitFor();
      assert.deepEqual([await told(), posts], [byServer, []], typed);
      await hasFocus(page, "extension");
      assert.equal(await page.locator("#password").inputValue(), "x");
    }
    for (const typed of ["1".repeat(15), "+351 (21)/0.00", "４２", "½", "12\u00a034", "  "]) {
      await fill(page, { username: "nobody", password: "x", extension: typed });
      assert.equal((await submit(page)).status(), 403, `${typed} is looked at with the password`);
    }
  });

  inBrowser("of a field stands beside it, with the focus in it and the rest kept", async (page) => {
    await page.goto(url(SHARED, "127.0.0.1"));
    await fill(page, { instance: "not a name", username: "apoio", password: "x", extension: "abc" });
    await page.locator("#remember").check();
    assert.equal((await submitUnread(page)).status(), 422);
    assert.match(await page.title(), /^Please check – Login/);
    await says(page.locator(".notice.bad"), "Please check the 2 marked fields.");
    await says(page.locator("#instance-problem"), /only letters, digits and hyphens/);
    await says(page.locator("#extension-problem"), "Use only digits, such as 1001.");
    await hasFocus(page, "instance");
    const kept = { instance: "not a name", username: "apoio", extension: "abc", password: "" };
    for (const [name, value] of Object.entries(kept)) {
      assert.equal(await page.locator(`#${name}`).inputValue(), value, name);
    }
    assert.ok(await page.locator("#remember").isChecked());
  });

  inBrowser("does not tell a wrong password, an unknown agent and a disabled one apart", async (page) => {
    const told = [];
    for (const [username, password] of [["window", "wrong"], ["nobody", "wrong"], ["attic", passwordOf("attic")]]) {
      await page.goto(url(MAIN));
      await fill(page, { username, password, extension: "12" });
      assert.equal((await submit(page)).status(), 403);
      // The id finds a request in the log: each has its own.
      told.push((await page.locator("main").innerText()).replace(/(Request ID for support: )\w+/, "$1ID"));
      assert.equal(await page.locator("#username").inputValue(), username);
      assert.equal(await page.locator("#extension").inputValue(), "12");
      assert.equal(await page.locator("#password").inputValue(), "");
      await hasFocus(page, "password");
    }
    assert.match(told[0], /We could not sign you in[^]*Request ID for support: ID/);
    assert.deepEqual([told[1], told[2]], [told[0], told[0]]);
  });

  inBrowser("of a wrong instance looks like that of a wrong password", async (page) => {
    const agent = anAgent("apoio");
    await page.goto(url(SHARED, "127.0.0.1"));
    await fill(page, { instance: "nowhere", username: agent, password: passwordOf(agent) });
    assert.equal((await submit(page)).status(), 403);
    await says(page.locator(".notice.bad"), /Check the instance and your username/);
    await fill(page, { instance: "acme", password: passwordOf(agent) });
    await submit(page);
    await untilDesktop(page);
  });

  inBrowser("of a form that has become stale keeps what was typed, and the next try works", async (page, context) => {
    const agent = anAgent();
    await page.goto(url(MAIN));
    await context.clearCookies();
    const other = await context.newPage();
    await other.goto(url(MAIN)); // as another person in this browser, after a restart
    await other.close();
    await fill(page, { username: agent, password: passwordOf(agent), extension: "12" });
    assert.equal((await submit(page)).status(), 403);
    await says(page.locator(".notice"), /This form has expired/);
    assert.equal(await page.locator("#username").inputValue(), agent);
    assert.equal(await page.locator("#extension").inputValue(), "12");
    await hasFocus(page, "password");
    await fill(page, { password: passwordOf(agent) });
    await submit(page);
    await untilDesktop(page);
  });

  inBrowser("of a session that was not accepted says that it has ended", async (page, context) => {
    const name = "__Host-oneagent-main";
    const forged = { name, value: "e30.e30.e30", url: url("/").replace("http:", "https:"), secure: true };
    await context.addCookies([forged]);
    await page.goto(url(`${MAIN}/desktop`));
    assert.equal(place(page), `${MAIN}?next=/desktop&over=1`);
    await says(page.locator(".notice"), "Your session has ended. Please sign in again.");
    assert.equal((await context.cookies()).some((cookie) => cookie.name === name), false);
  });
});
