// Signing in: what is typed, what is remembered, how the page helps.

import assert from "node:assert/strict";
import { describe } from "node:test";

import {
  FIXED, MAIN, SHARED, anAgent, extensionOf, fill, hasFocus, passwordOf, place, says, signIn, submit, untilDesktop, valueOf,
} from "./harness/agent.mjs";
import { inBrowser, url } from "./harness/world.mjs";

/** Makes the pages that follow record, after their own script, what a form looks like when it is sent. */
async function noteSubmits(page) {
  await page.addInitScript(() => {
    addEventListener("submit", (event) => {
      const form = event.target;
      const button = form.querySelector("button[type=submit]");
      const noted = JSON.parse(sessionStorage.getItem("submits") ?? "[]");
      noted.push({
        sent: !event.defaultPrevented,
        label: button?.textContent,
        disabled: button?.getAttribute("aria-disabled"),
        password: form.querySelector("#password")?.type,
      });
      sessionStorage.setItem("submits", JSON.stringify(noted));
    });
  });
}

function submits(page) {
  return page.evaluate(() => JSON.parse(sessionStorage.getItem("submits") ?? "[]"));
}

describe("signing in", { concurrency: 3 }, () => {
  inBrowser("a blank extension takes the agent's usual one", async (page) => {
    const agent = anAgent();
    await signIn(page, agent);
    await says(valueOf(page, "extension"), extensionOf(agent));
    await says(valueOf(page, "extension-note"), "Your usual extension");
  });

  inBrowser("a typed extension wins, whatever was pasted around its digits", async (page) => {
    await signIn(page, anAgent(), { extension: "43-2 4" });
    await says(valueOf(page, "extension"), "4324");
    await says(valueOf(page, "extension-note"), "Chosen for this session");
  });

  inBrowser("an agent without a usual extension may go without", async (page) => {
    await signIn(page, anAgent("lobby"));
    await says(valueOf(page, "extension"), "None");
    await says(valueOf(page, "extension-note"), "You signed in without an extension.");
  });

  inBrowser("the e-mail address does as well as the username, in any letter case", async (page) => {
    await page.goto(url(MAIN));
    await fill(page, { username: " WINDOW@Main.Example ", password: passwordOf("window") });
    await submit(page);
    await says(valueOf(page, "username"), "window");
  });

  inBrowser("without a network the form stays as it is and says so, until it can be sent", async (page, context) => {
    const agent = anAgent();
    await page.goto(url(MAIN));
    await fill(page, { username: agent, password: passwordOf(agent) });
    await context.setOffline(true);
    for (let pressed = 0; pressed < 2; pressed += 1) {
      await page.getByRole("button", { name: "Login" }).click();
      await says(page.getByRole("alert"), /^This computer has no network\. What you have typed stays here/);
    }
    assert.equal(await page.locator("#username").inputValue(), agent);
    await context.setOffline(false);
    await page.locator(".offline").waitFor({ state: "detached" });
    await submit(page);
    await untilDesktop(page);
  });

  inBrowser("there is no field for an extension where none may be chosen", async (page) => {
    const agent = anAgent("apoio");
    await page.goto(url(FIXED, "acme.localhost"));
    assert.equal(await page.locator("#extension").count(), 0);
    await fill(page, { username: agent, password: passwordOf(agent) });
    await submit(page);
    await says(valueOf(page, "extension"), extensionOf(agent));
  });

  inBrowser("an extension that is sent all the same is refused, not ignored", async (page) => {
    const agent = anAgent("apoio");
    await page.goto(url(FIXED, "acme.localhost"));
    await fill(page, { username: agent, password: passwordOf(agent) });
    await page.locator("form.login").evaluate((form) => {
      const input = Object.assign(document.createElement("input"), { name: "extension", value: "9" });
      form.append(input);
    });
    assert.equal((await submit(page)).status(), 422);
    await says(page.locator(".notice.bad"), /You cannot choose an extension here/);
  });

  inBrowser("the hostname tells the instance, which is then not asked for", async (page) => {
    await page.goto(url(SHARED, "acme.localhost"));
    await says(page.locator(".where"), "Acme Support");
    assert.equal(await page.locator("#instance").count(), 0);
    await signIn(page, "kunde", { install: SHARED, host: "desk.globex.localhost" });
    await says(valueOf(page, "instance"), "Globex");
  });

  inBrowser("where the address does not tell the instance, it is asked for first", async (page) => {
    const agent = anAgent("apoio");
    await page.goto(url(SHARED, "127.0.0.1"));
    await hasFocus(page, "instance");
    await fill(page, { instance: " ACME ", username: agent, password: passwordOf(agent) });
    await submit(page);
    await says(valueOf(page, "instance"), "Acme Support");
  });

  inBrowser("what was remembered with consent stands in the form next time, but for the password", async (page) => {
    const agent = anAgent("apoio");
    await page.goto(url(SHARED, "127.0.0.1"));
    await fill(page, { instance: "acme", username: agent, password: passwordOf(agent), extension: "77" });
    await page.getByLabel("Remember me on this device").check();
    await submit(page);
    await untilDesktop(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#password").waitFor();
    for (const [name, value] of [["instance", "acme"], ["username", agent], ["extension", "77"], ["password", ""]]) {
      assert.equal(await page.locator(`#${name}`).inputValue(), value, name);
    }
    assert.ok(await page.locator("#remember").isChecked());
    await hasFocus(page, "password");

    await page.locator("#remember").uncheck();
    await fill(page, { password: passwordOf(agent) });
    await submit(page);
    await untilDesktop(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#password").waitFor();
    assert.equal(await page.locator("#username").inputValue(), "", "forgotten once the consent is taken back");
  });

  inBrowser("nothing is remembered without consent", async (page) => {
    await signIn(page, anAgent(), { extension: "77" });
    await untilDesktop(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#password").waitFor();
    for (const name of ["username", "extension"]) assert.equal(await page.locator(`#${name}`).inputValue(), "", name);
    assert.equal(await page.locator("#remember").isChecked(), false);
  });

  inBrowser("a double click on Login sends the form once, and the button says that it is on its way", async (page) => {
    const agent = anAgent();
    await noteSubmits(page);
    const posts = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
    await page.route("**/OneAgentWeb_Main", async (route) => {
      if (route.request().method() === "POST") await new Promise((go) => setTimeout(go, 300));
      await route.continue();
    });
    await page.goto(url(MAIN));
    await fill(page, { username: agent, password: passwordOf(agent) });
    await page.getByRole("button", { name: "Login" }).dblclick();
    await untilDesktop(page);
    assert.equal(posts.length, 1);
    const busy = { label: "Signing in…", disabled: "true", password: "password" };
    assert.deepEqual(await submits(page), [{ sent: true, ...busy }, { sent: false, ...busy }]);
  });

  inBrowser("coming back by the back button leaves Login usable", async (page) => {
    const agent = anAgent();
    await page.goto(url(MAIN));
    await fill(page, { username: "nobody", password: "wrong" });
    await submit(page);
    await page.goBack();
    assert.equal(await page.locator("button.primary").getAttribute("aria-disabled"), null);
    await says(page.locator("button.primary"), "Login");
    await fill(page, { username: agent, password: passwordOf(agent) });
    await submit(page);
    await untilDesktop(page);
  });

  inBrowser("a login that gets no answer may be sent again after a while", async (page) => {
    const agent = anAgent();
    await page.clock.install();
    await page.goto(url(MAIN));
    await fill(page, { username: agent, password: passwordOf(agent) });
    await page.route("**/OneAgentWeb_Main", (route) => route.fulfill({ status: 204 })); // leaves the page as it is
    const button = page.locator("button.primary");
    await button.click();
    await says(button, "Signing in…");
    await page.clock.fastForward(21_000);
    await says(button, "Login");
    assert.equal(await button.getAttribute("aria-disabled"), null);
    await page.unroute("**/OneAgentWeb_Main");
    await submit(page);
    await untilDesktop(page);
  });

  inBrowser("the password can be shown, and is hidden again before it is sent", async (page) => {
    const agent = anAgent();
    await page.goto(url(MAIN));
    await fill(page, { username: agent, password: passwordOf(agent) });
    const type = () => page.locator("#password").getAttribute("type");
    assert.equal(await type(), "password");
    await page.getByRole("button", { name: "Show password" }).click();
    assert.equal(await type(), "text");
    await page.getByRole("button", { name: "Hide password" }).click();
    assert.equal(await type(), "password");
    await noteSubmits(page);
    await page.reload();
    await fill(page, { username: agent, password: passwordOf(agent) });
    await page.getByRole("button", { name: "Show password" }).click();
    await submit(page);
    await untilDesktop(page);
    assert.deepEqual((await submits(page)).map((submit) => submit.password), ["password"]);
  });

  inBrowser("Caps Lock is told of while the password is typed", async (page) => {
    await page.goto(url(MAIN));
    const press = (modifierCapsLock) =>
      page.locator("#password").evaluate((input, modifierCapsLock) => {
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "A", modifierCapsLock, bubbles: true }));
      }, modifierCapsLock);
    const hint = page.locator("[data-caps-lock]");
    await press(true);
    await says(hint, "Caps Lock is on.");
    await press(false);
    assert.equal(await hint.isVisible(), false);
  });

  inBrowser("the keyboard alone is enough, in the order of the page", async (page) => {
    const agent = anAgent();
    await page.goto(url(MAIN));
    await hasFocus(page, "username");
    await page.keyboard.type(agent);
    await page.keyboard.press("Tab");
    await hasFocus(page, "password");
    await page.keyboard.type(passwordOf(agent));
    const order = [];
    for (let step = 0; step < 5; step += 1) {
      await page.keyboard.press("Tab");
      order.push(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim()));
    }
    assert.deepEqual(order, ["Show", "extension", "remember", "Login", "Forgot password?"]);
    for (let step = 0; step < 5; step += 1) await page.keyboard.press("Shift+Tab");
    await hasFocus(page, "password");
    await page.keyboard.press("Enter");
    await untilDesktop(page);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.value), "display-name");
  });

  inBrowser("what is ticked looks like the other fields, and like the button once it is, in light and in dark", async (page) => {
    await page.goto(url(MAIN));
    const colours = (selector) =>
      page.locator(selector).evaluate((element) => {
        const { backgroundColor, borderTopColor } = getComputedStyle(element);
        return [backgroundColor, borderTopColor];
      });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" }); // no colour is still on its way
      await page.locator("#remember").uncheck();
      await page.mouse.move(0, 0);
      assert.deepEqual(await colours("#remember"), await colours("#extension"), colorScheme);
      await page.locator("#remember").check();
      assert.deepEqual(await colours("#remember"), await colours("button.primary"), colorScheme);
    }
  });

  inBrowser("password managers know which field is which", async (page) => {
    await page.goto(url(SHARED, "127.0.0.1"));
    const purposes = await page.locator("form.login input[autocomplete]").evaluateAll((inputs) =>
      inputs.map((input) => [input.name, input.type, input.autocomplete]),
    );
    assert.deepEqual(purposes, [
      ["instance", "text", "organization"],
      ["username", "text", "username"],
      ["password", "password", "current-password"],
      ["extension", "text", "tel-extension"],
    ]);
  });
});

