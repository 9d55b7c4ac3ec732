// OneContactLogin: the tenant, then the agent; and an install that sends its agents there and takes them back.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { AWAY, LOGIN, MAIN, anAgent, extensionOf, fill, passwordOf, place, says, submit, submitOnce, untilDesktop, valueOf } from "./harness/agent.mjs";
import { inBrowser, url, withPage } from "./harness/world.mjs";

const PLAIN = { javaScriptEnabled: false };
const HOST = "away.localhost";
/** What a desktop that was taken over hears, and whoever signs in beside it. */
const OVER = { expected: [/^401/, /^409/, /WebSocket connection/] };

/** Types the tenant and goes on. */
async function tenant(page, name) {
  await page.goto(url(LOGIN));
  await fill(page, { instance: name });
  await submit(page);
}

/** Goes from the install to the form, and signs in. */
async function signInFromInstall(page, agent, fields = {}) {
  await page.goto(url(AWAY, HOST));
  await page.locator("#password").waitFor();
  assert.ok(page.url().startsWith(url(`${LOGIN}/authorize?`)), page.url());
  await fill(page, { username: agent, password: passwordOf(agent), ...fields });
  await submit(page);
}

inBrowser("the button that goes on reaches from edge to edge of the fields, by itself or beside another, as at an install", async (page) => {
  const edges = async (locator) => {
    const { x, width } = await locator.boundingBox();
    return [Math.round(x), Math.round(x + width)];
  };
  const buttons = page.locator("form.login :is(.primary, .actions .button)");
  const opened = {
    install: () => page.goto(url(MAIN)),
    tenant: () => page.goto(url(LOGIN)),
    "on the way to an application": () => page.goto(url(AWAY, HOST)),
  };
  for (const [name, open] of Object.entries(opened)) {
    await open();
    const [left, right] = await edges(page.locator(".control").first());
    const [first, last] = [await edges(buttons.first()), await edges(buttons.last())];
    assert.deepEqual([first[0], last[1]], [left, right], name);
    assert.ok(first[1] - first[0] > (right - left) / 2, `${name}: most of the width is the button's that goes on`);
  }
});

for (const [how, options] of [["with script", {}], ["without script", PLAIN]]) {
  describe(`OneContactLogin, ${how}`, { concurrency: 3 }, () => {
    inBrowser("the tenant, then who it is, and out again", options, async (page) => {
      const agent = anAgent("guest");
      await tenant(page, "Away");
      await says(page.locator("main"), /Tenant away Use another tenant/);
      await fill(page, { username: `${agent}@away.example`, password: passwordOf(agent) });
      await submit(page);
      await says(page.getByRole("heading", { level: 1 }), "You are signed in");
      await says(page.locator("main"), new RegExp(`Guest Desk ${agent} Tenant Away Centre`));
      await page.reload();
      await page.getByRole("button", { name: "Sign out" }).click();
      await says(page.locator(".notice"), "You have signed out.");
      await page.goto(url(LOGIN));
      await page.locator("#instance").waitFor();
    });

    inBrowser("another tenant is one link away, and back and reload do no harm", options, async (page) => {
      const agent = anAgent("guest");
      await tenant(page, "nosuch");
      await page.getByRole("link", { name: "Use another tenant" }).click();
      await fill(page, { instance: "away" });
      await submit(page);
      await page.goBack();
      await page.goForward();
      await fill(page, { username: agent, password: "wrong" });
      assert.equal((await submit(page)).status(), 403);
      await says(page.locator(".notice.bad"), /Check the tenant and your username/);
      await fill(page, { password: passwordOf(agent) });
      await submit(page);
      await says(page.getByRole("heading", { level: 1 }), "You are signed in");
    });

    inBrowser("the tenant stays in another language, and where a wrong password is loaded again", options, async (page) => {
      await tenant(page, "away");
      await page.getByRole("link", { name: "Deutsch" }).click();
      await page.locator("html[lang=de] #password").waitFor();
      await says(page.locator("dd"), /^away/);
      await fill(page, { username: "nobody", password: "wrong" });
      assert.equal((await submit(page)).status(), 403);
      await page.reload();
      await page.locator("#password").waitFor();
      await says(page.locator("dd"), /^away/);
    });

    inBrowser("whoever cancels is told so, and begins again", options, async (page) => {
      await page.goto(url(AWAY, HOST));
      await says(page.locator("main"), /You are signing in to OneContact Agent\./);
      await page.getByRole("link", { name: "Cancel" }).click();
      await says(page.getByRole("heading", { level: 1 }), "You cancelled signing in.");
      assert.ok(page.url().startsWith(url(AWAY, HOST)), page.url());
      await page.getByRole("link", { name: "Go to the login page" }).click();
      await page.locator("#password").waitFor();
    });
  });
}

