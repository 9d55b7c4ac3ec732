// An agent's browser, as far as signing in needs one: it keeps cookies, follows the provider's redirects, and fills in
// forms.

export class Agent {
  #cookies = new Map();
  #site;
  #username;
  #password;

  constructor({ site, username, password }) {
    this.#site = site;
    this.#username = username;
    this.#password = password;
  }

  // Goes where an application sends the agent, signs in if asked to, and returns the address at which they come back to
  // the application.
  async follow(url) {
    let at = new URL(url);
    let answer = await this.#ask(at);
    for (let steps = 0; steps < 10; steps++) {
      if (answer.status >= 300 && answer.status < 400) {
        at = new URL(answer.headers.get("location"), at);
        if (at.origin !== this.#site) return at;
        answer = await this.#ask(at);
        continue;
      }
      const body = await answer.text();
      if (answer.status !== 200) throw new Error(`the provider answered with ${answer.status}: ${body}`);
      const form = read(body);
      if (form.fields.has("password")) {
        form.fields.set("username", this.#username);
        form.fields.set("password", this.#password);
      }
      at = new URL(form.action, at);
      answer = await this.#ask(at, form.fields);
    }
    throw new Error("the provider never sends the agent back");
  }

  async #ask(url, fields) {
    const headers = { cookie: [...this.#cookies].map((pair) => pair.join("=")).join("; ") };
    if (fields) headers.origin = this.#site;
    const answer = await fetch(url, { redirect: "manual", headers, method: fields ? "POST" : "GET", body: fields });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(";")[0].split(/=(.*)/s);
      if (/max-age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }
}

// The last form of a page that posts; any before it only choose a language.
function read(page) {
  const forms = [...page.matchAll(/<form[^>]*method="post"[^>]*>.*?<\/form>/gs)].map((match) => match[0]);
  const form = forms.findLast((form) => /name="form"/.test(form));
  if (!form) throw new Error(`no form: ${page}`);
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, "name");
    if (name && attribute(input, "type") !== "checkbox") fields.set(name, attribute(input, "value") ?? "");
  }
  return { action: attribute(form, "action"), fields };
}

function attribute(tag, name) {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value?.replace(/&#(\d+);|&#x([0-9a-f]+);|&(quot|amp|lt|gt);/gi, (_, decimal, hex, named) => {
    if (named) return { quot: '"', amp: "&", lt: "<", gt: ">" }[named];
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
