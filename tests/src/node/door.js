// The door to the objects of this process: `/<binding>/<object's name>`, requests and WebSockets alike.

export default {
  async fetch(request, env) {
    const [, binding, name] = new URL(request.url).pathname.split("/");
    try {
      const object = env[binding].getByName(decodeURIComponent(name));
      return await object.fetch(new Request("https://object/", request));
    } catch (error) {
      // What a caller in the same process would have caught.
      return new Response(String(error), { status: 500, headers: { "x-object-threw": "1" } });
    }
  },
};
