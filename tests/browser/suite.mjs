// All browser tests in one process, on one server and in one Chromium. One file alone runs too:
// `node --test tests/browser/login.test.mjs`, after `cargo xtask build`.

import "./starting.test.mjs";
import "./login.test.mjs";
import "./refusals.test.mjs";
import "./forgot.test.mjs";
import "./second-step.test.mjs";
import "./passkey.test.mjs";
import "./onecontact-login.test.mjs";
import "./provider.test.mjs";
import "./receiver.test.mjs";
import "./without-script.test.mjs";
import "./cookies-off.test.mjs";
import "./languages.test.mjs";
import "./loading.test.mjs";
import "./desktop.test.mjs";
import "./link.test.mjs";
import "./tabs.test.mjs";
import "./desk.test.mjs";
import "./ended.test.mjs";
import "./sign-out.test.mjs";
import "./work.test.mjs";
import "./unmet.test.mjs";
import "./microphone.test.mjs";
import "./path.test.mjs";
import "./take-over.test.mjs";
import "./texts.test.mjs";
import "./accessibility.test.mjs";
import "./surviving.test.mjs"; // ends the server in between
