// `openid-client` signs an agent in: discovery, the code flow, user info, a refresh, signing out. It checks what it
// gets.

import assert from "node:assert/strict";
import * as client from "openid-client";
import { Agent } from "./agent.mjs";
import { told } from "./told.mjs";

const { issuer, site, clientId, secret, callback, signedOut, sub } = told;
const agent = new Agent(told);

const insecure = { execute: [client.allowInsecureRequests] };
const methods = [client.ClientSecretPost(secret), client.ClientSecretBasic(secret)];
for (const method of methods) {
  const config = await client.discovery(new URL(issuer), clientId, undefined, method, insecure);
  assert.equal(config.serverMetadata().supportsPKCE(), true);
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: "openid profile email",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  const back = await agent.follow(address);
  const tokens = await client.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  assert.equal(tokens.claims().sub, sub);
  const about = await client.fetchUserInfo(config, tokens.access_token, sub);
  assert.equal(about.preferred_username, told.username);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(refreshed.claims().sub, sub);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  const leave = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: signedOut,
    id_token_hint: refreshed.id_token,
    state: "bye",
  });
  assert.equal((await agent.follow(leave)).href, `${signedOut}?state=bye`);
}

// Whoever has signed out is asked again: the application gets no code silently.
const config = await client.discovery(new URL(issuer), clientId, undefined, methods[0], insecure);
const verifier = client.randomPKCECodeVerifier();
const silent = client.buildAuthorizationUrl(config, {
  redirect_uri: callback,
  scope: "openid",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state: "state",
  prompt: "none",
});
const back = await agent.follow(silent);
await assert.rejects(
  client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: "state" }),
  { error: "login_required" },
);
assert.equal(new URL(issuer).origin, site);
console.log("openid-client: signed in, refreshed, signed out");
