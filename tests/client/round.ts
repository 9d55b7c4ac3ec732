// One full round of routing, with the client that a public generator made of the API's document and not a line of ours
// in between: look, have the agent ready, offer, learn the outcome, end the interaction, take an offer back, end the
// session. The agent accepts the offer `round-1`. The environment says whom to ask, and about whom.

import { client } from "./generated/client.gen.ts";
import * as api from "./generated/sdk.gen.ts";

const { API = "", TOKEN = "", INSTANCE = "", AGENT = "" } = process.env;
const path = { instance: INSTANCE, agent: AGENT };
client.setConfig({ baseUrl: API, auth: () => TOKEN, throwOnError: true });

function expect<T>(what: string, found: T, wanted: T): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
  console.log(`${what}: ${JSON.stringify(found)}`);
}

// One moment for all: an offer sent again counts as the same only if nothing in it has changed.
const since = Math.floor(Date.now() / 1000);
const proposal = (id: string) => ({
  id,
  interaction: { id: `c-${id}`, kind: "call" as const, service: "Support", from: "+351 210 000 000", since },
  seconds: 20,
});

const look = async () => (await api.getAgent({ path, throwOnError: true })).data.session?.state;
const offer = (id: string) => api.makeOffer({ path, body: proposal(id), throwOnError: true });

expect("at first", await look(), { not_ready: { reason: "signed_in" } });
const early = await offer("round-0");
expect("an offer too early", [early.data.outcome, early.data.reason], ["rejected", "not_ready"]);

await api.chooseState({ path, body: { state: "ready" } });
expect("then", await look(), "ready");

expect("an offer", (await offer("round-1")).data.outcome, null);
const told = await api.getOffer({ path: { ...path, offer: "round-1" }, query: { wait: 20 }, throwOnError: true });
expect("is", told.data.outcome, "accepted");
expect("sent again, it is", (await offer("round-1")).data.outcome, "accepted");

const ended = await api.endInteraction({ path: { ...path, interaction: "c-round-1" }, throwOnError: true });
const state = ended.data.session?.state;
expect("after its end", typeof state === "object" && Object.keys(state), ["wrap_up"]);
await api.chooseState({ path, body: { state: "ready" } });

expect("another offer", (await offer("round-2")).data.outcome, null);
const cancelled = await api.cancelOffer({ path: { ...path, offer: "round-2" }, throwOnError: true });
expect("is", cancelled.data.outcome, "cancelled");

const unknown = await api.getOffer({ path: { ...path, offer: "round-3" }, throwOnError: false });
expect("one that nobody made", [unknown.response?.status, unknown.error?.code], [404, "unknown_offer"]);

const { data: over } = await api.endSession({ path, body: { reason: "forced" }, throwOnError: true });
expect("sessions ended", over.ended.length, 1);
expect("at last", (await api.getAgent({ path, throwOnError: true })).data.session, null);