describe("an install that uses OneContactLogin", { concurrency: 2 }, () => {
  inBrowser("gives the agent the desktop, and signs out of both", async (page) => {
    const agent = anAgent("guest");
    await signInFromInstall(page, agent);
    await untilDesktop(page);
    assert.ok(page.url().startsWith(url(`${AWAY}/desktop`, HOST)), page.url());
    await says(valueOf(page, "extension"), new RegExp(extensionOf(agent)));
    // OneContactLogin knows who they are and offers the way to the desktop.
    await page.goto(url(LOGIN));
    await page.getByRole("link", { name: "Open the desktop" }).click();
    await untilDesktop(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**?signed-out=1");
    await says(page.locator(".notice"), "You have signed out.");
    await page.goto(url(LOGIN));
    await page.locator("#instance").waitFor();
    await page.goto(url(AWAY, HOST));
    await page.locator("#password").waitFor();
  });

  inBrowser("still gets whoever has typed a wrong password, and loads that page again or goes back to it", async (page) => {
    const agent = anAgent("guest");
    const heads = async () => {
      await page.locator("#password").waitFor();
      await says(page.locator("main"), /You are signing in to OneContact Agent\./);
      assert.ok(page.url().startsWith(url(`${LOGIN}/authorize?`)), page.url());
    };
    await page.goto(url(AWAY, HOST));
    for (const again of [() => page.reload(), async () => {
      await page.getByRole("link", { name: "Forgot password?" }).click();
      await says(page.getByRole("heading", { level: 1 }), "Forgot your password?");
      return page.goBack();
    }, async () => {
      await page.getByRole("link", { name: "Deutsch" }).click();
      await page.getByRole("button", { name: "Anmelden" }).waitFor();
      await page.getByRole("link", { name: "English" }).click();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
    }]) {
      await fill(page, { username: agent, password: "wrong" });
      assert.equal((await submitOnce(page)).status(), 403);
      await heads();
      await again();
      await heads();
    }
    await fill(page, { username: agent, password: passwordOf(agent) });
    await submit(page);
    await untilDesktop(page);
    assert.ok(page.url().startsWith(url(`${AWAY}/desktop`, HOST)), page.url());
  });

  inBrowser("leads whoever was taken over back by the login page, and keeps their note", OVER, async (page) => {
    const agent = anAgent("guest");
    await signInFromInstall(page, agent);
    await untilDesktop(page);
    await says(page.locator("#network"), "Connected");
    await page.getByLabel("Note").fill("ring back: order 4711");
    await withPage(OVER, async (second) => {
      await signInFromInstall(second, agent); // and takes over
      await untilDesktop(second);
      const dialog = page.locator("dialog[open]");
      await says(dialog, /^Your session continues elsewhere .* Sign in again on the login page/);
      assert.equal(await dialog.locator("input").count(), 0, "nobody is asked for what would not do");
      await dialog.getByRole("link", { name: "Take back" }).click();
      await fill(page, { username: agent, password: passwordOf(agent) });
      await submit(page);
      await untilDesktop(page);
      await page.waitForFunction((text) => document.querySelector("#note").value === text, "ring back: order 4711");
    });
  });

  // Without script the desktop leads on at once: whoever leaves before it has would be drawn back.
  for (const [how, options, desktop] of [
    ["with script", OVER, "/desktop"],
    ["without script", { ...OVER, ...PLAIN }, "/desktop/plain"],
  ]) {
    inBrowser(`asks whoever is signed in elsewhere whether to take over, ${how}, as often as they look`, options, async (page) => {
      const agent = anAgent("guest");
      await withPage(OVER, async (first) => {
        await signInFromInstall(first, agent);
        await untilDesktop(first);
        await says(first.locator("#network"), "Connected");
        await page.goto(url(AWAY, HOST));
        await fill(page, { username: agent, password: passwordOf(agent) });
        await submitOnce(page);
        const asks = async () => {
          await says(page.getByRole("heading", { level: 1 }), "You are already signed in");
          assert.equal(page.url(), url(`${AWAY}/take-over`, HOST));
        };
        await asks();
        await page.reload();
        await asks();
        await page.goBack();
        await page.goForward();
        await asks();
        await page.getByRole("link", { name: "Deutsch" }).click();
        await says(page.getByRole("heading", { level: 1 }), "Sie sind bereits angemeldet");
        assert.equal(await first.locator("dialog[open]").count(), 0, "nothing has changed yet");
        await submitOnce(page);
        await page.waitForURL(`**${AWAY}${desktop}`);
        await says(first.locator("dialog[open]").getByRole("heading"), "Your session continues elsewhere");
        await page.goto(url(`${AWAY}/take-over`, HOST));
        await page.waitForURL(`**${AWAY}${desktop}`);
      });
    });
  }

  for (const [how, options, desktop] of [["with script", {}, "/desktop"], ["without script", PLAIN, "/desktop/plain"]]) {
    inBrowser(`has a password that was given replaced on the way, ${how}, on a page that can be looked at again`, options, async (page) => {
      const agent = anAgent("given");
      const password = "four words that nobody knows";
      await page.goto(url(AWAY, HOST));
      await fill(page, { username: agent, password: passwordOf(agent) });
      await submitOnce(page);
      const asks = () => says(page.getByRole("heading", { level: 1 }), "Choose a password");
      await asks();
      await page.reload();
      await asks();
      await page.getByRole("link", { name: "Deutsch" }).click();
      await says(page.getByRole("heading", { level: 1 }), "Passwort wählen");
      await fill(page, { password, again: password });
      await submitOnce(page);
      await page.waitForURL(`**${AWAY}${desktop}`);
      assert.ok(page.url().startsWith(url(AWAY, HOST)), page.url());
    });
  }

  inBrowser("works without script up to the desktop", PLAIN, async (page) => {
    const agent = anAgent("guest");
    await signInFromInstall(page, agent, { extension: "" });
    await page.waitForURL("**/desktop/plain");
    assert.equal(place(page), `${AWAY}/desktop/plain`);
    await says(page.locator("main"), /Away Centre/);
  });
});
