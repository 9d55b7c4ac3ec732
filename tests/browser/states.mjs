// The states in which an agent can meet a page, each with how to get there.

import assert from "node:assert/strict";

import { FIXED, MAIN, SAFE, SHARED, VAULT, anAgent, fill, signIn, submit, submitUnread, untilDesktop } from "./harness/agent.mjs";
import { now, offered, subject } from "./harness/fake-desk.mjs";
import { playMicrophone } from "./harness/microphone.mjs";
import { url } from "./harness/world.mjs";

const at = (path, host) => (page) => page.goto(url(path, host));
const openAll = (page) => page.locator("details").evaluateAll((all) => all.forEach((details) => (details.open = true)));
const lose = (page, ...names) => Promise.all(names.map((name) => page.route(`**/parts/${name}`, (route) => route.abort())));
const untilFailed = (page) => page.locator("#after-failure").waitFor();

async function post(page, fields, { install = MAIN, host, send = submit } = {}) {
  await page.goto(url(install, host));
  await fill(page, fields);
  await page.locator("#remember").check();
  return send(page);
}

async function postGiven(page, username) {
  await page.goto(url(MAIN));
  await fill(page, { username, password: "was-given-once-1" });
  await submit(page);
}

/** How to get to each state. */
export const STATES = {
  "the login page": at(MAIN),
  "the login page with an instance to type": at(SHARED, "127.0.0.1"),
  "the login page without an extension": at(FIXED, "acme.localhost"),
  "the login page after signing out": at(`${MAIN}?signed-out=1`),
  "the login page after a new password was set": at(`${MAIN}?password-set=1`),
  "the login page after the end of a session": at(`${MAIN}?over=1`),
  "the login page on the way to the desktop": at(`${MAIN}?next=/desktop`),
  "the page that asks for a link": at(`${MAIN}/forgot`),
  "the page that asks for a link and the instance": at(`${SHARED}/forgot`, "127.0.0.1"),
  "the page after a link was sent": at(`${MAIN}/forgot?sent=1`),
  "the page of a link that was opened too long ago": at(`${MAIN}/reset`),
  "the login page with blank fields told": async (page) => {
    await page.goto(url(MAIN));
    await page.locator("button.primary").click();
    await page.locator("#username-problem").waitFor();
  },
  "the login page with a problem in each field": (page) =>
    post(page, { instance: "a b", username: "x\ty".repeat(200), password: "x", extension: "abc" }, { install: SHARED, host: "127.0.0.1", send: submitUnread }),
  "the login page with an extension refused": async (page) => {
    await page.goto(url(FIXED, "acme.localhost"));
    await fill(page, { username: "apoio", password: "x" });
    await page.locator("form.login").evaluate((form) => {
      form.append(Object.assign(document.createElement("input"), { name: "extension", value: "9" }));
    });
    await submit(page);
  },
  "the login page after a refusal": (page) => post(page, { username: "nobody", password: "x", extension: "1" }),
  "the login page after a refusal, with an instance": (page) =>
    post(page, { instance: "acme", username: "nobody", password: "x" }, { install: SHARED, host: "127.0.0.1" }),
  "the login page with a stale form": async (page) => {
    await page.goto(url(MAIN));
    await page.locator("input[name=form]").evaluate((input) => (input.value = "stale"));
    await fill(page, { username: "window", password: "x" });
    await submit(page);
  },
  "the login page with the password shown and Caps Lock on": async (page) => {
    await page.goto(url(MAIN));
    await fill(page, { password: "a password to be seen" });
    await page.locator(".reveal").click();
    await page.locator("#password").evaluate((input) => {
      input.dispatchEvent(new KeyboardEvent("keydown", { key: "A", modifierCapsLock: true, bubbles: true }));
    });
    await page.locator("[data-caps-lock]:not(:empty)").waitFor();
  },
  "the login page on its way": async (page) => {
    await page.goto(url(MAIN));
    await fill(page, { username: "window", password: "x" });
    await page.route(`**${MAIN}`, (route) => route.fulfill({ status: 204 })); // leaves the page as it is
    await page.locator("button.primary").click();
    await page.locator("button[aria-disabled]").waitFor();
  },
  "the pop-up about cookies": async (page) => {
    await page.route("**/login.*.js", async (route) => {
      const answer = await route.fetch();
      const off = 'Object.defineProperty(navigator, "cookieEnabled", { value: false, configurable: true });';
      await route.fulfill({ response: answer, body: `${off}\n${await answer.text()}` });
    });
    await page.goto(url(MAIN));
    await page.locator("dialog[open] .guide").waitFor();
    await openAll(page);
  },
  "the page about cookies": async (page) => {
    await page.goto(url(`${MAIN}/cookies`));
    await openAll(page);
  },
  "the page about cookies for a form that came without one": async (page, context) => {
    await page.goto(url(MAIN));
    await context.clearCookies();
    await fill(page, { username: "window", password: "x" });
    assert.equal((await submit(page)).status(), 400);
  },
  "choosing a password": (page) => postGiven(page, "south"),
  "choosing a password, with rules broken": async (page) => {
    await postGiven(page, "south");
    await fill(page, { password: "south", again: "x" });
    await submit(page);
  },
  "setting up an authenticator app": async (page) => {
    await signIn(page, "unset", { install: SAFE, host: "safe.localhost" });
    await page.locator("[data-picture] svg").waitFor();
  },
  "setting up an authenticator app, with a blank told": async (page) => {
    await signIn(page, "unset", { install: SAFE, host: "safe.localhost" });
    await page.locator("form.login button.primary").click();
    await page.locator("#code-problem").waitFor();
  },
  "setting up a passkey": async (page) => {
    await signIn(page, "keyless", { install: VAULT, host: "vault.localhost" });
    await page.locator(".passkey:not([hidden])").waitFor();
  },
  "setting up a passkey, turned away": async (page) => {
    await signIn(page, "keyless", { install: VAULT, host: "vault.localhost" });
    await page.evaluate(() => (navigator.credentials.create = () => Promise.reject(new DOMException("", "NotAllowedError"))));
    await page.locator(".passkey button").click();
    await page.locator(".passkey .problem:not(:empty)").waitFor();
  },
  "a code by SMS": async (page) => {
    await signIn(page, "texted", { install: SAFE, host: "safe.localhost" });
    await page.locator("#remember").check();
  },
  "the login page of a second step that was too late": at(`${SAFE}?next=/desktop&start-over=1`, "safe.localhost"),
  "the login page that leads to an authenticator app": at(`${SAFE}?set-up=1`, "safe.localhost"),
  "the problem of an address without an install": at("/", "acme.localhost"),
  "the problem of an unknown install": at("/OneAgentWeb_Mian"),
  "the problem of an unknown page": at(`${MAIN}/dekstop`),
  "the loading screen": async (page) => {
    await page.route("**/parts/session", () => {});
    await signIn(page, anAgent());
    await page.locator("[data-part=profile][data-state=loaded]").waitFor();
  },
  "the loading screen with one part lost": async (page) => {
    await lose(page, "session");
    await signIn(page, anAgent());
    await untilFailed(page);
  },
  "the loading screen with every part lost": async (page) => {
    await lose(page, "profile", "instance", "extension", "session");
    await signIn(page, anAgent());
    await untilFailed(page);
  },
  "the desktop": async (page) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
  },
  "the desktop without an extension": async (page) => {
    await signIn(page, anAgent("lobby"));
    await untilDesktop(page);
  },
  "the desktop with parts lost": async (page) => {
    await lose(page, "session", "instance");
    await signIn(page, anAgent("apoio"), { install: SHARED, host: "acme.localhost" });
    await untilFailed(page);
    await page.locator("#go-on").click();
    await page.locator("#missing").waitFor();
  },
  "the desktop without a network": async (page, context) => {
    await signIn(page, anAgent());
    await untilDesktop(page);
    await context.setOffline(true);
    await unconnected(page);
  },
  "the plain desktop": async (page) => {
    await signIn(page, anAgent());
    await page.goto(url(`${MAIN}/desktop/plain`));
  },
  "the plain desktop without an extension": async (page) => {
    await signIn(page, anAgent("lobby"));
    await page.goto(url(`${MAIN}/desktop/plain`));
  },
};