describe("a password that was given", { concurrency: 2 }, () => {
  const OWN = "quiet harbour lantern 7";

  async function begin(page, username) {
    await page.goto(url(MAIN));
    await fill(page, { username, password: "was-given-once-1", extension: "55" });
    await submit(page);
    await says(page.getByRole("heading", { level: 1 }), "Choose a password");
  }

  inBrowser("has to be replaced before there is a session", async (page) => {
    await begin(page, "east");
    await hasFocus(page, "password");
    const purposes = await page.locator("input[type=password]").evaluateAll((inputs) =>
      inputs.map((input) => input.autocomplete),
    );
    assert.deepEqual(purposes, ["new-password", "new-password"]);
    await page.goto(url(`${MAIN}/desktop`));
    assert.equal(place(page), `${MAIN}?next=/desktop`);

    await begin(page, "east");
    await fill(page, { password: OWN, again: OWN });
    await submit(page);
    await untilDesktop(page);
    await says(valueOf(page, "display-name"), "East Desk");
    await says(valueOf(page, "extension"), "55");

    await page.getByRole("button", { name: "Sign out" }).click();
    await fill(page, { username: "east", password: "was-given-once-1" });
    assert.equal((await submit(page)).status(), 403, "the given one is worth nothing any more");
    await fill(page, { password: OWN });
    await submit(page);
    await untilDesktop(page);
  });

  inBrowser("is answered with every rule that the new one breaks", async (page) => {
    await begin(page, "west");
    await page.getByText("Check password policies").click();
    await says(page.locator(".rules"), /At least 15 characters/);
    await fill(page, { password: "westwest", again: "other" });
    assert.equal((await submit(page)).status(), 422);
    const broken = page.locator(".notice.bad li");
    assert.deepEqual(await broken.allInnerTexts(), [
      "At least 15 characters; several words are easy to remember.",
      "Does not contain your username, name or e-mail address.",
      "At least five different characters.",
      "The same in both fields.",
    ]);
    assert.equal(await page.locator("#password").inputValue(), "");
    await hasFocus(page, "password");
    await fill(page, { password: "was-given-once-1", again: "was-given-once-1" });
    await submit(page);
    await says(page.locator(".notice.bad"), "Not met yet: Not one of your last 5 passwords, including the current one.");
  });
});
