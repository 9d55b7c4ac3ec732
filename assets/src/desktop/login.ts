/** Signing in again in place: what is sent, and what each answer means. `again-form` has the form that asks. */

import { retryAfter } from "../link/backoff.ts";
import type { Browser, Lack, Seconds, State } from "../link/protocol.ts";

/** Milliseconds that a sign-in may take; checking a password is deliberately slow. */
const PATIENCE = 20_000;

export interface Occupied {
  take_over: string;
  browser: Browser;
  since: Seconds;
  state: State;
  silent_seconds: number | null;
  now: Seconds;
}

export type Outcome =
  | { is: "signed_in" | "refused" | "stale" | "cookies" | "go_to_login" | "browser_in_use" | "outage" | "unreachable" }
  /** One was sent, and none may be chosen here. Nobody has looked at the password. */
  | { is: "extension_not_allowed" }
  | { is: "too_many"; wait: number }
  | { is: "occupied"; occupied: Occupied }
  /** The password was right; the extension that was sent cannot be had. */
  | { is: "without_extension"; lack: Lack };

/** What an answer may contain. */
type Body = { code?: string; form_token?: string; lack?: Lack } & Partial<Occupied>;

/** What the form sends besides the password. */
export interface Account {
  username: string;
  instance: string | undefined;
  /** The one that the agent had chosen, if any; the default one needs no sending. */
  extension: string | undefined;
  /** The session that this one continues. */
  resumes: string | undefined;
}

export class Login {
  #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** Signs in. A form token that has expired in the meantime is fetched again, once. */
  async signIn(account: Account, password: string): Promise<Outcome> {
    for (let attempt = 0; ; attempt += 1) {
      const token = await this.#token();
      if (typeof token !== "string") return token;
      const fields: Record<string, string> = { form: token, username: account.username, password, next: "/desktop" };
      for (const name of ["instance", "extension", "resumes"] as const) {
        const value = account[name];
        if (value !== undefined) fields[name] = value;
      }
      const { outcome, code } = await this.#post("", fields);
      if (code !== "stale_form" || attempt > 0) return outcome;
    }
  }

  /** Continues a sign-in that was answered `occupied`. */
  async takeOver({ resumes }: Account, step: string): Promise<Outcome> {
    const fields = { step, ...(resumes === undefined ? {} : { resumes }) };
    const { outcome, code } = await this.#post("/take-over", fields);
    return code === "stale_form" ? { is: "stale" } : outcome;
  }

  async #token(): Promise<string | Outcome> {
    const answer = await this.#fetch("/form-token", {});
    if (!answer) return { is: "unreachable" };
    const body = await read(answer);
    if (answer.ok) return body?.form_token ?? { is: "unreachable" };
    return meaning(answer, body);
  }

  async #post(path: string, fields: Record<string, string>): Promise<{ outcome: Outcome; code: string | undefined }> {
    const answer = await this.#fetch(path, { method: "POST", body: new URLSearchParams(fields) });
    if (!answer) return { outcome: { is: "unreachable" }, code: undefined };
    const body = await read(answer);
    return { outcome: meaning(answer, body), code: body?.code };
  }

  async #fetch(path: string, options: RequestInit): Promise<Response | undefined> {
    const signal = AbortSignal.timeout(PATIENCE);
    const headers = { accept: "application/json" };
    return fetch(`${this.#home}${path}`, { ...options, headers, cache: "no-store", signal }).catch(() => undefined);
  }
}

/** The answer's values; nothing if it was cut off, or comes from somebody in between. */
async function read(answer: Response): Promise<Body | undefined> {
  const body: unknown = await answer.json().catch(() => undefined);
  return typeof body === "object" && body !== null ? (body as Body) : undefined;
}

/** What the server means. What is not from it says nothing about the password, nor that anybody is signed in. */
function meaning(answer: Response, body: Body | undefined): Outcome {
  if (answer.status === 429) return { is: "too_many", wait: retryAfter(answer.headers.get("retry-after"), Date.now()) };
  if (answer.status >= 500) return { is: "outage" };
  if (!body) return { is: "unreachable" };
  if (answer.ok) return { is: body.code === "signed_in" ? "signed_in" : "unreachable" };
  if (body.code === "occupied") return { is: "occupied", occupied: body as Occupied };
  if (body.code === "extension" && body.lack) return { is: "without_extension", lack: body.lack };
  if (body.code === "extension_not_allowed") return { is: "extension_not_allowed" };
  if (body.code === "cookies_required") return { is: "cookies" };
  if (body.code === "go_to_login" || body.code === "browser_in_use") return { is: body.code };
  return { is: "refused" };
}
