// Where messages go in local development: the documented receiver with a page in front, for this machine alone. Each
// message is a line of the file that `onecontact outbox` shows.
//
//   node xtask/src/dev/outbox.mjs <port> <file>, with MESSAGE_KEY in the environment

import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync } from "node:fs";
import http from "node:http";
import path from "node:path";

import { receiver } from "../../../docs/examples/message-receiver.mjs";

const [port, file] = process.argv.slice(2);
const messages = [];
const receive = receiver(process.env.MESSAGE_KEY, async (message) => {
  messages.unshift(message);
  mkdirSync(path.dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(message)}\n`);
});

const server = http.createServer((request, response) => {
  if (request.method === "POST") return receive(request, response);
  const nonce = randomUUID();
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy, "cache-control": "no-store" });
  response.end(page(nonce));
});
server.listen(Number(port), "127.0.0.1");
// It does not outlive whoever started it.
process.stdin.on("end", () => process.exit()).resume();

function page(nonce) {
  const items = messages.map(({ id, type, timestamp, data }) => `<article>
<h2>${escaped(data.subject ?? data.text.split("\n")[0])}</h2>
<p>${type === "message.sms" ? "SMS" : "E-mail"} to ${escaped(data.to)}, ${new Date(timestamp * 1000).toLocaleTimeString("en-GB")}, ${escaped(data.language)}, ${escaped(id)}</p>
<pre>${linked(data.text)}</pre>
</article>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Outbox</title><meta name="viewport" content="width=device-width">
<style nonce="${nonce}">
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
article { margin-block: 1.5rem; padding: 0.25rem 1.25rem 1rem; border: 1px solid light-dark(#d5dee2, #2b3a40); border-radius: 0.5rem; }
h2 { font-size: 1.0625rem; } p { color: light-dark(#4d5f67, #a2b3b9); font-size: 0.875rem; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
</style></head>
<body><h1>Outbox</h1><p>Messages that the Worker on this machine has sent, the latest first. Nothing here goes anywhere.</p>
${items.join("\n") || "<p>There are none yet.</p>"}
</body></html>`;
}

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function linked(text) {
  return escaped(text).replace(/https?:\/\/[^\s&]+/g, (link) => `<a href="${link}">${link}</a>`);
}
