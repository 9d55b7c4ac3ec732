// A public OpenID provider (oidc-provider), and an agent in front of it: each line of the input is an address that an
// agent is sent to, to sign in or to sign out; each line of the output is the address that the provider sends them back
// to. The first line of the output is the issuer. The browser forgets the provider before each sign-in, unless nothing
// is to be asked.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const { REDIRECT_URI, SIGNED_OUT_URI, JWKS_URI, SECRET } = process.env;

const jwk = (type, options, members) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }),
  use: "sig",
  ...members,
});

const client = (client_id, id_token_signed_response_alg, members) => ({
  client_id,
  id_token_signed_response_alg,
  redirect_uris: [REDIRECT_URI],
  post_logout_redirect_uris: [SIGNED_OUT_URI],
  response_types: ["code"],
  grant_types: ["authorization_code"],
  ...members,
});
const secret = { client_secret: SECRET, token_endpoint_auth_method: "client_secret_basic" };
const posted = { client_secret: SECRET, token_endpoint_auth_method: "client_secret_post" };
const key = {
  token_endpoint_auth_method: "private_key_jwt",
  token_endpoint_auth_signing_alg: "EdDSA",
  jwks_uri: JWKS_URI,
};

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
// It warns of what a test may do: plain http, and its own keys and pages.
console.warn = console.info = () => {};
const provider = new Provider(issuer, {
  clients: [
    client("rs256", "RS256", secret),
    client("es256", "ES256", secret),
    client("eddsa", "EdDSA", key),
    client("posted", "RS256", posted),
  ],
  jwks: {
    keys: [
      jwk("rsa", { modulusLength: 2048 }, { kid: "r", alg: "RS256" }),
      jwk("ec", { namedCurve: "P-256" }, { kid: "e", alg: "ES256" }),
      jwk("ed25519", {}, { kid: "o", alg: "EdDSA" }),
    ],
  },
  claims: { openid: ["sub", "preferred_username"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["a key of tests, and of tests only"] },
  enabledJWA: {
    clientAuthSigningAlgValues: ["HS256", "RS256", "EdDSA"],
    idTokenSigningAlgValues: ["RS256", "ES256", "EdDSA"],
  },
  // The provider's own fetch refuses addresses of this machine, where our keys are here.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  pkce: { required: () => true },
});
for (const event of ["server_error", "grant.error"]) {
  provider.on(event, (...about) => console.error(about.find((part) => part instanceof Error)));
}
server.on("request", provider.callback());
console.log(issuer);

const cookies = new Map();

// Acts as the browser and the agent: keeps cookies, follows redirects, and fills in each form with the agent's name, or
// with a yes.
async function go(address) {
  let next = { url: address };
  while (next.url.startsWith(issuer)) {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const headers = { cookie, ...(next.body && { "content-type": "application/x-www-form-urlencoded" }) };
    const method = next.body ? "POST" : "GET";
    const answer = await fetch(next.url, { method, body: next.body, headers, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [name, value] = set.split(";")[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    if (location) {
      next = { url: new URL(location, next.url).href };
      continue;
    }
    const page = await answer.text();
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
    const [, name, value] = /name="(prompt|xsrf)" value="([^"]+)"/.exec(page) ?? [];
    if (!action || !name) throw new Error(`no form but ${answer.status}: ${page}`);
    const filled = name === "prompt" ? { login: "desk1", password: "any" } : { logout: "yes" };
    next = {
      url: new URL(action, next.url).href,
      body: new URLSearchParams({ [name]: value, ...filled }).toString(),
    };
  }
  return next.url;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { pathname, searchParams } = new URL(line);
  if (pathname === "/auth" && searchParams.get("prompt") !== "none") cookies.clear();
  console.log(await go(line));
}
process.exit();
