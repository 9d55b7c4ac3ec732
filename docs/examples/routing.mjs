// An example of routing: it offers a call to an agent and prints the outcome. It needs nothing but
// Node 20. With `cargo xtask dev` running and an agent signed in and ready:
//
//   node docs/examples/routing.mjs http://localhost:8787 routing demo/routing.key.json 01KAS5D3M0D3M0D3M0D3M0D3M0 agent
//
// What the API (docs/openapi.json) expects of routing:
//   - It signs a token for each request, valid for at most five minutes (RFC 7523), with the private half of the key in
//     its declaration.
//   - It chooses an id for each attempt, and sends the same one again if an answer is lost: that is the same offer, with
//     one outcome.
//   - It waits for the outcome (`wait`), or asks for it later; nothing else reports it.

import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

/** Attempts to get an answer, and the milliseconds before each further one. */
const ATTEMPTS = 5;
const PAUSE = 1000;

/** Seconds since 1970, as all times here are. */
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

  /** Offers an interaction, and waits for its outcome for at most `wait` seconds. Returns the offer as it then stands. */
  offer(instance, agent, offer, wait = 0) {
    return this.#call("POST", instance, agent, `offers?wait=${wait}`, offer);
  }

  /** Returns an offer as it stands, with its outcome once it has one. */
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
      if (!answer.ok) throw new Error(`${answer.status} ${told.code}: ${told.detail ?? told.title}`);
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

/** A call as the API expects it. */
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
