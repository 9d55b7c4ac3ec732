// The server is lost and comes back. Last of the suite, because nothing else can run meanwhile.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { MAIN, anAgent, place, says, signIn, untilDesktop, valueOf } from "./harness/agent.mjs";
import { crashAndServeAgain, inBrowser, url } from "./harness/world.mjs";

describe("a server that dies", () => {
  inBrowser("takes no session with it: the agent goes on without a login", async (page) => {
    await signIn(page, anAgent(), { extension: "4323" });
    await untilDesktop(page);
    const since = await valueOf(page, "since").innerText();
    await crashAndServeAgain();
    await page.reload();
    await untilDesktop(page);
    await says(valueOf(page, "display-name"), "Window Desk");
    await says(valueOf(page, "extension"), "4323");
    await says(valueOf(page, "since"), since);
    await page.goto(url(MAIN));
    assert.equal(place(page), `${MAIN}/desktop`);
    await untilDesktop(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#password").waitFor();
    await crashAndServeAgain();
    await page.goto(url(`${MAIN}/desktop`));
    assert.equal(place(page), `${MAIN}?next=/desktop`, "signing out holds too");
  });
});
