// `oauth4webapi` signs an agent in, for an application that proves who it is with a signed token. It checks what it
// gets, including the ID token's signature, which it leaves to the application when the token came from the token end
// point.

import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { importJWK } from "jose";
import { Agent } from "./agent.mjs";
import { told } from "./told.mjs";

const { issuer, keyClientId, key, callback, sub, alg } = told;
const agent = new Agent(told);
const insecure = { [oauth.allowInsecureRequests]: true };

const url = new URL(issuer);
const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
assert.equal(as.authorization_response_iss_parameter_supported, true);
const client = { client_id: keyClientId, id_token_signed_response_alg: alg };
const privateKey = await importJWK(key, key.crv === "P-256" ? "ES256" : "EdDSA", { extractable: false });
const auth = oauth.PrivateKeyJwt({ key: privateKey, kid: key.kid });

const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
const address = new URL(as.authorization_endpoint);
address.search = new URLSearchParams({
  client_id: keyClientId,
  redirect_uri: callback,
  response_type: "code",
  scope: "openid profile",
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
  max_age: "600",
});
const back = await agent.follow(address);
const parameters = oauth.validateAuthResponse(as, client, back, state);
const answer = await oauth.authorizationCodeGrantRequest(as, client, auth, parameters, callback, verifier, insecure);
const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, {
  expectedNonce: nonce,
  maxAge: 600,
  requireIdToken: true,
});
await oauth.validateApplicationLevelSignature(as, answer, insecure);
assert.equal(oauth.getValidatedIdTokenClaims(tokens).sub, sub);

const told_of = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
const about = await oauth.processUserInfoResponse(as, client, sub, told_of);
assert.equal(about.name, told.name);
console.log(`oauth4webapi: signed in with an ID token by ${alg}`);
