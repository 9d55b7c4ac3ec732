// The microphone of a browser phone: tested in Chromium with a fake one, a silent one, none, and a denied one. What
// only hardware does (another program has it, it is unplugged, it comes back) is simulated at the browser's own
// interface.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { fault, heard, UNHEARD } from "../../assets/src/microphone/verdict.ts";
import { says, untilDesktop } from "./harness/agent.mjs";
import { audit, unfilled } from "./harness/audit.mjs";
import { subject } from "./harness/fake-desk.mjs";
import { announced, dialog, signInAgain, word } from "./harness/on-desk.mjs";
import { withDevices } from "./harness/world.mjs";

const FAKE = "--use-fake-device-for-media-stream";
/** Agrees to everything that the browser asks. */
const AGREEING = "--use-fake-ui-for-media-stream";
/** Needed because the machine that runs the tests may well have a microphone. */
const NONE = "--disable-audio-input";

let folder;
let silence;

/** A browser phone's desktop, when the desk does not know anything about its microphone yet. */
function withMicrophone(name, { args = [FAKE, AGREEING], permission = "granted", play = () => {} }, body) {
  test(name, () =>
    withDevices(args.map((arg) => (typeof arg === "function" ? arg() : arg)), { microphone: permission }, {}, async (page, desk) => {
      await page.addInitScript(count);
      await page.addInitScript(play);
      desk.extension = { number: "1001", kind: "browser_phone", held: true, asked: null };
      desk.microphone = { needed: true, state: "unasked" };
      desk.missing = [{ microphone: { why: "unasked" } }];
      await page.goto(desk.url());
      await untilDesktop(page);
      await desk.connected();
      await body(page, desk);
    }),
  );
}

/** Counts how often the page uses the microphone. */
function count() {
  const devices = navigator.mediaDevices;
  const real = devices.getUserMedia.bind(devices);
  window.uses = 0;
  devices.getUserMedia = async (wanted) => {
    window.uses += 1;
    const stream = await real(wanted);
    window.track = stream.getAudioTracks()[0];
    return stream;
  };
}

/** The browser still lists a microphone that it can no longer open. */
function lastSeen() {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
}

const item = (page) => page.locator("#unmet [data-missing=microphone]");
const title = (page) => item(page).getByRole("heading");
const light = (page) => page.locator(".bar .lit").first();
const uses = (page) => page.evaluate(() => window.uses);
const said = (desk) => desk.heard.map(({ ask }) => ask.microphone);
const fitForAll = async (page) => assert.deepEqual(await audit(page, true), []);

