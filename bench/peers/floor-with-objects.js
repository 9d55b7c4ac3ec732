// The least that a sign-in can do that counts attempts and gives a desk to one session at a time: one object is asked,
// then asked again along with another, and each stores a row before it answers.
import { DurableObject } from "cloudflare:workers";
let count = 0;

export default {
  async fetch(request, env) {
    const agent = `agent${count++ % 8}`;
    await asked(env.OBJECTS, `guard/${agent}`);
    await Promise.all([asked(env.OBJECTS, `guard/${agent}`), asked(env.OBJECTS, `desk/${agent}`)]);
    return new Response("ok");
  },
};

function asked(namespace, name) {
  return namespace.getByName(name).ask('{"ask":1}');
}

export class Kept extends DurableObject {
  #sql;
  #count = 0;

  constructor(state, env) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, json TEXT NOT NULL)");
  }

  ask(text) {
    this.#sql.exec("INSERT OR REPLACE INTO kept (id, json) VALUES (1, ?)", JSON.stringify({ count: this.#count++ }));
    return '{"answer":1}';
  }
}
