// The most recently built Worker, in `wrangler dev`, with the declarations of `fixtures/` applied by the operators' own
// tool. It has its own folder, key set and port, so that it interferes with neither `cargo xtask dev` nor another run.

import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Provider, SECRET, SECRET_NAME } from "./provider.mjs";
import { Recorder } from "./recorder.mjs";
import { receiver } from "../../../docs/examples/message-receiver.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WRANGLER = path.join(ROOT, "node_modules/wrangler/bin/wrangler.js");
const GUARD = fileURLToPath(new URL("guard.mjs", import.meta.url));
const run = promisify(execFile);

/** The key that messages are signed with. */
const MESSAGE_KEY = "whsec_YnJvd3NlciB0ZXN0cyBicm93c2VyIHRlc3Rz";

/** Milliseconds that a cold workerd may take to answer while the machine is busy. */
const PATIENCE = 60_000;

export class Server {
  #folder;
  #child;
  #gateway;
  #recorder;
  #provider;
  /** The messages that the Worker has sent, as the documented receiver accepts them. */
  messages = [];

  /** Applies a directory of declarations and `more` of them, and serves. */
  static async start(declarations, more) {
    const server = new Server();
    const target = path.join(ROOT, "target/browser-tests");
    await mkdir(target, { recursive: true });
    server.#folder = await mkdtemp(path.join(target, "run-"));
    try {
      const keys = JSON.parse(await onecontact("keys", "new"));
      await writeFile(server.#in("vars"), `TOKEN_KEYS='${JSON.stringify(keys)}'\n`, { mode: 0o600 });
      await server.#receive();
      server.#recorder = await Recorder.start(ROOT);
      server.#provider = await Provider.start();
      await cp(declarations, server.#in("declared"), { recursive: true });
      server.port = await freePort();
      await server.#declarePorts();
      await writeFile(server.#in("declared/more.toml"), more);
      await onecontact("apply", server.#in("declared"), "--local", "--persist-to", server.#in("state"));
      await server.#serve();
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  /** The address of a path on one of the hostnames that stand for this machine. */
  url(address, host = "localhost") {
    return `http://${host}:${this.port}${address}`;
  }

  /** The address of a path at the instances' own provider. */
  atProvider(address) {
    return `${this.#provider.origin}${address}`;
  }

  /** The ports of everything that a page may lead to. */
  get ports() {
    return [this.port, this.#provider.port];
  }

  /** Renders every page in every state and language. Returns the folder, with `<state>.<language>.html` in it. */
  async renderGallery() {
    const folder = this.#in("gallery");
    await cargo("--package", "onecontact-templates", "--example", "gallery", "--", folder);
    return folder;
  }

  /** The current registrations at the gateway of the screen recorder. */
  registrations() {
    return this.#recorder.standing();
  }

  /** Ends everything without warning, like a power cut, and serves again from what is on the disk. */
  async crashAndServeAgain() {
    await this.#kill();
    await this.#serve();
  }

  async end() {
    await this.#kill();
    this.#gateway?.close();
    this.#gateway?.closeAllConnections();
    this.#recorder?.end();
    this.#provider?.end();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Receives messages. */
  async #receive() {
    this.#gateway = http.createServer(receiver(MESSAGE_KEY, async (message) => this.messages.push(message)));
    await new Promise((resolve) => this.#gateway.listen(0, "127.0.0.1", resolve));
  }

  /** Fills in the ports, which are different each time. */
  async #declarePorts() {
    const file = this.#in("declared/onecontact.toml");
    const text = (await readFile(file, "utf8")).replace("@RECORDER_GATEWAY@", this.#recorder.gateway);
    await writeFile(file, text.replaceAll("@PROVIDER@", this.#provider.origin).replaceAll("@PORT@", this.port));
  }

  #in(name) {
    return path.join(this.#folder, name);
  }

  async #serve() {
    const log = await open(this.#in("log"), "a");
    const args = [WRANGLER, "dev", "--local", "--ip", "127.0.0.1", "--port", `${this.port}`, "--inspector-port", "0"];
    args.push("--persist-to", this.#in("state"), "--env-file", this.#in("vars"));
    args.push("--show-interactive-dev-session=false");
    const webhook = `http://127.0.0.1:${this.#gateway.address().port}/`;
    args.push("--var", `MESSAGE_WEBHOOK:${webhook}`, "--var", `MESSAGE_KEY:${MESSAGE_KEY}`);
    // wrangler reads from a file only those secrets that its configuration names.
    args.push("--var", `${SECRET_NAME}:${SECRET}`);
    this.#child = spawn(process.execPath, [GUARD, process.execPath, ...args], {
      cwd: ROOT,
      detached: true, // a process group of its own
      stdio: ["pipe", log.fd, log.fd],
      env: {
        ...process.env,
        ONECONTACT_ALREADY_BUILT: "1",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_WRITE_LOGS: "false", // its log outside of the project
      },
    });
    this.#child.on("exit", () => (this.#child = undefined));
    await log.close();
    const until = Date.now() + PATIENCE;
    while (!(await this.#answers())) {
      if (!this.#child || Date.now() > until) {
        throw new Error(`the Worker does not answer; wrangler printed:\n${await readFile(this.#in("log"), "utf8")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #answers() {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/health`, { signal: AbortSignal.timeout(5_000) });
      return answer.ok;
    } catch {
      return false;
    }
  }

  async #kill() {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    process.kill(-child.pid, "SIGKILL");
    await ended;
  }
}

/** Runs the operators' tool and returns what it prints. */
function onecontact(...args) {
  return cargo("--package", "onecontact-operator", "--", ...args);
}

async function cargo(...args) {
  const { stdout } = await run("cargo", ["run", "--quiet", ...args], { cwd: ROOT, maxBuffer: 1 << 24 });
  return stdout;
}

async function freePort() {
  const listener = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve, reject) => listener.once("listening", resolve).once("error", reject));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