describe("the microphone", { concurrency: 2 }, () => {
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "onecontact-"));
    silence = path.join(folder, "silence.wav");
    await writeFile(silence, aSilentSecond());
  });
  after(() => rm(folder, { recursive: true, force: true }));

  withMicrophone("is asked for from a button alone, with the reason in words", { permission: "prompt" }, async (page, desk) => {
    await says(title(page), "Allow the microphone");
    await says(item(page), /Your phone is in this browser, so callers hear you through this computer’s microphone\./);
    await says(light(page), "Microphone: not allowed yet");
    await fitForAll(page);
    assert.equal(await uses(page), 0, "nothing pops up");
    await page.getByRole("button", { name: "Allow the microphone" }).click();
    await says(light(page), "Microphone: working");
    assert.deepEqual([await uses(page), said(desk)], [1, ["working"]]);
    assert.equal(await page.locator("#unmet").isVisible(), false);
    await says(page.locator("#announcer"), /You now have everything you need to be ready\./);
  });

  withMicrophone("that is allowed already is used without a question, and its level shown on demand", {}, async (page, desk) => {
    await says(light(page), "Microphone: working");
    assert.deepEqual(said(desk), ["working"]);
    const settings = page.locator("#station details:has(.meter)");
    assert.equal(await settings.locator(".meter").isVisible(), false, "nothing moves all day");
    await settings.locator("summary").click();
    // The fake microphone beeps once a second.
    await page.waitForFunction(() => Number(document.querySelector("#station .meter").style.getPropertyValue("--level")) > 0.5);
    await fitForAll(page);
  });

  withMicrophone("is looked after by the tab of whoever has signed in since, not by a page whose session is over", {}, async (page, desk) => {
    await says(light(page), "Microphone: working");
    desk.end("forced");
    await dialog(page).waitFor();
    desk.letIn();
    desk.microphone = { needed: true, state: "unasked" };
    const other = await page.context().newPage();
    await other.goto(desk.url());
    await untilDesktop(other);
    await says(light(other), "Microphone: working");
    await says(other.locator("#network"), "Connected");
    assert.equal(await page.evaluate(() => window.track.readyState), "ended");
    await says(dialog(page).getByRole("heading"), "Your session was ended");
  });

  withMicrophone("that gives a silent track is found out by its level", { args: [FAKE, AGREEING, () => `--use-file-for-fake-audio-capture=${silence}`] }, async (page, desk) => {
    await says(title(page), "Say a few words");
    await says(item(page), /We are checking whether your microphone “Fake Default Audio Input” can be heard\./);
    assert.deepEqual(await unfilled(page), []);
    await says(light(page), "Microphone: being tested");
    await says(title(page), "No sound from the microphone");
    await says(item(page).locator("li").first(), /^If your headset has a mute switch/);
    await says(light(page), "Microphone: silent");
    assert.deepEqual(said(desk), ["silent"]);
    assert.ok(await item(page).locator(".meter").isVisible());
    await fitForAll(page);
  });

  withMicrophone("that is not there is said to be missing", { args: [AGREEING, NONE] }, async (page, desk) => {
    await says(title(page), "No microphone found");
    await says(light(page), "Microphone: none found");
    assert.deepEqual(said(desk), ["absent"]);
    await fitForAll(page);
  });

  withMicrophone("that is denied comes with the steps for this browser, and no question", { args: [FAKE], permission: "denied" }, async (page, desk) => {
    await says(title(page), "The microphone is blocked");
    await says(item(page).locator("li").first(), "Click the icon to the left of the address, at the top of the window.");
    await says(light(page), "Microphone: blocked");
    assert.deepEqual([await uses(page), said(desk)], [0, ["denied"]]);
    await fitForAll(page);
  });

  withMicrophone("that another program has is told apart", { play: inUse }, async (page, desk) => {
    await says(title(page), "Another program is using the microphone");
    assert.deepEqual(said(desk), ["in_use"]);
    await page.evaluate(() => (window.isFree = true));
    await item(page).getByRole("button", { name: "Try again" }).click();
    await says(light(page), "Microphone: working");
    assert.deepEqual(said(desk), ["in_use", "working"]);
    await fitForAll(page);
  });

  withMicrophone("that is unplugged is missed, and taken up again by itself once it is back", { play: pluggable }, async (page, desk) => {
    await says(light(page), "Microphone: working");
    await page.evaluate(() => window.plug(false));
    await says(title(page), "The microphone is disconnected");
    await says(item(page), /Your microphone “Fake Default Audio Input” was unplugged or turned off\./);
    await fitForAll(page);
    await page.evaluate(() => window.plug(true));
    await says(light(page), "Microphone: working");
    assert.deepEqual(said(desk), ["working", "lost", "working"]);
  });

  withMicrophone("that is unplugged during a call leaves the agent unheard, which is what is said, and then that they are heard", { play: pluggable }, async (page, desk) => {
    await says(light(page), "Microphone: working");
    desk.become({ in_interaction: { interaction: subject() } }, "routing");
    await says(word(page), "In an interaction");
    await page.evaluate(() => window.plug(false));
    await says(page.locator("#unmet-title"), "The caller cannot hear you");
    assert.equal(await announced(page), "The caller cannot hear you: The microphone is disconnected");
    desk.become({ wrap_up: { interaction: subject(), until: null } }, "routing");
    await says(page.locator("#unmet-title"), "Before you can be ready");
    desk.become({ in_interaction: { interaction: subject() } }, "routing");
    await says(page.locator("#unmet-title"), "The caller cannot hear you");
    await page.evaluate(() => window.plug(true));
    await says(light(page), "Microphone: working");
    await says(page.locator("#announcer"), "You can be heard again.");
  });

  withMicrophone("that is back during a call is said to be, whatever else is still missing", { play: pluggable }, async (page, desk) => {
    await says(light(page), "Microphone: working");
    desk.become({ in_interaction: { interaction: subject() } }, "routing");
    await page.evaluate(() => window.plug(false));
    await says(page.locator("#unmet-title"), "The caller cannot hear you");
    const extension = { extension: { why: "held", free_at: null, is_silent: false, by: null } };
    desk.tell({ missing: [...desk.missing, extension] });
    await page.evaluate(() => window.plug(true));
    await says(page.locator("#unmet-title"), "Before you can be ready");
    await says(page.locator("#announcer"), "You can be heard again. Before you can be ready: Extension 1001 is in use");
  });

  withMicrophone("that is not found offers none of those that were there before", { play: lastSeen }, async (page) => {
    await says(title(page), "No microphone found");
    assert.equal(await item(page).locator("select").isVisible(), false);
  });

  withMicrophone("that the system mutes is silent from that moment on, and works again after", { play: mutable }, async (page, desk) => {
    await says(light(page), "Microphone: working");
    await page.evaluate(() => (window.isMuted = true));
    await says(title(page), "No sound from the microphone");
    await page.evaluate(() => (window.isMuted = false));
    await says(light(page), "Microphone: working");
    assert.deepEqual(said(desk), ["working", "silent", "working"]);
  });

  withMicrophone("chosen by the agent is chosen on this device from then on", {}, async (page) => {
    await says(light(page), "Microphone: working");
    await page.locator("#station details:has(.meter) summary").click();
    const choice = page.locator("#station select");
    await choice.selectOption({ label: "Fake Audio Input 2" });
    await page.waitForFunction(() => window.track.label === "Fake Audio Input 2");
    await page.reload();
    await untilDesktop(page);
    await says(light(page), "Microphone: working");
    await page.waitForFunction(() => window.track?.label === "Fake Audio Input 2");
    await page.locator("#station details:has(.meter) summary").click();
    assert.equal(await choice.evaluate((select) => select.selectedOptions[0].label), "Fake Audio Input 2");
  });

  withMicrophone("is looked after by one tab, and the other says which", { permission: "prompt" }, async (page, desk) => {
    await says(title(page), "Allow the microphone");
    const other = await page.context().newPage();
    await other.goto(desk.url());
    await untilDesktop(other);
    await says(item(other), /Another tab of this browser is handling the microphone\. Do this there\./);
    assert.equal(await other.getByRole("button", { name: "Allow the microphone" }).isVisible(), false);
    await page.close();
    await other.getByRole("button", { name: "Allow the microphone" }).click();
    await says(light(other), "Microphone: working");
  });

  for (const [reason, more] of [["forced", { by: "supervisor" }], ["taken_over", {}], ["hard_end", {}]]) {
    withMicrophone(`is let go of at once where the session was ${reason}, and watched again after a sign-in`, {}, async (page, desk) => {
      await says(light(page), "Microphone: working");
      desk.end(reason, more);
      await dialog(page).waitFor();
      await page.waitForFunction(() => window.track.readyState === "ended");
      assert.equal(await light(page).isVisible(), false);
      assert.equal(await page.getByRole("button", { name: "Sign out" }).isVisible(), false);
      await page.waitForTimeout(300);
      assert.equal(await uses(page), 1);
      desk.login = () => desk.letIn();
      await signInAgain(page);
      await says(light(page), "Microphone: working");
      await page.waitForFunction(() => window.track.readyState === "live");
      assert.ok(await page.locator(".bar button").isVisible(), "there is a session to sign out of");
    });
  }

  test("is not touched for a desk phone", () =>
    withDevices([FAKE, AGREEING], { microphone: "granted" }, {}, async (page, desk) => {
      await page.addInitScript(count);
      await page.goto(desk.url());
      await untilDesktop(page);
      await desk.connected();
      await says(page.locator("#network"), "Connected");
      await page.waitForTimeout(500);
      assert.equal(await uses(page), 0);
      assert.equal(await light(page).isVisible(), false);
    }));
});

