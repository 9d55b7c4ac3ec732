// The floor, carrying what our answers carry: as many headers; for a page as many bytes, and a policy with its own
// nonce.
const always = {
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};
const ofData = new Headers({
  ...always,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "content-type": "application/json",
});
const ofPage = new Headers({
  ...always,
  "content-type": "text/html; charset=utf-8",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
  "referrer-policy": "same-origin",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex",
});
const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types desk; ";
const pages = new Map();

export default {
  fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (path === "/login") return page("LOGIN_PAGE", env);
    if (path === "/desktop") return page("DESKTOP_PAGE", env);
    return new Response('{"status":"ok"}', { headers: ofData });
  },
};

function page(name, env) {
  if (!pages.has(name)) pages.set(name, new TextEncoder().encode(env[name]));
  const response = new Response(pages.get(name), { headers: ofPage });
  response.headers.set("content-security-policy", `${policy}script-src 'nonce-${crypto.randomUUID()}'`);
  return response;
}
