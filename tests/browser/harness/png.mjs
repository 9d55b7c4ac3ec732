// Chromium writes pictures quickly, but not small.

import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = 8;

/** The same picture in fewer bytes: its pixels compressed as well as zlib can (PNG, section 10). */
export function squeeze(png) {
  const chunks = [...chunksOf(png)];
  const pixels = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  const squeezed = { type: "IDAT", data: deflateSync(inflateSync(pixels), { level: 9, memLevel: 9 }) };
  const first = chunks.findIndex(({ type }) => type === "IDAT");
  const others = chunks.filter(({ type }) => type !== "IDAT");
  others.splice(first, 0, squeezed);
  return Buffer.concat([png.subarray(0, SIGNATURE), ...others.map(written)]);
}

function* chunksOf(png) {
  for (let at = SIGNATURE; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function written({ type, data }) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
