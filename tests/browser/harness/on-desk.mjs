// Tests on a desktop whose desk is simulated (`fake-desk.mjs`), and what they look at on it.

import assert from "node:assert/strict";

import { says, untilDesktop } from "./agent.mjs";
import { offered, subject } from "./fake-desk.mjs";
import { inBrowser, withFakeDesk } from "./world.mjs";

export const light = (page) => page.locator("#network");
export const word = (page) => page.locator(".state-card .word");
export const choice = (page, name) => page.locator(".choice").getByRole("button", { name, exact: true });
export const dialog = (page) => page.locator("dialog[open]");
export const note = (page) => page.getByLabel("Note");
export const announced = (page) => page.locator("#announcer").innerText();
export const password = (page) => dialog(page).getByLabel("Password");

/**
 * Presses Escape as often as browsers let a page refuse it, and more: the dialog stays, also in a browser that does not
 * know `closedby`.
 */
export async function stays(dialog) {
  for (const isKnown of [true, false]) {
    if (!isKnown) await dialog.evaluate((dialog) => dialog.removeAttribute("closedby"));
    for (let times = 0; times < 5; times += 1) {
      await dialog.page().keyboard.press("Escape");
      await dialog.waitFor();
    }
  }
  await dialog.page().waitForTimeout(100);
  assert.ok(await dialog.isVisible(), "there is nothing to go back to");
}

/** Types a password into the dialog at the end of a session, and sends it. */
export async function signInAgain(page, text = "right") {
  await password(page).fill(text);
  await page.keyboard.press("Enter");
}

/** Shows a customer's number, and has it in the history. */
export function calling(desk) {
  desk.become(offered(), "routing");
  desk.become({ in_interaction: { interaction: subject() } }, "routing");
}

/** What is to be read of an agent who is `calling` and has written “ring back” into the note. */
export const PERSONAL = ["Desk One", "+351 912 345 678", "ring back", "desk.one"];

/** What of it can be read behind an open dialog, by whoever sees the page or has it read out. */
export async function readable(page) {
  const shown = await page.evaluate(() => {
    const behind = [...document.body.children].filter((part) => part.localName !== "dialog" && part.checkVisibility());
    return behind.map((part) => part.innerText).join(" ");
  });
  const tree = await page.locator("body").ariaSnapshot();
  return PERSONAL.filter((text) => shown.includes(text) || tree.replace(/dialog[^]*/, "").includes(text));
}

/** What the page has asked of its desk, in order. */
export const asks = (desk) => desk.heard.map(({ ask }) => ask);

/**
 * Makes tests with an open, connected desktop; `expected` are patterns of faults that they cause themselves. A test's
 * `arrange`, if it has one, runs before the desktop is opened.
 */
export function onDeskExpecting(expected) {
  return (name, arrange, body) =>
    inBrowser(name, { expected }, (page, context) =>
      withFakeDesk(async (desk) => {
        if (body) await arrange(desk, context);
        await page.goto(desk.url());
        await untilDesktop(page);
        await desk.connected();
        await says(light(page), "Connected");
        await (body ?? arrange)(page, desk, context);
      }),
    );
}
