// Hono with what its guide recommends: secureHeaders with a nonce, signed tokens by hono/jwt (HS256), hono/cookie. Its
// pages are as long as ours and contain the same variable parts.
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { jwt, sign } from "hono/jwt";
import { NONCE, secureHeaders } from "hono/secure-headers";

const COOKIE = "__Host-session";
const LIFETIME = 15 * 60;
const app = new Hono();

app.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: [NONCE],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    permissionsPolicy: { camera: [], geolocation: [], microphone: ["self"], payment: [], usb: [] },
  }),
);
app.get("/health", (c) => c.json({ status: "ok" }));
app.get("/login", async (c) => {
  const browser = getCookie(c, "__Host-form") ?? crypto.randomUUID();
  const form = await sign({ browser, exp: now() + 12 * 60 * 60 }, c.env.KEY, "HS256");
  const nonce = c.get("secureHeadersNonce");
  return c.html(c.env.LOGIN_PAGE.replaceAll("{{nonce}}", nonce).replace("{{form}}", form));
});
const signedIn = (c, next) => jwt({ secret: c.env.KEY, cookie: COOKIE, alg: "HS256" })(c, next);
app.get("/desktop", signedIn, async (c) => {
  const claims = c.get("jwtPayload");
  const { iat, exp } = claims;
  if ((now() - iat) * 2 >= exp - iat) {
    const token = await sign({ ...claims, iat: now(), exp: now() + LIFETIME }, c.env.KEY, "HS256");
    setCookie(c, COOKIE, token, { path: "/", secure: true, httpOnly: true, sameSite: "Lax" });
  }
  const nonce = c.get("secureHeadersNonce");
  return c.html(c.env.DESKTOP_PAGE.replaceAll("{{nonce}}", nonce).replaceAll("{{agent}}", claims.sub));
});
// For the benchmark: a token of any age.
app.post("/mint", async (c) => {
  const { sub, iat } = await c.req.parseBody();
  const times = { iat: Number(iat), exp: Number(iat) + LIFETIME };
  return c.text(await sign({ sub, iss: "oneagent", aud: "oneagent-session", extension: "1001", ...times }, c.env.KEY, "HS256"));
});

function now() {
  return Math.floor(Date.now() / 1000);
}

export default app;
