// A forgotten password, from the login page to the desktop, with and without script.

import assert from "node:assert/strict";

import { MAIN, fill, hasFocus, place, says, submit, submitOnce, untilDesktop } from "./harness/agent.mjs";
import { inBrowser, message, url } from "./harness/world.mjs";

const CHOSEN = "nine wet umbrellas in a row";

/** Asks for a link on the open page, and follows the one that arrives in the mailbox. */
async function followLink(page, username) {
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await fill(page, { username });
  await submitOnce(page);
  assert.equal(place(page), `${MAIN}/forgot?sent=1`);
  const { text } = await message(`${username}@main.example`);
  const [link] = text.match(/https?:\/\/\S+/);
  const { pathname, search } = new URL(link);
  await page.goto(url(pathname + search));
  assert.equal(place(page), `${MAIN}/reset?opened=1`, "the secret is not in the address");
}

inBrowser("who has forgotten their password types their name once", async (page) => {
  await page.goto(url(MAIN));
  await fill(page, { username: "forgetful", password: "no, not that one" });
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await says(page.getByRole("heading", { level: 1 }), "Forgot your password?");
  assert.equal(await page.locator("#username").inputValue(), "forgetful");
});

inBrowser("an agent who forgot their password chooses another one and signs in with it", async (page) => {
  await page.goto(url(MAIN));
  await followLink(page, "forgetful");
  await hasFocus(page, "password");
  await says(page.locator("main .notice"), /Choose a new password for forgetful\./);
  await page.reload();
  await fill(page, { password: CHOSEN, again: "something else entirely" });
  await submitOnce(page);
  await says(page.locator("main .notice"), /The same in both fields/);
  await fill(page, { password: CHOSEN, again: CHOSEN });
  await submitOnce(page);
  await says(page.locator("main .notice"), /Your new password is set/);
  await fill(page, { username: "forgetful", password: CHOSEN });
  await submit(page);
  await untilDesktop(page);
  assert.match((await message("forgetful@main.example", 1)).subject, /was changed/);
});

for (const [how, options] of [["with script", {}], ["without script", { javaScriptEnabled: false }]]) {
  inBrowser(`cancelling leads to the login page, and whoever comes next at this desk can choose no password, ${how}`, options, async (page) => {
    await page.goto(url(MAIN));
    await followLink(page, options.javaScriptEnabled === false ? "fickle.plain" : "fickle");
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.waitForURL(url(MAIN));
    await page.goBack();
    await says(page.getByRole("heading", { level: 1 }), "Open the link again");
    await page.goto(url(`${MAIN}/reset`));
    await says(page.getByRole("heading", { level: 1 }), "Open the link again");
  });
}

inBrowser("the rules say while one types which of them are met", async (page) => {
  await page.goto(url(MAIN));
  await fill(page, { username: "given", password: "was-given-once-1" });
  await submitOnce(page);
  await page.getByText("Check password policies").click();
  const met = () => page.locator(".rules .met").evaluateAll((all) => all.map(({ dataset }) => dataset.rule));
  await fill(page, { password: "aaaa" });
  assert.deepEqual(await met(), ["name", "bytes"]);
  await fill(page, { password: "given a good long phrase" });
  assert.deepEqual(await met(), ["length", "variety", "bytes"]);
  await fill(page, { password: CHOSEN, again: CHOSEN });
  assert.deepEqual(await met(), ["length", "name", "variety", "bytes", "same"]);
  assert.equal(await page.locator('[data-rule="length"] .unseen').innerText(), "Met:");
});

inBrowser("it works without script", { javaScriptEnabled: false }, async (page) => {
  await page.goto(url(MAIN));
  await followLink(page, "forgetful.plain");
  const rules = page.locator(".rules li").first();
  assert.equal(await rules.isVisible(), false);
  await page.getByText("Check password policies").click();
  assert.equal(await rules.isVisible(), true);
  await fill(page, { password: "Password Password", again: "Password Password" });
  await page.locator("form.login button[type=submit]").click();
  await says(page.locator("main .notice"), /most common passwords/);
  await fill(page, { password: CHOSEN, again: CHOSEN });
  await page.locator("form.login button[type=submit]").click();
  await page.waitForURL(`**${MAIN}?password-set=1`);
});
