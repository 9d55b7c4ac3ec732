// better-auth with e-mail and password: sessions in KV (its secondary storage), accounts in memory, which is faster
// than any database that it would be given.
import { betterAuth } from "better-auth";
// Not through better-auth/adapters/memory: esbuild loses the module behind that re-export.
import { memoryAdapter } from "@better-auth/memory-adapter";
import { verify } from "./password.js";

let auth;

function accounts(declared) {
  const at = new Date();
  const user = declared.map(({ id, email }) => ({ id, email, name: id, emailVerified: true, createdAt: at, updatedAt: at }));
  const account = declared.map(({ id, phc }) => ({
    id: `account-${id}`,
    accountId: id,
    userId: id,
    providerId: "credential",
    password: phc,
    createdAt: at,
    updatedAt: at,
  }));
  return { user, account, session: [], verification: [] };
}

function built(env) {
  return betterAuth({
    baseURL: "http://agent.bench.test",
    secret: env.KEY,
    trustedOrigins: ["http://agent.bench.test"],
    database: memoryAdapter(accounts(JSON.parse(env.ACCOUNTS))),
    secondaryStorage: {
      get: (key) => env.STORE.get(key),
      set: (key, value, ttl) => env.STORE.put(key, value, ttl ? { expirationTtl: Math.max(60, Math.floor(ttl)) } : {}),
      delete: (key) => env.STORE.delete(key),
    },
    emailAndPassword: {
      enabled: true,
      password: { hash: () => Promise.reject(new Error("nobody registers here")), verify: ({ password, hash }) => verify(password, hash) },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
}

export default {
  fetch(request, env) {
    auth ??= built(env);
    return auth.handler(request);
  },
};
