// An instance with its own provider: an extension typed on the way there, and signing out both there and here.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { LASTING, LOGIN, PARTNER, anAgent, extensionOf, fill, hasFocus, says, submitOnce, submitUnread, untilDesktop, valueOf } from "./harness/agent.mjs";
import { atProvider, inBrowser, url } from "./harness/world.mjs";

const START = [PARTNER, "partner.localhost"];
const LASTING_START = [LASTING, "lasting.localhost"];
const heading = (page) => page.getByRole("heading", { level: 1 });
const signOut = (page) => page.getByRole("button", { name: "Sign out" });

/** Goes from the install to the provider, with this extension. */
async function leave(page, extension = "") {
  await page.goto(url(...START));
  await fill(page, { extension });
  assert.equal((await submitOnce(page)).status(), 200);
  await page.waitForURL(atProvider("/good/authorize?**"));
}

/** Tells the provider who it is. */
async function signInThere(page, agent) {
  await page.getByLabel("Agent").fill(agent);
  await page.getByRole("button", { name: "Continue" }).click();
}

/** Collects the addresses, without their queries, that the browser requests pages from, starting now. */
function track(page) {
  const asked = [];
  const note = (request) => request.isNavigationRequest() && asked.push(request.url().split("?")[0]);
  page.on("request", note);
  return asked;
}

const HOW = [
  ["with script", {}, untilDesktop, (page) => valueOf(page, "extension")],
  ["without script", { javaScriptEnabled: false }, (page) => page.waitForURL("**/desktop/plain"), (page) => page.locator("main")],
];
for (const [how, options, arrived, extension] of HOW) {
  describe(`a provider of the instance's own, ${how}`, { concurrency: 3 }, () => {
    inBrowser("an extension is asked for on the way there, and a wrong one told beside it", options, async (page) => {
      await page.goto(url(...START));
      await says(heading(page), "Sign in at Acme ID");
      await fill(page, { extension: "10O1" });
      assert.equal((await submitUnread(page)).status(), 422);
      assert.match(await page.title(), /^Please check – /);
      await says(page.locator(".notice.bad"), "Please check the marked field.");
      await says(page.locator("#extension-problem"), "Use only digits, such as 1001.");
      await hasFocus(page, "extension");
      assert.equal(await page.locator("#extension").inputValue(), "10O1");
      await fill(page, { extension: " 4-1 " });
      await submitOnce(page);
      await signInThere(page, anAgent("partner"));
      await arrived(page);
      await says(extension(page), /\b41\b/);
      assert.ok(page.url().startsWith(url(`${PARTNER}/desktop`, START[1])), page.url());
    });

    inBrowser("it is asked for again by whoever loads that page again, on the same way", options, async (page) => {
      await page.goto(url(...START));
      await fill(page, { extension: "10O1" });
      assert.equal((await submitUnread(page)).status(), 422);
      await page.reload();
      await says(heading(page), "Sign in at Acme ID");
      await fill(page, { extension: "42" });
      await submitOnce(page);
      await signInThere(page, anAgent("partner"));
      await arrived(page);
      await says(extension(page), /\b42\b/);
    });

    inBrowser("whoever does not want to is told so, and begins again", options, async (page) => {
      await page.goto(url(...START));
      await page.getByRole("link", { name: "Cancel" }).click();
      await says(heading(page), "You cancelled signing in.");
      await page.getByRole("link", { name: "Go to the login page" }).click();
      await page.locator("#extension").waitFor();
    });

    inBrowser("signing out leads there, and back to the page that says so", options, async (page) => {
      const agent = anAgent("partner");
      await leave(page);
      await signInThere(page, agent);
      await arrived(page);
      await says(extension(page), new RegExp(`\\b${extensionOf(agent)}\\b`)); // left blank, it is the usual one
      const asked = track(page);
      await signOut(page).click();
      await page.getByText("You have signed out.").waitFor();
      assert.deepEqual(asked.slice(-3), [atProvider("/good/bye"), url(`${LOGIN}/signed-out`), url(...START)]);
      await leave(page);
      await page.getByLabel("Agent").waitFor(); // whoever comes next says who they are
    });

    inBrowser("where it has no page for that, the agent reads that their sign-in there may still stand", options, async (page) => {
      await page.goto(url(...LASTING_START));
      await signInThere(page, anAgent("lasting"));
      await arrived(page);
      await signOut(page).click();
      await says(heading(page), "You have signed out here");
      await says(page.getByRole("alert"), /^You may still be signed in at Acme ID/);
      await says(page.locator("main"), /Sign out at Acme ID yourself, or close all windows of this browser\./);
      await page.locator("main a.primary").click();
      await says(page.locator(".notice"), "You have signed out.");
      // And so it does: the next one here is signed in without being asked anything.
      await page.goto(url(...LASTING_START));
      await arrived(page);
    });
  });
}
