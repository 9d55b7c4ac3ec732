// Agents to sign in as. An agent has one desktop at a time, so tests that run side by side need one each.

/**
 * Enough of each kind that none is handed out again while its test still runs. The first one's usual extension is
 * `extensions` + 1, as an extension belongs to one agent at a time.
 */
const KINDS = {
  desk: { size: 24, instance: "main", name: "Window Desk", extensions: 1000 },
  lobby: { size: 9, instance: "main", name: "Lobby Desk" },
  terrasse: { size: 3, instance: "main", name: "Poste terrasse", language: "fr" },
  care: { size: 2, instance: "care", name: "Window Desk", extensions: 4000 },
  guest: { size: 6, instance: "away", name: "Guest Desk", extensions: 6000 },
  given: { size: 4, instance: "away", name: "Given Desk", given: true },
  partner: { size: 9, instance: "partner", name: "Partner Desk", extensions: 7000 },
  lasting: { size: 3, instance: "lasting", name: "Lasting Desk" },
  apoio: { size: 12, instance: "acme", name: "Agente de Apoio", extensions: 2000 },
};
const taken = new Map();

/** The password of an agent of the fixtures or of the pool. */
export const passwordOf = (username) => `${username}-signs-in-1`;

/** The usual extension of one of the pool's agents, as text; `undefined` if they have none. */
export function extensionOf(username) {
  const [, kind, number] = /^([a-z]+)(\d+)$/.exec(username);
  const { extensions } = KINDS[kind];
  return extensions && String(extensions + Number(number));
}

/** The username of an agent as whom no other running test signs in. */
export function anAgent(kind = "desk") {
  const number = (taken.get(kind) ?? 0) + 1;
  taken.set(kind, number);
  return usernames(kind)[number % KINDS[kind].size];
}

/** The declarations of the pool. */
export function poolToml() {
  return Object.entries(KINDS).flatMap(([kind, { instance, name, language, given }]) => usernames(kind).map((username) =>
    [
      "[[agent]]",
      `instance = "${instance}"`,
      `username = "${username}"`,
      `name = "${name}"`,
      `email = "${username}@${instance}.example"`,
      language ? `language = "${language}"` : "",
      extensionOf(username) ? `extension = "${extensionOf(username)}"` : "",
      `password = "${passwordOf(username)}"`,
      given ? "must_change = true" : "",
      "",
    ].join("\n"),
  )).join("\n");
}

function usernames(kind) {
  return Array.from({ length: KINDS[kind].size }, (_, index) => `${kind}${index + 1}`);
}