const ENGAGED = { in_interaction: { interaction: subject() } };
const unconnected = (page) => page.locator("#away:not([hidden])").waitFor();

const WORKSTATION = "00112233445566778899aabbccddeeff";
const NOTES = ["calling", "retrying", "told_to_wait", "accepted", "workstation_found", "recorder_found", "recorder_starting"];
const recorder = (status, more) => ({
  status, required: true, since: now() - 9, deadline: null, cause: null, workstation: WORKSTATION,
  notes: NOTES.map((note, index) => ({ number: index + 1, at: now() - 9 + index, note })), ...more,
});
const extension = (why, more) => ({ extension: { why, free_at: null, is_silent: false, by: null, ...more } });
const LONG = {
  kind: "email", service: "Kundenbetreuung Privatkunden Süd (Rückfragen zu bestehenden Verträgen)",
  from: "maximiliane.von-hohenstein-wallenburg@versicherungsgesellschaft.example",
};
const REASONS = [{ code: "lunch", name: "Lunch" }, { code: "team", name: "Teambesprechung mit der Abteilungsleitung und Gästen" }];

/** A desk whose extension is a browser phone, and a browser whose microphone is as `found` says. */
function withMicrophone(found) {
  return {
    before: (desk) => {
      desk.play = playMicrophone(found);
      desk.extension = { number: "1001", kind: "browser_phone", held: true, asked: null };
      desk.microphone = { needed: true, state: "unasked" };
      desk.missing = [{ microphone: { why: "unasked" } }];
    },
    after: (page) => page.locator(`[data-missing=microphone][data-why=${found}]`).waitFor(),
  };
}

