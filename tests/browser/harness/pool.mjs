// Agents to sign in as. An agent has one desktop at a time, so tests that run side by side need one each.

/** Of each kind as many as make it sure that none is handed out again while its test still runs. */
const KINDS = {
  desk: { size: 24, instance: "main", name: "Window Desk", extension: "1001" },
  lobby: { size: 9, instance: "main", name: "Lobby Desk" },
  care: { size: 2, instance: "care", name: "Window Desk", extension: "4001" },
  apoio: { size: 12, instance: "acme", name: "Agente de Apoio", extension: "2001" },
};
const taken = new Map();

/** The password of an agent of the fixtures or of the pool. */
export const passwordOf = (username) => `${username}-signs-in-1`;

/** The username of an agent whom no other test that runs now signs in as. */
export function anAgent(kind = "desk") {
  const number = (taken.get(kind) ?? 0) + 1;
  taken.set(kind, number);
  return usernames(kind)[number % KINDS[kind].size];
}

/** The declarations of the pool. */
export function poolToml() {
  return Object.entries(KINDS).flatMap(([kind, { instance, name, extension }]) => usernames(kind).map((username) =>
    [
      "[[agent]]",
      `instance = "${instance}"`,
      `username = "${username}"`,
      `name = "${name}"`,
      `email = "${username}@${instance}.example"`,
      extension ? `extension = "${extension}"` : "",
      `password = "${passwordOf(username)}"`,
      "",
    ].join("\n"),
  )).join("\n");
}

function usernames(kind) {
  return Array.from({ length: KINDS[kind].size }, (_, index) => `${kind}${index + 1}`);
}
