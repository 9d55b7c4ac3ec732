/**
 * The Worker that holds the link to the desk: its timers keep running in tabs that nobody looks at. This file has the
 * socket, the requests and the alarm; `link/` has what they mean.
 */

import { retryAfter } from "./link/backoff.ts";
import { type Learned, Link, PATIENCE, type Wire } from "./link/link.ts";
import type { FromPage, ToPage } from "./link/messages.ts";
import type { Ended } from "./link/protocol.ts";
import { Tabs } from "./link/tabs.ts";

let home = "";
let socket: WebSocket | undefined;
let asking = new AbortController();
let alarm: ReturnType<typeof setTimeout> | undefined;

const wire: Wire = {
  now: () => Date.now(),
  random: () => Math.random(),
  open(after) {
    wire.close();
    const address = new URL(`${home}/desk?after=${after}`, location.origin);
    address.protocol = address.protocol.replace("http", "ws");
    const opened = new WebSocket(address);
    opened.onmessage = ({ data }) => typeof data === "string" && link.heard(data);
    opened.onclose = ({ code }) => link.closed(code);
    socket = opened;
  },
  send(text) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(text);
  },
  close() {
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    socket = undefined;
  },
  learn() {
    const { signal } = asking;
    void learn(signal).then((learned) => signal.aborted || link.learned(learned));
  },
  forget() {
    asking.abort();
    asking = new AbortController();
  },
  wake(at) {
    clearTimeout(alarm);
    alarm = setTimeout(() => link.woken(), Math.max(0, at - Date.now()));
  },
  changed: () => tabs.changed(),
};

const link = new Link(wire);
const tabs = new Tabs(link, (message: ToPage) => postMessage(message));

async function learn(forgotten: AbortSignal): Promise<Learned> {
  try {
    const answer = await fetch(`${home}/desktop/parts/session`, {
      headers: { accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.any([forgotten, AbortSignal.timeout(PATIENCE)]),
    });
    if (answer.status === 401) {
      const body = (await answer.json().catch(() => null)) as { ended?: Ended | null } | null;
      return { over: body?.ended ?? null };
    }
    if (answer.ok) return { session: await answer.json() };
    return { outage: retryAfter(answer.headers.get("retry-after"), Date.now()) };
  } catch {
    return "unreachable";
  }
}

onmessage = ({ data }: MessageEvent<FromPage>) => {
  if ("start" in data) home = data.start.home;
  tabs.hear(data);
};
addEventListener("online", () => link.hurry("network"));
