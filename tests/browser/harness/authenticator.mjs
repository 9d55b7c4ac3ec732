// An authenticator that Chromium plays, by the DevTools protocol.

const PLATFORM = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** Gives the page's browser a platform authenticator whose user says yes to everything. */
export async function withAuthenticator(page, context) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: PLATFORM });
  return {
    /** The passkeys that it holds. */
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

/** Has the next passkey that the page makes wait for a touch: what to call for that. */
export async function waitingForATouch(page) {
  await page.evaluate(() => {
    const touched = new Promise((touch) => (window.touch = touch));
    const make = navigator.credentials.create.bind(navigator.credentials);
    navigator.credentials.create = (options) => touched.then(() => make(options));
  });
  return () => page.evaluate(() => window.touch());
}

/** Has every ceremony of the pages that come end with this error, as when somebody turns the dialog away. */
export async function refusing(page, error) {
  await page.addInitScript((name) => {
    const refuse = () => Promise.reject(new DOMException("", name));
    CredentialsContainer.prototype.get = refuse;
    CredentialsContainer.prototype.create = refuse;
  }, error);
}
