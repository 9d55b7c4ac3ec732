// The door to the objects of this process: `/<binding>/<object's name>`, or `/<binding>/id:<its id>` once it has been
// requested by name; for requests and WebSockets alike.

const names = new Map();

export default {
  async fetch(request, env) {
    const [, binding, path] = new URL(request.url).pathname.split("/");
    const name = path.startsWith("id:") ? names.get(path.slice(3)) : decodeURIComponent(path);
    if (name === undefined) return new Response('{"denied":"unknown"}');
    names.set(idOf(name), name);
    try {
      const object = env[binding].getByName(name);
      if (request.headers.has("upgrade")) return await object.fetch(new Request("https://object/", request));
      return new Response(await object.ask(await request.text()));
    } catch (error) {
      // What a caller in the same process would have caught.
      return new Response(String(error), { status: 500, headers: { "x-object-threw": "1" } });
    }
  },
};
