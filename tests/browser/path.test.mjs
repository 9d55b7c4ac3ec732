// The whole path of a working day in real Chromium, against the real Worker: signing in, the screen recorder, ready, an
// offer over the API, the interaction, its wrap-up, lunch, signing out; routing sees every step. Each step leaves a
// picture, for the manual if `PICTURES=docs/pictures` says so.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe } from "node:test";
import { fileURLToPath } from "node:url";

import { anAgent, fill, passwordOf, says, submit, until, untilDesktop } from "./harness/agent.mjs";
import { squeeze } from "./harness/png.mjs";
import { offer, outcome } from "./harness/routing.mjs";
import { inBrowser, registrations, url } from "./harness/world.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDER = path.join(ROOT, process.env.PICTURES ?? "target/browser-tests/path");
const INSTALL = "/OneAgentWeb_Care";
const HOST = "care.localhost";
const INSTANCE = "01KAS5D3M0CARE000000000001";

const word = (page) => page.locator(".state-card .word");
const choice = (page, name) => page.locator(".choice").getByRole("button", { name, exact: true });

describe("the whole path", () => {
  inBrowser("from signing in to signing out", { viewport: { width: 1100, height: 720 } }, async (page) => {
    await mkdir(FOLDER, { recursive: true });
    const picture = async (name) => {
      await page.mouse.move(0, 0);
      await writeFile(path.join(FOLDER, `path-${name}.png`), squeeze(await page.screenshot({ animations: "disabled" })));
    };
    const agent = anAgent("care");
    const about = { service: "Invoices", from: "+351 210 000 000" };
    const routing = (id) => outcome(url(""), INSTANCE, agent, id);

    await page.goto(url(INSTALL, HOST));
    await fill(page, { username: agent, password: passwordOf(agent) });
    await picture("1-login");
    await submit(page);
    await says(page.locator("#recorder h1"), "Your screen recorder is starting");
    await page.locator("#recorder li").nth(1).waitFor();
    const early = await offer(url(""), INSTANCE, agent, { id: "o-0", ...about });
    assert.deepEqual([early.outcome, early.reason], ["rejected", "registering"]);
    await picture("2-registering");
    await untilDesktop(page);
    assert.deepEqual((await registrations()).map(({ sub }) => sub), [`${INSTANCE}/${agent}`]);
    await says(page.locator("#network"), "Connected");
    await says(word(page), "Not ready");
    await picture("3-desktop");

    await choice(page, "Ready").click();
    await says(word(page), "Ready");
    await picture("4-ready");

    await offer(url(""), INSTANCE, agent, { id: "o-1", ...about });
    await says(word(page), "Offer");
    await says(page.locator(".from"), "+351 210 000 000");
    assert.equal((await routing("o-1")).outcome, null, "routing waits");
    await picture("5-offer");

    await page.keyboard.press("F2");
    await says(word(page), "In an interaction");
    assert.equal((await routing("o-1")).outcome, "accepted");
    await picture("6-interaction");

    await page.getByRole("button", { name: "End" }).click();
    await says(word(page), "Wrap-up");
    await picture("7-wrap-up");

    await choice(page, "Not ready").click();
    await picture("8-reasons");
    await page.getByRole("menuitemradio", { name: "Lunch" }).click();
    await says(word(page), "Not ready · Lunch");
    const { outcome: refused } = await offer(url(""), INSTANCE, agent, { id: "o-2", ...about });
    assert.equal(refused, "rejected", "nobody is offered anything at lunch");

    await choice(page, "Ready").click();
    await says(word(page), "Ready");
    await offer(url(""), INSTANCE, agent, { id: "o-3", seconds: 2, ...about });
    await says(word(page), "Offer");
    await page.locator(".state-card[data-state=notReady]").waitFor();
    await says(page.locator(".now .hint"), /^You did not answer an offer\./);
    assert.equal((await routing("o-3")).outcome, "timed_out");
    await picture("9-no-answer");

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#password").waitFor();
    await says(page.locator(".notice"), "You have signed out.");
    await picture("10-signed-out");
    await until(async () => {
      const { outcome } = await offer(url(""), INSTANCE, agent, { id: "o-4", ...about });
      return outcome === "rejected";
    }, "routing is told that the agent is gone");
    await until(async () => (await registrations()).length === 0, "nothing is left registered");
  });
});
