// Routing, as the tests play it: a service with a key of its own that offers interactions by the API.

import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";

const NAME = "routing";
const { publicKey, privateKey } = generateKeyPairSync("ed25519");

/** The declaration of the service, for the instances of these names. */
export function routingToml(...instances) {
  const { x } = publicKey.export({ format: "jwk" });
  return [
    "[[service]]",
    `name = "${NAME}"`,
    'id = "01KAS7Q0V4SVC0000000000009"',
    'scopes = ["agents:read", "offers:make", "offers:read", "offers:cancel", "interactions:end"]',
    `instances = ${JSON.stringify(instances)}`,
    `keys = [{ kty = "OKP", crv = "Ed25519", kid = "k1", x = "${x}" }]`,
    "",
  ].join("\n");
}

/** Offers a call to an agent of the instance with this id. What the API answers. */
export async function offer(url, instance, agent, { id, seconds = 30, ...about }) {
  const interaction = { id: `c-${id}`, kind: "call", service: "Support", from: null, since: now(), ...about };
  return call(`${url}/api/v1/instances/${instance}/agents/${agent}/offers`, { id, interaction, seconds });
}

/** How an offer stands. */
export async function outcome(url, instance, agent, id) {
  return call(`${url}/api/v1/instances/${instance}/agents/${agent}/offers/${id}`);
}

async function call(address, body) {
  const answer = await fetch(address, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${token()}`, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text);
}

/** A token that the service has signed (RFC 7523 in form). */
function token() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = now();
  const claims = { iss: NAME, sub: NAME, aud: "oneagent-api", iat, exp: iat + 60, jti: randomUUID() };
  const head = `${part({ alg: "EdDSA", typ: "oneagent-service+jwt", kid: "k1" })}.${part(claims)}`;
  return `${head}.${sign(null, Buffer.from(head), privateKey).toString("base64url")}`;
}

const now = () => Math.floor(Date.now() / 1000);
