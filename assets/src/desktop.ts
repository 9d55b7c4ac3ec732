/**
 * The loading screen and the desktop it gives way to. Each part is fetched by itself, shown as it comes, and retried by
 * itself. Every text comes from the page.
 */

/** Milliseconds after which a part counts as not answered. */
const PATIENCE = 10_000;
/** Milliseconds after which the session is asked for again, so that its token, good for 15 minutes, is renewed in time. */
const RENEWAL = 5 * 60_000;

type Part = "profile" | "instance" | "extension" | "session";
type State = "waiting" | "loading" | "loaded" | "failed";
type Values = Record<string, unknown>;

/** Why a part is not there: the words to show. */
class NotLoaded extends Error {}

const loading = need("#loading");
const desktop = need("#desktop");
const missing = need("#missing");
const announcer = need("#announcer");
const texts = { ...loading.dataset, ...desktop.dataset };
const items = [...loading.querySelectorAll<HTMLElement>("[data-part]")];
const clockSkew = Date.now() - Number(texts["now"]) * 1000;
const locale = [navigator.language, document.documentElement.lang].find((tag) =>
  tag.startsWith(document.documentElement.lang),
);
const session = { since: Number(texts["since"]), hardEnd: 0 };

function need(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}

function fill(text: string | undefined, values: Record<string, string>): string {
  return (text ?? "").replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

function failed(): HTMLElement[] {
  return items.filter((item) => item.dataset["state"] === "failed");
}

/** Loads parts, side by side, and moves on when none is missing. */
async function load(wanted: HTMLElement[]): Promise<void> {
  if (wanted.length === 0) return;
  need("#after-failure").hidden = true;
  await Promise.all(wanted.map(loadOne));
  const lost = failed();
  const busy = items.some((item) => item.dataset["state"] === "loading");
  if (!loading.hidden && !busy) {
    if (lost.length === 0) {
      showDesktop();
    } else {
      need("#after-failure").hidden = false;
      need("#retry-all").hidden = lost.length < 2;
      need("#loading h1").textContent = texts["titleFailed"] ?? "";
    }
  }
  if (loading.hidden) showMissing();
}

async function loadOne(item: HTMLElement): Promise<void> {
  const part = item.dataset["part"] as Part;
  const hadFocus = item.contains(document.activeElement);
  setState(item, "loading");
  const answer = await fetchPart(part).catch((error: unknown) =>
    error instanceof NotLoaded ? error : new NotLoaded(texts["noAnswer"]),
  );
  if (answer instanceof NotLoaded) {
    setState(item, "failed", answer.message);
    announce(`${item.querySelector(".name")?.textContent ?? ""}: ${texts["failed"] ?? ""}. ${answer.message}`);
    if (hadFocus) item.querySelector("button")?.focus();
    return;
  }
  show[part](answer);
  setState(item, "loaded");
  const done = items.filter((other) => other.dataset["state"] === "loaded").length;
  announce(fill(texts["progress"], { done: String(done), all: String(items.length) }));
}

async function fetchPart(part: Part): Promise<Values> {
  const answer = await fetch(`${texts["base"] ?? ""}${part}`, {
    headers: { accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.status === 401) {
    location.replace(texts["over"] ?? "/");
    return new Promise(() => {});
  }
  const body: unknown = await answer.json();
  if (typeof body !== "object" || body === null) throw new Error("not an object");
  const values = body as Values;
  if (!answer.ok) throw new NotLoaded(fill(texts["outage"], { request: text(values["request"]) ?? "–" }));
  return values;
}

function setState(item: HTMLElement, state: State, cause = ""): void {
  item.dataset["state"] = state;
  const words = item.querySelector(".state");
  const button = item.querySelector("button");
  const why = item.querySelector<HTMLElement>(".cause");
  if (words) words.textContent = texts[state] ?? "";
  if (button) button.hidden = state !== "failed";
  if (why) {
    why.hidden = cause === "";
    why.textContent = cause;
  }
}

function announce(words: string): void {
  announcer.textContent = words;
}

/** What each part puts on the desktop. */
const show: Record<Part, (values: Values) => void> = {
  profile(values) {
    put("display-name", text(values["display_name"]));
    put("username", text(values["username"]));
  },
  instance(values) {
    put("instance", text(values["display_name"]));
  },
  extension(values) {
    const extension = text(values["extension"]);
    put("extension", extension ?? texts["none"]);
    const note = extension === undefined ? "without" : values["default"] === true ? "usual" : "chosen";
    put("extension-note", texts[note]);
  },
  session(values) {
    session.since = Number(values["since"]);
    session.hardEnd = Number(values["hard_end"]);
    put("install", text(values["install"]));
    put("browser", browserText(values["browser"]));
    showTimes();
  },
};

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function put(name: string, value: string | undefined): void {
  if (value === undefined) return;
  const place = need(`[data-value="${name}"]`);
  place.classList.remove("absent");
  if (place.textContent !== value) place.textContent = value;
}

function browserText(value: unknown): string | undefined {
  const { family, system } = (value ?? {}) as Values;
  const known = [text(family), text(system)].filter((name) => name !== undefined);
  if (known.length < 2) return known[0] ?? texts["browserUnknown"];
  return fill(texts["browserOn"], { browser: known[0] ?? "", system: known[1] ?? "" });
}

/** Writes times and durations; what has not changed is left alone, so that nothing is read out anew. */
function showTimes(): void {
  const now = (Date.now() - clockSkew) / 1000;
  const moments: [string, string, number, string | undefined, number][] = [
    ["since", "lasting", session.since, now - session.since < 60 ? texts["justNow"] : texts["lasting"], now - session.since],
  ];
  if (session.hardEnd > 0) {
    // What is left is rounded up, what has passed is rounded down.
    moments.push(["ends", "remaining", session.hardEnd, texts["remaining"], session.hardEnd - now + 59]);
  }
  for (const [moment, span, at, words, seconds] of moments) {
    put(moment, clock(at, now));
    put(span, fill(words, { duration: duration(seconds) }));
  }
}

function clock(at: number, now: number): string {
  const [then, today] = [at, now].map((seconds) => new Date(seconds * 1000 + clockSkew));
  const sameDay = then?.toDateString() === today?.toDateString();
  return new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    ...(sameDay ? {} : { day: "numeric", month: "short" }),
  }).format(then);
}

function duration(seconds: number): string {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  const values = { hours: String(Math.floor(minutes / 60)), minutes: String(minutes % 60) };
  return fill(texts[minutes < 60 ? "minutes" : "hours"], values);
}

/** Says what the browser knows of its network, and no more. */
function showNetwork(): void {
  const network = need("#network");
  const state = navigator.onLine ? "online" : "offline";
  network.dataset["state"] = state;
  network.textContent = network.dataset[state] ?? "";
  const notice = need("#offline");
  notice.textContent = navigator.onLine ? "" : (notice.dataset["text"] ?? "");
}

let renewedAt = Date.now();

/** Asks for the session again where that is due. The answer renews its token; where it is over, the login page says so. */
async function renew(): Promise<void> {
  if (Date.now() - renewedAt < RENEWAL) return;
  renewedAt = Date.now();
  try {
    show.session(await fetchPart("session"));
  } catch {
    // The next turn tries again.
    renewedAt = 0;
  }
}

function showDesktop(): void {
  loading.hidden = true;
  desktop.hidden = false;
  showMissing();
  announce(texts["ready"] ?? "");
  desktop.querySelector<HTMLElement>("h1")?.focus();
}

/** Keeps what could not be loaded in sight, each with its retry. */
function showMissing(): void {
  const list = missing.querySelector("ul");
  const lost = items.filter((item) => item.dataset["state"] !== "loaded");
  if (list && !lost.every((item) => list.contains(item))) list.replaceChildren(...lost);
  for (const item of items) {
    if (item.dataset["state"] === "loaded" && list?.contains(item)) item.remove();
  }
  missing.hidden = lost.length === 0;
}

for (const item of items) {
  item.querySelector("button")?.addEventListener("click", () => void load([item]));
}
need("#retry-all").addEventListener("click", () => void load(failed()));
need("#go-on").addEventListener("click", showDesktop);
for (const type of ["online", "offline"] as const) {
  window.addEventListener(type, showNetwork);
}
window.addEventListener("online", () => {
  void load(failed());
  void renew();
});
document.addEventListener("visibilitychange", () => void renew());
showNetwork();
showTimes();
setInterval(() => {
  showTimes();
  void renew();
}, 15_000);
void load(items);
