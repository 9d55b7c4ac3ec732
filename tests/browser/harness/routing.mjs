// Routing, as the tests play it: the documented example, as a service with a key of its own.

import { generateKeyPairSync } from "node:crypto";

import { Routing, call } from "../../../docs/examples/routing.mjs";

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
export function offer(url, instance, agent, about) {
  return routing(url).offer(instance, agent, call({ seconds: 30, ...about }));
}

/** How an offer stands. */
export function outcome(url, instance, agent, id) {
  return routing(url).find(instance, agent, id);
}

function routing(url) {
  return new Routing(url, NAME, { ...privateKey.export({ format: "jwk" }), kid: "k1" });
}
