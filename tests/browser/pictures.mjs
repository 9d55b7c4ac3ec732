// Retakes the README's pictures: `node_modules/.bin/node --test tests/browser/pictures.mjs`, after `cargo xtask build`.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { MAIN, anAgent, signIn, untilDesktop } from "./harness/agent.mjs";
import { squeeze } from "./harness/png.mjs";
import { url, withPage } from "./harness/world.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/pictures", import.meta.url));
const LAPTOP = { viewport: { width: 960, height: 720 } };
const PHONE = { viewport: { width: 320, height: 700 }, deviceScaleFactor: 1.5 };
const DARK = { colorScheme: "dark" };

function picture(name, options, arrive) {
  test(name, () =>
    withPage({ reducedMotion: "reduce", ...options }, async (page) => {
      await arrive(page);
      await page.mouse.move(0, 0);
      await writeFile(path.join(FOLDER, `${name}.png`), squeeze(await page.screenshot()));
    }),
  );
}

describe("pictures", () => {
  before(() => mkdir(FOLDER, { recursive: true }));

  picture("login", LAPTOP, (page) => page.goto(url(MAIN)));

  picture("login-320", PHONE, (page) => page.goto(url(MAIN)));

  picture("desktop-dark", { ...LAPTOP, ...DARK }, async (page) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    await page.locator("#network[data-state=open]").waitFor();
    await page.locator(".choice").getByRole("button", { name: "Ready", exact: true }).click();
    await page.locator(".state-card[data-state=ready]").waitFor();
  });
});
