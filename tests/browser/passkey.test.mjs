// Passkeys, from setting one up to the next login, with an authenticator that Chromium simulates.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LOGIN, SAFE, VAULT, fill, hasFocus, passwordOf, says, signIn, submitOnce, untilDesktop } from "./harness/agent.mjs";
import { refusing, waitingForATouch, withAuthenticator } from "./harness/authenticator.mjs";
import { inBrowser, message, url, withPage } from "./harness/world.mjs";

const AT = { install: VAULT, host: "vault.localhost" };
const part = (page) => page.locator(".passkey");
const button = (page) => part(page).locator("button");

async function signOut(page) {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => url.search === "?signed-out=1");
}

inBrowser("an agent sets up a passkey, and from then on the browser asks for it by itself", { expected: [/^403 for/] }, async (page, context) => {
  const authenticator = await withAuthenticator(page, context);
  await signIn(page, "fob", AT);
  await says(page.locator("h1"), "Set up the second step");
  const recovery = await page.locator(".codes code").allInnerTexts();
  assert.equal(recovery.length, 10);
  await button(page).click();
  await untilDesktop(page);
  const [made] = await authenticator.credentials();
  assert.deepEqual([made.rpId, made.userName, made.userDisplayName], ["vault.localhost", "fob", "Fob Desk"]);
  await signOut(page);

  await signIn(page, "fob", AT);
  await untilDesktop(page);
  assert.equal((await authenticator.credentials())[0].signCount > made.signCount, true);
  await signOut(page);

  // The server refuses a passkey with the wrong signature. The page says so, and does not ask by itself.
  const spoil = (body) => body.replace(/signature=[^&]+/, "signature=AA");
  await page.route("**/second-step", (route) => route.continue({ postData: spoil(route.request().postData()) }), { times: 1 });
  await signIn(page, "fob", AT);
  await says(page.locator("main .notice").first(), /This passkey could not be used/);
  await says(button(page), "Use passkey");
  assert.equal(await button(page).evaluate((button) => button === document.activeElement), false, "what failed is to be read first");
  await button(page).click();
  await untilDesktop(page);
  await signOut(page);

  // Whoever dismisses the browser's dialog is told so, can try again, and can take another way.
  await refusing(page, "NotAllowedError");
  await signIn(page, "fob", AT);
  await says(part(page).locator(".problem"), /Nothing was confirmed/);
  await button(page).click();
  await says(part(page).locator(".problem"), /Nothing was confirmed/);
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
  await says(page.locator("label[for=code]"), "Recovery code"); // which is not marked as mandatory
  await page.getByRole("button", { name: "Continue" }).click();
  await says(page.locator("#code-problem"), "Type the code.");
  await hasFocus(page, "code");
  await fill(page, { code: recovery[0].toLowerCase() });
  await submitOnce(page);
  await untilDesktop(page);
});

inBrowser("a passkey of OneContactLogin signs the agent in there, and is not asked for at an install's own address", async (page, context) => {
  const authenticator = await withAuthenticator(page, context);
  const heading = page.getByRole("heading", { level: 1 });
  const signInThere = async () => {
    await page.goto(url(LOGIN));
    await fill(page, { instance: "vault" });
    await submitOnce(page);
    await fill(page, { username: "keyring", password: passwordOf("keyring") });
    await submitOnce(page);
  };
  await signInThere();
  await says(heading, "Set up the second step");
  await button(page).click();
  await says(heading, "You are signed in");
  const [made] = await authenticator.credentials();
  assert.deepEqual([made.rpId, made.userName, made.userDisplayName], ["localhost", "keyring", "Keyring Desk"]);
  await signOut(page);

  await signInThere(); // and the browser asks by itself
  await says(heading, "You are signed in");
  assert.ok((await authenticator.credentials())[0].signCount > made.signCount);
  await signOut(page);

  await signIn(page, "keyring", AT);
  await says(heading, "One more step");
  assert.equal(await part(page).count(), 0);
});

inBrowser("while the browser waits for a passkey the page says so, and goes on when it has come", async (page, context) => {
  await withAuthenticator(page, context);
  await signIn(page, "waiting", AT);
  const touch = await waitingForATouch(page);
  await button(page).click();
  await says(button(page), "Waiting for your passkey…");
  assert.equal(await button(page).getAttribute("aria-disabled"), "true");
  await touch();
  await untilDesktop(page);
});

inBrowser("a passkey of the same device is not made twice, and an SMS stands in for it", async (page, context) => {
  await withAuthenticator(page, context);
  await signIn(page, "texter", { ...AT, install: `${VAULT}?set-up=1` });
  const { text } = await message("+351912345680");
  await fill(page, { code: text.match(/\d{6}/)[0] });
  await submitOnce(page);
  await button(page).click();
  await untilDesktop(page);
  await signOut(page);

  await page.goto(page.url().split("?")[0] + "?set-up=1");
  await fill(page, { username: "texter", password: "texter-signs-in-1" });
  await submitOnce(page);
  await says(page.locator("h1"), "Set up the second step"); // the passkey was asked for, and has signed
  assert.equal(await page.locator(".codes").count(), 1);
  await button(page).click();
  await says(part(page).locator(".problem"), /already have a passkey on this device/);
});

inBrowser("where a device can be remembered the page waits for that to be decided", async (page, context) => {
  await withAuthenticator(page, context);
  const at = { install: SAFE, host: "safe.localhost" };
  await signIn(page, "both", at);
  await button(page).click();
  await untilDesktop(page);
  await signOut(page);
  await signIn(page, "both", at);
  await says(button(page), "Use passkey");
  assert.ok(await button(page).evaluate((button) => button === document.activeElement), "the first thing to do has the focus");
  await part(page).locator("#remember").check(); // above both ways, as it holds for both
  await button(page).click();
  await untilDesktop(page);
  await signOut(page);
  await signIn(page, "both", at);
  await untilDesktop(page);
});

test("without script, or in a browser that knows no passkeys, the page has what it had", async () => {
  const withoutPasskeys = async (page) => {
    await signIn(page, "keyless", AT);
    assert.equal(await part(page).isVisible(), false);
    assert.equal(await page.locator("#code").isVisible(), true);
    assert.equal(await page.locator("form.login button:visible").count(), 1);
  };
  await withPage({ javaScriptEnabled: false }, withoutPasskeys);
  await withPage({}, async (page) => {
    await page.addInitScript(() => delete window.PublicKeyCredential);
    await withoutPasskeys(page);
  });
});
