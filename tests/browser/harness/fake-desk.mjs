// A desk that does as it is told: the gallery's page with the real scripts, and a socket that speaks, refuses, stays
// silent or closes as a test wants. For what a real desk does rarely, late, or only after hours.

import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";

import { WebSocketServer } from "ws";

const HOME = "/OneAgentWeb_Demo";
const NONCE = "bm9uY2U";
/** As the Worker sends it (functions/edge/src/http/reply.rs), with the gallery's nonce. */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
  `trusted-types desk; script-src 'nonce-${NONCE}'`;
const TYPES = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
const CHROME = { family: "Chrome", system: "Windows" };
const HOUR = 3600;

/** An offer of that interaction, with so many seconds to answer it. */
export const offered = (more = {}, seconds = 20, offer = "o-1") => ({
  offered: { offer, interaction: subject(more), until: now() + seconds },
});

/** An interaction in which somebody waits; `more` overrides its values. */
export const subject = (more = {}) => ({
  id: "i-1", kind: "call", service: "Support", from: "+351 912 345 678", since: now() - 42, ...more,
});

export const now = () => Math.floor(Date.now() / 1000);

export class FakeDesk {
  #gallery;
  #server;
  #sockets = new WebSocketServer({ noServer: true });
  #socket;
  #waiting = [];

