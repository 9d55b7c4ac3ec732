/**
 * Passkeys, on the pages of the second step: has the browser sign with one, or make one, and sends what came of it with the
 * page's form. Where the browser knows none the page stays as it is without script. Every text comes from it.
 */

import { bytes, text } from "./base64url.ts";

/** Milliseconds that the browser waits for somebody to find their key. */
const PATIENCE = 120_000;
/** ES256, EdDSA, RS256 (RFC 9053, RFC 8812): what is asked for, the best known first. */
const ALGORITHMS = [-7, -8, -257];

const part = document.querySelector<HTMLElement>(".passkey");
const button = part?.querySelector("button");
const problem = part?.querySelector<HTMLElement>(".problem");
if (part && button && problem && knowsPasskeys()) offer(part, button, problem);

function knowsPasskeys(): boolean {
  const made = window.AuthenticatorAttestationResponse?.prototype as Partial<AuthenticatorAttestationResponse> | undefined;
  return "PublicKeyCredential" in window && typeof made?.getAuthenticatorData === "function";
}

function offer(part: HTMLElement, button: HTMLButtonElement, problem: HTMLElement): void {
  const label = button.textContent ?? "";
  let busy = false;
  const show = (isBusy: boolean, text = ""): void => {
    busy = isBusy;
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    button.textContent = busy ? (button.dataset["busy"] ?? label) : label;
    problem.textContent = text;
  };
  const ask = async (): Promise<void> => {
    if (busy) return;
    show(true);
    try {
      send(await (part.dataset["user"] ? make(part.dataset) : sign(part.dataset)));
    } catch (error) {
      show(false, part.dataset[told(error)] ?? part.dataset["failed"]);
    }
  };
  button.addEventListener("click", () => void ask());
  // Back from the page that came next: what was signed is used up or over, and can be signed anew.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) show(false);
  });
  document.querySelector<HTMLElement>("[data-without-passkeys]")?.setAttribute("hidden", "");
  rememberByEitherWay(button);
  part.hidden = false;
  // What comes first on the page: but for what is wrong, a code or a passkey, and where there is more to read before.
  const isFirst = part.dataset["user"] === undefined && !document.querySelector("[autofocus], .notice.bad");
  if (isFirst) button.focus();
  // Browsers want the page to be the one in front; where it is not, the button waits.
  if ("atOnce" in part.dataset && document.hasFocus()) void ask();
}

/** Whether this device is remembered holds for the passkey as well: it is asked above both, and goes with the form still. */
function rememberByEitherWay(button: HTMLButtonElement): void {
  const tick = document.querySelector(".login .tick");
  tick?.querySelector("input")?.setAttribute("form", "step");
  if (tick) button.before(tick);
}

/** The text of the page's that tells what went wrong. */
function told(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
  return name === "InvalidStateError" ? "exists" : "failed";
}

/** What is sent of a passkey, each part as base64url. */
type Sent = Record<"passkey" | "client" | "authenticator" | "signature", ArrayBuffer>;

async function sign(data: DOMStringMap): Promise<Sent> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: bytes(data["challenge"]),
    allowCredentials: known(data),
    userVerification: "preferred",
    timeout: PATIENCE,
  };
  const { rawId, response } = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature } = response as AuthenticatorAssertionResponse;
  return { passkey: rawId, client: clientDataJSON, authenticator: authenticatorData, signature };
}

async function make(data: DOMStringMap): Promise<Sent> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    challenge: bytes(data["challenge"]),
    rp: { name: document.querySelector(".product")?.textContent?.trim() ?? "" },
    user: { id: bytes(data["user"]), name: data["name"] ?? "", displayName: data["displayName"] ?? "" },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: known(data),
    // Where it can be, one that the agent's other devices get as well.
    authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    attestation: "none",
    timeout: PATIENCE,
  };
  const { rawId, response } = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const made = response as AuthenticatorAttestationResponse;
  const signature = new ArrayBuffer(0);
  return { passkey: rawId, client: made.clientDataJSON, authenticator: made.getAuthenticatorData(), signature };
}

function known(data: DOMStringMap): PublicKeyCredentialDescriptor[] {
  const ids = (data["ids"] ?? "").split(" ").filter(Boolean);
  return ids.map((id) => ({ type: "public-key", id: bytes(id) }));
}

/** Sends it with the page's form, in the place of a code. */
function send(sent: Sent): void {
  const form = document.querySelector<HTMLFormElement>("form.login");
  for (const [name, value] of Object.entries(sent)) {
    form?.querySelector(`input[name=${name}]`)?.remove();
    form?.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: text(value) }));
  }
  form?.submit();
}
