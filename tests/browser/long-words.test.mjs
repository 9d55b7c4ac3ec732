// Words longer than the room for them: names and reasons that an instance chose, and what customers call themselves.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { says } from "./harness/agent.mjs";
import { now, offered, subject } from "./harness/fake-desk.mjs";
import { choice, onDeskExpecting, word } from "./harness/on-desk.mjs";

const WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung";
const REASONS = [{ code: "cap", name: WORD }];
const NOT_READY = { not_ready: { reason: { named: "cap" } } };
const LONG = { service: WORD, from: WORD };
const WIDTHS = [1920, 1280, 1024, 960, 800, 640, 480, 320];

const onDesk = onDeskExpecting([]);

/** Makes every text that somebody else chose one long word. */
function wordy(desk) {
  desk.reasons = REASONS;
  desk.displayName = WORD;
  desk.username = WORD.toLowerCase();
  desk.instanceName = WORD;
  desk.missing = [{ extension: { why: "held", free_at: now() + 600, is_silent: false, by: WORD } }];
  desk.extension = { number: "123456789012345", kind: "desk_phone", held: false, asked: null };
}

/** Texts that overflow their element, and the page itself if it can be scrolled sideways. */
function runaways() {
  const { scrollWidth, clientWidth } = document.documentElement;
  const found = scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide`] : [];
  const walker = document.createTreeWalker(document.querySelector("#desktop"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { currentNode: text } = walker;
    const within = text.parentElement.closest(".button, .menu, .head, .work, .sheet, .who, .notice");
    if (!within || !text.parentElement.checkVisibility() || text.parentElement.closest(".unseen")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const { left, right } = within.getBoundingClientRect();
    const isOut = [...range.getClientRects()].some((rect) => rect.left < left - 1 || rect.right > right + 1);
    if (isOut) found.push(`“${text.data}” runs out of ${within.className}`);
  }
  return found;
}

async function fitsEverywhere(page, besides = () => {}) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await page.evaluate(runaways), [], `at ${width} pixels`);
    await besides(width);
  }
}

describe("a word that is longer than the room for it", { concurrency: 3 }, () => {
  onDesk("stays in its card as the reason for not being ready, and covers no button", (desk) => {
    wordy(desk);
    desk.become(NOT_READY);
  }, async (page) => {
    await says(word(page), `Not ready · ${WORD}`);
    await fitsEverywhere(page, async (width) => {
      for (const name of ["Ready", "Not ready"]) {
        const isOnTop = await choice(page, name).evaluate((button) => {
          button.scrollIntoView({ block: "center" });
          const { x, y, width, height } = button.getBoundingClientRect();
          return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        });
        assert.ok(isOnTop, `“${name}” is covered at ${width} pixels`);
      }
    });
  });

  onDesk("stays in the menu of reasons", wordy, async (page) => {
    await choice(page, "Not ready").click();
    await page.getByRole("menu").waitFor();
    await fitsEverywhere(page);
  });

  onDesk("stays in its card as the service and the caller of an offer", (desk) => {
    wordy(desk);
    desk.become(offered(LONG, 60), "routing");
  }, async (page) => {
    await says(word(page), "Offer");
    await fitsEverywhere(page);
  });

  onDesk("stays in its card as a number in the history", (desk) => {
    wordy(desk);
    desk.become(offered({ from: "+49 (0) 30 1234567-890123" }, 60), "routing");
  }, async (page) => {
    await says(page.locator(".events .number").first(), "+49 (0) 30 1234567-890123");
    await fitsEverywhere(page);
  });

  onDesk("stays in its card as the reason chosen for after an interaction", (desk) => {
    wordy(desk);
    desk.become({ in_interaction: { interaction: subject(LONG) } }, "routing");
    desk.tell({ next: { next: { not_ready: { reason: "cap" } } } });
  }, async (page) => {
    await says(page.locator(".next"), `After this interaction: Not ready · ${WORD}`);
    await fitsEverywhere(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    const { height } = await word(page).boundingBox();
    assert.ok(height < 60, `the state itself has room for one line, and not ${height} pixels`);
  });
});