/** How to get the desktop of such a desk into each state: what is done before the page is opened, and what after. */
export const ON_DESK = {
  "the desktop, not ready": {},
  "the desktop, ready": { before: (desk) => desk.become("ready") },
  "the desktop, in an interaction with a choice made": {
    before: (desk) => {
      desk.become(ENGAGED, "routing");
      desk.tell({ next: { next: { not_ready: { reason: null } } } });
    },
  },
  "the desktop, in wrap-up": { before: (desk) => desk.become({ wrap_up: { interaction: subject(), until: now() + 90 } }, "limit") },
  "the desktop with an offer": { before: (desk) => desk.become(offered({}, 60), "routing") },
  "the desktop with an offer of long names": {
    before: (desk) => {
      desk.displayName = "Maximiliane Freifrau von Hohenstein-Wallenburg-Rottenegg";
      desk.become(offered(LONG, 60), "routing");
    },
  },
  "the desktop with its reasons for not being ready": {
    before: (desk) => {
      desk.reasons = REASONS;
      desk.become({ not_ready: { reason: { named: "team" } } });
    },
    after: async (page) => {
      await page.locator("[aria-haspopup=menu]").click();
      await page.locator("[role=menu]").waitFor();
    },
  },
  "the desktop that lacks everything": {
    before: (desk) => {
      withMicrophone("denied").before(desk);
      desk.extension.held = false;
      desk.recorder = recorder("lost", { cause: "recorder_failed" });
      desk.missing = [extension("held", { free_at: now() + 600, is_silent: true, by: "desk.two" }), ...desk.missing, { recorder: { why: "lost" } }];
    },
    after: (page) => page.locator("[data-missing=microphone] li").first().waitFor(),
  },
  "the desktop without an extension, with a wrong one typed": {
    before: (desk) => {
      desk.extension = null;
      desk.missing = [extension("none")];
    },
    after: async (page) => {
      await page.locator("#needed-extension").fill("x");
      await page.keyboard.press("Enter");
      await page.locator("#needed-extension-problem:not(:empty)").waitFor();
    },
  },
  "the desktop where another extension is in use": {
    before: (desk) => {
      const { extension: lacks } = extension("held", { by: "desk.two", free_at: now() + 600 });
      desk.extension.asked = { number: "1003", lacks };
    },
    after: (page) => page.locator("#other-extension-problem:not(:empty)").waitFor(),
  },
  ...Object.fromEntries(
    ["unasked", "silent", "denied", "absent", "in_use", "lost"].map((found) => [`the desktop with its microphone ${found}`, withMicrophone(found)]),
  ),
  "the recorder’s page while it starts": {
    before: (desk) => {
      desk.state = "registering";
      desk.recorder = recorder("registering", { deadline: now() + 60 });
    },
    after: (page) => page.locator("#recorder .notes").waitFor(),
  },
  "the recorder’s page where it failed": {
    before: (desk) => {
      desk.state = { not_ready: { reason: "unmet" } };
      desk.recorder = recorder("failed", { cause: "unknown_workstation" });
      desk.missing = [{ recorder: { why: "failed" } }];
    },
    after: (page) => page.locator("#recorder .out").waitFor(),
  },
  "the desktop whose recorder failed and is not needed": {
    before: (desk) => (desk.recorder = recorder("failed", { required: false, cause: "recorder_absent" })),
    after: (page) => page.locator("#unmet").waitFor(),
  },
  "the desktop with notifications denied": {
    before: (desk) => {
      desk.play = () => Object.defineProperty(Notification, "permission", { get: () => "denied" });
      desk.become("ready");
    },
  },
  "the desktop with every kind of event": {
    before: (desk) => {
      for (const cause of ["agent", "routing", "connection", "limit", "recorder", "extension", "microphone", "service"]) {
        desk.become("ready", cause);
      }
      for (const connection of ["suspect", "lost", "open"]) desk.tell({ connection });
      desk.tell({ hard_end: { hard_end: now() + 36_000, waits: true } });
      desk.tell({ hard_end: { hard_end: now() + 36_000, waits: false } });
      desk.become({ not_ready: { reason: "connection_lost" } }, "connection");
    },
  },
  "the desktop with its connection lost and a choice waiting": {
    after: async (page, desk) => {
      desk.refusal = { status: 503, headers: { "retry-after": "60" } };
      desk.drop();
      await unconnected(page);
      await page.locator(".choice button").first().click();
      await page.locator("p.awaited:not(:empty)").waitFor();
    },
  },
  "the desktop that asks before it is left": {
    before: (desk) => desk.become(ENGAGED, "routing"),
    after: (page) => leaving(page),
  },
  "the desktop that is not signed out yet": {
    after: async (page) => {
      await page.route("**/sign-out", (route) => route.abort());
      await leaving(page);
    },
  },
  "the desktop put aside": {
    after: async (page, desk) => {
      desk.drop(4000);
      await unconnected(page);
    },
  },
  "the desktop a minute before its hard end": {
    before: (desk) => Object.assign(desk.session, { hard_end: now() + 55, overtime: 30 }),
    after: (page) => page.locator("#hard-end:not([hidden])").waitFor(),
  },
  "the desktop whose hard end waits": {
    before: (desk) => Object.assign(desk.session, { waits: true }),
    after: (page) => page.locator("#hard-end:not([hidden])").waitFor(),
  },
  "the desktop of a session that somebody took over": {
    after: async (page, desk) => {
      desk.end("taken_over", { browser: { family: "Edge", system: "MacOs" } });
      await page.locator("dialog[open] input[type=password]").waitFor();
    },
  },
  "the desktop of an account that is disabled": {
    after: async (page, desk) => {
      desk.end("disabled", { by: "workforce" });
      await page.locator("dialog[open] a").waitFor();
    },
  },
  "the desktop where signing in again is refused": {
    after: async (page, desk) => {
      desk.end("hard_end");
      desk.login = () => [403, { code: "refused" }];
      await page.locator("dialog[open] input[type=password]").fill("x");
      await page.keyboard.press("Enter");
      await page.locator("dialog[open] .problem:not(:empty)").waitFor();
    },
  },
  "the desktop where signing in again does not get the extension": {
    before: (desk) => (desk.isTyped = true),
    after: async (page, desk) => {
      desk.end("hard_end");
      const { extension: lack } = extension("held", { by: "desk.two", free_at: now() + 600, is_silent: true });
      desk.login = () => [409, { code: "extension", lack }];
      await page.locator("dialog[open] input[type=password]").fill("x");
      await page.keyboard.press("Enter");
      await page.locator("#again-extension-problem:not(:empty)").waitFor();
    },
  },
  "the desktop where signing in again may choose no extension any more": {
    before: (desk) => (desk.isTyped = true),
    after: async (page, desk) => {
      desk.end("hard_end");
      desk.login = () => [422, { code: "extension_not_allowed" }];
      await page.locator("dialog[open] input[type=password]").fill("x");
      await page.keyboard.press("Enter");
      await page.locator("#again-problem:not(:empty)").waitFor();
    },
  },
  "the desktop where signing in again meets another session": {
    after: async (page, desk) => {
      desk.end("connection_lost");
      const browser = { family: "Chrome", system: "Windows" };
      const occupied = { code: "occupied", take_over: "s", browser, since: now(), state: ENGAGED, silent_seconds: 25, now: now() };
      desk.login = () => [409, occupied];
      await page.locator("dialog[open] input[type=password]").fill("x");
      await page.keyboard.press("Enter");
      await page.locator("dialog[open] .notice").waitFor();
    },
  },
};

