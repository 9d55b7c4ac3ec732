// The documented example of a message receiver works as described: gateways are put behind it.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import { test } from "node:test";

import { receiver } from "../../docs/examples/message-receiver.mjs";

const KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLNSw";
const BODY = JSON.stringify({ type: "message.sms", timestamp: 1, data: { to: "+351912345678", text: "hush" } });

/** Runs `body` with a receiver that passes messages to `deliver`, and with a way to send it one. */
async function withReceiver(deliver, body) {
  const server = http.createServer(receiver(KEY, deliver));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const send = async ({ id = "msg_1", at = Math.floor(Date.now() / 1000), body = BODY, key = KEY, signed = body, version = "v1", method = "POST" } = {}) => {
    const secret = Buffer.from(key.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", secret).update(`${id}.${at}.${signed}`).digest("base64");
    const headers = { "webhook-id": id, "webhook-timestamp": `${at}`, "webhook-signature": `${version},${signature}` };
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { method, headers, body: method === "POST" ? body : undefined });
    return answer.status;
  };
  await body(send).finally(() => new Promise((resolve) => server.close(resolve)));
}

test("a message is delivered once, however often and however fast it comes", async () => {
  const delivered = [];
  const deliver = async (message) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    delivered.push(message);
  };
  await withReceiver(deliver, async (send) => {
    assert.deepEqual(await Promise.all([send(), send(), send()]), [204, 204, 204]);
    assert.equal(await send(), 204);
    assert.equal(await send({ id: "msg_2" }), 204);
  });
  assert.deepEqual(delivered.map(({ id }) => id), ["msg_1", "msg_2"]);
  assert.deepEqual([delivered[0].data.to, delivered[0].data.text], ["+351912345678", "hush"]);
});

test("what is not signed with the key, or not lately, is refused", async () => {
  const delivered = [];
  await withReceiver(async (message) => delivered.push(message), async (send) => {
    const now = Math.floor(Date.now() / 1000);
    assert.equal(await send({ key: "whsec_bm90IHRoZSBrZXkgdGhhdCBpdCBrbm93cw==" }), 401);
    assert.equal(await send({ signed: "{}" }), 401);
    assert.equal(await send({ version: "v2" }), 401);
    assert.equal(await send({ at: now - 301 }), 401);
    assert.equal(await send({ at: now + 301 }), 401);
    assert.equal(await send({ at: "soon" }), 401);
    assert.equal(await send({ method: "GET" }), 405);
    assert.equal(await send({ body: "x".repeat(100_000) }), 413);
  });
  assert.deepEqual(delivered, []);
});

test("what the gateway did not take may come again", async (context) => {
  context.mock.method(console, "error", () => {});
  let tries = 0;
  const deliver = async () => {
    tries += 1;
    if (tries === 1) throw new Error("busy");
  };
  await withReceiver(deliver, async (send) => {
    assert.equal(await send(), 502);
    assert.equal(await send(), 204);
    assert.equal(await send(), 204);
  });
  assert.equal(tries, 2);
});
