// Argon2id for those without their own: the argon2id package (WebAssembly with SIMD), verifying PHC strings.
import setupWasm from "argon2id/lib/setup.js";
import simd from "./argon2id.wasm";

let compute;

export async function verify(password, phc) {
  const load = async (imports) => ({ instance: await WebAssembly.instantiate(simd, imports) });
  compute ??= await setupWasm(load, load);
  const [, , , parameters, salt, hash] = phc.split("$");
  const { m, t, p } = Object.fromEntries(parameters.split(",").map((pair) => pair.split("=")));
  const stands = bytes(hash);
  const found = compute({
    password: new TextEncoder().encode(password),
    salt: bytes(salt),
    memorySize: Number(m),
    passes: Number(t),
    parallelism: Number(p),
    tagLength: stands.length,
  });
  return found.length === stands.length && found.reduce((different, byte, at) => different | (byte ^ stands[at]), 0) === 0;
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