/** Pages that the states above do not reach, as the templates write them. */
export const FROM_THE_GALLERY = [
  "plain-failed",
  "link-over",
  "tenant",
  "tenant-problems",
  "tenant-for-application",
  "sign-in",
  "sign-in-known",
  "sign-in-refused",
  "sign-in-failed",
  "sign-in-cancelled",
  "signed-in",
  "signed-in-without-desktop",
  "sign-out-asked",
  "away-over",
  "provider",
  "provider-signed-out",
  "provider-extension",
  "provider-extension-wrong",
  "provider-farewell",
  "provider-stays",
  "second-step-app",
  "second-step-wrong",
  "second-step-codes-few",
  "second-step-sms-wait",
  "second-step-sms-many",
  "second-step-sms-refused",
  "second-step-sms-unsure",
  "set-up",
  "set-up-missing",
  "passkey",
  "passkey-every-way",
  "passkey-refused",
  "passkey-code-wrong",
  "passkey-codes-none",
  "passkey-elsewhere",
  "passkey-set-up-refused",
  "passkey-set-up-besides",
  "passkey-set-up-full",
  "take-over",
  "take-over-engaged",
  "take-over-silent",
  "login-recorder-failed",
  "login-over-taken-over",
  "login-over-connection-lost",
  "login-over-forced",
  "problem-install_without_instances",
  "problem-method_not_allowed",
  "problem-length_required",
  "problem-too_large",
  "problem-not_a_form",
  "problem-too_many_attempts",
  "problem-unavailable",
  "problem-unreadable_record",
  "problem-misconfigured",
  "problem-provider_refused",
  "problem-provider_down",
  "problem-defect",
];

async function leaving(page) {
  await page.locator(".bar form button").click();
  await page.locator("dialog#sign-out[open]").waitFor();
}
