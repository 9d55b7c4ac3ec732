// The least that a sign-in can do which counts attempts and hands a desk to one session at a time: one object is asked, then
// asked again beside another, and each keeps a row before it answers.
let count = 0;

export default {
  async fetch(request, env) {
    const agent = `agent${count++ % 8}`;
    await asked(env.OBJECTS, `guard/${agent}`);
    await Promise.all([asked(env.OBJECTS, `guard/${agent}`), asked(env.OBJECTS, `desk/${agent}`)]);
    return new Response("ok");
  },
};

async function asked(namespace, name) {
  const response = await namespace.getByName(name).fetch("https://object/", { method: "POST", body: '{"ask":1}' });
  return response.text();
}

export class Kept {
  #sql;
  #count = 0;

  constructor(state) {
    this.#sql = state.storage.sql;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, json TEXT NOT NULL)");
  }

  async fetch(request) {
    await request.text();
    this.#sql.exec("INSERT OR REPLACE INTO kept (id, json) VALUES (1, ?)", JSON.stringify({ count: this.#count++ }));
    return new Response('{"answer":1}');
  }
}
