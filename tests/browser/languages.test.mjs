// Five languages: the browser's, the one chosen, the agent's own.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { MAIN, anAgent, fill, passwordOf, place, says, signIn, submit, untilDesktop } from "./harness/agent.mjs";
import { inBrowser, url, withFakeDesk } from "./harness/world.mjs";

const LANGUAGES = [
  { tag: "en", name: "English", login: "Login", password: "Password", signOut: "Sign out" },
  { tag: "pt", name: "Português", login: "Iniciar sessão", password: "Palavra-passe", signOut: "Terminar sessão" },
  { tag: "es", name: "Español", login: "Iniciar sesión", password: "Contraseña", signOut: "Cerrar sesión" },
  { tag: "fr", name: "Français", login: "Se connecter", password: "Mot de passe", signOut: "Se déconnecter" },
  { tag: "de", name: "Deutsch", login: "Anmelden", password: "Passwort", signOut: "Abmelden" },
];

async function isIn(page, { tag, login, password, name }) {
  await says(page.getByRole("heading", { level: 1 }), login);
  assert.equal(await page.locator("html").getAttribute("lang"), tag);
  await says(page.locator("label[for=password]"), `${password} *`);
  assert.ok((await page.title()).startsWith(login));
  await says(page.locator("nav [aria-current]"), name);
}

describe("languages", { concurrency: 3 }, () => {
  for (const language of LANGUAGES) {
    inBrowser(`a browser in ${language.name} gets the login page so`, { locale: language.tag }, async (page) => {
      await page.goto(url(MAIN));
      await isIn(page, language);
    });

    const other = LANGUAGES.find(({ tag }) => tag !== language.tag);
    inBrowser(`${language.name} can be chosen, and stays`, { locale: other.tag }, async (page) => {
      await page.goto(url(MAIN));
      await isIn(page, other);
      await page.getByRole("link", { name: language.name }).click();
      assert.equal(place(page), MAIN);
      await isIn(page, language);
      await signIn(page, anAgent());
      await untilDesktop(page);
      assert.equal(await page.locator("html").getAttribute("lang"), language.tag);
      await page.getByRole("button", { name: language.signOut }).click();
      await page.locator("#password").waitFor();
      await isIn(page, language);
    });
  }

  inBrowser("what was typed stands in another language, too, but for the password", { locale: "en" }, async (page) => {
    await page.goto(url(MAIN));
    await page.locator("#username").fill("desk77");
    await page.locator("#extension").fill("1077");
    await page.locator("#password").fill("a wrong one, surely");
    await page.getByRole("checkbox").check();
    await page.getByRole("link", { name: "Français" }).click();
    await says(page.locator("label[for=password]"), "Mot de passe *");
    const values = await Promise.all(["username", "extension", "password"].map((id) => page.locator(`#${id}`).inputValue()));
    assert.deepEqual(values, ["desk77", "1077", ""]);
    assert.ok(await page.getByRole("checkbox").isChecked());
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  });

  inBrowser("whoever was refused chooses another language and is told of no page that they had wanted to see", { locale: "en" }, async (page) => {
    await page.goto(url(MAIN));
    await fill(page, { username: "desk77", password: "a wrong one, surely" });
    await submit(page);
    await page.locator(".notice.bad").waitFor();
    await page.getByRole("link", { name: "Español" }).click();
    await says(page.locator("label[for=password]"), "Contraseña *");
    assert.equal(await page.locator(".notice").count(), 0);
    assert.equal(await page.locator("#username").inputValue(), "desk77");
  });

  for (const { tag, name, signOut } of LANGUAGES) {
    inBrowser(`${name} leaves the bar and the state whole in the narrowest window`, { viewport: { width: 320, height: 640 } }, async (page) => {
      await withFakeDesk(async (desk) => {
        await page.goto(desk.url(tag));
        await untilDesktop(page);
        await page.locator(".timer:not(:empty)").waitFor();
        const boxOf = (locator) => locator.boundingBox();
        const [product, button] = await Promise.all([page.locator(".bar .product"), page.getByRole("button", { name: signOut })].map(boxOf));
        const [label, timer] = await Promise.all([page.locator(".state-card .label"), page.locator(".timer")].map(boxOf));
        for (const [first, last] of [[product, button], [label, timer]]) {
          assert.ok(last.x >= first.x + first.width, "one beside the other");
          assert.ok(last.y < first.y + first.height && first.y < last.y + last.height, "on one line");
        }
      });
    });
  }

  inBrowser("a language that there is none of gives English", { locale: "ja" }, async (page) => {
    await page.goto(url(MAIN));
    await isIn(page, LANGUAGES[0]);
  });

  inBrowser("choosing a language keeps where the agent wants to go", async (page) => {
    const agent = anAgent();
    await page.goto(url(`${MAIN}/desktop/plain`));
    await page.getByRole("link", { name: "Deutsch" }).click();
    assert.equal(place(page), `${MAIN}?next=%2Fdesktop%2Fplain`);
    await fill(page, { username: agent, password: passwordOf(agent) });
    await submit(page);
    assert.equal(place(page), `${MAIN}/desktop/plain`);
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
  });

  inBrowser("an agent who has chosen nothing gets their own language after the login", async (page) => {
    await signIn(page, anAgent("terrasse"));
    await untilDesktop(page);
    assert.equal(await page.locator("html").getAttribute("lang"), "fr");
  });

  inBrowser("a choice goes before the agent's own language", async (page) => {
    await page.goto(url(MAIN));
    await page.getByRole("link", { name: "Español" }).click();
    await signIn(page, anAgent("terrasse"));
    await untilDesktop(page);
    assert.equal(await page.locator("html").getAttribute("lang"), "es");
  });

  inBrowser("a page of no install has languages too", async (page) => {
    await page.goto(url("/OneAgentWeb_Mian"));
    await page.getByRole("link", { name: "Français" }).click();
    assert.equal(await page.locator("html").getAttribute("lang"), "fr");
    await page.goto(url(MAIN));
    await isIn(page, LANGUAGES[3]);
  });
});
