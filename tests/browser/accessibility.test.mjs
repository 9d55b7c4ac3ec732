// Every page in every state that an agent can meet, in every language, light and dark, wide and narrow.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import { anAgent, signIn } from "./harness/agent.mjs";
import { audit } from "./harness/audit.mjs";
import { inBrowser, openSession, renderGallery, url, withFakeDesk } from "./harness/world.mjs";
import { FROM_THE_GALLERY, ON_DESK, STATES } from "./states.mjs";

const LANGUAGES = ["en", "pt", "es", "fr", "de"];
/** What Chromium writes to the console about parts that the states below lose. */
const LOST = [/ERR_/, /WebSocket connection/, /^(401|403|409|422|503) for/];

let gallery;

async function holdsThere(page, locale) {
  assert.equal(await page.locator("html").getAttribute("lang"), locale);
  assert.deepEqual(await audit(page, locale === LANGUAGES[0]), []);
}

describe("axe-core finds nothing, nothing runs out of the window, every target can be hit", { concurrency: 3 }, () => {
  before(async () => (gallery = await renderGallery()));

  for (const locale of LANGUAGES) {
    describe(`in ${locale}`, { concurrency: 1 }, () => {
      let session;
      before(async () => (session = await openSession({ locale })));
      afterEach(() => session.clear());
      after(() => session.close());

      const holdsOnDesk = (name, body) => test(name, () => session.visit(LOST, body));
      const holds = (name, arrive) =>
        test(name, () =>
          session.visit(LOST, async (page, context) => {
            await arrive(page, context);
            await holdsThere(page, locale);
          }),
        );
      for (const [name, arrive] of Object.entries(STATES)) holds(name, arrive);
      for (const [name, { before, after }] of Object.entries(ON_DESK)) {
        holdsOnDesk(name, (page) =>
          withFakeDesk(async (desk) => {
            before?.(desk);
            await page.goto(desk.url(locale));
            await page.locator("#desktop:not([hidden]), #recorder:not([hidden])").waitFor();
            await desk.connected();
            await page.locator("#network[data-state=open]").waitFor();
            await after?.(page, desk);
            await holdsThere(page, locale);
          }),
        );
      }
      for (const name of FROM_THE_GALLERY) {
        holds(name, async (page) => {
          const body = await readFile(path.join(gallery, `${name}.${locale}.html`), "utf8");
          await page.route("**/from-the-gallery", (route) => route.fulfill({ contentType: "text/html", body }));
          await page.goto(url("/from-the-gallery"));
        });
      }
    });
  }
});

describe("what has the focus", () => {
  for (const width of [640, 1280]) {
    inBrowser(`is not behind the bar that stays in sight, at ${width} pixels`, (page) =>
      withFakeDesk(async (desk) => {
        desk.extension = { number: "1001", kind: "browser_phone", held: true, asked: null };
        desk.microphone = { needed: true, state: "denied" };
        await page.setViewportSize({ width, height: 600 });
        await page.goto(desk.url("de"));
        await page.locator("#desktop:not([hidden])").waitFor();
        await page.locator(".bar .lit:not([hidden])").waitFor();
        await page.locator("footer a, footer button, footer select").last().focus();
        const covered = [];
        for (let times = 0; times < 20; times += 1) {
          await page.keyboard.press("Shift+Tab");
          const found = await page.evaluate(() => {
            const { activeElement: active } = document;
            const bar = document.querySelector(".bar");
            if (bar.contains(active)) return undefined;
            const isCovered = active.getBoundingClientRect().top < bar.getBoundingClientRect().bottom;
            return [active.outerHTML.slice(0, 80), isCovered];
          });
          if (!found) break;
          if (found[1]) covered.push(found[0]);
        }
        assert.deepEqual(covered, []);
      }),
    );
  }
});

describe("motion", () => {
  async function isTurning(page) {
    await page.route("**/parts/session", () => {});
    await signIn(page, anAgent());
    await page.locator("[data-part=session][data-state=loading]").waitFor();
    return page.evaluate(() => document.getAnimations().length > 0);
  }

  inBrowser("shows what is under way", { reducedMotion: "no-preference" }, async (page) => {
    assert.equal(await isTurning(page), true);
  });

  inBrowser("is left out for whoever wants none", { reducedMotion: "reduce" }, async (page) => {
    assert.equal(await isTurning(page), false);
  });
});
