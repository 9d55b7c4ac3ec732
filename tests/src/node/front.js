// Static assets in front of the Worker, as on the platform.

const TYPES = { css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8", svg: "image/svg+xml" };

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/assets/")) return env.WORKER.fetch(request);
    const file = await env.FILES.fetch(`http://files${pathname}`);
    const type = TYPES[pathname.split(".").pop()];
    return new Response(file.body, { status: file.status, headers: type ? { "content-type": type } : {} });
  },
};
