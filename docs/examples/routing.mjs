// An example of what routes interactions to agents: it offers a call and tells what came of it. It needs nothing but
// Node 20. With `cargo xtask dev` running and an agent signed in and ready:
//
//   node docs/examples/routing.mjs http://localhost:8787 routing demo/routing.key.json 01KAS5D3M0D3M0D3M0D3M0D3M0 agent
//
// What routing owes to the API (docs/openapi.json):
//   - it signs a token of its own for every call, good for minutes (RFC 7523 in form), with the key that its declaration has
//     the public half of;
//   - it gives each attempt an id of its own making, and sends the same one again where an answer is lost: it is the same
//     offer, and has one outcome;
//   - it waits for the outcome (`wait`), or asks for it later; nothing else tells it.

import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

/** Attempts to get an answer, and the milliseconds before each further one. */
const ATTEMPTS = 5;
const PAUSE = 1000;

/** Seconds since 1970, as everything here is told. */
const now = () => Math.floor(Date.now() / 1000);

/** A service that offers interactions to the agents of one instance. Its `key` is a private one (Ed25519), as a JWK. */
export class Routing {
  #server;
  #service;
  #key;
  #kid;

  constructor(server, service, key) {
    this.#server = server;
    this.#service = service;
    this.#kid = key.kid;
    this.#key = createPrivateKey({ key, format: "jwk" });
  }

  /** Offers an interaction, and waits for its outcome for at most `wait` seconds. How the offer stands. */
  offer(instance, agent, offer, wait = 0) {
    return this.#call("POST", instance, agent, `offers?wait=${wait}`, offer);
  }

  /** How an offer stands, with what has come of it, once there is something. */
  find(instance, agent, id, wait = 0) {
    return this.#call("GET", instance, agent, `offers/${encodeURIComponent(id)}?wait=${wait}`);
  }

  async #call(method, instance, agent, what, body) {
    const address = `${this.#server}/api/v1/instances/${instance}/agents/${encodeURIComponent(agent)}/${what}`;
    for (let attempt = 1; ; attempt += 1) {
      const headers = { authorization: `Bearer ${this.#token()}`, "content-type": "application/json" };
      const sent = fetch(address, { method, headers, body: body && JSON.stringify(body) });
      const answer = await sent.catch((error) => error);
      // A lost answer, or a node that cannot give one just now: ask again, with the same id.
      const isLost = answer instanceof Error || answer.status === 503;
      if (isLost && attempt < ATTEMPTS) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE * attempt));
        continue;
      }
      if (answer instanceof Error) throw answer;
      const told = await answer.json();
      if (!answer.ok) throw new Error(`${answer.status} ${told.code}: ${told.title}`);
      return told;
    }
  }

  #token() {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const iat = now();
    const claims = { iss: this.#service, sub: this.#service, aud: "oneagent-api", iat, exp: iat + 60, jti: randomUUID() };
    const signed = `${part({ alg: "EdDSA", typ: "oneagent-service+jwt", kid: this.#kid })}.${part(claims)}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.#key).toString("base64url")}`;
  }
}

/** A call as the API takes it. */
export function call({ id = randomUUID(), service = "Support", from = null, seconds = 20 } = {}) {
  return { id, interaction: { id: `c-${id}`, kind: "call", service, from, since: now() }, seconds };
}

async function main([server, service, file, instance, agent]) {
  if (!agent) throw new Error("usage: routing.mjs <server> <service> <key file> <instance id> <agent>");
  const routing = new Routing(server, service, JSON.parse(await readFile(file, "utf8")));
  const { outcome, reason } = await routing.offer(instance, agent, call({ from: "+351 210 000 000" }), 30);
  console.log(reason ? `${outcome}: ${reason}` : outcome);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
