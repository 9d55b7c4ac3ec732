// An example of a receiver of messages, between OneContact Agent and an SMS or e-mail gateway. It needs nothing but
// Node 20. Make `deliver`, at the end, call your gateway, and run it behind https:
//
//   MESSAGE_KEY=whsec_… PORT=8788 node docs/examples/message-receiver.mjs
//
// What is expected of a receiver (docs/OPERATIONS.md, Messages):
//   - It refuses a message that is not signed with the key, or that is more than five minutes old.
//   - It answers 2xx only once the gateway has the message, and within five seconds.
//   - It sends the message with a given `webhook-id` once, however often it arrives.

import { createHmac, timingSafeEqual } from "node:crypto";
import http from "node:http";
import { pathToFileURL } from "node:url";

/** Seconds by which a message may be older, or newer, than this machine's clock. */
const TOLERANCE = 5 * 60;
/** The largest message that is read, in bytes. */
const LARGEST = 64 * 1024;
/** Milliseconds for which an id is remembered: longer than anybody goes on sending it. */
const REMEMBERED = 10 * 60 * 1000;

/**
 * Answers requests: `deliver` is given each message once. It resolves when the gateway has taken it; if it rejects, the
 * sender is told that the message was not sent.
 */
export function receiver(key, deliver) {
  const secret = Buffer.from(key.replace(/^whsec_/, ""), "base64");
  /** What became of each id: a promise, so that the same message twice at once is one message, too. */
  const taken = new Map();
  return async (request, response) => {
    const answer = (status, text = "") => response.writeHead(status, { "content-type": "text/plain" }).end(text);
    if (request.method !== "POST") return answer(405, "messages are posted\n");
    const body = await read(request);
    if (body === undefined) return answer(413, "no message is this large\n");
    if (!isSigned(secret, request.headers, body)) return answer(401, "not signed with this receiver's key, or too old\n");
    const id = request.headers["webhook-id"];
    if (!taken.has(id)) {
      taken.set(id, deliver({ id, ...JSON.parse(body) }));
      setTimeout(() => taken.delete(id), REMEMBERED).unref();
    }
    try {
      await taken.get(id);
      return answer(204);
    } catch (error) {
      taken.delete(id); // it was not sent, and may come again
      console.error(`message ${id} was not sent: ${error.message}`);
      return answer(502, "the gateway did not take it\n");
    }
  };
}

async function read(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > LARGEST) return undefined;
  }
  return body;
}

/** Whether the signature is right (Standard Webhooks 1.0): of the id, the time and the body, byte for byte as they came. */
function isSigned(secret, headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!id || !timestamp || !signatures || !(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE)) return false;
  const right = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.split(" ").some((signature) => {
    const [version, text] = signature.split(",");
    const given = Buffer.from(text ?? "", "base64");
    return version === "v1" && given.length === right.length && timingSafeEqual(given, right);
  });
}

/** Hands a message to the gateway. Here it is only written down; put your gateway's own call in its place. */
async function deliver({ type, data }) {
  // With an SMS gateway, for example:
  //   const answer = await fetch("https://sms.example/send", { method: "POST", body: JSON.stringify({ to: data.to, text: data.text }) });
  //   if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
  console.log(`${type} for ${data.purpose} to an agent of ${data.instance}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { MESSAGE_KEY, PORT = "8788" } = process.env;
  if (!MESSAGE_KEY) throw new Error("MESSAGE_KEY is missing: the same whsec_… that the Worker has");
  const server = http.createServer(receiver(MESSAGE_KEY, deliver));
  server.listen(Number(PORT), "127.0.0.1", () => console.log(`receiving at http://127.0.0.1:${server.address().port}/`));
}