describe("what is made of a microphone", () => {
  test("one that was heard once works, whatever it gives later: some cut the noise of the room", () => {
    const working = heard(UNHEARD, 100, 0.2, false);
    assert.equal(heard(working, 100_000, 0, false).verdict, "working");
  });

  test("one that gives nothing is silent after four seconds, and works as soon as it is heard", () => {
    let hearing = UNHEARD;
    for (let at = 0; at < 3900; at += 100) hearing = heard(hearing, 100, 0.0001, false);
    assert.equal(hearing.verdict, undefined);
    hearing = heard(hearing, 100, 0, false);
    assert.equal(hearing.verdict, "silent");
    assert.equal(heard(hearing, 100, 0.01, false).verdict, "working");
  });

  test("an error of the browser's is told apart by its name, and the system's word by its message", () => {
    const error = (name, message = "") => Object.assign(new Error(message), { name });
    assert.deepEqual(fault(error("NotAllowedError"), "denied"), { verdict: "denied", bySystem: false });
    assert.deepEqual(fault(error("NotAllowedError", "Permission denied by system"), "granted"), { verdict: "denied", bySystem: true });
    assert.equal(fault(error("NotAllowedError"), "prompt").verdict, "unasked", "the question was closed, not answered");
    assert.equal(fault(error("NotFoundError"), "granted").verdict, "absent");
    assert.equal(fault(error("NotReadableError"), "granted").verdict, "in_use");
    assert.equal(fault("odd", undefined).verdict, "denied");
  });
});

