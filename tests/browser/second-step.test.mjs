// The second step of a login, from the password to the desktop: an authenticator app, a code by SMS, with and without
// script.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import decodeQR from "qr/decode.js";

import { SAFE, VAULT, fill, hasFocus, says, signIn, submitOnce, untilDesktop } from "./harness/agent.mjs";
import { inBrowser, message } from "./harness/world.mjs";

const AT = { install: SAFE, host: "safe.localhost" };
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PERIOD = 30_000;

/** The code that an authenticator app shows, computed by RFC 6238 without any of the product's code. */
function codeOf(key, step = Math.floor(Date.now() / PERIOD)) {
  const bits = [...key].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(step));
  const tag = createHmac("sha1", secret).update(count).digest();
  const number = tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

async function keyOn(page) {
  return (await page.locator("code.key").innerText()).replaceAll(" ", "");
}

/** What the picture says to whoever scans it: each module is drawn in pixels, as a camera would see it. */
async function scanned(page) {
  const svg = page.locator("[data-picture] svg");
  const size = Number((await svg.getAttribute("viewBox")).split(" ")[2]);
  const scale = 4;
  const data = new Uint8Array((size * scale) ** 2 * 4).fill(255);
  for (const [, x, y] of (await svg.locator("path").getAttribute("d")).matchAll(/M(\d+) (\d+)h/g)) {
    for (let row = 0; row < scale; row += 1) {
      for (let column = 0; column < scale; column += 1) {
        const at = ((Number(y) * scale + row) * size * scale + Number(x) * scale + column) * 4;
        data.set([0, 0, 0, 255], at);
      }
    }
  }
  return decodeQR({ width: size * scale, height: size * scale, data });
}

inBrowser("an agent scans the picture, types the first code, and from then on a code at each login", { expected: [/^403 for/] }, async (page) => {
  await signIn(page, "app", AT);
  await says(page.locator("h1"), /Set up the second step/);
  const key = await keyOn(page);
  const label = encodeURIComponent("Safe & Sound");
  assert.equal(await scanned(page), `otpauth://totp/${label}:app?secret=${key}&issuer=${label}`);
  assert.equal(await page.locator("[data-picture] svg").getAttribute("aria-label"), "The key as a QR code");
  const recovery = await page.locator(".codes code").allInnerTexts();
  assert.equal(recovery.length, 10);
  await page.locator("form.login button.primary").click();
  await says(page.locator("#code-problem"), /Type the code/);
  await fill(page, { code: codeOf(key) });
  await submitOnce(page);
  await untilDesktop(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => url.search === "?signed-out=1");

  await signIn(page, "app", AT);
  await hasFocus(page, "code");
  await fill(page, { code: "000000" });
  await submitOnce(page);
  await says(page.locator("#code-problem"), /This code is wrong/);
  await hasFocus(page, "code");
  await page.locator("#remember").check();
  await fill(page, { code: recovery[0].toLowerCase() });
  await submitOnce(page);
  await untilDesktop(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => url.search === "?signed-out=1");

  await signIn(page, "app", AT);
  await untilDesktop(page);
});

const COPY = { name: "Copy" };

inBrowser("recovery codes are copied with whose they are, which is said", async (page, context) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, "unset", AT);
  const codes = await page.locator(".codes code").allInnerTexts();
  assert.equal(await page.locator(".recovery").getByRole("status").count(), 1, "there before it says anything: else some do not read it out");
  await page.getByRole("button", COPY).click();
  await says(page.locator(".recovery [role=status]"), "The codes are copied. Paste them where you keep them.");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.deepEqual(copied.split("\n"), ["OneContact Agent", "Safe & Sound", "unset", ...codes, ""]);
  await page.evaluate(() => (navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"))));
  await page.getByRole("button", COPY).click();
  await says(page.locator(".recovery [role=status]"), "The codes could not be copied. Print them, or write them down.");
});

for (const [username, at] of [["unset", AT], ["keyless", { install: VAULT, host: "vault.localhost" }]]) {
  inBrowser(`recovery codes are printed with whose they are and with no other secret: ${username}`, async (page) => {
    await page.addInitScript(() => (window.print = () => (window.printed = (window.printed ?? 0) + 1)));
    await signIn(page, username, at);
    const codes = await page.locator(".codes code").allInnerTexts();
    assert.equal(await page.locator(".whose").isVisible(), false, "the page says it already");
    await page.getByRole("button", { name: "Print" }).click();
    assert.equal(await page.evaluate(() => window.printed), 1);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const text = (await page.locator("body").innerText()).split("\n").map((line) => line.trim()).filter(Boolean);
    assert.deepEqual(text.filter((line) => codes.includes(line)), codes);
    const around = text.filter((line) => !codes.includes(line)).join(" ");
    assert.match(around, new RegExp(`^(Keep these recovery codes on paper or in a password manager\\. )?OneContact Agent .+ ${username} Each lets you in once .* before you continue\\.$`));
    const inks = await page.locator(".whose p, .codes code, .recovery > .hint:visible").evaluateAll((all) => all.map((part) => getComputedStyle(part).color));
    assert.deepEqual([...new Set(inks)], ["rgb(0, 0, 0)"], "on paper, which is white");
  });
}

inBrowser("recovery codes are not offered to be copied where the browser does not let pages do that", async (page) => {
  await page.addInitScript(() => delete Navigator.prototype.clipboard);
  await signIn(page, "unset", AT);
  await page.getByRole("button", { name: "Print" }).waitFor();
  assert.equal(await page.getByRole("button", COPY).count(), 0);
});

inBrowser("a code that an SMS brings is typed, and another one has to wait, which is counted down", async (page) => {
  await page.clock.install();
  await signIn(page, "phone", AT);
  await says(page.locator("main .notice"), /phone number ending in 79/);
  const { text } = await message("+351912345679");
  const [code] = text.match(/\d{6}/);
  const [notice, resend] = [page.locator("main .notice"), page.getByRole("button", { name: "Resend SMS" })];
  const ask = () => Promise.all([page.waitForNavigation(), resend.click()]);
  await ask();
  await says(notice, /^You can ask for another code in \d+ s\. The last one went to your phone/);
  const left = async () => Number(await notice.getByRole("timer").innerText());
  const before = await left();
  await page.clock.fastForward(5_000);
  assert.ok((await left()) <= before - 5, "the number goes down");
  assert.equal(await notice.getByRole("timer").getAttribute("aria-live"), "off", "which nobody is told aloud");
  const posts = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  await resend.click({ force: true });
  await page.clock.fastForward(30_000);
  await says(notice, /^You can ask for another code now\. The last one went to your phone/);
  assert.deepEqual(posts, [], "it could not be pressed before that");
  await ask();
  assert.equal(posts.length, 1);
  await fill(page, { code: `${code.slice(0, 3)} ${code.slice(3)}` });
  await submitOnce(page);
  await untilDesktop(page);
});

inBrowser("it works without script", { javaScriptEnabled: false }, async (page) => {
  await signIn(page, "plain", AT);
  assert.equal(await page.locator("[data-picture]").isVisible(), false);
  assert.equal(await page.locator(".recovery button").first().isVisible(), false);
  await fill(page, { code: codeOf(await keyOn(page)) });
  await submitOnce(page);
  await page.waitForURL(`**${SAFE}/desktop/plain`); // the desktop's page leads on to it
  await says(page.locator("h1"), /Plain Desk/);
});
