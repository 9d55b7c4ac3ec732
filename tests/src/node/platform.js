// Bindings that workerd itself does not have, as the platform gives them to the Worker.
//
// A binding's class must have the platform's name for it: `worker` checks it.

class Ratelimit {
  #limit;
  #counts = new Map();

  constructor(env) {
    this.#limit = env.limit;
  }

  async limit({ key }) {
    if (this.#limit < 0) throw new Error("the limiter is out of order, for a test");
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return { success: count <= this.#limit };
  }
}

// A class whose objects are in another process, behind its door (door.js).
//
// Here an id is a hash of the name, by which the door finds the name again.
class DurableObjectNamespace {
  #door;
  #binding;

  constructor(env) {
    this.#door = env.door;
    this.#binding = env.object;
  }

  getByName(name) {
    return this.#stub(encodeURIComponent(name));
  }

  idFromName(name) {
    return { toString: () => idOf(name) };
  }

  idFromString(id) {
    if (!/^[0-9a-f]{64}$/.test(id)) throw new TypeError("Invalid Durable Object ID");
    return { toString: () => id };
  }

  get(id) {
    return this.#stub(`id:${id}`);
  }

  #stub(path) {
    const address = `http://door/${this.#binding}/${path}`;
    const fetch = async (_, init) => {
      const answer = await this.#door.fetch(address, init);
      if (answer.headers.has("x-object-threw")) throw new Error(await answer.text());
      return answer;
    };
    return { fetch, ask: async (body) => (await fetch(address, { method: "POST", body })).text() };
  }
}

export default function (env) {
  if (env.limit !== undefined) return new Ratelimit(env);
  if (env.door !== undefined) return new DurableObjectNamespace(env);
  if (env.silent) return { writeDataPoint() {} };
  return { writeDataPoint: (point) => console.log(JSON.stringify({ data_point: point })) };
}
