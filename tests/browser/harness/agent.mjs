// What agents do again and again, in whatever language the page is.

import assert from "node:assert/strict";

import { passwordOf } from "./pool.mjs";
import { url } from "./world.mjs";

export { anAgent, extensionOf, passwordOf } from "./pool.mjs";

export const MAIN = "/OneAgentWeb_Main";
export const SHARED = "/OneAgentWeb_Shared";
export const FIXED = "/OneAgentWeb_Fixed";
export const SAFE = "/OneAgentWeb_Safe";
export const VAULT = "/OneAgentWeb_Vault";
export const AWAY = "/OneAgentWeb_Away";
export const PARTNER = "/OneAgentWeb_Partner";
export const LASTING = "/OneAgentWeb_Lasting";
export const LOGIN = "/OneContactLogin";

/** Fills in the page's login form. */
export async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
}

/**
 * Sends the page's form and returns what the server answers, with redirects followed. Takes over where an earlier test
 * has left its desktop.
 */
export async function submit(page) {
  const answer = await submitOnce(page);
  return (await isOccupied(page)) ? submitOnce(page) : answer;
}

/** Sends the page's form, and no other after it. */
export function submitOnce(page) {
  return answered(page, () => page.locator("form.login button[type=submit]").click());
}

/** Sends the page's form before its script has looked at what was typed. */
export function submitUnread(page) {
  return answered(page, () => page.locator("form.login").evaluate((form) => form.submit()));
}

async function answered(page, send) {
  const isPost = (answer) => answer.request().method() === "POST";
  const [answer] = await Promise.all([page.waitForResponse(isPost), page.waitForNavigation(), send()]);
  return answer;
}

async function isOccupied(page) {
  return (await page.locator("form[action$='/take-over']").count()) > 0;
}

/** Opens the login page and signs in. */
export async function signIn(page, username, { install = MAIN, host, ...fields } = {}) {
  await page.goto(url(install, host));
  await fill(page, { username, password: passwordOf(username), ...fields });
  await submit(page);
}

/**
 * Waits for the desktop that replaces the loading screen. If it does not come, the error says what is shown instead.
 */
export async function untilDesktop(page) {
  try {
    await page.locator("#desktop:not([hidden]), form[action$='/take-over']").waitFor();
  } catch (error) {
    const shown = (await page.locator("body").innerText()).replace(/\s+/g, " ").slice(0, 500);
    throw new Error(`no desktop at ${page.url()}, but: ${shown}`, { cause: error });
  }
  if (await isOccupied(page)) await submitOnce(page);
  await page.locator("#desktop").waitFor();
}

/** The text of a value on the desktop. */
export function valueOf(page, name) {
  return page.locator(`#desktop [data-value="${name}"]`);
}

/** The path and query of the page. */
export function place(page) {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}

/** Asserts the visible text of an element, waiting for it if need be. */
export async function says(locator, text) {
  await locator.waitFor();
  const matches = (found) => (text instanceof RegExp ? text.test(found) : found === text);
  let found;
  for (const until = Date.now() + 15_000; Date.now() < until; await new Promise((go) => setTimeout(go, 50))) {
    found = (await locator.innerText()).replace(/\s+/g, " ").trim();
    if (matches(found)) return;
  }
  assert.fail(`says “${found}” and not “${text}”`);
}

/** Waits until `holds` is true. */
export async function until(holds, what = String(holds), patience = 6_000) {
  for (const end = Date.now() + patience; Date.now() < end; await new Promise((go) => setTimeout(go, 30))) {
    if (await holds()) return;
  }
  assert.fail(`it never came to this: ${what}`);
}

/** Asserts which element has the focus, by its id. */
export async function hasFocus(page, id) {
  await page.waitForFunction((id) => document.activeElement?.id === id, id).catch(async () => {
    assert.equal(await page.evaluate(() => document.activeElement?.id), id, "the focus is elsewhere");
  });
}
