// The bar at the foot of the window, which represents an offer that is out of sight.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { says } from "./harness/agent.mjs";
import { audit } from "./harness/audit.mjs";
import { offered } from "./harness/fake-desk.mjs";
import { asks, dialog, onDeskExpecting, word } from "./harness/on-desk.mjs";

const ZOOMED = { width: 320, height: 200 };
const onDesk = onDeskExpecting([]);
const ready = (desk) => desk.become("ready");
const bar = (page) => page.locator(".offer-bar");
const inBar = (page, name) => bar(page).getByRole("button", { name });
const toTheFoot = (page) => page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
const focused = (page) => page.evaluate(() => document.activeElement.outerHTML.slice(0, 80));

/** Makes an offer while the agent looks at the foot of a small window. */
async function offeredAtTheFoot(page, desk, viewport = ZOOMED) {
  await page.setViewportSize(viewport);
  await toTheFoot(page);
  desk.become(offered({ from: "maximiliane.von-hohenstein-wallenburg@versicherungsgesellschaft.example" }), "routing");
  await bar(page).waitFor();
}

describe("an offer that is out of sight", { concurrency: 3 }, () => {
  for (const viewport of [ZOOMED, { width: 320, height: 568 }, { width: 1280, height: 400 }]) {
    onDesk(`stands at the foot of the window, in a third of it at most, at ${viewport.width} by ${viewport.height}`, ready, async (page, desk) => {
      await offeredAtTheFoot(page, desk, viewport);
      await says(bar(page), /^maximiliane\..* · Call for Support (20|19|18) s Accept( F2)? Reject( F4)?$/);
      const { x, y, width, height } = await bar(page).boundingBox();
      assert.deepEqual([x, Math.round(y + height), width], [0, viewport.height, viewport.width]);
      assert.ok(height <= viewport.height / 3, `it is ${height} pixels high`);
      for (const name of ["Accept", "Reject"]) {
        const button = await inBar(page, name).boundingBox();
        assert.ok(button.x >= 0 && button.x + button.width <= viewport.width && button.height >= 40, JSON.stringify(button));
      }
    });
  }

  onDesk("goes from there once its own answers are seen, and comes back with them out of sight", ready, async (page, desk) => {
    await offeredAtTheFoot(page, desk);
    const own = page.locator(".work").getByRole("button", { name: "Accept" });
    await own.scrollIntoViewIfNeeded();
    await bar(page).waitFor({ state: "hidden" });
    await toTheFoot(page);
    await bar(page).waitFor();
    desk.become("ready", "routing");
    await bar(page).waitFor({ state: "hidden" });
  });

  onDesk("is answered there as in its own place", ready, async (page, desk) => {
    await offeredAtTheFoot(page, desk);
    await inBar(page, "Reject").click();
    await says(word(page), "Ready");
    await toTheFoot(page);
    desk.become(offered({ id: "i-2" }, 20, "o-2"), "routing");
    await inBar(page, "Accept").click();
    await says(word(page), "In an interaction");
    assert.deepEqual(asks(desk), [{ reject: { offer: "o-1" } }, { accept: { offer: "o-2" } }]);
    await page.waitForFunction(() => document.activeElement?.id === "state-title");
  });

  onDesk("says there as well that it is being answered, and is answered once", ready, async (page, desk) => {
    desk.isIdle = true;
    await offeredAtTheFoot(page, desk);
    await page.keyboard.press("F2");
    await says(inBar(page, "Accepting…"), /^Accepting…/);
    await inBar(page, "Reject").click({ force: true });
    assert.deepEqual(asks(desk), [{ accept: { offer: "o-1" } }]);
  });

  onDeskExpecting([/WebSocket connection to .* failed/, /^401 for/, /ERR_/])("goes from there with the session, and does not come back behind its end", ready, async (page, desk) => {
    await offeredAtTheFoot(page, desk, { width: 320, height: 568 });
    await inBar(page, "Reject").focus();
    desk.end("connection_lost");
    await dialog(page).waitFor();
    assert.equal(await bar(page).isVisible(), false);
    await page.evaluate(() => scrollTo(0, 0));
    await toTheFoot(page);
    await page.waitForTimeout(300);
    assert.equal(await bar(page).isVisible(), false);
  });

  onDesk("takes no focus, is not read out twice, and does not stand over what the agent is at", ready, async (page, desk) => {
    await page.setViewportSize({ width: 320, height: 400 });
    const ring = page.getByRole("switch", { name: "Ring" });
    await ring.evaluate((ring) => {
      ring.focus();
      ring.scrollIntoView({ block: "end" });
    });
    await page.evaluate(() => {
      window.said = [];
      const note = ([{ target }]) => window.said.push(target.id);
      for (const id of ["alarm", "announcer"]) new MutationObserver(note).observe(document.getElementById(id), { childList: true });
    });
    desk.become(offered(), "routing");
    await bar(page).waitFor();
    await page.waitForTimeout(1_200);
    assert.deepEqual(await page.evaluate(() => window.said), ["alarm"]);
    assert.match(await focused(page), /role="switch"/);
    const [at, over] = [await ring.boundingBox(), await bar(page).boundingBox()];
    assert.ok(at.y + at.height <= over.y, `${at.y + at.height} is below ${over.y}`);
  });

  onDesk("is reached by keyboard, past everything that it could stand over", ready, async (page, desk) => {
    await offeredAtTheFoot(page, desk, { width: 320, height: 300 });
    await page.locator("#station [role=switch]").last().focus();
    for (let times = 0; times < 12; times += 1) {
      await page.keyboard.press("Tab");
      if (await bar(page).evaluate((bar) => bar.contains(document.activeElement))) break;
      const isCovered = await page.evaluate(() => {
        const { top } = document.activeElement.getBoundingClientRect();
        return top + 24 > document.querySelector(".offer-bar").getBoundingClientRect().top;
      });
      assert.equal(isCovered, false, await focused(page));
    }
    assert.match(await focused(page), /accept/);
    await page.locator(".work").evaluate((work) => work.scrollIntoView({ block: "end" }));
    await bar(page).waitFor({ state: "hidden" });
    await page.waitForFunction(() => document.querySelector(".work .accept") === document.activeElement);
  });

  onDesk("has a bar in which nothing runs out of the window, every target can be hit and every word be read", ready, async (page, desk) => {
    await page.locator(".state-card").evaluate((card) => (card.style.marginBlockStart = "300vh"));
    await page.evaluate(() => scrollTo(0, 0));
    desk.become(offered({}, 60), "routing");
    await bar(page).waitFor();
    assert.deepEqual(await audit(page, true), []);
    assert.ok(await bar(page).isVisible(), "in every window");
  });
});
