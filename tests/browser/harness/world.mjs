// One server and one Chromium for all tests of the process, and a new browser context for each test, watched for
// everything that no page may ever do.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

import { FakeDesk } from "./fake-desk.mjs";
import { poolToml } from "./pool.mjs";
import { routingToml } from "./routing.mjs";
import { Server } from "./server.mjs";

const FIXTURES = fileURLToPath(new URL("../fixtures", import.meta.url));
const CHROMIUM = {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox", // build machines run as root, and nothing but our own pages is opened
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
};
/** An agent in Lisbon with an English browser. */
const EVERYONE = { locale: "en-GB", timezoneId: "Europe/Lisbon", viewport: { width: 1280, height: 800 } };
/** Milliseconds that anything on a page may take while the machine is busy. */
const PATIENCE = 10_000;

let server;
let browser;
let gallery;
/** The ports that pages may send requests to. */
const ours = new Set();

before(async () => {
  [server, browser] = await Promise.all([Server.start(FIXTURES, `${poolToml()}\n${routingToml("care")}`), chromium.launch(CHROMIUM)]);
  for (const port of server.ports) ours.add(port);
});

after(async () => {
  await browser?.close();
  await server?.end();
});

/** The address of a path on one of the hostnames of the fixtures. */
export function url(path, host) {
  return server.url(path, host);
}

/** The address of a path at the instances' own provider. */
export function atProvider(path) {
  return server.atProvider(path);
}

/** The current registrations at the gateway of the screen recorder. */
export function registrations() {
  return server.registrations();
}

/** The latest message to `to`, once there are more than `before`. */
export async function message(to, before = 0) {
  for (const until = Date.now() + 10_000; Date.now() < until; await new Promise((go) => setTimeout(go, 50))) {
    const found = messagesTo(to);
    if (found.length > before) return found.at(-1);
  }
  return assert.fail(`no message came to ${to}`);
}

/** Every message to `to`. */
export function messagesTo(to) {
  return server.messages.filter(({ data }) => data.to === to).map(({ data }) => data);
}

/** A folder with every page in every state and language, as the templates write them. */
export function renderGallery() {
  gallery ??= server.renderGallery();
  return gallery;
}

/** Runs `body` with a desk that does as it is told (`fake-desk`). */
export async function withFakeDesk(body) {
  const desk = await FakeDesk.start(await renderGallery());
  ours.add(desk.port);
  await body(desk).finally(() => desk.stop());
}

/** Ends the server without warning and starts it again. */
export function crashAndServeAgain() {
  return server.crashAndServeAgain();
}

/**
 * A test with a page in a new browser context. `options` are Playwright's for contexts, and `expected`: patterns of
 * faults that the test causes itself.
 */
export function inBrowser(name, options, body) {
  if (!body) return inBrowser(name, {}, options);
  test(name, () => withPage(options, body));
}

/** The same without a test around it. */
export async function withPage({ expected, ...options }, body) {
  const session = await Session.open(() => browser.newContext({ ...EVERYONE, ...options }));
  await session.visit(expected, body).finally(() => session.close());
}

/** A page in a browser of its own, kept in `profile`, for tests that need settings that only a profile has. */
export async function withProfile(profile, { expected, ...options }, body) {
  const settings = { ...CHROMIUM, ...EVERYONE, ...options };
  const session = await Session.open(() => chromium.launchPersistentContext(profile, settings));
  await session.visit(expected, body).finally(() => session.close());
}

/**
 * A page in a browser of its own, started with these additional arguments, for tests that need devices or permissions
 * that the others do not have. `permissions` are what the browser answers pages of `desk`, by name.
 */
export async function withDevices(args, permissions, options, body) {
  await withFakeDesk(async (desk) => {
    const settings = { ...CHROMIUM, args: [...CHROMIUM.args, ...args] };
    const own = await chromium.launch(settings);
    const { expected, ...more } = options;
    const session = await Session.open(() => own.newContext({ ...EVERYONE, ...more }));
    const visit = async (page, context) => {
      const devtools = await own.newBrowserCDPSession();
      const { targetInfo } = await (await context.newCDPSession(page)).send("Target.getTargetInfo");
      const { browserContextId } = targetInfo;
      const origin = `http://localhost:${desk.port}`;
      for (const [name, setting] of Object.entries(permissions)) {
        await devtools.send("Browser.setPermission", { permission: { name }, setting, origin, browserContextId });
      }
      await body(page, desk, context);
    };
    await session.visit(expected, visit).finally(() => own.close());
  });
}

/** A page for one visit after another: opening a new one takes Chromium longer than most visits. */
export function openSession(options) {
  return Session.open(() => browser.newContext({ ...EVERYONE, ...options }));
}

class Session {
  #context;
  #page;
  #faults;

  static async open(newContext) {
    const session = new Session();
    session.#context = await newContext();
    session.#context.setDefaultTimeout(PATIENCE);
    session.#faults = await watch(session.#context);
    session.#page = await session.#context.newPage();
    return session;
  }

  /** Runs `body` on the page and asserts that it caused no faults except the expected ones. */
  async visit(expected, body) {
    await body(this.#page, this.#context);
    const unexpected = this.#faults.filter((fault) => !expected?.some((pattern) => pattern.test(fault)));
    assert.deepEqual(unexpected, [], "faults that no page may have");
  }

  /** Clears everything that a visit has left. */
  async clear() {
    await this.#page.unrouteAll({ behavior: "ignoreErrors" });
    await this.#context.setOffline(false);
    await this.#page.goto("about:blank");
    await this.#context.clearCookies();
    await this.#page.setViewportSize(EVERYONE.viewport);
    await this.#page.emulateMedia({ colorScheme: null, reducedMotion: null });
    this.#faults.length = 0;
  }

  close() {
    return this.#context.close();
  }
}

/** Collects console errors, exceptions, policy violations, requests to others and missing resources. */
async function watch(context) {
  const faults = [];
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  context.on("console", (message) => {
    // A page's status is the test's own business, and any other missing resource is reported below.
    const isStatus = message.text().startsWith("Failed to load resource: the server responded with");
    if (message.type() === "error" && !isStatus) faults.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => faults.push(`exception: ${error.error()}`));
  context.on("request", (request) => {
    const { hostname, port } = new URL(request.url());
    const isOurs = /^(127\.0\.0\.1|(.+\.)?localhost)$/.test(hostname) && ours.has(Number(port));
    if (!isOurs) faults.push(`request to ${request.url()}`);
  });
  context.on("response", (answer) => {
    const isPage = answer.request().resourceType() === "document";
    if (answer.status() >= (isPage ? 500 : 400)) faults.push(`${answer.status()} for ${answer.url()}`);
  });
  return faults;
}
