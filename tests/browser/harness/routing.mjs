// Routing as the tests simulate it: the documented example, as a service with its own key.

import { generateKeyPairSync } from "node:crypto";

import { Routing, call } from "../../../docs/examples/routing.mjs";

const NAME = "routing";
const { publicKey, privateKey } = generateKeyPairSync("ed25519");

/** Declares the service, for the instances with these names. */
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

/** Offers a call to an agent of the instance with this id, and returns the API's answer. */
export function offer(url, instance, agent, about) {
  return routing(url).offer(instance, agent, call({ seconds: 30, ...about }));
}

/** Returns how an offer stands. */
export function outcome(url, instance, agent, id) {
  return routing(url).find(instance, agent, id);
}

function routing(url) {
  return new Routing(url, NAME, { ...privateKey.export({ format: "jwk" }), kid: "k1" });
}