/** Another program has it until `isFree`. */
function inUse() {
  const use = navigator.mediaDevices.getUserMedia;
  navigator.mediaDevices.getUserMedia = (wanted) =>
    window.isFree ? use(wanted) : Promise.reject(new DOMException("Could not start audio source", "NotReadableError"));
}

/** `plug(false)` pulls it out, `plug(true)` puts it back. */
function pluggable() {
  const { mediaDevices } = navigator;
  const [use, list] = [mediaDevices.getUserMedia, mediaDevices.enumerateDevices.bind(mediaDevices)];
  window.isThere = true;
  mediaDevices.getUserMedia = (wanted) =>
    window.isThere ? use(wanted) : Promise.reject(new DOMException("Requested device not found", "NotFoundError"));
  mediaDevices.enumerateDevices = async () => (window.isThere ? list() : []);
  window.plug = (isThere) => {
    window.isThere = isThere;
    if (!isThere) window.track.dispatchEvent(new Event("ended"));
    mediaDevices.dispatchEvent(new Event("devicechange"));
  };
}

/** The system mutes it while `isMuted`. */
function mutable() {
  Object.defineProperty(MediaStreamTrack.prototype, "muted", { get: () => window.isMuted === true });
}

/** A second of nothing: 16 bits, one channel, 48 kHz. */
function aSilentSecond() {
  const samples = 96_000;
  const wav = Buffer.alloc(44 + samples);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + samples, 4);
  wav.write("WAVEfmt ", 8);
  for (const [at, value, size] of [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, 48_000, 4], [28, 96_000, 4], [32, 2, 2], [34, 16, 2]]) {
    wav.writeUIntLE(value, at, size);
  }
  wav.write("data", 36);
  wav.writeUInt32LE(samples, 40);
  return wav;
}