  /** Serves the pages in the folder `gallery` on a free port. */
  static async start(gallery) {
    const desk = new FakeDesk();
    desk.#gallery = gallery;
    desk.#server = http.createServer((request, response) => void desk.#answer(request, response));
    desk.#server.on("upgrade", (...args) => desk.#upgrade(...args));
    await new Promise((resolve) => desk.#server.listen(0, "127.0.0.1", resolve));
    desk.port = desk.#server.address().port;
    desk.reset();
    return desk;
  }

  /** Accepts whoever has posted a login, with a new session. Returns the login's answer. */
  letIn() {
    this.refusal = undefined;
    this.session = { ...this.session, sid: "01S2", since: now() };
    return [200, { code: "signed_in" }];
  }

  /** Forgets everything that an earlier test told it. */
  reset() {
    this.#socket?.terminate();
    this.#socket = undefined;
    this.#waiting = [];
    /** The session, as `welcome` and the session part report it. */
    this.session = { sid: "01S1", since: now() - 83 * 60, hard_end: now() + 10 * HOUR, waits: false, overtime: 0, logged_out_seconds: 300 };
    this.username = "desk.one";
    this.state = { not_ready: { reason: "signed_in" } };
    this.stateSince = now() - 5 * 60;
    this.next = null;
    this.missing = [];
    this.extension = { number: "1001", kind: "desk_phone", held: true, asked: null };
    this.recorder = null;
    this.microphone = { needed: false, state: "unasked" };
    /** The instance's reasons for not being ready. */
    this.reasons = [];
    this.displayName = "Desk One";
    this.instanceName = "Acme Support";
    /** Whether the agent typed the extension at the login. */
    this.isTyped = false;
    /** Whether the agent signs in again on pages. */
    this.isByPages = false;
    /** Runs in the page before anything else. */
    this.play = () => {};
    this.events = [];
    this.applied = 0;
    /** Each command received, as often as it was received. */
    this.heard = [];
    /** Each socket that was asked for, with the query's `after` and the time; and how often the session part was. */
    this.opened = [];
    this.renewals = 0;
    /**
     * `{ status, headers, body }` with which sockets and the session part are refused; with `ofSockets`, sockets alone.
     */
    this.refusal = undefined;
    /** Accepts sockets and says nothing. */
    this.isMute = false;
    /** Applies no command by itself. */
    this.isIdle = false;
    /** The answer to a posted login: `(fields) => [status, body, headers]`. */
    this.login = () => [200, { code: "signed_in" }];
    this.posted = [];
    this.tell({ signed_in: { browser: CHROME, lease: 1 } }, this.session.since);
  }

  url(language = "en") {
    return `http://localhost:${this.port}${HOME}/desktop?lang=${language}`;
  }

  /** Waits until a page is connected. */
  async connected() {
    if (this.#socket) return;
    await new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Adds an event and sends it to the connected page, if there is one. */
  tell(what, at = now()) {
    const event = { seq: this.events.length + 1, at, what };
    this.events.push(event);
    if (what.state) [this.state, this.stateSince] = [what.state.state, at];
    if (what.next) this.next = what.next.next;
    for (const name of ["missing", "extension", "recorder", "microphone"]) if (name in what) this[name] = what[name];
    if (what.hard_end) Object.assign(this.session, what.hard_end);
    this.say({ event });
  }

  /** Changes the agent's state. */
  become(state, cause = "agent", at = now(), by = null) {
    this.next = null;
    this.tell({ state: { state, cause, by } }, at);
  }

  say(message) {
    this.#socket?.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Ends the session: tells the page, and closes its connection. */
  end(reason, more = {}) {
    const ended = { sid: this.session.sid, reason, by: null, browser: null, at: now(), ...more };
    this.say({ ended });
    this.drop(4001);
    this.refusal = { status: 401, body: { code: "no_session", ended } };
    return ended;
  }

  /** Closes the socket: with a code, or as when a cable is pulled. */
  drop(code) {
    const socket = this.#socket;
    this.#socket = undefined;
    if (code) socket?.close(code);
    else socket?.terminate();
  }

  async stop() {
    this.#socket?.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #upgrade(request, socket, head) {
    const address = new URL(request.url, "http://localhost");
    this.opened.push({ after: Number(address.searchParams.get("after")), at: Date.now() });
    if (this.refusal) {
      socket.end(`HTTP/1.1 ${this.refusal.status} Refused\r\nconnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#greet(opened, address));
  }

  #greet(opened, address) {
    this.#socket?.close(4000);
    this.#socket = opened;
    opened.on("message", (data) => this.#hear(String(data)));
    opened.on("close", () => {
      if (this.#socket === opened) this.#socket = undefined;
    });
    if (this.isMute) return;
    const after = Number(address.searchParams.get("after"));
    this.say({
      welcome: {
        ...this.session,
        now: now(),
        seq: this.events.length,
        lease: 1,
        state: this.state,
        state_since: this.stateSince,
        next: this.next,
        missing: this.missing,
        extension: this.extension,
        recorder: this.recorder,
        microphone: this.microphone,
        applied: this.applied,
        connection: "open",
        events: this.events.filter(({ seq }) => seq > after),
      },
    });
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #hear(text) {
    if (this.isMute) return;
    if (text === "ping") return this.say("pong");
    const command = JSON.parse(text);
    this.heard.push(command);
    if (this.isIdle) return;
    if (command.id > this.applied) {
      this.applied = command.id;
      this.#apply(command.ask);
    }
    this.say({ done: { id: command.id } });
  }

  #apply(ask) {
    const [name, what] = typeof ask === "string" ? [ask, {}] : Object.entries(ask)[0];
    if (name === "stay") {
      this.tell({ hard_end: { hard_end: this.session.hard_end + this.session.overtime * 60, waits: false, overtime: 0 } });
    } else if (name === "accept") {
      this.tell({ offer: { offer: what.offer, outcome: "accepted", reason: null } });
      this.become({ in_interaction: { interaction: this.state.offered.interaction } });
    } else if (name === "reject") {
      this.tell({ offer: { offer: what.offer, outcome: "rejected", reason: "agent" } });
      this.become("ready");
    } else if (name === "end") {
      const after = this.next === "ready" ? "ready" : this.next ? chosen(this.next) : undefined;
      this.become(after ?? { wrap_up: { interaction: this.state.in_interaction.interaction, until: null } });
    } else if (name === "microphone") {
      this.tell({ microphone: { ...this.microphone, state: what } });
      this.tell({ missing: this.missing.filter((missing) => !missing.microphone) });
      if (what !== "working") this.tell({ missing: [...this.missing, { microphone: { why: what } }] });
    } else if (name === "extension" || name === "register") {
      return; // what comes of it, the test says
    } else if (this.state.in_interaction) {
      this.tell({ next: { next: ask } });
    } else {
      this.become(name === "ready" ? "ready" : chosen(ask));
    }
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const send = (status, body, headers = {}) => response.writeHead(status, headers).end(body);
    const json = (status, body, headers = {}) =>
      send(status, JSON.stringify(body), { "content-type": "application/json", ...headers });
    if (pathname.startsWith("/assets/")) {
      const body = await readFile(path.join(this.#gallery, pathname));
      return send(200, body, { "content-type": TYPES[path.extname(pathname)] });
    }
    if (pathname === `${HOME}/desktop`) {
      const page = await readFile(path.join(this.#gallery, `desktop.${searchParams.get("lang")}.html`), "utf8");
      const own = page
        .replace(/data-now="\d+"/, `data-now="${now()}"`)
        .replace(/data-agent="[^"]*"/, `data-agent="${this.username}"${this.isByPages ? " data-by-pages" : ""}`)
        .replace("<head>", `<head><script nonce="${NONCE}">(${this.play})()</script>`);
      return send(200, own, { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY });
    }
    if (pathname === `${HOME}/form-token`) return json(200, { form_token: "token" });
    if (request.method === "POST") {
      const fields = Object.fromEntries(new URLSearchParams(await text(request)));
      this.posted.push({ path: pathname.slice(HOME.length), ...fields });
      return json(...this.login(fields));
    }
    const part = pathname.split("/").at(-1);
    if (part === "session") {
      this.renewals += 1;
      if (this.refusal && !this.refusal.ofSockets) return json(this.refusal.status, this.refusal.body ?? {}, this.refusal.headers);
      return json(200, { part, install: "Demo", browser: CHROME, ...this.session });
    }
    const parts = {
      profile: { part, username: this.username, display_name: this.displayName },
      instance: { part, name: "acme", display_name: this.instanceName, not_ready_reasons: this.reasons },
      extension: { part, extension: "1001", default: !this.isTyped },
    };
    return parts[part] ? json(200, parts[part]) : send(404, "there is no such page", { "content-type": "text/html" });
  }
}

/** The state of an agent who has chosen to be not ready, with or without this reason. */
function chosen({ not_ready: { reason } }) {
  return { not_ready: { reason: reason === null ? "chosen" : { named: reason } } };
}

async function text(request) {
  const chunks = await Array.fromAsync(request);
  return Buffer.concat(chunks).toString();
}
