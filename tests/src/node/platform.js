// Bindings that workerd itself does not have, as the platform gives them to the Worker.

// The binding's class must bear this name: `worker` looks at it.
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

export default function (env) {
  if (env.limit !== undefined) return new Ratelimit(env);
  return { writeDataPoint: (point) => console.log(JSON.stringify({ data_point: point })) };
}
