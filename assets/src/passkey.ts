/**
 * Passkeys, on the pages of the second step: makes the browser sign with one, or create one, and sends the result with
 * the page's form. If the browser supports none, the page stays as it is without script. It supplies every text.
 */

import { bytes, text } from "./base64url.ts";

/** Milliseconds that the browser waits for somebody to find their key. */
const PATIENCE = 120_000;
/** ES256, EdDSA, RS256 (RFC 9053, RFC 8812): the algorithms requested, the best known first. */
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
  // Back from the page that came next: what was signed is used up or expired, and can be signed again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) show(false);
  });
  document.querySelector<HTMLElement>("[data-without-passkeys]")?.setAttribute("hidden", "");
  rememberByEitherWay(button);
  part.hidden = false;
  // The button gets the focus unless something is wrong, a code field has it, or there is more to read first.
  const isFirst = part.dataset["user"] === undefined && !document.querySelector("[autofocus], .notice.bad");
  if (isFirst) button.focus();
  // Browsers require the page to be in front; if it is not, the button waits.
  if ("atOnce" in part.dataset && document.hasFocus()) void ask();
}

/**
 * Whether to remember this device applies to the passkey as well: it is asked above both, and is still sent with the
 * form.
 */
function rememberByEitherWay(button: HTMLButtonElement): void {
  const tick = document.querySelector(".login .tick");
  tick?.querySelector("input")?.setAttribute("form", "step");
  if (tick) button.before(tick);
}

/** Which of the page's texts says what went wrong. */
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
    // If possible, one that the agent's other devices get as well.
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

/** Sends it with the page's form, instead of a code. */
function send(sent: Sent): void {
  const form = document.querySelector<HTMLFormElement>("form.login");
  for (const [name, value] of Object.entries(sent)) {
    form?.querySelector(`input[name=${name}]`)?.remove();
    form?.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: text(value) }));
  }
  form?.submit();
}
