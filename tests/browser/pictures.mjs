// Takes the README's pictures anew: `node_modules/.bin/node --test tests/browser/pictures.mjs`, after `cargo xtask build`.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { MAIN, anAgent, fill, signIn, submitUnread, untilDesktop } from "./harness/agent.mjs";
import { squeeze } from "./harness/png.mjs";
import { url, withPage } from "./harness/world.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/pictures", import.meta.url));
const LAPTOP = { viewport: { width: 960, height: 720 } };
const PHONE = { viewport: { width: 320, height: 700 }, deviceScaleFactor: 1.5 };
const DARK = { colorScheme: "dark" };

function picture(name, options, arrive) {
  test(name, () =>
    withPage({ reducedMotion: "reduce", expected: [/ERR_FAILED/], ...options }, async (page) => {
      await arrive(page);
      await page.mouse.move(0, 0);
      await writeFile(path.join(FOLDER, `${name}.png`), squeeze(await page.screenshot()));
    }),
  );
}

describe("pictures", () => {
  before(() => mkdir(FOLDER, { recursive: true }));

  picture("login", LAPTOP, (page) => page.goto(url(MAIN)));

  picture("login-errors-dark", { ...LAPTOP, ...DARK }, async (page) => {
    await page.goto(url(MAIN));
    await fill(page, { username: "window", password: "x", extension: "10O1" });
    await submitUnread(page);
  });

  picture("loading", LAPTOP, async (page) => {
    await page.route("**/parts/session", () => {});
    await page.route("**/parts/extension", (route) => route.abort());
    await signIn(page, anAgent());
    await page.locator("[data-part=extension][data-state=failed]").waitFor();
    await page.locator("[data-part=profile][data-state=loaded]").waitFor();
    await page.locator("[data-part=instance][data-state=loaded]").waitFor();
  });

  const desktop = async (page) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    await page.locator("#network[data-state=open]").waitFor();
  };
  picture("desktop", LAPTOP, desktop);
  picture("desktop-dark", { ...LAPTOP, ...DARK }, desktop);
  picture("login-320", PHONE, (page) => page.goto(url(MAIN)));
  picture("desktop-320", PHONE, desktop);
});
