// An OpenID provider such as an instance may have, with pages for a browser. It signs in whoever says who they are, and
// remembers them in the browser until they sign out. The first part of a path says which provider it is: one server
// plays all of them, and only `good` has a page to sign out at.

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import http from "node:http";

const CLIENT = "onecontact";
/** The name of the Worker's secret. */
export const SECRET_NAME = "PROVIDER_SECRET_BROWSER";
/** The secret. */
export const SECRET = "what the provider and the Worker know";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decoded = (text) => JSON.parse(Buffer.from(text, "base64url").toString());
const page = (body) => `<!doctype html><title>Acme ID</title><link rel="icon" href="data:,">${body}`;

export class Provider {
  #server;
  #origin;

  static async start() {
    const provider = new Provider();
    provider.#server = http.createServer((request, response) =>
      provider.#answer(request, response).catch((error) => response.writeHead(500).end(`${error}`)),
    );
    await new Promise((resolve) => provider.#server.listen(0, "127.0.0.1", resolve));
    provider.#origin = `http://127.0.0.1:${provider.port}`;
    return provider;
  }

  get port() {
    return this.#server.address().port;
  }

  /** Its origin, which the issuers begin with. */
  get origin() {
    return this.#origin;
  }

  end() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.#origin);
    const [, which, what] = pathname.split(/\/([a-z]+)\//);
    const issuer = `${this.#origin}/${which}`;
    const known = /(?:^|; )agent=(\w+)/.exec(request.headers.cookie)?.[1];
    const json = (value) => response.setHeader("content-type", "application/json").end(JSON.stringify(value));
    const html = (status, body) => response.writeHead(status, { "content-type": "text/html" }).end(page(body));
    const remember = (agent, age) => response.setHeader("set-cookie", `agent=${agent}; Path=/${which}/; Max-Age=${age}; HttpOnly`);
    const back = (address, values) => {
      const query = new URLSearchParams(values);
      response.writeHead(303, { location: `${address}?${query}` }).end();
    };

    switch (what) {
      case ".well-known/openid-configuration":
        return json(discovery(issuer, which === "good"));
      case "keys":
        return json({ keys: [{ ...publicKey.export({ format: "jwk" }), use: "sig", alg: "EdDSA", kid: "k1" }] });
      case "authorize": {
        const agent = searchParams.get("agent") ?? known;
        if (!agent) return html(200, signInForm(searchParams));
        remember(agent, 3600);
        const { nonce, code_challenge, redirect_uri, state } = Object.fromEntries(searchParams);
        return back(redirect_uri, { code: encoded({ agent, nonce, code_challenge, redirect_uri }), state, iss: issuer });
      }
      case "token": {
        const tokens = redeemed(issuer, request.headers.authorization, new URLSearchParams(await text(request)));
        return tokens ? json(tokens) : response.writeHead(400).end();
      }
      case "bye": {
        const { iss, sub } = decoded(searchParams.get("id_token_hint").split(".")[1]);
        if (iss !== issuer || sub !== known) return html(400, "<h1>Who are you?</h1>");
        remember("", 0);
        return back(searchParams.get("post_logout_redirect_uri"), { state: searchParams.get("state") });
      }
      default:
        return response.writeHead(404).end();
    }
  }
}

function discovery(issuer, hasEndPoint) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    ...(hasEndPoint && { end_session_endpoint: `${issuer}/bye` }),
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    id_token_signing_alg_values_supported: ["EdDSA"],
    authorization_response_iss_parameter_supported: true,
  };
}

/** Asks who it is, and hands on everything that it was asked with. */
function signInForm(asked) {
  const hidden = [...asked].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  return `<h1>Acme ID</h1><form>${hidden.join("")}<input name="agent" aria-label="Agent"><button>Continue</button></form>`;
}

/**
 * The tokens for a code, for whoever has the secret and began the flow (RFC 6749, section 4.1.3; RFC 7636, section
 * 4.6).
 */
function redeemed(issuer, authorization, form) {
  const basic = `${CLIENT}:${new URLSearchParams([["", SECRET]]).toString().slice(1)}`;
  const { agent, nonce, code_challenge, redirect_uri } = decoded(form.get("code"));
  const challenge = createHash("sha256").update(form.get("code_verifier")).digest("base64url");
  const isGood = challenge === code_challenge && redirect_uri === form.get("redirect_uri");
  if (authorization !== `Basic ${Buffer.from(basic).toString("base64")}` || !isGood) return undefined;
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: CLIENT, sub: agent, preferred_username: agent, nonce, iat: now, exp: now + 300, auth_time: now };
  const input = `${encoded({ alg: "EdDSA", typ: "JWT", kid: "k1" })}.${encoded(claims)}`;
  const id_token = `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
  return { access_token: "at", token_type: "Bearer", id_token };
}

async function text(request) {
  let read = "";
  for await (const part of request) read += part;
  return read;
}
