// A desktop in a real browser while its node is killed. It has its own cluster, lent by the tests over the wire
// (`tests/src/bin/world.rs`). Pictures of before, during and after are left in target/browser-tests/continuity.
//
// Not part of the suite with the others: it needs several nodes, and measures. `cargo xtask test --only chaos` runs it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PICTURES = path.join(ROOT, "target/browser-tests/continuity");
const NOTE = "The caller asks for the invoice of May; call back on extension 4321 – nothing of this was sent.";
/** Milliseconds within which a killed node must be made up for, here with a whole browser on the same machine. */
const RESTORED = 5_000;
/** Milliseconds that anything may take while the machine is busy. */
const PATIENCE = 20_000;

/** The cluster, in its own process. */
class World {
  #process;
  #answers;

  static async start() {
    const world = new World();
    const command = ["run", "--quiet", "--package", "onecontact-tests", "--bin", "world"];
    world.#process = spawn("cargo", command, { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    world.#answers = createInterface({ input: world.#process.stdout })[Symbol.asyncIterator]();
    Object.assign(world, await world.#answer());
    return world;
  }

  async #answer() {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("the world has ended");
    return JSON.parse(value);
  }

  /** Sends it a line, as `tests/src/bin/world.rs` knows them, and returns its answer. */
  tell(line) {
    this.#process.stdin.write(`${line}\n`);
    return this.#answer();
  }

  desk(agent, ask) {
    return this.tell(`desk ${agent} ${JSON.stringify(ask)}`);
  }

  async end() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end(); // no node outlives it
    await ended;
  }
}

let world;
let browser;

before(async () => {
  await mkdir(PICTURES, { recursive: true });
  const args = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"];
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  args.push("--disable-sync", "--no-first-run");
  [world, browser] = await Promise.all([World.start(), chromium.launch({ executablePath, args })]);
});

after(async () => {
  await browser?.close();
  await world?.end();
});

/** An agent who is ready, has a note that was never sent, and talks to node A. */
async function working(agent) {
  await world.tell("lead A");
  const page = await browser.newPage({ locale: "en-GB", timezoneId: "Europe/Lisbon" });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(world.origin + world.home);
  await page.locator("#username").fill(agent);
  await page.locator("#password").fill(world.password);
  await page.locator("form.login button[type=submit]").click();
  await page.locator("#desktop").waitFor();
  await page.locator('#network[data-state="open"]').waitFor();
  await page.locator("#note").fill(NOTE);
  await page.getByRole("button", { name: "Ready", exact: true }).click();
  await shows(page, "ready");
  page.visits = [];
  page.on("framenavigated", (frame) => page.visits.push(frame.url()));
  page.on("request", (request) => request.resourceType() === "document" && page.visits.push(request.url()));
  return page;
}

/** Routing offers a call, directly at the desk. */
async function offer(agent, name) {
  const since = Math.floor(Date.now() / 1000);
  const interaction = { id: `c-${name}`, kind: "call", service: "Support", from: null, since };
  const proposal = { id: `o-${name}`, interaction, seconds: 60 };
  const { offer } = await world.desk(agent, { offer: { proposal, by: "routing", is_declared: true } });
  assert.equal(offer.outcome, null, "it is delivered");
}

/** Waits until the state is shown as current, not as last known. */
async function shows(page, state) {
  await page.locator(`.state-card[data-state="${state}"][data-stale="false"]`).waitFor();
}

/** The same page is still there, with everything that was in it. */
async function isUntouched(page, state, note = NOTE) {
  await shows(page, state);
  assert.equal(await page.locator("#note").inputValue(), note);
  assert.equal(new URL(page.url()).pathname, `${world.home}/desktop`);
  assert.deepEqual(page.visits, [], "no page was loaded, a login page least of all");
}

function picture(page, name) {
  return page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

describe("a desktop whose node is killed", () => {
  test("goes on at another one, with its state, its interaction and what was typed", async (context) => {
    const page = await working("desk1");
    await picture(page, "1-before");
    const killed = Date.now();
    await world.tell("kill A");
    await picture(page, "2-during");
    // From now on, what happens is seen only by a page that has found its desk again.
    await offer("desk1", "1");
    await shows(page, "offered");
    const took = Date.now() - killed;
    context.diagnostic(`${took} ms from the kill to the next event on the page`);
    assert.ok(took <= RESTORED, `${took} ms`);
    await page.keyboard.press("F2");
    await isUntouched(page, "interaction");
    await picture(page, "3-after");

    await world.tell("start A");
    await world.tell("kill B");
    await page.getByRole("button", { name: "Not ready", exact: true }).click();
    await world.desk("desk1", { finish: { interaction: "c-1", by: "routing" } });
    await shows(page, "notReady");
    await isUntouched(page, "notReady");
    await world.tell("start B");
    await page.close();
  });

  test("says so and stays usable while there is no node at all, and goes on with the first", async (context) => {
    const page = await working("desk2");
    await world.tell("kill A");
    await world.tell("kill B");
    await page.locator('#network[data-state="lost"]').waitFor();
    const more = `${NOTE} And this was typed while nobody was there.`;
    await page.locator("#note").fill(more);
    await page.getByRole("button", { name: "Not ready", exact: true }).click();
    await picture(page, "4-no-node-at-all");
    await world.tell("start B");
    const started = Date.now();
    await page.locator('#network[data-state="open"]').waitFor();
    context.diagnostic(`${Date.now() - started} ms from the first node to the connection`);
    await isUntouched(page, "notReady", more);
    await picture(page, "5-back");
    await world.tell("start A");
    await page.close();
  });

  test("shows no login page over five quick failures of its node", async () => {
    const page = await working("desk3");
    for (let failure = 0; failure < 5; failure += 1) {
      await world.tell("kill A");
      await world.tell("start A");
      await world.tell("lead A");
    }
    await offer("desk3", "2");
    await shows(page, "offered");
    await page.keyboard.press("F2");
    await isUntouched(page, "interaction");
    await page.close();
  });
});
