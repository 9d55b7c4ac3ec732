// The one address to remember, and what leads to it.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { MAIN, anAgent, fill, passwordOf, place, says, signIn, submit, untilDesktop } from "./harness/agent.mjs";
import { inBrowser, url } from "./harness/world.mjs";

describe("the address", { concurrency: 2 }, () => {
  inBrowser("the root leads to the install where the host has just one", async (page) => {
    await page.goto(url("/"));
    assert.equal(place(page), MAIN);
    await says(page.getByRole("heading", { level: 1 }), "Login");
  });

  inBrowser("the root of a host with several installs says what the address looks like", async (page) => {
    const answer = await page.goto(url("/", "acme.localhost"));
    assert.equal(answer.status(), 404);
    await says(page.getByRole("heading", { level: 1 }), "The address is incomplete");
    await says(page.locator("main code").first(), "https://<server>/OneAgentWeb_<install>");
  });

  inBrowser("letter case does not matter and is put right", async (page) => {
    for (const spelling of ["/oneagentweb_MAIN", "/ONEAGENTWEB_main/"]) {
      await page.goto(url(spelling));
      assert.equal(place(page), MAIN, spelling);
    }
    await page.goto(url("/oneagentweb_main/COOKIES?x=1"));
    assert.equal(place(page), `${MAIN}/cookies?x=1`);
  });

  inBrowser("an unknown install gets a page that helps", async (page) => {
    const answer = await page.goto(url("/OneAgentWeb_Mian"));
    assert.equal(answer.status(), 404);
    await says(page.getByRole("heading", { level: 1 }), "Install not found");
    await says(page.locator("main"), /https:\/\/<server>\/OneAgentWeb_<install>/);
  });

  inBrowser("an unknown page of an install leads back to its login page", async (page) => {
    const answer = await page.goto(url(`${MAIN}/dekstop`));
    assert.equal(answer.status(), 404);
    await page.getByRole("link", { name: "Go to the login page" }).click();
    assert.equal(place(page), MAIN);
  });

  inBrowser("whoever has a session gets the desktop", async (page) => {
    await signIn(page, anAgent());
    await page.goto(url(MAIN));
    assert.equal(place(page), `${MAIN}/desktop`);
    await untilDesktop(page);
  });

  inBrowser("whoever has none is asked to sign in, and gets where they wanted to go", async (page) => {
    const agent = anAgent();
    await page.goto(url(`${MAIN}/desktop/plain`));
    assert.equal(place(page), `${MAIN}?next=/desktop/plain`);
    await says(page.locator(".notice"), "Please sign in to continue.");
    await fill(page, { username: agent, password: passwordOf(agent) });
    await submit(page);
    assert.equal(place(page), `${MAIN}/desktop/plain`);
  });
});
