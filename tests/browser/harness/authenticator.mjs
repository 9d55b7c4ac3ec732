// An authenticator that Chromium simulates, through the DevTools protocol.

const PLATFORM = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** Gives the page's browser a platform authenticator whose user agrees to everything. */
export async function withAuthenticator(page, context) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: PLATFORM });
  return {
    /** The passkeys that it holds. */
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

/** Makes the next passkey that the page creates wait for a touch. Returns the function that touches. */
export async function waitingForATouch(page) {
  await page.evaluate(() => {
    const touched = new Promise((touch) => (window.touch = touch));
    const make = navigator.credentials.create.bind(navigator.credentials);
    navigator.credentials.create = (options) => touched.then(() => make(options));
  });
  return () => page.evaluate(() => window.touch());
}

/** Makes every ceremony of the pages that follow fail with this error, as when somebody dismisses the dialog. */
export async function refusing(page, error) {
  await page.addInitScript((name) => {
    const refuse = () => Promise.reject(new DOMException("", name));
    CredentialsContainer.prototype.get = refuse;
    CredentialsContainer.prototype.create = refuse;
  }, error);
}
